#include "api/own_document.hpp"

#include "api/tree_body.hpp"
#include "api/write_call.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view own_version = "csrflow.io/v1";

Status unfit(std::string_view kind, const std::string& why) {
  const std::string name(kind);
  return status::bad_request(name + " in version \"v1\" cannot be handled as a " + name + ": " + why);
}

/// Empty: it is of this kind.
std::string why_another(const JsonValue& root, std::string_view kind) {
  const auto [said_version, said_kind] = type_of_tree(root);
  if (!said_version.empty() && said_version != own_version)
    return "apiVersion is " + go_quote(said_version) + ", it must be " + std::string(own_version);
  if (!said_kind.empty() && said_kind != kind)
    return "kind is " + go_quote(said_kind) + ", it must be " + std::string(kind);
  return {};
}

std::expected<std::vector<std::string>, Status> read(std::string_view kind, const YamlDocument& document,
                                                     const SpecField& spec_field) {
  try {
    if (auto another = why_another(document.value, kind); !another.empty())
      return std::unexpected(unfit(kind, another));
    FieldReader reader{std::string(kind)};
    reader.object(document.value, "", [&](const std::string& name, const JsonValue& value) {
      if (name != "spec") return name == "apiVersion" || name == "kind" || name == "metadata";
      reader.object(value, name, [&](const std::string& key, const JsonValue& field) {
        return spec_field(reader, key, field);
      });
      return true;
    });
    return std::move(reader.problems);
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(unfit(kind, mismatch.message));
  }
}

}  // namespace

bool read_own_document(const CallPtr& call, std::string_view kind, const SpecField& spec_field) {
  const auto format = read_body_format(call);
  if (!format) return false;
  if (*format == Format::protobuf) {
    call->fail(status::unsupported_media_type());
    return false;
  }
  const auto tree = parse_body(*format, call->request().body);
  if (!tree) {
    call->fail(unrecognized(call->request().body, tree.error(), kind));
    return false;
  }
  const auto problems = read(kind, *tree, spec_field);
  if (!problems) {
    call->fail(problems.error());
    return false;
  }
  warn(*call, *problems);
  return true;
}

bool is_of_requests(const Target& target, std::string_view subresource) {
  const Resource& requests = certificate_signing_requests();
  return target.is_resource && target.group == requests.group && target.version == requests.version &&
         target.resource == requests.plural && target.subresource == subresource &&
         target.namespace_name.empty();
}

}  // namespace csrflow::api
