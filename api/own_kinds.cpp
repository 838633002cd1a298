// The body of each is {"spec":{…}} as it was sent: what it means, and what is wrong with it, the policies and
// the signer say.
#include "api/own_kinds.hpp"

#include "api/columns.hpp"
#include "api/described_schema.hpp"
#include "api/managed_entries.hpp"
#include "api/validation.hpp"
#include "engine/json_writer.hpp"
#include "policies/cases.hpp"
#include "policies/document.hpp"
#include "policies/policy_book.hpp"
#include "signer/signer_document.hpp"
#include "signer/signer_name.hpp"

namespace csrflow::api {
namespace {

using engine::ConfigObject;

/// The spec stays as it is: a document is read as a whole, so that all that is wrong with it is told at once.
class SpecReader final : public BodyReader {
 public:
  bool member(FieldReader& reader, const std::string& key, const JsonValue& value) override {
    if (key != "spec") return false;
    reader.untyped(value, key);
    spec_.clear();
    if (value.kind != JsonValue::Kind::null) append_value(spec_, value);
    return true;
  }
  engine::ConfigBody finish() override {
    std::string out;
    {
      engine::JsonObject body(out);
      if (!spec_.empty()) body.key("spec") += spec_;
    }
    return std::make_shared<const std::string>(std::move(out));
  }

 private:
  std::string spec_;  // JSON
};

std::unique_ptr<BodyReader> spec_reader() {
  return std::make_unique<SpecReader>();
}

FieldErrors allow_any_change(const ConfigObject&, const ConfigObject&) {
  return {};
}

std::string cells(std::initializer_list<std::string> texts, bool age_last) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    engine::append_json_string(out, text);
  }
  return out + (age_last ? ",null]" : "]");
}

Resource describe(const std::string& kind, const std::string& plural, std::string_view schemas,
                  std::vector<Column> columns, const ConfigFormat& format, std::string_view category) {
  const std::size_t age = columns.size() - 1;
  return {.group = std::string(own_group),
          .version = "v1",
          .kind = kind,
          .list_kind = kind + "List",
          .plural = plural,
          .singular = plural.substr(0, plural.size() - (plural.ends_with("ies") ? 3 : 1)) +
                      (plural.ends_with("ies") ? "y" : ""),
          .short_names = {},
          .scope = Scope::cluster,
          .verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"},
          .subresources = {},
          .columns = std::move(columns),
          .age_column = age,
          .selectable_fields = {},
          .stream_category = std::string(category),
          .storage_version_hash = storage_version_hash(own_group, "v1", kind),
          .schema_name = "io.csrflow.v1." + kind,
          .schemas = schemas,
          .zero_members = {},
          .config = &format};
}

// ---- approval policies --------------------------------------------------------------------------

FieldErrors policy_errors(const policies::Problems& problems) {
  FieldErrors errors;
  for (const policies::Problem& problem : problems)
    if (problem.refuses())
      errors.push_back(
          field::forbidden(problem.path.empty() ? "spec" : problem.path, problem.code + ' ' + problem.text));
  return errors;
}

FieldErrors check_policy(const ConfigObject& object) {
  FieldErrors errors;
  // A name that the server is to choose is checked once it is chosen.
  for (std::string& problem : check_dns_label(object.meta.name))
    errors.push_back(field::invalid("metadata.name", object.meta.name, std::move(problem)));
  const auto policy = policies::read_policy_json(policies::document_of(object));
  FieldErrors more = policy ? policy_errors(policies::failed_cases(*policy)) : policy_errors(policy.error());
  // A bad name is told about once, in Kubernetes' words.
  if (!errors.empty())
    std::erase_if(more, [](const FieldError& error) { return error.field == "metadata.name"; });
  errors.insert(errors.end(), more.begin(), more.end());
  return errors;
}

std::string policy_hash(const ConfigObject& object) {
  const auto policy = policies::read_policy_json(policies::document_of(object));
  return policy ? (*policy)->hash : std::string();
}

std::string policy_cells(const ConfigObject& object) {
  const auto policy = policies::read_policy_json(policies::document_of(object));
  if (!policy) return cells({object.meta.name, "", "", "", "", ""}, true);
  const policies::ApprovalPolicy& p = **policy;
  const auto word = [](policies::Outcome outcome) {
    return std::string(policies::outcome_words[static_cast<std::size_t>(outcome)]);
  };
  std::string out = cells({object.meta.name, word(p.outcome), word(p.otherwise),
                           p.suspended ? "True" : "False", std::string(p.short_hash())},
                          false);
  out.back() = ',';
  engine::append_json_string(out, p.description);
  return out + ",null]";
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
  return cells({object.meta.name, name ? name->text : std::string(), longest_lifetime(object)}, true);
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
      describe("ApprovalPolicy", "approvalpolicies", schemas,
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
    Resource made = describe("Signer", "signers", schemas,
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
