#include "tests/agent/authority.hpp"

#include <openssl/pem.h>

namespace csrflow::agent::test {
namespace {

using ExtensionHandle = Handle<X509_EXTENSION, X509_EXTENSION_free>;
using RevokedHandle = Handle<X509_REVOKED, X509_REVOKED_free>;
using TimeHandle = Handle<ASN1_TIME, ASN1_TIME_free>;
using IntegerHandle = Handle<ASN1_INTEGER, ASN1_INTEGER_free>;

void set_validity(X509* certificate, engine::Timestamp from, engine::Timestamp to) {
  require(ASN1_TIME_set(X509_getm_notBefore(certificate), from.whole_seconds()) != nullptr &&
              ASN1_TIME_set(X509_getm_notAfter(certificate), to.whole_seconds()) != nullptr,
          "set a validity");
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionHandle made(
      require(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), value.c_str()));
  require(X509_add_ext(certificate, made.get(), -1) == 1, "add an extension");
}

NameHandle named(const std::string& common_name) {
  NameHandle name(require(X509_NAME_new(), "name"));
  require(X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8, octets(common_name),
                                     static_cast<int>(common_name.size()), -1, 0) == 1,
          "name");
  return name;
}

/// The extension as the request has it, or the one that is given; an empty one is left out.
void put(X509* leaf, X509* issuer, const X509_EXTENSIONS* asked, int nid,
         const std::optional<std::string>& given) {
  if (given) {
    if (!given->empty()) add_extension(leaf, issuer, nid, *given);
    return;
  }
  const int at = X509v3_get_ext_by_NID(asked, nid, -1);
  if (at >= 0) require(X509_add_ext(leaf, X509v3_get_ext(asked, at), -1) == 1, "copy an extension");
}

template <typename T>
engine::Bytes to_pem(int (*write)(BIO*, const T*), const T* value) {
  const BioHandle bio(require(BIO_new(BIO_s_mem()), "write PEM"));
  require(write(bio.get(), value) == 1, "write PEM");
  return engine::Bytes(written(bio.get()));
}

}  // namespace

Authority::Authority(const std::string& common_name) : Authority(common_name, nullptr) {}

Authority::Authority(const std::string& common_name, const Authority* issuer)
    : key_(PrivateKey::make(KeyKind::p256)), self_(require(X509_new(), "make an authority")) {
  X509* const self = self_.get();
  X509* const above = issuer == nullptr ? self : issuer->self_.get();
  const NameHandle name = named(common_name);
  require(X509_set_version(self, X509_VERSION_3) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(self), issuer == nullptr ? 1 : 2) == 1 &&
              X509_set_subject_name(self, name.get()) == 1 &&
              X509_set_issuer_name(self, X509_get_subject_name(above)) == 1 &&
              X509_set_pubkey(self, key_.handle()) == 1,
          "make an authority");
  set_validity(self, noon - engine::seconds(86'400), noon + engine::seconds(864'000));
  add_extension(self, above, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(self, above, NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign");
  add_extension(self, above, NID_subject_key_identifier, "hash");
  add_extension(self, above, NID_authority_key_identifier, "keyid:always");
  const PrivateKey& signing = issuer == nullptr ? key_ : issuer->key_;
  require(X509_sign(self, signing.handle(), signing.digest()) > 0, "sign an authority");
  pem_ = to_pem<X509>(PEM_write_bio_X509, self);
}

Authority Authority::intermediate(const std::string& common_name) const {
  return Authority(common_name, this);
}

engine::Bytes Authority::issue(std::string_view request_pem, const Issue& issue) const {
  const BioHandle bio = reading(request_pem);
  const RequestHandle request(require(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr), "read"));
  const ExtensionsHandle asked(X509_REQ_get_extensions(request.get()));
  const CertificateHandle leaf(require(X509_new(), "make a leaf"));
  const NameHandle other = named(issue.common_name.value_or("-"));
  require(
      X509_set_version(leaf.get(), X509_VERSION_3) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(leaf.get()), issue.serial) == 1 &&
          X509_set_subject_name(
              leaf.get(), issue.common_name ? other.get() : X509_REQ_get_subject_name(request.get())) == 1 &&
          X509_set_issuer_name(leaf.get(), X509_get_subject_name(self_.get())) == 1 &&
          X509_set_pubkey(leaf.get(), issue.key != nullptr ? issue.key->handle()
                                                           : X509_REQ_get0_pubkey(request.get())) == 1,
      "make a leaf");
  set_validity(leaf.get(), issue.not_before, issue.not_after);
  add_extension(leaf.get(), self_.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(leaf.get(), self_.get(), NID_subject_key_identifier, "hash");
  add_extension(leaf.get(), self_.get(), NID_authority_key_identifier, "keyid:always");
  put(leaf.get(), self_.get(), asked.get(), NID_subject_alt_name, issue.names);
  put(leaf.get(), self_.get(), asked.get(), NID_key_usage, issue.key_usage);
  put(leaf.get(), self_.get(), asked.get(), NID_ext_key_usage, issue.extended_usage);
  require(X509_sign(leaf.get(), key_.handle(), key_.digest()) > 0, "sign a leaf");
  return to_pem<X509>(PEM_write_bio_X509, leaf.get());
}

engine::Bytes Authority::revoke(std::initializer_list<long> serials) const {
  const CrlHandle crl(require(X509_CRL_new(), "make a CRL"));
  const TimeHandle now(require(ASN1_TIME_set(nullptr, noon.whole_seconds()), "make a time"));
  require(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1 &&
              X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(self_.get())) == 1 &&
              X509_CRL_set1_lastUpdate(crl.get(), now.get()) == 1,
          "make a CRL");
  for (const long serial : serials) {
    RevokedHandle entry(require(X509_REVOKED_new(), "make a CRL"));
    const IntegerHandle number(require(ASN1_INTEGER_new(), "make a CRL"));
    require(ASN1_INTEGER_set(number.get(), serial) == 1 &&
                X509_REVOKED_set_serialNumber(entry.get(), number.get()) == 1 &&
                X509_REVOKED_set_revocationDate(entry.get(), now.get()) == 1 &&
                X509_CRL_add0_revoked(crl.get(), entry.get()) == 1,
            "make a CRL");
    static_cast<void>(entry.release());  // it belongs to the CRL now
  }
  require(X509_CRL_sign(crl.get(), key_.handle(), key_.digest()) > 0, "sign a CRL");
  return der_of<const X509_CRL>(i2d_X509_CRL, crl.get());
}

}  // namespace csrflow::agent::test
