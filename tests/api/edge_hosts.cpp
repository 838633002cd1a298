#include "tests/api/edge_hosts.hpp"

#include <openssl/pem.h>

#include <ctime>

#include "engine/base64.hpp"
#include "signer/pkcs10.hpp"
#include "tests/signer/request_builder.hpp"

namespace csrflow::api::test {

engine::Timestamp RealClock::now() const {
  return engine::from_seconds(std::time(nullptr));
}

Subject agent_of(const std::string& host) {
  return {.common_name = "csrflow:agent:" + host, .organizations = {"csrflow:agents"}, .uid = ""};
}

std::string new_request(const std::string& common_name) {
  signer::testing::Ask ask;
  ask.subject.push_back({NID_commonName, common_name});
  return ask.pem();
}

std::string signature_over(const Credential& credential, const std::string& request_pem) {
  const auto der = signer::parse_request_pem(request_pem).value().der;
  const auto bio = bio_over(credential.key);
  const KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  const signer::DigestContextPtr context(EVP_MD_CTX_new());
  std::size_t length = 256;
  std::string signature(length, '\0');
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes,
                     der.size()) != 1)
    throw std::runtime_error("the test cannot sign");
  signature.resize(length);
  return signature;
}

std::string base64(const std::string& bytes) {
  std::string text;
  engine::append_base64(text, bytes);
  return text;
}

Estate::Estate() : world({}, {}, {}, std::make_shared<ClientCertificates>(authority.pem(), clock)) {
  world.pkix.real = &inspector;
  world.clock.set(clock.now());
}

Credential Estate::enrol(const std::string& name, const std::string& host, Life life, const Json& more,
                         long serial) {
  auto body = request_body(name);
  body["spec"]["request"] = base64(new_request(name));
  body["metadata"]["labels"] = {{"csrflow.io/agent", host}};
  if (!more.is_null()) body.merge_patch(more);
  world.clock.set(clock.now() + engine::seconds(life.begin));
  const auto made = world.ask({.method = "POST",
                               .target = collection,
                               .body = body.dump(),
                               .headers = {{"Impersonate-User", agent_of(host).common_name},
                                           {"Impersonate-Group", "csrflow:agents"}}});
  if (made.status != 201) throw std::runtime_error(made.body);
  if (world.approve(name).status != 200) throw std::runtime_error("not approved");
  const auto credential = authority.issue(
      {.subject = agent_of(host), .not_before = life.begin, .not_after = life.end, .serial = serial});
  const auto set =
      world.ask({.method = "PATCH",
                 .target = collection + '/' + name + "/status",
                 .body = Json{{"status", {{"certificate", base64(credential.certificate)}}}}.dump(),
                 .headers = {{"Content-Type", "application/merge-patch+json"}}});
  if (set.status != 200) throw std::runtime_error(set.body);
  world.clock.set(clock.now());
  return credential;
}

Reply Estate::ask(const std::string& method, const std::string& target, const Credential& credential,
                  const Json& body, Headers headers) {
  return world.ask({.method = method,
                    .target = target,
                    .body = body.is_null() ? "" : body.dump(),
                    .headers = std::move(headers),
                    .as = "",
                    .certificates = std::make_shared<PeerCertificates>(credential.presented())});
}

Json Estate::rekey_body(const std::string& successor, const Credential& signer, const std::string& request) {
  const std::string pem = request.empty() ? new_request(successor) : request;
  return {
      {"apiVersion", "csrflow.io/v1"},
      {"kind", "Rekey"},
      {"spec",
       {{"name", successor}, {"request", base64(pem)}, {"signature", base64(signature_over(signer, pem))}}}};
}

std::vector<std::string> Estate::events(const std::string& stream) {
  std::vector<std::string> types;
  for (const auto& event : world.log.reader()->stream({stream})) types.push_back(event.type);
  return types;
}

}  // namespace csrflow::api::test
