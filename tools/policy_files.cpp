#include "tools/policy_files.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

namespace csrflow::tools {
namespace {

std::vector<std::filesystem::path> expanded(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::filesystem::path> inside;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const auto extension = entry.path().extension();
      if (extension == ".yaml" || extension == ".yml" || extension == ".json") inside.push_back(entry.path());
    }
    std::ranges::sort(inside);
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

}  // namespace

std::string read_input(const std::filesystem::path& path) {
  constexpr std::size_t max_input_bytes = policies::max_document_bytes * policies::max_policies;
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path))
      throw Unreadable(path.string() + ": there is no such file, or it cannot be read");
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text;
  for (std::istreambuf_iterator<char> byte(in), end; byte != end; ++byte) {
    if (text.size() == max_input_bytes) throw Unreadable(path.string() + ": longer than 256 MiB");
    text += *byte;
  }
  return text;
}

std::vector<NamedPolicies> read_policy_files(const std::vector<std::filesystem::path>& paths) {
  std::vector<NamedPolicies> read;
  for (const auto& path : expanded(paths))
    read.push_back(
        {path == "-" ? "standard input" : path.string(), policies::read_policy_yaml(read_input(path))});
  return read;
}

bool report_problems(const std::vector<NamedPolicies>& files) {
  bool any = false;
  for (const NamedPolicies& file : files) {
    for (const policies::Problem& problem : file.content.problems) {
      std::cerr << "csrflow: " << file.file << ": " << policies::sentence(problem) << '\n';
      any = true;
    }
  }
  return any;
}

std::vector<policies::PolicyPtr> all_policies(const std::vector<NamedPolicies>& files) {
  std::vector<policies::PolicyPtr> all;
  for (const NamedPolicies& file : files)
    all.insert(all.end(), file.content.policies.begin(), file.content.policies.end());
  return all;
}

}  // namespace csrflow::tools
