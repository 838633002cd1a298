#include "signer/request_reader.hpp"

#include "signer/request_parts.hpp"

namespace csrflow::signer {
namespace {

using Description = engine::RequestDescription;

const char* kind_of(int type) {
  switch (type) {
    case GEN_DNS:
      return "dns";
    case GEN_IPADD:
      return "ip";
    case GEN_EMAIL:
      return "email";
    case GEN_URI:
      return "uri";
    case GEN_DIRNAME:
      return "directory";
    case GEN_RID:
      return "registeredID";
    default:
      return "other";
  }
}

}  // namespace

std::expected<Description, std::string> RequestReader::describe(const engine::Bytes& pem) const {
  const auto request = parse_request_pem(pem);
  if (!request) return std::unexpected(request.error());
  const auto parts = read_parts(*request);
  if (!parts) return std::unexpected(parts.error());
  Description description;
  for (const auto& attribute : parts->subject)
    description.subject.push_back({attribute.oid, attribute.value});
  for (const auto& name : parts->names) description.names.push_back({kind_of(name.type), name.shown});
  for (const auto& extension : parts->extensions) description.extensions.push_back(extension.oid);
  description.asks_for_ca = parts->asks_for_ca();
  description.key = {parts->key.algorithm, parts->key.bits, parts->key.curve,
                     engine::to_hex(sha256(request->spki))};
  return description;
}

}  // namespace csrflow::signer
