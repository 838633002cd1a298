#include "api/own_kinds.hpp"

#include "api/columns.hpp"
#include "api/described_schema.hpp"
#include "api/own_kind.hpp"
#include "api/validation.hpp"
#include "policies/cases.hpp"
#include "policies/document.hpp"
#include "policies/policy_book.hpp"
#include "signer/signer_document.hpp"
#include "signer/signer_name.hpp"

namespace csrflow::api {
namespace {

using engine::ConfigObject;

// ---- approval policies --------------------------------------------------------------------------

FieldErrors check_policy(const ConfigObject& object) {
  const auto policy = policies::read_policy_json(policies::document_of(object));
  return document_errors(object, policy ? policies::failed_cases(*policy) : policy.error());
}

std::string policy_hash(const ConfigObject& object) {
  const auto policy = policies::read_policy_json(policies::document_of(object));
  return policy ? (*policy)->hash : std::string();
}

std::string policy_cells(const ConfigObject& object) {
  const auto policy = policies::read_policy_json(policies::document_of(object));
  if (!policy) return cells({object.meta.name, "", "", "", "", ""});
  const policies::ApprovalPolicy& p = **policy;
  const auto word = [](policies::Outcome outcome) {
    return std::string(policies::outcome_words[static_cast<std::size_t>(outcome)]);
  };
  return cells({object.meta.name, word(p.outcome), word(p.otherwise), p.suspended ? "True" : "False",
                std::string(p.short_hash()), p.description});
}

const ConfigFormat policy_format = {.reader = spec_reader,
                                    .check = check_policy,
                                    .check_change = allow_any_change,
                                    .cells = policy_cells,
                                    .fields = nullptr,
                                    .hash = policy_hash};

// ---- signers ------------------------------------------------------------------------------------

FieldErrors check_signer(const ConfigObject& object) {
  FieldErrors errors;
  if (const auto name = signer::signer_of_object(object.meta.name); !name)
    errors.push_back(field::invalid("metadata.name", object.meta.name, name.error()));
  if (const auto spec = signer::read_signer_body(*object.body); !spec)
    for (const engine::FieldProblem& problem : spec.error())
      errors.push_back(field::forbidden(problem.path, problem.text));
  return errors;
}

std::string signer_hash(const ConfigObject& object) {
  const auto spec = signer::read_signer_body(*object.body);
  return spec ? signer::hash_of(*spec) : std::string();
}

std::string longest_lifetime(const ConfigObject& object) {
  if (const auto spec = signer::read_signer_body(*object.body))
    return engine::duration_text(spec->max_lifetime);
  // The built-in signers take more than an own Signer may: as it is written.
  const auto body = parse_json(*object.body);
  const JsonValue* at = body ? &*body : nullptr;
  for (const char* member : {"spec", "lifetime", "max"}) at = at ? at->find(member) : nullptr;
  return at ? at->text : std::string();
}

std::string signer_cells(const ConfigObject& object) {
  const auto name = signer::signer_of_object(object.meta.name);
  return cells({object.meta.name, name ? name->text : std::string(), longest_lifetime(object)});
}

const ConfigFormat signer_format = {.reader = spec_reader,
                                    .check = check_signer,
                                    .check_change = allow_any_change,
                                    .cells = signer_cells,
                                    .fields = nullptr,
                                    .hash = signer_hash};

}  // namespace

const Resource& approval_policies() {
  static const std::string schemas =
      described_schemas("ApprovalPolicy",
                        "ApprovalPolicy says which requests are approved, denied, or decided by several "
                        "people. All policies are "
                        "asked about each request: a denial wins, then a review, then an approval; where "
                        "none has a say, a person "
                        "decides.",
                        policies::describe_spec());
  static const Resource resource =
      own_kind("ApprovalPolicy", "approvalpolicies", schemas,
               {{"Name", "name", column::name},
                {"Outcome", "", "What it says when match and require hold."},
                {"Otherwise", "", "What it says when match holds and require does not."},
                {"Suspended", "", "Evaluated and explained, without effect."},
                {"Hash", "", "The first digits of the version's hash, as decisions cite it."},
                {"Description", "", "One line for people.", "string", 1},
                {"Age", "", column::creation}},
               policy_format, "policy/approvalpolicies");
  return resource;
}

const Resource& signers() {
  static const std::string schemas = described_schemas(
      "Signer",
      "Signer says what a signer of csrflow demands of requests and what it issues. Its name is the signer "
      "name "
      "with a colon for the slash: example.com:web is the signer example.com/web. It signs what was approved "
      "after it was applied.",
      signer::describe_signer_spec());
  static const Resource resource = [] {
    Resource made = own_kind("Signer", "signers", schemas,
                             {{"Name", "name", column::name},
                              {"SignerName", "", "As requests name it."},
                              {"Max", "", "The longest lifetime that it gives."},
                              {"Age", "", column::creation}},
                             signer_format, "signer");
    made.name_in_stream = [](const std::string& object_name) {
      const auto signer = signer::signer_of_object(object_name);
      return signer ? signer->text : object_name;
    };
    return made;
  }();
  return resource;
}

}  // namespace csrflow::api
