#include "engine/same_request.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;

namespace {

struct Request {
  CsrSpec spec;
  RequestDescription description;
  RequestEncoding encoding;
};

/// web-1's, for a day.
Request request() {
  return {.spec = {.request = "PEM of web-1",
                   .signer_name = {"example.com/web"},
                   .expiration_seconds = 86'400,
                   .usages = {"digital signature", "server auth"}},
          .description = {.subject = {{"2.5.4.10", "Example"}, {"2.5.4.3", "web-1"}},
                          .names = {{"dns", "web-1.example.com"}, {"ip", "192.0.2.1"}},
                          .extensions = {"2.5.29.17", "2.5.29.37"},
                          .key = {"ECDSA", 256, "P-256", "aa"}},
          .encoding = {.subject = "O=Example,CN=web-1",
                       .extensions = {{"2.5.29.17", false, "names"}, {"2.5.29.37", false, "server"}}}};
}

std::string difference(const Request& predecessor, const Request& successor,
                       const SameRequestTerms& terms = SameRequestTerms()) {
  return difference_of({predecessor.spec, predecessor.description, predecessor.encoding},
                       {successor.spec, successor.description, successor.encoding}, terms);
}
/// What is said of a successor that is the predecessor but for this change.
template <class Change>
std::string after(Change change, const SameRequestTerms& terms = SameRequestTerms()) {
  Request successor = request();
  change(successor);
  return difference(request(), successor, terms);
}

}  // namespace

TEST_CASE("the same request with a new key of the same kind is the same") {
  CHECK(after([](Request& r) {
          r.spec.request = "another PEM";
          r.description.key.spki_sha256 = "bb";
        }).empty());
}

TEST_CASE("order, repetition and spelling of names and usages are no difference") {
  CHECK(after([](Request& r) {
          r.spec.usages = {"server auth", "digital signature", "server auth"};
          r.description.names = {
              {"ip", "192.0.2.1"}, {"dns", "WEB-1.example.com."}, {"dns", "web-1.example.com"}};
          r.encoding.extensions = {{"2.5.29.37", false, "server"},
                                   {"2.5.29.17", true, "the names in another order"}};
        }).empty());
}

TEST_CASE("what differs is said") {
  CHECK(after([](Request& r) { r.spec.signer_name = {"example.com/mail"}; }) ==
        "the signer is example.com/mail instead of example.com/web");
  CHECK(after([](Request& r) {
          r.spec.usages = {"digital signature", "client auth"};
        }) == "the usages differ: new client auth; missing server auth");
  CHECK(after([](Request& r) { r.spec.expiration_seconds = 90 * 86'400; }) ==
        "the lifetime is 90d instead of 1d");
  CHECK(after([](Request& r) {
          r.description.names.push_back({"dns", "shop.example.com"});
        }) == "the names differ: new dns shop.example.com");
  CHECK(after([](Request& r) { r.description.names.pop_back(); }) ==
        "the names differ: missing ip 192.0.2.1");
  CHECK(after([](Request& r) {
          r.encoding.extensions.push_back({"1.3.6.1.5.5.7.1.24", false, "0"});
        }) == "the extensions differ: new 1.3.6.1.5.5.7.1.24");
  CHECK(after([](Request& r) { r.encoding.extensions[1].value = "client"; }) ==
        "the extension 2.5.29.37 has another value, or is critical in one only");
  CHECK(after([](Request& r) { r.encoding.extensions[1].critical = true; }) ==
        "the extension 2.5.29.37 has another value, or is critical in one only");
}

TEST_CASE("a subject is compared byte for byte, and named by its attributes") {
  CHECK(after([](Request& r) {
          r.encoding.subject = "O=Example,CN=web-2";
          r.description.subject[1].value = "web-2";
        }) == "the subject has 2.5.4.3=web-2 instead of 2.5.4.3=web-1");
  CHECK(after([](Request& r) {
          r.encoding.subject = "CN=web-1";
          r.description.subject.erase(r.description.subject.begin());
        }) == "the subject has 1 attributes instead of 2");
  CHECK(after([](Request& r) { r.encoding.subject = "O=Example+CN=web-1"; }) ==
        "the subject is encoded in another way: build it as the predecessor's");
}

TEST_CASE("names that a description shows in part are compared byte for byte") {
  Request predecessor = request();
  predecessor.description.names.push_back({"other", "1.3.6.1.4.1.311.20.2.3"});
  Request successor = predecessor;
  CHECK(difference(predecessor, successor).empty());
  successor.encoding.extensions[0].value = "another name of the same kind";
  CHECK(
      difference(predecessor, successor) ==
      "the names are encoded in another way, which for names of their kinds may be a difference: build them "
      "as the predecessor's");
}

TEST_CASE("a text that is too long for a sentence is told by its length") {
  CHECK(after([](Request& r) {
          r.description.names.push_back({"uri", "urn:" + std::string(9'000, 'a')});
        }) == "the names differ: new a text of 9008 bytes");
}

TEST_CASE("of many names that differ a few are named and the others counted") {
  CHECK(after([](Request& r) {
          for (int i = 0; i < 9; ++i)
            r.description.names.push_back({"dns", "n" + std::to_string(i) + ".example.com"});
        }) == "the names differ: new dns n0.example.com, dns n1.example.com, dns n2.example.com and 6 more");
}

TEST_CASE("a lifetime that is not asked for is the signer's") {
  const auto unasked = [](Request& r) { r.spec.expiration_seconds.reset(); };
  CHECK(after(unasked) == "the lifetime is the signer's default instead of 1d");
  CHECK(after(unasked, {.default_lifetime = days(1)}).empty());
  CHECK(after(unasked, {.default_lifetime = days(2)}) == "the lifetime is 2d instead of 1d");
}

TEST_CASE("a renewal repeats the request byte for byte") {
  const SameRequestTerms renewal{.mode = RotationMode::renew, .key_upgrade = {"P-384"}};
  CHECK(after([](Request&) {}, renewal).empty());
  CHECK(after([](Request& r) { r.spec.request = "another PEM"; }, renewal) ==
        "the request is not the predecessor's, byte for byte: a renewal repeats it");
}

TEST_CASE("a rekey changes to another kind of key where the policy names it and it is not weaker") {
  const auto change = [](RequestDescription::Key from, RequestDescription::Key to) {
    Request predecessor = request(), successor = request();
    predecessor.description.key = std::move(from);
    successor.description.key = std::move(to);
    return difference(predecessor, successor, {.key_upgrade = {"P-384", "Ed25519", "RSA-3072", "RSA-4096"}});
  };
  const RequestDescription::Key p256{"ECDSA", 256, "P-256", ""}, p384{"ECDSA", 384, "P-384", ""},
      ed25519{"Ed25519", 256, "", ""}, rsa2048{"RSA", 2'048, "", ""}, rsa3072{"RSA", 3'072, "", ""},
      rsa4096{"RSA", 4'096, "", ""};
  CHECK(change(p256, p384).empty());
  CHECK(change(p256, ed25519).empty());
  CHECK(change(rsa2048, rsa4096).empty());
  CHECK(change(rsa2048, ed25519).empty());
  CHECK(change(rsa4096, rsa3072).empty());
  CHECK(change(p384, p256) ==
        "the key is P-256 instead of P-384, and the policy's keyUpgrade does not name it");
  CHECK(change(p384, ed25519) == "the key is Ed25519 instead of P-384, which is weaker");
  CHECK(change(p384, rsa3072) == "the key is RSA-3072 instead of P-384, which is weaker");
  CHECK(change({"ECDSA", 256, "secp256k1", ""}, p256) ==
        "the key is P-256 instead of secp256k1, and the policy's keyUpgrade does not name it");
}

TEST_CASE("a request is the same as itself, and being the same goes both ways") {
  CHECK(rc::check("drawn requests", [] {
    const auto drawn = [] {
      Request r = request();
      const auto maybe = [] { return *rc::gen::inRange(0, 4) == 0; };
      if (maybe()) r.spec.signer_name = {"example.com/mail"};
      if (maybe()) r.spec.usages.pop_back();
      if (maybe()) r.spec.expiration_seconds.reset();
      if (maybe()) r.description.names.push_back({"dns", maybe() ? "" : "x.example.com"});
      if (maybe()) r.encoding.subject += "?";
      if (maybe()) r.encoding.extensions.pop_back();
      if (maybe()) r.encoding.extensions.push_back(r.encoding.extensions.back());
      return r;
    };
    const Request a = drawn(), b = drawn();
    RC_ASSERT(difference(a, a).empty());
    RC_ASSERT(difference(a, b).empty() == difference(b, a).empty());
  }));
}
