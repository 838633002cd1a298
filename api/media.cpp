// Accept is looked at twice, as in kube-apiserver: first only whether one of its types is served at all, then
// by quality and parameters; each look has its own words for a 406.
#include "api/media.hpp"

#include <algorithm>
#include <array>

#include "api/accept.hpp"
#include "api/protobuf.hpp"

namespace csrflow::api {

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view yaml_type = "application/yaml";
constexpr std::string_view protobuf_type = "application/vnd.kubernetes.protobuf";
constexpr std::array served = {json_type, yaml_type, protobuf_type};
constexpr std::string_view protobuf_stream_type = "application/vnd.kubernetes.protobuf;stream=watch";
constexpr std::array streamed = {std::string_view("application/json;stream=watch"), protobuf_stream_type};
std::string listed(std::span<const std::string_view> types) {
  std::string text;
  for (const std::string_view type : types) text += (text.empty() ? "" : ", ") + std::string(type);
  return text;
}

Status nothing_served(Reading reading) {
  std::string message = "406: Not Acceptable\n\nAvailable representations: " + listed(served);
  if (reading != Reading::one) message += ", " + listed(streamed);
  return {406, "NotAcceptable", std::move(message), StatusDetails{}};
}

Status only_accepted(Reading reading) {
  const std::string types = reading == Reading::watch ? listed(streamed) : listed(served);
  return {406, "NotAcceptable", "only the following media types are accepted: " + types, std::nullopt};
}

Status wrong_shape(const std::string& kind, bool list) {
  return {406, "NotAcceptable",
          "you requested " + kind + ", but the requested object is " +
              (list ? "a list (*certificates.CertificateSigningRequestList)"
                    : "not a list (*certificates.CertificateSigningRequest)"),
          std::nullopt};
}

/// What the clause's parameters ask of this format; nothing when that is not served.
std::optional<Answer> fitting(const AcceptClause& clause, Format format) {
  Answer answer{.format = format};
  std::string kind, group, version;
  for (const auto& [key, value] : clause.parameters) {
    if (key == "as") kind = value;
    if (key == "g") group = value;
    if (key == "v") version = value;
    if (key == "pretty") answer.pretty = value == "1";
    if (key == "stream" && value != "watch") return std::nullopt;
  }
  if (kind.empty() && group.empty() && version.empty()) return answer;
  if (group != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) return std::nullopt;
  if (format == Format::protobuf) return std::nullopt;
  answer.version = version;
  if (kind == "Table") {
    answer.shape = Shape::table;
  } else if (kind == "PartialObjectMetadata" || kind == "PartialObjectMetadataList") {
    answer.shape = Shape::metadata;
  } else {
    return std::nullopt;
  }
  return answer;
}

bool covers(const AcceptClause& clause, std::string_view type) {
  return clause.type == type || clause.type == "*/*" || clause.type == "application/*";
}

}  // namespace

std::string_view Answer::content_type() const {
  switch (format) {
    case Format::yaml:
      return yaml_type;
    case Format::protobuf:
      return protobuf_type;
    case Format::json:
      break;
  }
  return json_type;
}

std::string_view Answer::stream_type() const {
  return format == Format::protobuf ? protobuf_stream_type : json_type;
}

std::expected<Answer, Status> negotiate(std::string_view accept, Reading reading, bool pretty,
                                        bool streams_protobuf) {
  if (accept.find_first_not_of(" \t") == std::string_view::npos) return Answer{.pretty = pretty};
  const std::vector<AcceptClause> clauses = parse_accept(accept);
  const bool any_served = std::ranges::any_of(clauses, [](const AcceptClause& clause) {
    return clause.type == "*/*" || std::ranges::find(served, clause.type) != served.end();
  });
  if (!any_served) return std::unexpected(nothing_served(reading));
  for (const AcceptClause& clause : clauses) {
    for (const Format format : {Format::json, Format::yaml, Format::protobuf}) {
      const bool streamable = format == Format::json || (format == Format::protobuf && streams_protobuf);
      if (reading == Reading::watch && !streamable) continue;
      Answer answer{.format = format};
      if (!covers(clause, answer.content_type())) continue;
      const auto found = fitting(clause, format);
      if (!found) continue;
      const auto kind = clause.parameters.find("as");
      if (kind != clause.parameters.end() && found->shape == Shape::metadata && reading != Reading::watch &&
          kind->second.ends_with("List") != (reading == Reading::list)) {
        return std::unexpected(wrong_shape(kind->second, reading == Reading::list));
      }
      answer = *found;
      answer.pretty = answer.pretty || pretty;
      return answer;
    }
  }
  return std::unexpected(only_accepted(reading));
}

bool wants_pretty(std::optional<std::string> pretty, std::string_view user_agent) {
  if (pretty) return *pretty != "false" && *pretty != "0";
  return user_agent.starts_with("curl") || user_agent.starts_with("Wget") ||
         user_agent.starts_with("Mozilla/5.0");
}

std::expected<Format, Status> body_format(std::optional<std::string_view> content_type) {
  if (!content_type || content_type->find_first_not_of(" \t") == std::string_view::npos) return Format::json;
  const std::string type = parse_media_type(*content_type).type;
  if (type == json_type) return Format::json;
  if (type == yaml_type) return Format::yaml;
  if (type == protobuf_type) return Format::protobuf;
  return std::unexpected(status::unsupported_media_type());
}

std::expected<PatchType, Status> patch_type(std::string_view content_type) {
  const std::string type = parse_media_type(content_type).type;
  if (type == "application/json-patch+json") return PatchType::json;
  if (type == "application/merge-patch+json") return PatchType::merge;
  if (type == "application/strategic-merge-patch+json") return PatchType::strategic;
  if (type == "application/apply-patch+yaml") return PatchType::apply;
  return std::unexpected(status::unsupported_patch_type());
}

Rendered render(const Answer& answer, std::string json) {
  if (answer.format == Format::yaml) return {yaml_of_json(json), yaml_type};
  if (answer.format == Format::protobuf) {
    if (auto bytes = protobuf_of_json(json)) return {std::move(*bytes), protobuf_type};
  }
  if (answer.pretty) return {indent_json(json), json_type};
  json += '\n';
  return {std::move(json), json_type};
}

}  // namespace csrflow::api
