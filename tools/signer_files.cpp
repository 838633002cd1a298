#include "tools/signer_files.hpp"

#include "policies/tree.hpp"
#include "signer/signer_name.hpp"
#include "tools/policy_files.hpp"

namespace csrflow::tools {
namespace {

void add(std::map<std::string, signer::SignerSpec>& signers, const std::filesystem::path& file,
         const policies::Tree& document) {
  const auto wrong = [&](const std::string& what) { return Unreadable(file.string() + ": " + what); };
  const policies::Tree* metadata = document.find("metadata");
  const policies::Tree* name = metadata == nullptr ? nullptr : metadata->find("name");
  const policies::Tree* spec = document.find("spec");
  if (name == nullptr || spec == nullptr) throw wrong("a Signer has metadata.name and spec");
  const auto signer_name = signer::signer_of_object(name->text);
  if (!signer_name) throw wrong(signer_name.error());
  auto read = signer::read_signer_spec(policies::json_text(*spec));
  if (!read) throw wrong(name->text + ": " + read.error().front().path + ": " + read.error().front().text);
  signers.insert_or_assign(signer_name->text, std::move(*read));
}

}  // namespace

std::map<std::string, signer::SignerSpec> read_signer_files(const std::vector<std::filesystem::path>& files) {
  std::map<std::string, signer::SignerSpec> signers;
  for (const auto& file : files) {
    const policies::YamlDocuments read = policies::read_yaml_trees(read_input(file));
    if (!read.problems.empty()) throw Unreadable(file.string() + ": " + read.problems.front().text);
    for (const policies::Tree& document : read.documents) add(signers, file, document);
  }
  return signers;
}

}  // namespace csrflow::tools
