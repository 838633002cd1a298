#include "api/client_certificates.hpp"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "api/authentication.hpp"
#include "api/openssl_handles.hpp"

namespace csrflow::api {

struct ClientCertificates::Anchors {
  StoreHandle store;
};

namespace {

constexpr const char* uid_attribute = "1.3.6.1.4.1.57683.2";  // Kubernetes' own, of a user's uid
constexpr const char* credential_key = "authentication.kubernetes.io/credential-id";
constexpr int weakest_signature = 1;  // OpenSSL's level: no MD5 and no SHA-1

CertificateHandle parse_der(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  CertificateHandle certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return certificate;
}

std::optional<engine::Timestamp> timestamp(const ASN1_TIME* time) {
  std::tm utc{};
  if (ASN1_TIME_to_tm(time, &utc) != 1) return std::nullopt;
  return engine::from_seconds(timegm(&utc));
}

std::expected<std::string, std::string> text_of(const X509_NAME_ENTRY* entry) {
  unsigned char* bytes = nullptr;
  const int length = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(entry));
  ERR_clear_error();
  if (length < 0) return std::unexpected("the subject holds text that cannot be read");
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return text;
}

bool is_attribute(const X509_NAME_ENTRY* entry, const char* dotted) {
  std::array<char, 64> name{};
  OBJ_obj2txt(name.data(), static_cast<int>(name.size()), X509_NAME_ENTRY_get_object(entry), 1);
  return std::string_view(name.data()) == dotted;
}

/// RFC 5280 4.2.1.12: no extension allows everything.
bool for_client_authentication(X509* certificate) {
  const auto usage = X509_get_extended_key_usage(certificate);
  return usage == UINT32_MAX || (usage & (XKU_SSL_CLIENT | XKU_ANYEKU)) != 0;
}

/// OpenSSL calls it for each fault of a chain: that its leaf has expired is no reason to stop.
int pass_expired_leaf(int good, X509_STORE_CTX* context) {
  const bool expired_leaf = X509_STORE_CTX_get_error(context) == X509_V_ERR_CERT_HAS_EXPIRED &&
                            X509_STORE_CTX_get_error_depth(context) == 0;
  return good == 1 || expired_leaf ? 1 : 0;
}

using Identified = std::expected<std::shared_ptr<const engine::Identity>, std::string>;

Identified identity_of(X509* leaf, const std::string& der) {
  engine::Identity identity{.by = engine::Authentication::x509};
  std::vector<std::string> uids;
  const auto* subject = X509_get_subject_name(leaf);
  for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
    const auto* entry = X509_NAME_get_entry(subject, i);
    auto text = text_of(entry);
    if (!text) return std::unexpected(text.error());
    const int kind = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    if (kind == NID_commonName)
      identity.user = std::move(*text);
    else if (kind == NID_organizationName)
      identity.groups.push_back(std::move(*text));
    else if (is_attribute(entry, uid_attribute))
      uids.push_back(std::move(*text));
  }
  if (identity.user.empty()) return nullptr;
  if (uids.size() > 1 || (uids.size() == 1 && uids.front().empty()))
    return std::unexpected("the subject must hold one uid that is not empty, or none");
  if (!uids.empty()) identity.uid = uids.front();
  const auto digest = sha256_hex(der);
  identity.credential = "sha256:" + digest;
  identity.extra[credential_key] = {"X509SHA256=" + digest};
  if (!identity.in_group(group::authenticated)) identity.groups.emplace_back(group::authenticated);
  return std::make_shared<const engine::Identity>(std::move(identity));
}

}  // namespace

ClientCertificates::ClientCertificates(const std::string& authorities, const engine::Clock& clock)
    : anchors_(std::make_unique<Anchors>(StoreHandle(X509_STORE_new()))), clock_(clock) {
  const auto pem = bio_over(authorities);
  int count = 0;
  for (; const auto ca = next_certificate(pem.get()); ++count) {
    if (X509_STORE_add_cert(anchors_->store.get(), ca.get()) != 1) refuse("a client CA cannot be trusted");
  }
  if (count == 0) refuse("there is no certificate among the client CAs");
}

ClientCertificates::~ClientCertificates() = default;

ClientCertificates::Identified ClientCertificates::identify(const PeerCertificates& peer) const {
  const auto now = clock_.now();
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(peer.digest);
    if (found != known_.end() && found->second.not_before <= now && now <= found->second.not_after)
      return found->second.identity;
  }
  auto verified = verify(peer, now, Leaf::valid);
  if (!verified) return std::unexpected(verified.error());
  const std::lock_guard lock(mutex_);
  if (known_.size() >= max_remembered_chains) known_.clear();
  known_[peer.digest] = *verified;
  return verified->identity;
}

std::optional<ClientCertificates::Expired> ClientCertificates::expired(const PeerCertificates& peer) const {
  const auto now = clock_.now();
  const auto verified = verify(peer, now, Leaf::may_have_expired);
  if (!verified || !verified->identity || now < verified->not_after) return std::nullopt;
  return Expired{verified->identity, verified->not_after};
}

std::expected<ClientCertificates::Known, std::string> ClientCertificates::verify(const PeerCertificates& peer,
                                                                                 engine::Timestamp now,
                                                                                 Leaf tolerance) const {
  const auto leaf = parse_der(peer.chain.front());
  const CertificatesHandle others(sk_X509_new_null());
  for (std::size_t i = 1; i < peer.chain.size(); ++i) {
    auto other = parse_der(peer.chain[i]);
    if (other && sk_X509_push(others.get(), other.get()) > 0) static_cast<void>(other.release());
  }
  const StoreContextHandle context(X509_STORE_CTX_new());
  if (!leaf || !context ||
      X509_STORE_CTX_init(context.get(), anchors_->store.get(), leaf.get(), others.get()) != 1)
    refuse("a client certificate cannot be checked");
  auto* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(rules, now.whole_seconds());
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(rules, weakest_signature);
  if (tolerance == Leaf::may_have_expired) X509_STORE_CTX_set_verify_cb(context.get(), pass_expired_leaf);
  const int verdict = X509_verify_cert(context.get());
  ERR_clear_error();
  if (verdict != 1)
    return std::unexpected(
        std::string(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));

  Known known{.identity = nullptr, .not_before = {INT64_MIN}, .not_after = {INT64_MAX}};
  const auto* chain = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    auto* certificate = sk_X509_value(chain, i);
    if (!for_client_authentication(certificate))
      return std::unexpected("the certificate is not for client authentication");
    const auto begin = timestamp(X509_get0_notBefore(certificate));
    const auto end = timestamp(X509_get0_notAfter(certificate));
    if (!begin || !end) return std::unexpected("the certificate's validity cannot be read");
    known.not_before = std::max(known.not_before, *begin);
    known.not_after = std::min(known.not_after, *end);
  }
  auto identity = identity_of(leaf.get(), peer.chain.front());
  if (!identity) return std::unexpected(identity.error());
  known.identity = std::move(*identity);
  return known;
}

}  // namespace csrflow::api
