// The body of each is {"spec":{…}} as it was sent: what it means, and what is wrong with it, the policies and
// the signer say.
#include "api/own_kind.hpp"

#include "api/managed_entries.hpp"
#include "api/own_kinds.hpp"
#include "api/validation.hpp"
#include "engine/json_writer.hpp"

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

}  // namespace

std::unique_ptr<BodyReader> spec_reader() {
  return std::make_unique<SpecReader>();
}

FieldErrors allow_any_change(const ConfigObject&, const ConfigObject&) {
  return {};
}

std::string cells(std::initializer_list<std::string> texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    engine::append_json_string(out, text);
    out += ',';
  }
  return out + "null]";
}

Resource own_kind(const std::string& kind, const std::string& plural, std::string_view schemas,
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

FieldErrors document_errors(const ConfigObject& object, const policies::Problems& problems) {
  FieldErrors errors;
  // A name that the server is to choose is checked once it is chosen.
  for (std::string& problem : check_dns_label(object.meta.name))
    errors.push_back(field::invalid("metadata.name", object.meta.name, std::move(problem)));
  const bool bad_name = !errors.empty();
  for (const policies::Problem& problem : problems) {
    if (!problem.refuses() || (bad_name && problem.path == "metadata.name")) continue;
    errors.push_back(
        field::forbidden(problem.path.empty() ? "spec" : problem.path, problem.code + ' ' + problem.text));
  }
  return errors;
}

}  // namespace csrflow::api
