#include "tools/server_call.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tools/api_client.hpp"

namespace csrflow::tools {
namespace {

std::filesystem::path kubeconfig_of(const ServerAccess& access) {
  if (access.kubeconfig) return *access.kubeconfig;
  if (access.data) return *access.data / "admin.kubeconfig";
  if (const char* named = std::getenv("KUBECONFIG"); named && *named) return named;
  throw Failure{ExitCode::usage, "say which server: --data DIR or --kubeconfig FILE"};
}

}  // namespace

std::string ask(const ServerAccess& access, const std::string& method, const std::string& path,
                const std::string& body) {
  const auto login = read_kubeconfig(kubeconfig_of(access));
  if (!login) throw Failure{ExitCode::failed, login.error()};
  auto answer = ask_server(*login, method, path, body);
  if (!answer) throw Failure{ExitCode::failed, answer.error()};
  const auto json = nlohmann::json::parse(answer->body, nullptr, false);
  if (answer->status >= 200 && answer->status < 300 && json.is_object()) return std::move(answer->body);
  const auto message = json.is_object() ? json.value("message", "") : "";
  throw Failure{
      answer->status == 404 ? ExitCode::not_found : ExitCode::failed,
      message.empty() ? "the server answered with status " + std::to_string(answer->status) : message};
}

}  // namespace csrflow::tools
