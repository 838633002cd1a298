#include "policies/document.hpp"

#include <charconv>

#include "engine/nearest.hpp"
#include "policies/case_fields.hpp"
#include "policies/digest.hpp"
#include "policies/envelope.hpp"
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

std::expected<PolicyPtr, Problems> read_policy(const FileDocuments::Document& document) {
  Problems problems;
  Reading reading(problems);
  auto policy = std::make_shared<ApprovalPolicy>();
  policy->name =
      read_envelope(reading, document.tree, document.bytes, "ApprovalPolicy", [&](const Tree& spec) {
        Codec<ApprovalPolicy>::read(reading, spec, *policy);
        const Tree* outcome = spec.find("outcome");
        if (outcome == nullptr || outcome->kind == Tree::Kind::null)
          reading.fail("E14", "must be one of approve, deny, review, next", ".outcome");
        check_cases(reading, spec, *policy);
      });
  if (!problems.empty()) {
    for (Problem& problem : problems) problem.policy = policy->name;
    return std::unexpected(std::move(problems));
  }
  policy->canonical =
      canonical_document("ApprovalPolicy", policy->name, Codec<ApprovalPolicy>::write(*policy));
  policy->hash = sha256_hex(policy->canonical);
  return policy;
}

}  // namespace

std::expected<PolicyPtr, Problems> read_policy_json(std::string_view json) {
  FileDocuments file = read_json_file(json);
  if (!file.problems.empty()) return std::unexpected(std::move(file.problems));
  return read_policy(file.documents.front());
}

PolicyFile read_policy_yaml(std::string_view yaml) {
  return read_documents<PolicyFile>(yaml, &PolicyFile::policies, read_policy);
}

std::vector<FieldDescription> describe_spec() {
  FieldDescription spec;
  Codec<ApprovalPolicy>::describe(spec);
  return std::move(spec.fields);
}

}  // namespace csrflow::policies
