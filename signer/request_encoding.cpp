#include "signer/request_encoding.hpp"

#include "signer/request_parts.hpp"

namespace csrflow::signer {
namespace {

using RequestPtr = Handle<X509_REQ, X509_REQ_free>;

/// OpenSSL keeps the bytes that it read a Name from.
engine::Bytes subject_der(const CertificationRequest& request) {
  const unsigned char* at = octets(request.der);
  const RequestPtr read(
      require(d2i_X509_REQ(nullptr, &at, static_cast<long>(request.der.size())), "reading a request"));
  const unsigned char* der = nullptr;
  std::size_t length = 0;
  require(X509_NAME_get0_der(X509_REQ_get_subject_name(read.get()), &der, &length) == 1,
          "reading a request's subject");
  return {der, der + length};
}

}  // namespace

std::expected<engine::RequestEncoding, std::string> request_encoding(const engine::Bytes& pem) {
  const auto request = parse_request_pem(pem);
  if (!request) return std::unexpected(request.error());
  const auto parts = read_parts(*request);
  if (!parts) return std::unexpected(parts.error());
  engine::RequestEncoding encoding{.subject = subject_der(*request), .extensions = {}};
  for (const auto& extension : parts->extensions)
    encoding.extensions.push_back({extension.oid, extension.critical, extension.value});
  return encoding;
}

}  // namespace csrflow::signer
