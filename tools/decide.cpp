// `csrflow approve --break-glass`, `withdraw` and `confirm`: what kubectl has no command for.
#include <nlohmann/json.hpp>

#include "tools/server_call.hpp"

namespace csrflow::tools {
namespace {

std::string escaped(const std::string& name) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr char digits[] = "0123456789ABCDEF";
  std::string path;
  for (const char c : name) {
    if (plain.find(c) != std::string_view::npos) {
      path += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    path += '%';
    path += digits[byte >> 4];
    path += digits[byte & 15];
  }
  return path;
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
