#include "signer/verify.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <optional>

#include "signer/asn1.hpp"

namespace csrflow::signer {
namespace {

enum class KeyKind { ecdsa, rsa, ed25519 };
constexpr std::string_view name_of(KeyKind kind) {
  return kind == KeyKind::ecdsa ? "ECDSA" : kind == KeyKind::rsa ? "RSA" : "Ed25519";
}

struct Algorithm {
  int nid;
  KeyKind kind;
  const char* digest;  // null: the message itself is signed
};
constexpr Algorithm algorithms[] = {
    {NID_ecdsa_with_SHA256, KeyKind::ecdsa, "SHA256"},
    {NID_sha256WithRSAEncryption, KeyKind::rsa, "SHA256"},
    {NID_ED25519, KeyKind::ed25519, nullptr},
    {NID_ecdsa_with_SHA384, KeyKind::ecdsa, "SHA384"},
    {NID_ecdsa_with_SHA512, KeyKind::ecdsa, "SHA512"},
    {NID_sha384WithRSAEncryption, KeyKind::rsa, "SHA384"},
    {NID_sha512WithRSAEncryption, KeyKind::rsa, "SHA512"},
    {NID_ecdsa_with_SHA1, KeyKind::ecdsa, "SHA1"},
    {NID_sha1WithRSAEncryption, KeyKind::rsa, "SHA1"},
};

const std::string unimplemented = "x509: cannot verify signature: algorithm unimplemented";

/// PSS as crypto/x509 accepts it: one hash for both, salt as long as the hash, trailer 1.
std::optional<Algorithm> pss_algorithm(const ASN1_TYPE* parameters) {
  const auto der = asn1::sequence(parameters);
  const unsigned char* at = octets(der);
  const Handle<RSA_PSS_PARAMS, RSA_PSS_PARAMS_free> pss(
      der.empty() ? nullptr : d2i_RSA_PSS_PARAMS(nullptr, &at, static_cast<long>(der.size())));
  if (!pss || pss->hashAlgorithm == nullptr || pss->maskGenAlgorithm == nullptr ||
      pss->saltLength == nullptr || pss->trailerField != nullptr ||
      OBJ_obj2nid(pss->maskGenAlgorithm->algorithm) != NID_mgf1)
    return std::nullopt;
  const auto mask_der = asn1::sequence(pss->maskGenAlgorithm->parameter);
  const unsigned char* mask_at = octets(mask_der);
  const Handle<X509_ALGOR, X509_ALGOR_free> mask(
      mask_der.empty() ? nullptr : d2i_X509_ALGOR(nullptr, &mask_at, static_cast<long>(mask_der.size())));
  if (!mask) return std::nullopt;
  const int hash = OBJ_obj2nid(pss->hashAlgorithm->algorithm);
  const long salt = ASN1_INTEGER_get(pss->saltLength);
  if (OBJ_obj2nid(mask->algorithm) != hash) return std::nullopt;
  if (hash == NID_sha256 && salt == 32) return Algorithm{NID_rsassaPss, KeyKind::rsa, "SHA256"};
  if (hash == NID_sha384 && salt == 48) return Algorithm{NID_rsassaPss, KeyKind::rsa, "SHA384"};
  if (hash == NID_sha512 && salt == 64) return Algorithm{NID_rsassaPss, KeyKind::rsa, "SHA512"};
  return std::nullopt;
}

std::expected<Algorithm, std::string> algorithm_of(std::string_view der) {
  const unsigned char* at = octets(der);
  const Handle<X509_ALGOR, X509_ALGOR_free> algor(
      d2i_X509_ALGOR(nullptr, &at, static_cast<long>(der.size())));
  if (!algor) return std::unexpected("x509: malformed signature algorithm");
  const int nid = OBJ_obj2nid(algor->algorithm);
  if (nid == NID_md5WithRSAEncryption)
    return std::unexpected("x509: cannot verify signature: insecure algorithm MD5-RSA");
  if (nid == NID_rsassaPss) {
    if (const auto pss = pss_algorithm(algor->parameter)) return *pss;
    return std::unexpected(unimplemented);
  }
  const auto known = std::ranges::find(algorithms, nid, &Algorithm::nid);
  if (known == std::end(algorithms)) return std::unexpected(unimplemented);
  return *known;
}

/// A context that makes keys from their numbers; kept, since making one fetches.
EVP_PKEY_CTX* key_maker(const char* type) {
  const auto make = [](const char* name) {
    KeyContextPtr context(require(EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr), "make a key context"));
    require(EVP_PKEY_fromdata_init(context.get()) == 1, "make a key context");
    return context;
  };
  thread_local const KeyContextPtr ec = make("EC"), rsa = make("RSA");
  return std::string_view(type) == "EC" ? ec.get() : rsa.get();
}

std::expected<KeyPtr, std::string> ec_key(const X509_ALGOR* algorithm, std::string_view point) {
  if (algorithm->parameter == nullptr || ASN1_TYPE_get(algorithm->parameter) != V_ASN1_OBJECT)
    return std::unexpected("x509: elliptic curve parameters must be named");
  struct Curve {
    int nid;
    const char* name;
    std::size_t point_size;
  };
  constexpr Curve curves[] = {
      {NID_X9_62_prime256v1, "P-256", 65}, {NID_secp384r1, "P-384", 97}, {NID_secp521r1, "P-521", 133}};
  const auto curve = std::ranges::find(curves, OBJ_obj2nid(algorithm->parameter->value.object), &Curve::nid);
  if (curve == std::end(curves)) return std::unexpected("x509: unsupported elliptic curve");
  std::string name = curve->name, bytes(point);
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size()),
      OSSL_PARAM_construct_end(),
  };
  EVP_PKEY* key = nullptr;
  if (point.size() != curve->point_size || point.front() != 0x04 ||
      EVP_PKEY_fromdata(key_maker("EC"), &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
    ERR_clear_error();
    return std::unexpected("x509: failed to unmarshal elliptic curve point");
  }
  return KeyPtr(key);
}

std::expected<KeyPtr, std::string> rsa_key(const X509_ALGOR* algorithm, std::string_view der) {
  if (algorithm->parameter == nullptr || ASN1_TYPE_get(algorithm->parameter) != V_ASN1_NULL)
    return std::unexpected("x509: RSA key missing NULL parameters");
  const auto numbers = asn1::decode<asn1::RsaKey>(der);
  if (!numbers) return std::unexpected("x509: invalid RSA public key");
  const NumberPtr modulus(ASN1_INTEGER_to_BN(numbers->modulus, nullptr));
  const NumberPtr exponent(ASN1_INTEGER_to_BN(numbers->exponent, nullptr));
  require(modulus && exponent, "read an RSA key");
  if (BN_is_negative(modulus.get()) || !BN_is_odd(modulus.get()))
    return std::unexpected("x509: invalid RSA modulus");
  const int bits = BN_num_bits(modulus.get());
  if (bits < min_rsa_bits || bits > max_rsa_bits)
    return std::unexpected("crypto/rsa: a key of " + std::to_string(bits) + " bits is refused; use " +
                           std::to_string(min_rsa_bits) + " to " + std::to_string(max_rsa_bits));
  if (BN_is_negative(exponent.get()) || !BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) ||
      BN_num_bits(exponent.get()) > max_rsa_exponent_bits)
    return std::unexpected("x509: invalid RSA public exponent");
  const ParamBuilderPtr builder(require(OSSL_PARAM_BLD_new(), "read an RSA key"));
  require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1,
          "read an RSA key");
  const ParamsPtr params(require(OSSL_PARAM_BLD_to_param(builder.get()), "read an RSA key"));
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_fromdata(key_maker("RSA"), &key, EVP_PKEY_PUBLIC_KEY, params.get()) == 1,
          "read an RSA key");
  return KeyPtr(key);
}

struct TypedKey {
  KeyPtr key;
  KeyKind kind;
};

std::expected<TypedKey, std::string> typed_key(std::string_view spki) {
  const auto info = asn1::decode<asn1::KeyInfo>(spki);
  if (!info) return std::unexpected("x509: malformed public key");
  const auto bits = view(info->key);
  const int nid = OBJ_obj2nid(info->algorithm->algorithm);
  std::expected<KeyPtr, std::string> key = std::unexpected(unimplemented);
  KeyKind kind = KeyKind::ecdsa;
  if (nid == NID_X9_62_id_ecPublicKey) {
    key = ec_key(info->algorithm, bits);
  } else if (nid == NID_rsaEncryption) {
    kind = KeyKind::rsa;
    key = rsa_key(info->algorithm, bits);
  } else if (nid == NID_ED25519) {
    kind = KeyKind::ed25519;
    if (info->algorithm->parameter != nullptr)
      return std::unexpected("x509: Ed25519 key encoded with illegal parameters");
    if (bits.size() != 32) return std::unexpected("x509: wrong Ed25519 public key size");
    key =
        KeyPtr(require(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, octets(bits), bits.size()),
                       "read an Ed25519 key"));
  }
  if (!key) return std::unexpected(std::move(key.error()));
  return TypedKey{std::move(*key), kind};
}

bool verify_digest(EVP_PKEY* key, const Algorithm& algorithm, std::string_view hash,
                   std::string_view signature) {
  const KeyContextPtr context(
      require(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr), "verify a signature"));
  require(EVP_PKEY_verify_init(context.get()) == 1, "verify a signature");
  if (algorithm.kind == KeyKind::rsa) {
    const bool pss = algorithm.nid == NID_rsassaPss;
    require(
        EVP_PKEY_CTX_set_rsa_padding(context.get(), pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1 &&
            EVP_PKEY_CTX_set_signature_md(context.get(), fetched_digest(algorithm.digest)) == 1 &&
            (!pss || EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) == 1),
        "verify a signature");
  }
  return EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(hash), hash.size()) == 1;
}

bool verify_message(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const DigestContextPtr context(require(EVP_MD_CTX_new(), "verify a signature"));
  require(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1, "verify a signature");
  return EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

std::string failure(KeyKind kind) {
  if (kind == KeyKind::rsa) return "crypto/rsa: verification error";
  return "x509: " + std::string(name_of(kind)) + " verification failure";
}

}  // namespace

std::expected<KeyPtr, std::string> public_key(std::string_view spki) {
  auto typed = typed_key(spki);
  if (!typed) return std::unexpected(std::move(typed.error()));
  return std::move(typed->key);
}

std::expected<void, std::string> verify_signed(std::string_view spki, std::string_view algorithm_der,
                                               std::string_view message, std::string_view signature) {
  const auto key = typed_key(spki);
  if (!key) return std::unexpected(key.error());
  const auto algorithm = algorithm_of(algorithm_der);
  if (!algorithm) return std::unexpected(algorithm.error());
  if (algorithm->kind != key->kind)
    return std::unexpected("x509: signature algorithm specifies an " + std::string(name_of(algorithm->kind)) +
                           " public key, but have public key of type " + std::string(name_of(key->kind)));
  const bool ok = algorithm->digest == nullptr
                      ? verify_message(key->key.get(), message, signature)
                      : verify_digest(key->key.get(), *algorithm,
                                      digest(fetched_digest(algorithm->digest), message), signature);
  ERR_clear_error();
  if (!ok) return std::unexpected(failure(key->kind));
  return {};
}

}  // namespace csrflow::signer
