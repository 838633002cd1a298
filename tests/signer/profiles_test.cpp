// What the built-in signers refuse after approval. Fixtures and words recorded from
// kube-controller-manager 1.35.
#include "signer/profiles.hpp"

#include "tests/catch.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

using Usages = std::vector<std::string>;
struct Case {
  const char* request;
  Usages usages;
  const char* refusal;
};

void check(const char* signer, const Case& c) {
  INFO(c.request);
  const auto request = parse_request_pem(fixture(std::string("csr/") + c.request));
  REQUIRE(request);
  const auto* profile = built_in_profile({std::string("kubernetes.io/") + signer});
  REQUIRE(profile != nullptr);
  CHECK(profile->refuses(*request, c.usages).value_or("") == c.refusal);
}

const Usages client{"client auth", "digital signature"};
const Usages server{"server auth", "digital signature"};

}  // namespace

TEST_CASE("kube-apiserver-client demands client auth and little else") {
  const auto c = GENERATE_COPY(
      Case{"jane-p256", {"client auth"}, ""}, Case{"sans", {"key encipherment", "client auth"}, ""},
      Case{"jane-p256", {"client auth", "key encipherment", "digital signature"}, ""},
      Case{"jane-p256", {"client auth", "server auth"}, "invalid usage for client certificate: server auth"},
      Case{"jane-p256", {"digital signature"}, "missing required usage for client certificate: client auth"},
      Case{"jane-p256", {"client auth", "cert sign"}, "invalid usage for client certificate: cert sign"},
      Case{"jane-p256", {"any", "client auth"}, "invalid usage for client certificate: any"},
      Case{"jane-p256", {"server auth", "code signing"}, "invalid usage for client certificate: server auth"},
      Case{"jane-p256", {"signing", "client auth"}, "invalid usage for client certificate: signing"});
  check("kube-apiserver-client", c);
}

TEST_CASE("kube-apiserver-client-kubelet signs nodes without names") {
  const char* usages = "usages did not match [client auth digital signature key encipherment]";
  const char* organization = "subject organization is not system:nodes";
  const auto c = GENERATE_COPY(
      Case{"kubelet", client, ""}, Case{"kubelet-node2", client, ""}, Case{"kubelet-empty-name", client, ""},
      Case{"kubelet", {"digital signature", "client auth", "key encipherment"}, ""},
      Case{"kubelet-no-org", client, organization}, Case{"kubelet-two-orgs", client, organization},
      Case{"jane-p256", client, organization},
      Case{"kubelet-bad-cn", client, "subject common name does not begin with system:node:"},
      Case{"kubelet-dns", client, "DNS subjectAltNames are not allowed"},
      Case{"kubelet-email", client, "Email subjectAltNames are not allowed"},
      Case{"kubelet-ip", client, "IP subjectAltNames are not allowed"},
      Case{"kubelet-uri", client, "URI subjectAltNames are not allowed"},
      Case{"serving", client, "DNS subjectAltNames are not allowed"},
      Case{"kubelet", {"client auth"}, usages}, Case{"kubelet", {"digital signature", "server auth"}, usages},
      Case{"kubelet", {"digital signature", "client auth", "key encipherment", "server auth"}, usages},
      Case{"kubelet", {"signing", "client auth"}, usages},
      // The name is looked at before the usages.
      Case{"kubelet-bad-cn", {"signing"}, "subject common name does not begin with system:node:"});
  check("kube-apiserver-client-kubelet", c);
}

TEST_CASE("kubelet-serving signs nodes with an address") {
  const char* usages = "usages did not match [digital signature key encipherment server auth]";
  const char* organization = "subject organization is not system:nodes";
  const auto c = GENERATE_COPY(
      Case{"serving", server, ""}, Case{"serving-ip", server, ""},
      Case{"serving", {"server auth", "digital signature", "key encipherment"}, ""},
      Case{"serving-no-org", server, organization}, Case{"jane-p256", server, organization},
      Case{"masters", server, organization}, Case{"kubelet", server, "DNS or IP subjectAltName is required"},
      Case{"serving-email", server, "Email subjectAltNames are not allowed"},
      Case{"serving-uri", server, "URI subjectAltNames are not allowed"},
      Case{"serving-bad-cn", server, "subject common name does not begin with system:node:"},
      Case{"serving", {"server auth"}, usages}, Case{"serving", client, usages},
      // The usages are looked at before the name.
      Case{"serving-bad-cn", {"server auth"}, usages});
  check("kubelet-serving", c);
}

TEST_CASE("legacy-unknown takes anything") {
  check("legacy-unknown", {"asks-ca", {"any", "cert sign"}, ""});
}

TEST_CASE("there are four built-in signers, and each profile has its own hash") {
  std::vector<std::string> hashes;
  for (const auto& profile : built_in_profiles()) {
    CHECK(built_in_profile({std::string(profile.signer)}) == &profile);
    hashes.push_back(profile_hash(describe(profile)));
  }
  std::ranges::sort(hashes);
  CHECK(hashes.size() == 4);
  CHECK(std::ranges::adjacent_find(hashes) == hashes.end());
  CHECK(hashes.front().size() == 64);
  CHECK(built_in_profile({"kubernetes.io/unknown"}) == nullptr);
}
