#include "policies/document.hpp"

#include <charconv>

#include "engine/nearest.hpp"
#include "policies/case_fields.hpp"
#include "policies/digest.hpp"
#include "policies/spec_fields.hpp"

namespace csrflow::policies {

std::string sentence(const Problem& problem) {
  std::string text = problem.policy;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : ": ") + part;
  };
  if (problem.line != 0) add("line " + std::to_string(problem.line));
  add(problem.path);
  add(problem.code + ' ' + problem.text);
  return text;
}

std::string unknown_field_text(std::string_view name, std::span<const std::string_view> known) {
  std::string text = "unknown field " + std::string(name);
  if (!known.empty()) text += "; the nearest known one is " + std::string(engine::nearest(name, known));
  return text;
}

std::optional<std::int64_t> bounded_integer(Reading& reading, const Tree& tree, std::int64_t least,
                                            std::int64_t most) {
  std::int64_t value = 0;
  const char* const end = tree.text.data() + tree.text.size();
  if (tree.kind == Tree::Kind::integer && std::from_chars(tree.text.data(), end, value).ptr == end &&
      value >= least && value <= most)
    return value;
  if (tree.kind != Tree::Kind::integer) {
    reading.wrong_kind(tree, "an integer");
  } else {
    reading.fail("E14", "must be " + std::to_string(least) + " to " + std::to_string(most));
  }
  return std::nullopt;
}

void Codec<engine::Schedule>::read(Reading& reading, const Tree& tree,
                                   std::optional<engine::Schedule>& value) {
  ScheduleDocument document;
  Codec<ScheduleDocument>::read(reading, tree, document);
  if (tree.kind != Tree::Kind::object) return;
  if (tree.find("timeZone") == nullptr)
    reading.fail("E08", "a time zone is needed, as Europe/Berlin", ".timeZone");
  const Tree* windows = tree.find("windows");
  if (windows == nullptr || windows->items.empty())
    reading.fail("E08", "a window is needed, as Mon-Fri 08:00-18:00", ".windows");
  if (!document.zone) return;
  std::ranges::sort(document.except);
  value = engine::Schedule{
      .zone = *document.zone, .windows = std::move(document.windows), .except = std::move(document.except)};
}

Tree Codec<engine::Schedule>::write(const engine::Schedule& value) {
  return Codec<ScheduleDocument>::write(
      {.zone = value.zone, .windows = value.windows, .except = value.except});
}

void Codec<CaseList>::read(Reading& reading, const Tree& tree, const CaseList& list) {
  std::vector<CaseDocument> documents;
  Codec<std::vector<CaseDocument>>::read(reading, tree, documents);
  if (documents.size() > max_cases) reading.fail("E14", "more than " + std::to_string(max_cases) + " cases");
  for (const CaseDocument& document : documents)
    list.cases.push_back(json_text(Codec<CaseDocument>::write(document)));
}

Tree Codec<CaseList>::write(const CaseList& list) {
  Tree tree{.kind = Tree::Kind::list};
  for (const std::string& one : list.cases) {
    if (auto read = read_json_tree(one)) tree.items.push_back(std::move(*read));
  }
  return tree;
}

void Codec<CaseList>::describe(FieldDescription& field) {
  Codec<std::vector<CaseDocument>>::describe(field);
}

namespace {

constexpr std::size_t max_policy_name = 63;

bool is_dns_label(std::string_view name) {
  const auto canonical = canonical_dns(name);
  return canonical && *canonical == name && name.find('.') == std::string_view::npos &&
         name.size() <= max_policy_name;
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

Tree canonical_tree(ApprovalPolicy& policy) {
  Tree metadata{.kind = Tree::Kind::object}, tree{.kind = Tree::Kind::object};
  metadata.members.emplace_back("name", Tree::of_text(policy.name));
  tree.members.emplace_back("apiVersion", Tree::of_text("csrflow.io/v1"));
  tree.members.emplace_back("kind", Tree::of_text("ApprovalPolicy"));
  tree.members.emplace_back("metadata", std::move(metadata));
  tree.members.emplace_back("spec", Codec<ApprovalPolicy>::write(policy));
  return tree;
}

/// Reads the requests of the cases, for their errors.
void check_cases(Reading& reading, const Tree& spec, const ApprovalPolicy& policy) {
  const Tree* cases = spec.find("cases");
  if (cases == nullptr || cases->kind != Tree::Kind::list) return;
  for (std::size_t i = 0; i < cases->items.size(); ++i) {
    const Tree* request = cases->items[i].find("request");
    if (request == nullptr || request->kind != Tree::Kind::object) continue;
    reading.at(".cases[" + std::to_string(i) + "].request", *request,
               [&] { static_cast<void>(read_request(reading, *request, &policy)); });
  }
}

std::expected<PolicyPtr, Problems> read_policy(const Tree& tree, std::size_t bytes) {
  Problems problems;
  Reading reading(problems);
  auto policy = std::make_shared<ApprovalPolicy>();
  if (bytes > max_document_bytes) {
    reading.fail("E14", "longer than " + std::to_string(max_document_bytes / 1024) + " KiB");
  } else if (tree.kind != Tree::Kind::object) {
    reading.wrong_kind(tree, "an object");
  } else {
    expect_text(reading, tree, "apiVersion", "csrflow.io/v1");
    expect_text(reading, tree, "kind", "ApprovalPolicy");
    policy->name = read_name(reading, tree);
    constexpr std::string_view fields[] = {"apiVersion", "kind", "metadata", "spec", "status"};
    for (const auto& [name, value] : tree.members) {
      if (std::ranges::find(fields, name) == std::end(fields))
        reading.member(name, value, [&] { reading.fail("E01", unknown_field_text(name, fields)); });
    }
    const Tree* spec = tree.find("spec");
    if (spec == nullptr || spec->kind != Tree::Kind::object) {
      reading.fail("E14", "must be an object", "spec");
    } else {
      reading.member("spec", *spec, [&] {
        Codec<ApprovalPolicy>::read(reading, *spec, *policy);
        const Tree* outcome = spec->find("outcome");
        if (outcome == nullptr || outcome->kind == Tree::Kind::null)
          reading.fail("E14", "must be one of approve, deny, review, next", ".outcome");
        check_cases(reading, *spec, *policy);
      });
    }
  }
  if (!problems.empty()) {
    for (Problem& problem : problems) problem.policy = policy->name;
    return std::unexpected(std::move(problems));
  }
  policy->canonical = json_text(canonical_tree(*policy), true);
  policy->hash = sha256_hex(policy->canonical);
  return policy;
}

}  // namespace

std::expected<PolicyPtr, Problems> read_policy_json(std::string_view json) {
  const auto tree = json.size() > max_document_bytes ? Tree() : read_json_tree(json);
  if (!tree) return std::unexpected(Problems{tree.error()});
  return read_policy(*tree, json.size());
}

PolicyFile read_policy_yaml(std::string_view yaml) {
  PolicyFile file;
  if (yaml.size() > max_document_bytes * max_policies) {
    file.problems.push_back({.code = "E14", .policy = {}, .path = {}, .text = "the file is too long"});
    return file;
  }
  YamlDocuments read = read_yaml_trees(yaml);
  file.problems = std::move(read.problems);
  if (read.documents.size() > max_policies) {
    file.problems.push_back({.code = "E14",
                             .policy = {},
                             .path = {},
                             .text = "more than " + std::to_string(max_policies) + " documents in one file"});
    read.documents.resize(max_policies);
  }
  for (const Tree& document : read.documents) {
    // A document's own bytes, whatever its comments and indentation.
    if (auto policy = read_policy(document, json_text(document).size())) {
      file.policies.push_back(std::move(*policy));
    } else {
      std::ranges::move(policy.error(), std::back_inserter(file.problems));
    }
  }
  return file;
}

std::vector<FieldDescription> describe_spec() {
  FieldDescription spec;
  Codec<ApprovalPolicy>::describe(spec);
  return std::move(spec.fields);
}

}  // namespace csrflow::policies
