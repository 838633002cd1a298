#include "signer/asn1.hpp"

#include <openssl/asn1t.h>
#include <openssl/err.h>

// OpenSSL's template macros cast as C does.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"

namespace csrflow::signer::asn1 {

ASN1_SEQUENCE(SignedObject) =
    {
        ASN1_SIMPLE(SignedObject, content, ASN1_ANY),
        ASN1_SIMPLE(SignedObject, algorithm, X509_ALGOR),
        ASN1_SIMPLE(SignedObject, signature, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(SignedObject)

        ASN1_SEQUENCE(RequestInfo) =
            {
                ASN1_SIMPLE(RequestInfo, version, ASN1_INTEGER),
                ASN1_SIMPLE(RequestInfo, subject, X509_NAME),
                ASN1_SIMPLE(RequestInfo, spki, ASN1_ANY),
                ASN1_IMP_SET_OF_OPT(RequestInfo, attributes, X509_ATTRIBUTE, 0),
} static_ASN1_SEQUENCE_END(RequestInfo)

                ASN1_SEQUENCE(KeyInfo) =
                    {
                        ASN1_SIMPLE(KeyInfo, algorithm, X509_ALGOR),
                        ASN1_SIMPLE(KeyInfo, key, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(KeyInfo)

                        ASN1_SEQUENCE(RsaKey) =
                            {
                                ASN1_SIMPLE(RsaKey, modulus, ASN1_INTEGER),
                                ASN1_SIMPLE(RsaKey, exponent, ASN1_INTEGER),
} static_ASN1_SEQUENCE_END(RsaKey)

                                ASN1_SEQUENCE(Tbs) =
                                    {
                                        ASN1_EXP(Tbs, version, ASN1_INTEGER, 0),
                                        ASN1_SIMPLE(Tbs, serial, ASN1_INTEGER),
                                        ASN1_SIMPLE(Tbs, signature, X509_ALGOR),
                                        ASN1_SIMPLE(Tbs, issuer, ASN1_ANY),
                                        ASN1_SIMPLE(Tbs, validity, X509_VAL),
                                        ASN1_SIMPLE(Tbs, subject, ASN1_ANY),
                                        ASN1_SIMPLE(Tbs, spki, ASN1_ANY),
                                        ASN1_EXP_SEQUENCE_OF_OPT(Tbs, extensions, X509_EXTENSION, 3),
} static_ASN1_SEQUENCE_END(Tbs)
#pragma GCC diagnostic pop

                                        template <>
                                        const ASN1_ITEM * item<SignedObject>() {
  return SignedObject_it();
}
template <>
const ASN1_ITEM* item<RequestInfo>() {
  return RequestInfo_it();
}
template <>
const ASN1_ITEM* item<KeyInfo>() {
  return KeyInfo_it();
}
template <>
const ASN1_ITEM* item<RsaKey>() {
  return RsaKey_it();
}
template <>
const ASN1_ITEM* item<Tbs>() {
  return Tbs_it();
}

template <typename T>
Ptr<T> decode(std::string_view der) {
  const unsigned char* at = octets(der);
  Ptr<T> value(reinterpret_cast<T*>(ASN1_item_d2i(nullptr, &at, static_cast<long>(der.size()), item<T>())));
  if (value && at == octets(der) + der.size()) return value;
  ERR_clear_error();
  return nullptr;
}
template Ptr<SignedObject> decode(std::string_view);
template Ptr<RequestInfo> decode(std::string_view);
template Ptr<KeyInfo> decode(std::string_view);
template Ptr<RsaKey> decode(std::string_view);
template Ptr<Tbs> decode(std::string_view);

template <typename T>
engine::Bytes encode(const T& value) {
  unsigned char* out = nullptr;
  const int length = ASN1_item_i2d(reinterpret_cast<const ASN1_VALUE*>(&value), &out, item<T>());
  require(length > 0, "encode DER");
  const MemoryPtr memory(out);
  return {reinterpret_cast<const char*>(memory.get()), static_cast<std::size_t>(length)};
}
template engine::Bytes encode(const SignedObject&);
template engine::Bytes encode(const RequestInfo&);
template engine::Bytes encode(const KeyInfo&);
template engine::Bytes encode(const RsaKey&);
template engine::Bytes encode(const Tbs&);

AnyPtr any(std::string_view der) {
  const unsigned char* at = octets(der);
  AnyPtr value(d2i_ASN1_TYPE(nullptr, &at, static_cast<long>(der.size())));
  if (value && at == octets(der) + der.size()) return value;
  ERR_clear_error();
  return nullptr;
}

std::string_view sequence(const ASN1_TYPE* element) {
  if (element == nullptr || ASN1_TYPE_get(element) != V_ASN1_SEQUENCE) return {};
  return view(element->value.sequence);
}

void set_octets(ASN1_BIT_STRING* string, std::string_view bytes) {
  require(ASN1_STRING_set(string, bytes.data(), static_cast<int>(bytes.size())) == 1, "set a BIT STRING");
  string->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07L);
  string->flags |= ASN1_STRING_FLAG_BITS_LEFT;
}

}  // namespace csrflow::signer::asn1
