#include "api/target.hpp"

#include <algorithm>

#include "api/selector.hpp"
#include "api/validation.hpp"

namespace csrflow::api {
namespace {

std::vector<std::string> segments(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  std::vector<std::string> parts;
  if (path.empty()) return parts;
  for (;;) {
    const auto slash = path.find('/');
    parts.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::string verb_of(std::string_view method) {
  if (method == "POST") return "create";
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return "delete";
  return "";
}

/// A boolean parameter: anything but `false` and `0` is true.
bool is_true(const std::optional<std::string>& value) {
  return value && *value != "false" && *value != "0";
}

/// A list or watch; a field selector may name the one object.
void set_collection_verb(Target& target, const Query& query) {
  if (target.verb == "delete") target.verb = "deletecollection";
  if (target.verb != "get") return;
  target.verb = is_true(query.first("watch")) ? "watch" : "list";
  static const std::vector<std::string> any{"spec.signerName"};
  const auto selector = FieldSelector::parse(query.first("fieldSelector").value_or(""), any);
  if (!selector) return;
  const auto name = selector->required_name();
  if (name && check_path_segment(*name).empty()) target.name = *name;
}

void read_resource(Target& target, std::span<const std::string> parts) {
  if (parts.size() > 1 && parts[0] == "namespaces") {
    target.namespace_name = parts[1];
    if (parts.size() > 2 && parts[2] != "status" && parts[2] != "finalize") parts = parts.subspan(2);
  }
  target.resource = parts[0];
  if (parts.size() > 1) target.name = parts[1];
  if (parts.size() > 2 && target.verb != "watch") target.subresource = parts[2];
  target.named = !target.name.empty();
  target.malformed = parts.size() > 3 || std::ranges::any_of(parts, &std::string::empty);
}

}  // namespace

Target target_of(const Request& request, const Query& query) {
  Target target{.path = unescape_path(request.path).value_or(request.path),
                .verb = lower_case(request.method)};
  const auto all = segments(target.path);
  std::span<const std::string> parts(all);
  if (parts.size() < 3 || (parts[0] != "api" && parts[0] != "apis")) return target;
  if (parts[0] == "apis") {
    if (parts.size() < 4) return target;
    target.group = parts[1];
    parts = parts.subspan(1);
  }
  target.is_resource = true;
  target.version = parts[1];
  parts = parts.subspan(2);
  target.verb = verb_of(request.method);
  const bool old_watch = parts[0] == "watch" && parts.size() > 1;
  if (old_watch) {
    target.verb = "watch";
    parts = parts.subspan(1);
  }
  read_resource(target, parts);
  if (target.name.empty() && !old_watch) set_collection_verb(target, query);
  return target;
}

Attributes Target::attributes() const {
  if (!is_resource) return {.verb = verb, .path = path};
  return {.verb = verb,
          .group = group,
          .resource = resource,
          .subresource = subresource,
          .name = name,
          .namespace_name = namespace_name,
          .path = {}};
}

}  // namespace csrflow::api
