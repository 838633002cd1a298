// Hosts with certificates of a real authority, in the past, now and over: what server and agents say to each
// other about them.
#pragma once

#include "signer/inspector.hpp"
#include "tests/api/edge_pki.hpp"
#include "tests/api/edge_world.hpp"

namespace csrflow::api::test {

struct RealClock final : engine::Clock {
  engine::Timestamp now() const override;
};

/// From when to when, in seconds from now.
struct Life {
  std::int64_t begin, end;
};
constexpr Life valid_life{-80'000, 80'000};
constexpr Life expired_life{-80'000, -3'600};      ///< its grace goes on for hours
constexpr Life long_expired_life{-7'000, -5'400};  ///< its grace has ended

/// `csrflow:agent:<host>` in csrflow:agents.
Subject agent_of(const std::string& host);
/// A new PKCS#10 in PEM, over a new key.
std::string new_request(const std::string& common_name);
/// By the credential's key, over the DER of the PEM.
std::string signature_over(const Credential&, const std::string& request_pem);
std::string base64(const std::string&);

class Estate {
 public:
  Estate();

  /// A request of the host's agent that got this certificate while it was valid.
  Credential enrol(const std::string& name, const std::string& host, Life life, const Json& more = {},
                   long serial = 0);
  Reply ask(const std::string& method, const std::string& target, const Credential&, const Json& body = {},
            Headers headers = {});
  /// The body of a rekey; `signer` signs.
  Json rekey_body(const std::string& successor, const Credential& signer, const std::string& request = "");
  Reply rekey(const std::string& name, const Credential& presented, const Json& body) {
    return ask("POST", collection + '/' + name + "/rekey", presented, body);
  }
  Json object(const std::string& name) { return world.get(collection + '/' + name).json(); }
  /// Of one stream, oldest first.
  std::vector<std::string> events(const std::string& stream);

  RealClock clock;
  Authority authority;
  signer::OpenSslInspector inspector;
  World world;
};

}  // namespace csrflow::api::test
