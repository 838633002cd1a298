#include "policies/envelope.hpp"

namespace csrflow::policies {
namespace {

constexpr std::size_t max_name = 63;

bool is_dns_label(std::string_view name) {
  const auto canonical = canonical_dns(name);
  return canonical && *canonical == name && name.find('.') == std::string_view::npos &&
         name.size() <= max_name;
}

void expect_text(Reading& reading, const Tree& tree, std::string_view field, std::string_view wanted) {
  const Tree* found = tree.find(field);
  if (found == nullptr || found->text != wanted) reading.fail("E14", "must be " + std::string(wanted), field);
}

std::string read_name(Reading& reading, const Tree& tree) {
  const Tree* metadata = tree.find("metadata");
  const Tree* name = metadata == nullptr ? nullptr : metadata->find("name");
  if (name == nullptr || name->kind != Tree::Kind::text || !is_dns_label(name->text)) {
    reading.fail("E14", "must be a DNS label in lower case, at most 63 bytes", "metadata.name");
    return {};
  }
  return name->text;
}

}  // namespace

std::string read_envelope(Reading& reading, const Tree& document, std::size_t bytes, std::string_view kind,
                          const std::function<void(const Tree& spec)>& read_spec) {
  if (bytes > max_document_bytes) {
    reading.fail("E14", "longer than " + std::to_string(max_document_bytes / 1024) + " KiB");
    return {};
  }
  if (document.kind != Tree::Kind::object) {
    reading.wrong_kind(document, "an object");
    return {};
  }
  expect_text(reading, document, "apiVersion", "csrflow.io/v1");
  expect_text(reading, document, "kind", kind);
  std::string name = read_name(reading, document);
  constexpr std::string_view fields[] = {"apiVersion", "kind", "metadata", "spec", "status"};
  for (const auto& [field, value] : document.members) {
    if (std::ranges::find(fields, field) == std::end(fields))
      reading.member(field, value, [&] { reading.fail("E01", unknown_field_text(field, fields)); });
  }
  const Tree* spec = document.find("spec");
  if (spec == nullptr || spec->kind != Tree::Kind::object) {
    reading.fail("E14", "must be an object", "spec");
  } else {
    reading.member("spec", *spec, [&] { read_spec(*spec); });
  }
  return name;
}

std::string canonical_document(std::string_view kind, std::string_view name, Tree spec) {
  Tree metadata{.kind = Tree::Kind::object}, tree{.kind = Tree::Kind::object};
  metadata.members.emplace_back("name", Tree::of_text(std::string(name)));
  tree.members.emplace_back("apiVersion", Tree::of_text("csrflow.io/v1"));
  tree.members.emplace_back("kind", Tree::of_text(std::string(kind)));
  tree.members.emplace_back("metadata", std::move(metadata));
  tree.members.emplace_back("spec", std::move(spec));
  return json_text(tree, true);
}

FileDocuments read_json_file(std::string_view json) {
  FileDocuments file;
  auto tree = json.size() > max_document_bytes ? Tree() : read_json_tree(json);
  if (tree)
    file.documents.push_back({std::move(*tree), json.size()});
  else
    file.problems.push_back(std::move(tree.error()));
  return file;
}

FileDocuments read_yaml_file(std::string_view yaml) {
  FileDocuments file;
  const auto refuse = [&](std::string text) {
    file.problems.push_back({.code = "E14", .policy = {}, .path = {}, .text = std::move(text)});
  };
  if (yaml.size() > max_document_bytes * max_policies) {
    refuse("the file is too long");
    return file;
  }
  YamlDocuments read = read_yaml_trees(yaml);
  file.problems = std::move(read.problems);
  if (read.documents.size() > max_policies) {
    refuse("more than " + std::to_string(max_policies) + " documents in one file");
    read.documents.resize(max_policies);
  }
  for (Tree& document : read.documents) {
    const std::size_t bytes = json_text(document).size();
    file.documents.push_back({std::move(document), bytes});
  }
  return file;
}

}  // namespace csrflow::policies
