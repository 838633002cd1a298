#include "agent/request.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "agent/names.hpp"
#include "agent/usages.hpp"

namespace csrflow::agent {
namespace {

constexpr int named_usage_bits = 9;

/// What a wish becomes in a request, apart from the key.
struct Content {
  NameHandle subject;
  ExtensionsHandle extensions;  // null when there are none
};

void add(ExtensionsHandle& list, int nid, void* value, bool critical) {
  X509_EXTENSIONS* grown = list.release();
  const int added = X509V3_add1_i2d(&grown, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT);
  list.reset(grown);
  require(added == 1, "add an extension");
}

void add_usages(ExtensionsHandle& list, const Usages& usages) {
  if (usages.bits != 0) {
    const BitStringHandle bits(require(ASN1_BIT_STRING_new(), "build a key usage"));
    for (int bit = 0; bit < named_usage_bits; ++bit)
      if ((usages.bits >> bit & 1U) != 0)
        require(ASN1_BIT_STRING_set_bit(bits.get(), bit, 1) == 1, "build a key usage");
    add(list, NID_key_usage, bits.get(), true);
  }
  if (usages.extended.empty()) return;
  const UsagesHandle purposes(require(EXTENDED_KEY_USAGE_new(), "build an extended key usage"));
  for (const int nid : usages.extended)
    require(sk_ASN1_OBJECT_push(purposes.get(), OBJ_nid2obj(nid)) > 0, "build an extended key usage");
  add(list, NID_ext_key_usage, purposes.get(), false);
}

std::expected<Content, std::string> content_of(const CertificateWish& wish) {
  Content content;
  auto subject = subject_of(wish);
  if (!subject) return std::unexpected(std::move(subject.error()));
  const auto names = general_names(wish);
  if (!names) return std::unexpected(names.error());
  const auto usages = read_usages(wish.usages);
  if (!usages) return std::unexpected(usages.error());
  if (!*names && wish.subject.empty())
    return std::unexpected("a certificate needs a subject or another name");
  content.subject = std::move(*subject);
  if (*names) add(content.extensions, NID_subject_alt_name, names->get(), wish.subject.empty());
  add_usages(content.extensions, *usages);
  return content;
}

RequestHandle parse(std::string_view pem) {
  const BioHandle bio = reading(pem);
  RequestHandle request(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return request;
}

engine::Bytes der_of_extensions(const X509_EXTENSIONS* list) {
  return list == nullptr
             ? engine::Bytes()
             : der_of<const X509_EXTENSIONS>(i2d_X509_EXTENSIONS, const_cast<X509_EXTENSIONS*>(list));
}

}  // namespace

std::expected<engine::Bytes, std::string> make_request(const PrivateKey& key, const CertificateWish& wish) {
  const auto content = content_of(wish);
  if (!content) return std::unexpected(content.error());
  const RequestHandle request(require(X509_REQ_new(), "make a request"));
  require(
      X509_REQ_set_subject_name(request.get(), content->subject.get()) == 1 &&
          X509_REQ_set_pubkey(request.get(), key.handle()) == 1 &&
          (!content->extensions || X509_REQ_add_extensions(request.get(), content->extensions.get()) == 1) &&
          X509_REQ_sign(request.get(), key.handle(), key.digest()) > 0,
      "make a request");
  const BioHandle bio(require(BIO_new(BIO_s_mem()), "write a request"));
  require(PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1, "write a request");
  return engine::Bytes(written(bio.get()));
}

bool asks_for(std::string_view request_pem, const CertificateWish& wish) {
  const RequestHandle request = parse(request_pem);
  const auto content = content_of(wish);
  if (!request || !content || !is_of_kind(X509_REQ_get0_pubkey(request.get()), wish.key)) return false;
  const ExtensionsHandle extensions(X509_REQ_get_extensions(request.get()));
  return X509_NAME_cmp(X509_REQ_get_subject_name(request.get()), content->subject.get()) == 0 &&
         der_of_extensions(extensions.get()) == der_of_extensions(content->extensions.get());
}

engine::Bytes der_of_request(std::string_view request_pem) {
  const RequestHandle request = parse(request_pem);
  return request ? der_of<const X509_REQ>(i2d_X509_REQ, request.get()) : engine::Bytes();
}

}  // namespace csrflow::agent
