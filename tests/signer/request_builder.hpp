// Certification requests with anything in them, sound or not.
#pragma once

#include <string>
#include <vector>

#include "signer/tbs.hpp"

namespace csrflow::signer::testing {

KeyPtr rsa_key(unsigned bits);
KeyPtr ec_key(const char* curve);
/// SubjectPublicKeyInfo of an RSA key with these numbers in hex.
engine::Bytes rsa_spki(const char* modulus, const char* exponent);
engine::Bytes ed25519_spki(std::string_view point);

struct Attribute {
  int nid;
  std::string value;
  int type = V_ASN1_UTF8STRING;
  bool to_last_rdn = false;
};

/// What a PKCS#10 asks for. Signed with `key`; over `spki` instead where there is one, and then unsigned.
struct Ask {
  KeyPtr key = nullptr;  // null: a new key on P-256
  engine::Bytes spki = {};
  std::vector<Attribute> subject = {};
  AlternativeNames names = {};
  std::vector<engine::Bytes> other_names = {};  ///< GeneralName, DER
  std::vector<RawExtension> extensions = {};
  std::vector<std::pair<int, std::string>> attributes = {};  ///< NID and text
  const char* digest = "SHA256";

  std::string pem() const;
};

/// An address as the content of its name.
engine::Bytes address(const char* text);

}  // namespace csrflow::signer::testing
