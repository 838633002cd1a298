// Policies as files.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "policies/document.hpp"

namespace csrflow::tools {

/// A file that is not there or cannot be read.
struct Unreadable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `-` is standard input. Throws Unreadable.
std::string read_input(const std::filesystem::path&);

struct NamedPolicies {
  std::string file;
  policies::PolicyFile content;
};
/// Each file once; a directory stands for its *.yaml, *.yml and *.json, by name. Throws Unreadable.
std::vector<NamedPolicies> read_policy_files(const std::vector<std::filesystem::path>&);

/// Says on standard error what is wrong with the files; true when anything is.
bool report_problems(const std::vector<NamedPolicies>&);
std::vector<policies::PolicyPtr> all_policies(const std::vector<NamedPolicies>&);

}  // namespace csrflow::tools
