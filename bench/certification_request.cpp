#include "bench/certification_request.hpp"

#include <openssl/pem.h>

#include "signer/keys.hpp"

namespace csrflow::bench {

using namespace signer;

engine::Bytes certification_request(const std::string& common_name) {
  const KeyPtr key = generate_p256();
  const Handle<X509_REQ, X509_REQ_free> request(require(X509_REQ_new(), "make a request"));
  X509_NAME* subject = X509_REQ_get_subject_name(request.get());
  require(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                     octets(std::string_view(common_name)),
                                     static_cast<int>(common_name.size()), -1, 0) == 1 &&
              X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
              X509_REQ_sign(request.get(), key.get(), fetched_digest("SHA256")) > 0,
          "sign a request");
  const BioPtr pem(require(BIO_new(BIO_s_mem()), "write a request"));
  require(PEM_write_bio_X509_REQ(pem.get(), request.get()) == 1, "write a request");
  char* text = nullptr;
  const long size = BIO_get_mem_data(pem.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace csrflow::bench
