// `csrflow token`.
#include <iostream>
#include <nlohmann/json.hpp>

#include "signer/duration.hpp"
#include "tools/commands.hpp"
#include "tools/server_call.hpp"
#include "tools/table_text.hpp"

namespace csrflow::tools {
namespace {

using Json = nlohmann::json;

constexpr auto tokens_path = "/apis/csrflow.io/v1/tokens";

Json asked(const ServerAccess& access, const std::string& method, const std::string& path,
           const std::string& body = {}) {
  return Json::parse(ask(access, method, path, body));
}

std::int64_t seconds_of(const std::string& ttl) {
  if (ttl == "0") return 0;
  const auto duration = signer::parse_duration(ttl);
  if (!duration) throw Failure{ExitCode::usage, "--ttl " + ttl + ": " + duration.error()};
  const auto seconds = duration->microseconds / 1'000'000;
  if (seconds < 1) throw Failure{ExitCode::usage, "--ttl " + ttl + ": at least a second, or 0"};
  return seconds;
}

std::string until(const Json& token) {
  return token["spec"].value("expirationTimestamp", "never");
}

std::string groups_of(const Json& token) {
  std::string text;
  for (const auto& group : token["spec"].value("groups", Json::array()))
    text += (text.empty() ? "" : ",") + group.get<std::string>();
  return text;
}

/// One request for a certificate that identifies the host: O=csrflow:agents, by the signer of client
/// certificates.
TokenCreateOptions for_agent(TokenCreateOptions o) {
  o.user = "csrflow:agent:" + o.agent;
  o.groups.emplace_back("csrflow:agents");
  o.single_use = true;
  if (o.names.empty()) o.names = {o.agent, o.agent + "-*"};
  if (o.signers.empty()) o.signers.emplace_back("kubernetes.io/kube-apiserver-client");
  if (o.description.empty()) o.description = "first certificate of the agent on " + o.agent;
  return o;
}

}  // namespace

ExitCode token_create(const TokenCreateOptions& given) {
  return told([&] {
    const TokenCreateOptions o = given.agent.empty() ? given : for_agent(given);
    if (o.user.empty() && !o.bootstrap)
      throw Failure{ExitCode::usage, "say whom the token names: --user NAME, --agent HOST or --bootstrap"};
    Json spec{{"ttlSeconds", seconds_of(o.ttl)}, {"groups", o.groups}};
    if (o.bootstrap) spec["bootstrap"] = true;
    if (o.single_use) spec["singleUse"] = true;
    if (!o.names.empty()) spec["names"] = o.names;
    if (!o.signers.empty()) spec["signers"] = o.signers;
    if (!o.user.empty()) spec["user"] = o.user;
    if (!o.uid.empty()) spec["uid"] = o.uid;
    if (!o.description.empty()) spec["description"] = o.description;
    const auto made = asked(o.access, "POST", tokens_path, Json{{"spec", spec}}.dump());
    if (o.output == Output::json) {
      std::cout << made.dump() << '\n';
      return;
    }
    std::cout << made["status"].value("token", "") << '\n';
    std::cerr << "token " << made["metadata"].value("name", "") << " for " << made["spec"].value("user", "")
              << ", expires: " << until(made) << "; it is not shown again\n";
  });
}

ExitCode token_list(const TokenListOptions& o) {
  return told([&] {
    const auto list = asked(o.access, "GET", tokens_path);
    TableText table({"ID", "USER", "GROUPS", "EXPIRES", "STATE", "DESCRIPTION"});
    for (const auto& token : list["items"]) {
      if (o.output == Output::json) std::cout << token.dump() << '\n';
      table.add({token["metadata"].value("name", ""), token["spec"].value("user", ""), groups_of(token),
                 until(token), token["status"].value("state", ""), token["spec"].value("description", "")});
    }
    if (o.output == Output::table) std::cout << table.text();
  });
}

ExitCode token_revoke(const TokenRevokeOptions& o) {
  return told([&] {
    if (o.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") != std::string::npos)
      throw Failure{ExitCode::not_found, "no token has the id " + o.id};
    static_cast<void>(ask(o.access, "DELETE", std::string(tokens_path) + '/' + o.id));
    std::cout << "token " << o.id << " revoked\n";
  });
}

}  // namespace csrflow::tools
