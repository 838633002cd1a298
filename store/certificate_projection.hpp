// Every certificate that the log knows: of requests, csrflow's own, the CA's.
#pragma once

#include <SQLiteCpp/Statement.h>

#include "store/projection.hpp"

namespace csrflow::store {

class CertificateProjection final : public Projection {
 public:
  explicit CertificateProjection(SQLite::Database&);
  void apply(const engine::Record&) override;

 private:
  struct Row;
  void add(const engine::Stamp&, const Row&);
  SQLite::Statement add_;
};

}  // namespace csrflow::store
