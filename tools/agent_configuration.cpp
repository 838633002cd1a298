#include "tools/agent_configuration.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>

#include "agent/certificate.hpp"
#include "agent/files.hpp"

namespace csrflow::tools {
namespace {

constexpr std::size_t max_authorities = 1'000;

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

std::expected<std::string, std::string> file_text(const std::filesystem::path& path, std::size_t most) {
  try {
    const auto whole = std::filesystem::absolute(path);
    auto& files = agent::system_files();
    const auto folder = files.open_directory(whole.parent_path());
    return std::string(agent::read_file(files, folder, whole.filename().string(), most).view());
  } catch (const agent::FileError& problem) {
    return std::unexpected(problem.what());
  }
}

std::expected<agent::Configuration, std::string> load_configuration(const std::filesystem::path& path) {
  const auto text = file_text(path, agent::max_configuration_bytes);
  if (!text) return std::unexpected(text.error());
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  auto read = agent::read_configuration(*text, {.host = host_name(),
                                                .folder = std::filesystem::absolute(path).parent_path(),
                                                .credentials = credentials ? credentials : ""});
  if (read) return std::move(*read);
  std::string lines;
  for (const auto& problem : read.error())
    lines += (lines.empty() ? "" : "\n") + path.string() + ": " + sentence(problem);
  return std::unexpected(std::move(lines));
}

std::expected<engine::Bytes, std::string> authorities_of(const agent::Configuration& configuration) {
  engine::Bytes pem = configuration.ca;
  for (const auto& file : configuration.ca_files) {
    auto text = file_text(file, agent::max_bundle_pem);
    if (!text) return std::unexpected(text.error());
    if (!pem.empty() && !pem.ends_with('\n')) pem += '\n';
    pem += *text;
  }
  if (const auto read = agent::read_certificates(pem, max_authorities); !read)
    return std::unexpected("what server.caFile and server.ca name " + read.error());
  return pem;
}

}  // namespace csrflow::tools
