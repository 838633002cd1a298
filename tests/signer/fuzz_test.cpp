// Drives the fuzzer's entry with mutations of real requests: a fixed seed, so a failure comes again.
#include <chrono>
#include <random>

#include "signer/pem.hpp"
#include "signer/pkcs10.hpp"
#include "tests/catch.hpp"
#include "tests/signer/support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

class Mutator {
 public:
  std::string operator()(std::string der) {
    for (std::size_t edits = 1 + below(3); edits > 0 && !der.empty(); --edits) edit(der);
    return der;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  void edit(std::string& der) {
    const std::size_t at = below(der.size());
    switch (below(5)) {
      case 0:
        der[at] = static_cast<char>(der[at] ^ (1 << below(8)));
        break;
      case 1:
        der[at] = static_cast<char>(below(256));
        break;
      case 2:
        der.erase(at, 1 + below(8));
        break;
      case 3:
        der.insert(at, der.substr(below(der.size()), 1 + below(16)));
        break;
      default:
        std::swap(der[at], der[below(der.size())]);
    }
  }
  std::mt19937 random_{20260701};
};

}  // namespace

TEST_CASE("no mutation of a request breaks the parser") {
  const char* names[] = {"jane-p256", "jane-rsa1024", "jane-ed25519", "groups",    "sans",   "utf8",
                         "dc-email",  "pss",          "asks-ca",      "other-ext", "two-cn", "md5"};
  std::vector<std::string> corpus;
  for (const auto* name : names) corpus.push_back(find_pem(fixture(std::string("csr/") + name))->block.der);
  Mutator mutate;
  constexpr std::size_t rounds = 40'000;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  std::size_t tried = 0, parsed = 0;
  for (; tried < rounds && std::chrono::steady_clock::now() < deadline; ++tried) {
    const auto der = mutate(corpus[tried % corpus.size()]);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(der.data()), der.size());
    if (parse_request(der)) ++parsed;
  }
  CHECK(tried > 100);
  // Mutants of signatures and strings still parse: the deeper checks were reached.
  CHECK(parsed > tried / 100);
}
