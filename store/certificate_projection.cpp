#include "store/certificate_projection.hpp"

namespace csrflow::store {

struct CertificateProjection::Row {
  engine::Uid uid;
  const engine::Serial& serial;
  const std::string& fingerprint;
  engine::Timestamp not_before, not_after;
  bool foreign = false;
};

CertificateProjection::CertificateProjection(SQLite::Database& db)
    : add_(db,
           "INSERT INTO certificate (signed_at, stream, uid, serial, fingerprint, not_before, not_after, "
           "foreign_ca) "
           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)") {}

void CertificateProjection::apply(const engine::Record& record) {
  if (const auto* csr = record.csr_event()) {
    if (const auto* e = std::get_if<engine::Signed>(csr))
      add(record.stamp, {e->uid, e->serial, e->fingerprint, e->not_before, e->not_after, e->foreign});
  } else if (const auto* own = std::get_if<engine::OwnEvent>(record.event.get())) {
    if (const auto* e = std::get_if<engine::OwnSigned>(own))
      add(record.stamp, {{}, e->serial, e->fingerprint, e->not_before, e->not_after});
  } else if (const auto* authority = std::get_if<engine::AuthorityEvent>(record.event.get())) {
    if (const auto* e = std::get_if<engine::CaIssued>(authority))
      add(record.stamp, {{}, e->serial, e->fingerprint, e->not_before, e->not_after});
  }
}

void CertificateProjection::add(const engine::Stamp& stamp, const Row& row) {
  const std::string serial = row.serial.hex();
  add_.bind(1, static_cast<std::int64_t>(stamp.position.value));
  add_.bindNoCopy(2, stamp.stream.text);
  add_.bindNoCopy(3, row.uid.text);
  add_.bindNoCopy(4, serial);
  add_.bindNoCopy(5, row.fingerprint);
  add_.bind(6, row.not_before.microseconds);
  add_.bind(7, row.not_after.microseconds);
  add_.bind(8, row.foreign ? 1 : 0);
  add_.exec();
  add_.reset();
}

}  // namespace csrflow::store
