// From what a client sent to what a command carries: names, defaults and preservation of fields, then
// validation.
#pragma once

#include "api/body.hpp"
#include "api/validation.hpp"

namespace csrflow::api {

// ---- create -------------------------------------------------------------------------------------

/// The prefix cut to 58 bytes and five characters drawn from `random`.
std::string generated_name(std::string_view prefix, std::span<const std::uint8_t, 16> random);

/// Of what will be created: name, uid and creation time are the server's; deletion and managedFields are
/// cleared.
engine::ObjectMeta prepared_metadata(const SentObject&, const engine::Uid&, engine::Timestamp now,
                                     std::span<const std::uint8_t, 16> random);
/// A resourceVersion must not be there (500).
std::expected<void, Status> check_unversioned(const SentObject&);

/// What will be created: name, uid, creation time and requester are the server's; status and deletion are
/// cleared. `sent` gives its spec away.
engine::CsrObject prepare_create(DecodedCsr& sent, const engine::Identity& requester, const engine::Uid&,
                                 engine::Timestamp now, std::span<const std::uint8_t, 16> random);

/// Validation (422), admission of the subject (403), and a resourceVersion that must not be there (500).
std::expected<void, Status> check_create(const engine::CsrObject&, const DecodedCsr& sent,
                                         const engine::PkixInspector&);

// ---- update -------------------------------------------------------------------------------------

/// The body's name against the URL's: 400. Comes before looking the object up.
std::expected<void, Status> check_url_name(const SentObject& sent, const std::string& url_name);
/// resourceVersion and uid against those of the stored object: 409, or 500 for a version that is no number.
std::expected<void, Status> check_versions(const Resource&, const engine::ObjectMeta& stored,
                                           engine::Position version, const SentObject& sent, bool patch);
/// What a client may set of the stored metadata, set.
engine::ObjectMeta kept_metadata(engine::ObjectMeta stored, const SentObject& sent);

struct PreparedUpdate {
  engine::CsrObject object;
  engine::ObjectChange change;  ///< empty: nothing changes, nothing is written
  std::optional<engine::CertificateFacts> certificate;
  /// Does CertificateSigning ask for the `sign` permission: conditions or certificate changed through
  /// /status?
  bool signs = false;
};
/// Versions (409, or 500 for one that is no number), preservation, defaults and validation (422) of a PUT or
/// PATCH computed over the object at `version`.
std::expected<PreparedUpdate, Status> prepare_update(Endpoint, const engine::CsrObject& stored,
                                                     engine::Position version, const DecodedCsr& sent,
                                                     bool patch, engine::Timestamp now,
                                                     const engine::PkixInspector&);

}  // namespace csrflow::api
