// `csrflow approve --break-glass`, `withdraw` and `confirm`: what kubectl has no command for.
#include <nlohmann/json.hpp>

#include "engine/types.hpp"
#include "tools/server_call.hpp"

namespace csrflow::tools {
namespace {

/// As it stands in a path: streams percent-encode names in the same way (RFC 3986).
std::string escaped(const std::string& name) {
  const engine::StreamId stream = engine::csr_stream(name);
  return stream.text.substr(stream.collection().size() + 1);
}

ExitCode say(const DecisionOptions& o, const char* action, const char* done) {
  return told([&] {
    if (o.name.empty()) throw Failure{ExitCode::usage, "say which request"};
    const auto body =
        ask(o.access, "POST",
            "/apis/certificates.k8s.io/v1/certificatesigningrequests/" + escaped(o.name) + "/review",
            nlohmann::json{{"action", action}, {"message", o.message}}.dump());
    if (o.output == Output::json)
      std::cout << body << '\n';
    else
      std::cout << o.name << ' ' << done << '\n';
  });
}

}  // namespace

ExitCode approve_by_break_glass(const DecisionOptions& o) {
  return say(o, "break-glass", "approved by break-glass; another person must confirm it: csrflow confirm");
}

ExitCode withdraw(const DecisionOptions& o) {
  return say(o, "withdraw", "no longer has your word");
}

ExitCode confirm(const DecisionOptions& o) {
  return say(o, "confirm", "confirmed");
}

}  // namespace csrflow::tools
