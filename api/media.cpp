// Accept is looked at twice, as in kube-apiserver: first only whether one of its types is served at all, then
// by quality and parameters; each look has its own words for a 406.
#include "api/media.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "api/protobuf.hpp"

namespace csrflow::api {

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view yaml_type = "application/yaml";
constexpr std::string_view protobuf_type = "application/vnd.kubernetes.protobuf";
constexpr std::array served = {json_type, yaml_type, protobuf_type};
constexpr std::array streamed = {std::string_view("application/json;stream=watch"),
                                 std::string_view("application/vnd.kubernetes.protobuf;stream=watch")};
/// As many clauses of an Accept header as are looked at.
constexpr std::size_t max_clauses = 32;

struct Clause {
  std::string type;  // `application/json`
  double quality = 1;
  std::map<std::string, std::string> parameters;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Takes the part before `separator` off the text.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return trimmed(part);
}

Clause parse_clause(std::string_view text) {
  Clause clause;
  clause.type = std::string(take(text, ';'));
  while (!text.empty()) {
    std::string_view value = take(text, ';');
    const std::string key(take(value, '='));
    if (key == "q") {
      std::from_chars(value.data(), value.data() + value.size(), clause.quality);
    } else if (!key.empty()) {
      clause.parameters[key] = std::string(trimmed(value));
    }
  }
  return clause;
}

int width(const Clause& clause) {
  return clause.type == "*/*" ? 2 : clause.type.ends_with("/*") ? 1 : 0;
}

std::vector<Clause> parse_accept(std::string_view header) {
  std::vector<Clause> clauses;
  while (!header.empty() && clauses.size() < max_clauses) clauses.push_back(parse_clause(take(header, ',')));
  std::ranges::stable_sort(clauses, [](const Clause& a, const Clause& b) {
    return a.quality != b.quality ? a.quality > b.quality : width(a) < width(b);
  });
  return clauses;
}

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
std::optional<Answer> fitting(const Clause& clause, Format format) {
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

bool covers(const Clause& clause, std::string_view type) {
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

std::expected<Answer, Status> negotiate(std::string_view accept, Reading reading, bool pretty) {
  if (trimmed(accept).empty()) return Answer{.pretty = pretty};
  const std::vector<Clause> clauses = parse_accept(accept);
  const bool any_served = std::ranges::any_of(clauses, [](const Clause& clause) {
    return clause.type == "*/*" || std::ranges::find(served, clause.type) != served.end();
  });
  if (!any_served) return std::unexpected(nothing_served(reading));
  for (const Clause& clause : clauses) {
    for (const Format format : {Format::json, Format::yaml, Format::protobuf}) {
      // Watches are sent as JSON; clients that know protobuf name JSON as their second choice.
      if (reading == Reading::watch && format != Format::json) continue;
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
  if (!content_type || trimmed(*content_type).empty()) return Format::json;
  const std::string type = parse_clause(*content_type).type;
  if (type == json_type) return Format::json;
  if (type == yaml_type) return Format::yaml;
  if (type == protobuf_type) return Format::protobuf;
  return std::unexpected(status::unsupported_media_type());
}

std::expected<PatchType, Status> patch_type(std::string_view content_type) {
  const std::string type = parse_clause(content_type).type;
  if (type == "application/json-patch+json") return PatchType::json;
  if (type == "application/merge-patch+json") return PatchType::merge;
  if (type == "application/strategic-merge-patch+json") return PatchType::strategic;
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
