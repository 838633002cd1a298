#include "api/csr_fields.hpp"

#include <limits>

#include "api/meta_fields.hpp"

namespace csrflow::api {

namespace {

using engine::Condition;

void read_spec(FieldReader& reader, const JsonValue& value, DecodedCsr& csr) {
  engine::CsrSpec& spec = csr.spec;
  reader.object(value, "spec", [&](const std::string& key, const JsonValue& field) {
    if (key == "request") {
      auto bytes = reader.base64(field, key);
      csr.request_present = bytes.has_value();
      spec.request = bytes ? std::move(*bytes) : engine::Bytes{};
      return true;
    }
    if (key == "signerName") return spec.signer_name.text = reader.text(field, key), true;
    if (key == "usages") return spec.usages = reader.texts(field, key), true;
    if (key == "expirationSeconds") {
      const auto seconds = reader.integer(field, key, std::numeric_limits<std::int32_t>::min(),
                                          std::numeric_limits<std::int32_t>::max(), "int32");
      spec.expiration_seconds.reset();
      if (seconds) spec.expiration_seconds = static_cast<std::int32_t>(*seconds);
      return true;
    }
    if (key == "username") return spec.username = reader.text(field, key), true;
    if (key == "uid") return spec.uid = reader.text(field, key), true;
    if (key == "groups") return spec.groups = reader.texts(field, key), true;
    if (key == "extra") return spec.extra = reader.lists_map(field, key), true;
    return false;
  });
}

Condition read_condition(FieldReader& reader, const JsonValue& value) {
  Condition condition;
  reader.object(value, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "type") return condition.type = reader.text(field, key), true;
    if (key == "status") return condition.status = reader.text(field, key), true;
    if (key == "reason") return condition.reason = reader.text(field, key), true;
    if (key == "message") return condition.message = reader.text(field, key), true;
    if (key == "lastUpdateTime") return condition.last_update = reader.time(field, key), true;
    if (key == "lastTransitionTime") return condition.last_transition = reader.time(field, key), true;
    return false;
  });
  return condition;
}

void read_status(FieldReader& reader, const JsonValue& value, DecodedCsr& csr) {
  reader.object(value, "status", [&](const std::string& key, const JsonValue& field) {
    if (key == "certificate") {
      csr.status.certificate = reader.base64(field, key).value_or(engine::Bytes{});
      return true;
    }
    if (key == "conditions") {
      csr.status.conditions.clear();
      reader.list(field, key, "[]v1.CertificateSigningRequestCondition", [&](const JsonValue& item) {
        csr.status.conditions.push_back(read_condition(reader, item));
      });
      return true;
    }
    return false;
  });
}

}  // namespace

DecodedCsr read_csr(const JsonValue& root, std::vector<std::string>& problems) {
  DecodedCsr csr;
  FieldReader reader("CertificateSigningRequest");
  reader.object(root, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "apiVersion") return csr.api_version = reader.text(field, key), true;
    if (key == "kind") return csr.kind = reader.text(field, key), true;
    if (key == "metadata") return read_metadata(reader, field, csr), true;
    if (key == "spec") return read_spec(reader, field, csr), true;
    if (key == "status") return read_status(reader, field, csr), true;
    return false;
  });
  problems.insert(problems.end(), reader.problems.begin(), reader.problems.end());
  return csr;
}

}  // namespace csrflow::api
