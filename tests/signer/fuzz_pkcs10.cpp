// libFuzzer's entry: any bytes are refused or read; what is read encodes to the same bytes, and what is
// drafted from it names the same key. The mutation test drives it too, without libFuzzer.
#include <cstdint>
#include <cstdlib>

#include "signer/asn1.hpp"
#include "signer/pkcs10.hpp"
#include "signer/tbs.hpp"

namespace {

using namespace csrflow;
using namespace csrflow::signer;

void must(bool holds) {
  if (!holds) std::abort();
}

void check_accepted(const CertificationRequest& request) {
  const auto object = asn1::decode<asn1::SignedObject>(request.der);
  must(object != nullptr && asn1::encode(*object) == request.der);
  const auto info = asn1::decode<asn1::RequestInfo>(request.info);
  must(info != nullptr && asn1::sequence(info->spki) == request.spki);

  LeafFields fields;
  const std::array<std::uint8_t, 16> random{1, 2, 3};
  fields.serial = serial_from(random);
  fields.issuer = encode_subject({});
  fields.subject = encode_subject(request.subject);
  fields.spki = request.spki;
  fields.names = request.names;
  fields.validity = {engine::from_seconds(1), engine::from_seconds(2)};
  fields.authority_key_id = "id";
  const auto finding = lint_leaf(leaf_tbs(fields), fields, engine::from_seconds(2));
  must(!finding || finding->starts_with("the certificate would have"));

  // The rebuilt subject, read again, is the same.
  const auto der = encode_subject(request.subject);
  const unsigned char* at = octets(std::string_view(der));
  const NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  must(name != nullptr);
  const auto again = read_subject(*name);
  must(again && again->common_name == request.subject.common_name &&
       again->organization.size() == request.subject.organization.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = parse_request({reinterpret_cast<const char*>(data), size});
  if (!request) {
    must(!request.error().empty());
    return 0;
  }
  check_accepted(*request);
  const auto verified = verify_signature(*request);
  must(verified || !verified.error().empty());
  return 0;
}
