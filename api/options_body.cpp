// The options of a DELETE.
#include <algorithm>
#include <limits>

#include "api/body.hpp"
#include "api/protobuf.hpp"
#include "api/tree_body.hpp"

namespace csrflow::api {

namespace {

/// Groups whose scheme knows DeleteOptions: all that have kinds here, and the meta group.
bool knows_delete_options(const std::string& api_version) {
  if (api_version.empty() || api_version == "v1" || api_version == "meta.k8s.io/v1") return true;
  return std::ranges::any_of(
      resources(), [&](const Resource* resource) { return resource->api_version() == api_version; });
}

void read_preconditions(FieldReader& reader, const JsonValue& value, DecodedDeleteOptions& options) {
  reader.object(value, "preconditions", [&](const std::string& key, const JsonValue& field) {
    if (field.kind == JsonValue::Kind::null) return true;
    if (key == "uid") options.uid = reader.text(field, key);
    if (key == "resourceVersion") options.resource_version = reader.text(field, key);
    return true;
  });
}

struct Sent {
  DecodedDeleteOptions options;
  std::vector<std::string> dry_run;
  std::optional<bool> orphan_dependents;
  std::optional<std::string> propagation;  ///< an empty one is none that there is
};

Sent read_delete_options(const JsonValue& root) {
  Sent sent;
  FieldReader reader("DeleteOptions");
  constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max();
  reader.object(root, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "preconditions") read_preconditions(reader, field, sent.options);
    if (key == "propagationPolicy" && field.kind != JsonValue::Kind::null)
      sent.propagation = reader.text(field, key);
    if (key == "orphanDependents") sent.orphan_dependents = reader.boolean(field, key);
    if (key == "dryRun") sent.dry_run = reader.texts(field, key);
    if (key == "gracePeriodSeconds") reader.integer(field, key, -limit, limit, "int64");
    return true;
  });
  return sent;
}

/// apimachinery, Convert_url_Values_To_v1_DeleteOptions.
std::expected<Sent, Status> options_of_query(const Query& query) {
  Sent sent;
  if (const auto seconds = query.first("gracePeriodSeconds"))
    if (const auto number = parse_int(*seconds); !number) return std::unexpected(number.error());
  if (const auto orphan = query.first("orphanDependents")) sent.orphan_dependents = truth(*orphan);
  sent.propagation = query.first("propagationPolicy");
  sent.dry_run = query.all("dryRun");
  const auto uid = query.first("uid");
  const auto version = query.first("resourceVersion");
  if (uid && !uid->empty()) sent.options.uid = *uid;
  if (version && !version->empty()) sent.options.resource_version = *version;
  return sent;
}

std::expected<DecodedDeleteOptions, Status> checked(Sent sent) {
  DecodedDeleteOptions& options = sent.options;
  FieldErrors errors;
  static const std::vector<std::string> policies = {"Foreground", "Background", "Orphan", "nil"};
  if (sent.orphan_dependents && sent.propagation) {
    errors.push_back(field::invalid("propagationPolicy", *sent.propagation,
                                    "orphanDependents and deletionPropagation cannot be both set"));
  }
  if (sent.propagation &&
      std::find(policies.begin(), policies.end() - 1, *sent.propagation) == policies.end() - 1) {
    errors.push_back(field::not_supported("propagationPolicy", go_quote(*sent.propagation), policies));
  }
  if (std::ranges::any_of(sent.dry_run, [](const std::string& value) { return value != "All"; })) {
    std::string printed = "[";
    for (const std::string& value : sent.dry_run)
      printed += (printed.size() > 1 ? "," : "") + go_quote(value);
    errors.push_back(field::not_supported("dryRun", printed + "]", {"All"}));
  }
  if (!errors.empty()) return std::unexpected(status::invalid({"meta.k8s.io", "DeleteOptions"}, "", errors));
  options.dry_run = !sent.dry_run.empty();
  options.propagation = sent.propagation.value_or("");
  if (sent.orphan_dependents) options.propagation = *sent.orphan_dependents ? "Orphan" : "Background";
  return options;
}

std::expected<Sent, Status> sent_options(Format format, std::string_view body) {
  const auto tree = parse_body(format, body);
  if (!tree) return std::unexpected(status::bad_request("couldn't get version/kind; " + tree.error()));
  try {
    const auto [api_version, kind] = type_of_tree(tree->value);
    if ((!kind.empty() && kind != "DeleteOptions") || !knows_delete_options(api_version)) {
      return std::unexpected(status::bad_request("no kind " + go_quote(kind) + " is registered for version " +
                                                 go_quote(api_version) + " in scheme \"csrflow\""));
    }
    return read_delete_options(tree->value);
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(status::bad_request(mismatch.message));
  }
}

}  // namespace

std::expected<DecodedDeleteOptions, Status> decode_delete_options(Format format, std::string_view body,
                                                                  const Query& query) {
  Sent sent;
  if (body.empty()) {
    // A body wins over the query, as in Kubernetes.
    auto read = options_of_query(query);
    if (!read) return std::unexpected(read.error());
    sent = std::move(*read);
  } else if (format == Format::protobuf) {
    auto options = delete_options_from_protobuf(body);
    if (!options) return std::unexpected(options.error());
    const bool dry_run = options->dry_run;
    sent.options = std::move(*options);
    if (dry_run) sent.dry_run = {"All"};
    if (!sent.options.propagation.empty()) sent.propagation = sent.options.propagation;
  } else {
    auto read = sent_options(format, body);
    if (!read) return std::unexpected(read.error());
    sent = std::move(*read);
  }
  return checked(std::move(sent));
}

}  // namespace csrflow::api
