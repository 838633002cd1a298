// Signers as files, for what would have been if they had been in force.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "signer/signer_document.hpp"

namespace csrflow::tools {

/// By the signer's name (`example.com/web`). Throws Unreadable, which says what is wrong with which document.
std::map<std::string, signer::SignerSpec> read_signer_files(const std::vector<std::filesystem::path>&);

}  // namespace csrflow::tools
