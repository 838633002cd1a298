#include "agent/certificate_checks.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "agent/names.hpp"
#include "agent/usages.hpp"

namespace csrflow::agent {
namespace {

using Certificates = std::vector<CertificateHandle>;
using StoreHandle = Handle<X509_STORE, X509_STORE_free>;
using VerificationHandle = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;

inline void free_stack(STACK_OF(X509) * stack) {
  sk_X509_free(stack);
}
using StackHandle = Handle<STACK_OF(X509), free_stack>;

constexpr std::size_t max_authorities = 1000;

constexpr std::pair<Check, std::string_view> check_names[] = {
    {Check::form, "form"},     {Check::public_key, "public key"}, {Check::validity, "validity"},
    {Check::chain, "chain"},   {Check::subject, "subject"},       {Check::names, "names"},
    {Check::usages, "usages"}, {Check::serial, "serial"},         {Check::revocation, "revocation"},
};

constexpr std::pair<int, int> purposes[] = {
    {NID_server_auth, X509_PURPOSE_SSL_SERVER},
    {NID_client_auth, X509_PURPOSE_SSL_CLIENT},
    {NID_email_protect, X509_PURPOSE_SMIME_SIGN},
    {NID_time_stamp, X509_PURPOSE_TIMESTAMP_SIGN},
};

struct Pair {
  Certificates chain, authorities;
};

template <typename Set>
std::string listed(const Set& set) {
  std::string text;
  for (const auto& name : set) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

template <typename Set>
Set without(const Set& all, const Set& removed) {
  Set rest;
  std::ranges::set_difference(all, removed, std::inserter(rest, rest.end()));
  return rest;
}

/// What is missing and what is too much, as a sentence; nothing when both are equal.
template <typename Set>
std::optional<std::string> difference(const char* what, const Set& asked, const Set& certified) {
  const Set missing = without(asked, certified), more = without(certified, asked);
  if (missing.empty() && more.empty()) return std::nullopt;
  std::string text = std::string("the certificate's ") + what + " differ from those asked for:";
  if (!missing.empty()) text += " missing " + listed(missing);
  if (!more.empty()) text += std::string(missing.empty() ? "" : ";") + " not asked for " + listed(more);
  return text;
}

std::expected<Pair, std::string> read(const Delivery& delivery) {
  if (delivery.certificate.size() > max_chain_pem || delivery.authorities.size() > max_bundle_pem)
    return std::unexpected("the server's answer is too long for a certificate and its authorities");
  auto chain = read_certificates(delivery.certificate, max_chain_length);
  if (!chain) return std::unexpected("the delivered certificate " + chain.error());
  auto authorities = read_certificates(delivery.authorities, max_authorities);
  if (!authorities) return std::unexpected("the bundle of authorities " + authorities.error());
  return Pair{std::move(*chain), std::move(*authorities)};
}

std::optional<std::string> wrong_key(X509* leaf, const Expected& expected) {
  const auto key = der_of<const X509_PUBKEY>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(leaf));
  if (key == expected.public_key) return std::nullopt;
  return "the certificate is for another key than the one that this host made for the request";
}

std::optional<std::string> ended(const LeafFacts& leaf, engine::Timestamp now) {
  // The last second belongs to the validity (RFC 5280 4.1.2.5), but OpenSSL refuses in it already.
  if (now < leaf.not_after && leaf.not_before <= leaf.not_after) return std::nullopt;
  return "the certificate ended at " + engine::rfc3339_seconds(leaf.not_after) + "; this host's clock says " +
         engine::rfc3339_seconds(now);
}

std::optional<std::string> broken_chain(const Pair& pair, std::optional<int> purpose, engine::Timestamp at) {
  const StoreHandle store(require(X509_STORE_new(), "verify a certificate"));
  for (const auto& authority : pair.authorities)
    require(X509_STORE_add_cert(store.get(), authority.get()) == 1, "verify a certificate");
  const StackHandle others(require(sk_X509_new_null(), "verify a certificate"));
  for (const auto& certificate : pair.chain)
    require(sk_X509_push(others.get(), certificate.get()) > 0, "verify a certificate");
  const VerificationHandle verification(require(X509_STORE_CTX_new(), "verify a certificate"));
  require(X509_STORE_CTX_init(verification.get(), store.get(), pair.chain.front().get(), others.get()) == 1,
          "verify a certificate");
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(verification.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_time(parameters, at.whole_seconds());
  if (purpose) require(X509_VERIFY_PARAM_set_purpose(parameters, *purpose) == 1, "verify a certificate");
  const bool verified = X509_verify_cert(verification.get()) == 1;
  ERR_clear_error();
  if (verified) return std::nullopt;
  return std::string("the certificate does not verify to the bundle of authorities: ") +
         X509_verify_cert_error_string(X509_STORE_CTX_get_error(verification.get())) + " (at depth " +
         std::to_string(X509_STORE_CTX_get_error_depth(verification.get())) + ")";
}

std::optional<std::string> broken_chain(const Pair& pair, const Usages& usages, engine::Timestamp at) {
  if (auto broken = broken_chain(pair, std::optional<int>(), at)) return broken;
  for (const auto& [usage, purpose] : purposes)
    if (usages.extended.contains(usage))
      if (auto broken = broken_chain(pair, purpose, at))
        return *broken + ", as it would be used for " + name_of_extended(usage);
  return std::nullopt;
}

std::optional<std::string> wrong_subject(X509* leaf, const NameHandle& asked) {
  return difference("subject's attributes", attributes_of(asked.get()),
                    attributes_of(X509_get_subject_name(leaf)));
}

std::optional<std::string> wrong_names(X509* leaf, const NameSet& asked) {
  const GeneralNamesHandle names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr)));
  return difference("names", asked, names_of(names.get()));
}

std::optional<std::string> wrong_usages(X509* leaf, const Usages& asked) {
  constexpr unsigned named_usage_bits = 9;
  std::set<std::string> wanted, certified;
  const BitStringHandle bits(
      static_cast<ASN1_BIT_STRING*>(X509_get_ext_d2i(leaf, NID_key_usage, nullptr, nullptr)));
  for (unsigned bit = 0; bit < named_usage_bits; ++bit)
    if ((asked.bits >> bit & 1U) != 0) {
      wanted.insert(name_of_bit(bit));
      if (bits && ASN1_BIT_STRING_get_bit(bits.get(), static_cast<int>(bit)) == 1)
        certified.insert(name_of_bit(bit));
    }
  for (const int usage : asked.extended) wanted.insert(name_of_extended(usage));
  const UsagesHandle extended(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(leaf, NID_ext_key_usage, nullptr, nullptr)));
  for (int at = 0; at < sk_ASN1_OBJECT_num(extended.get()); ++at)
    certified.insert(name_of_extended(OBJ_obj2nid(sk_ASN1_OBJECT_value(extended.get(), at))));
  return difference("usages", wanted, certified);
}

CrlHandle read_crl(std::string_view bytes) {
  if (bytes.size() > max_crl_bytes) return {};
  const BioHandle bio = reading(bytes);
  CrlHandle crl(bytes.starts_with("-----") ? PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)
                                           : d2i_X509_CRL_bio(bio.get(), nullptr));
  ERR_clear_error();
  return crl;
}

bool is_signed_by_one_of(X509_CRL* crl, const Certificates& candidates) {
  const bool is = std::ranges::any_of(candidates, [&](const CertificateHandle& candidate) {
    return X509_NAME_cmp(X509_get_subject_name(candidate.get()), X509_CRL_get_issuer(crl)) == 0 &&
           X509_CRL_verify(crl, X509_get0_pubkey(candidate.get())) == 1;
  });
  ERR_clear_error();
  return is;
}

bool lists(std::string_view crl_bytes, const Pair& pair) {
  X509* leaf = pair.chain.front().get();
  const CrlHandle crl = read_crl(crl_bytes);
  if (!crl || X509_NAME_cmp(X509_CRL_get_issuer(crl.get()), X509_get_issuer_name(leaf)) != 0 ||
      (!is_signed_by_one_of(crl.get(), pair.chain) && !is_signed_by_one_of(crl.get(), pair.authorities)))
    return false;
  constexpr int revoked = 1;  // 2: it was on hold and is released (removeFromCRL)
  X509_REVOKED* entry = nullptr;
  return X509_CRL_get0_by_cert(crl.get(), &entry, leaf) == revoked;
}

std::optional<CheckFailure> first_failure(const Delivery& delivery, const Pair& pair, const LeafFacts& facts,
                                          const Expected& expected, engine::Timestamp now) {
  X509* leaf = pair.chain.front().get();
  const auto subject = subject_of(expected.wish);
  const auto names = names_of(expected.wish);
  const auto usages = read_usages(expected.wish.usages);
  if (!subject) return CheckFailure{Check::subject, subject.error()};
  if (!names) return CheckFailure{Check::names, names.error()};
  if (!usages) return CheckFailure{Check::usages, usages.error()};
  if (auto why = wrong_key(leaf, expected)) return CheckFailure{Check::public_key, *why};
  if (auto why = ended(facts, now)) return CheckFailure{Check::validity, *why};
  if (auto why = broken_chain(pair, *usages, std::max(now, facts.not_before)))
    return CheckFailure{Check::chain, *why};
  if (auto why = wrong_subject(leaf, *subject)) return CheckFailure{Check::subject, *why};
  if (auto why = wrong_names(leaf, *names)) return CheckFailure{Check::names, *why};
  if (auto why = wrong_usages(leaf, *usages)) return CheckFailure{Check::usages, *why};
  if (expected.known_serials.contains(facts.serial))
    return CheckFailure{Check::serial, "this host has another certificate with the serial number " +
                                           facts.serial.hex() + "; the server delivered an old one"};
  if (delivery.crl && lists(*delivery.crl, pair))
    return CheckFailure{Check::revocation,
                        "the certificate with the serial number " + facts.serial.hex() + " is revoked"};
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Check check) {
  for (const auto& [known, name] : check_names)
    if (known == check) return name;
  std::unreachable();
}

Checked check_certificate(const Delivery& delivery, const Expected& expected, engine::Timestamp now) {
  const auto pair = read(delivery);
  if (!pair) return CheckFailure{Check::form, pair.error()};
  LeafFacts facts = facts_of(pair->chain.front().get());
  if (auto failure = first_failure(delivery, *pair, facts, expected, now)) return std::move(*failure);
  if (facts.not_before <= now + clock_tolerance) return facts;
  if (facts.not_before <= now + clock_tolerance + longest_wait)
    return NotYetValid{facts.not_before - clock_tolerance};
  return CheckFailure{Check::validity,
                      "the certificate begins at " + engine::rfc3339_seconds(facts.not_before) +
                          ", and this host's clock says " + engine::rfc3339_seconds(now) + "; set the clock"};
}

bool is_revoked(std::string_view crl, std::string_view chain, std::string_view authorities) {
  const auto pair = read({engine::Bytes(chain), engine::Bytes(authorities), std::nullopt});
  return pair && lists(crl, *pair);
}

}  // namespace csrflow::agent
