#include "tools/kubeconfig_reader.hpp"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>

#include "engine/base64.hpp"

namespace csrflow::tools {
namespace {

using Folder = std::filesystem::path;

struct Problem {
  std::string text;
};

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw Problem{path.string() + " cannot be read"};
  return std::move(text).str();
}

/// The `name`d one of a list, its member `kind`.
YAML::Node named(const YAML::Node& list, const std::string& name, const std::string& kind) {
  for (const auto& one : list)
    if (one["name"].as<std::string>("") == name) return one[kind];
  throw Problem{"it has no " + kind + " `" + name + "`"};
}

/// `<key>-data`, or the file that `<key>` names.
std::string material(const YAML::Node& node, const std::string& key, const Folder& folder) {
  const auto data = node[key + "-data"].as<std::string>("");
  if (!data.empty()) {
    auto bytes = engine::decode_base64(data);
    if (!bytes) throw Problem{key + "-data is not base64"};
    return *std::move(bytes);
  }
  const auto file = node[key].as<std::string>("");
  return file.empty() ? std::string() : file_text(folder / file);
}

ServerLogin login_of(const YAML::Node& config, const Folder& folder) {
  const auto current = config["current-context"].as<std::string>("");
  const auto context = named(config["contexts"], current, "context");
  const auto cluster = named(config["clusters"], context["cluster"].as<std::string>(""), "cluster");
  const auto user = named(config["users"], context["user"].as<std::string>(""), "user");
  ServerLogin login{.server = cluster["server"].as<std::string>(""),
                    .authority = material(cluster, "certificate-authority", folder),
                    .certificate = material(user, "client-certificate", folder),
                    .key = material(user, "client-key", folder),
                    .token = user["token"].as<std::string>("")};
  const auto token_file = user["tokenFile"].as<std::string>("");
  if (login.token.empty() && !token_file.empty()) {
    login.token = file_text(folder / token_file);
    while (!login.token.empty() && login.token.back() == '\n') login.token.pop_back();
  }
  if (!login.server.starts_with("https://")) throw Problem{"its server is no https:// address"};
  return login;
}

}  // namespace

std::expected<ServerLogin, std::string> read_kubeconfig(const std::filesystem::path& path) {
  try {
    return login_of(YAML::Load(file_text(path)), path.parent_path());
  } catch (const Problem& problem) {
    return std::unexpected(path.string() + ": " + problem.text);
  } catch (const YAML::Exception& problem) {
    return std::unexpected(path.string() + ": " + problem.what());
  }
}

}  // namespace csrflow::tools
