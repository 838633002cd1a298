// The agent's configuration file, and what this machine says to it.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "agent/configuration.hpp"

namespace csrflow::tools {

/// The error has a line for each problem.
std::expected<agent::Configuration, std::string> load_configuration(const std::filesystem::path&);
/// What the server's certificate must lead to: PEM of all files, and what is inline.
std::expected<engine::Bytes, std::string> authorities_of(const agent::Configuration&);

/// The error names the file.
std::expected<std::string, std::string> file_text(const std::filesystem::path&, std::size_t most);

}  // namespace csrflow::tools
