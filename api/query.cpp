#include "api/query.hpp"

#include <algorithm>
#include <charconv>

#include "api/go_duration.hpp"
#include "api/utf8.hpp"

namespace csrflow::api {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> unescape(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

bool truth(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return text != "false" && text != "0";
}

Query::Query(std::string_view raw) {
  while (!raw.empty() && pairs_.size() < max_query_parameters) {
    const std::size_t end = raw.find('&');
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
    if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
    const std::size_t equals = pair.find('=');
    const auto key = unescape(pair.substr(0, equals), true);
    const auto value =
        unescape(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (key && value) pairs_.emplace_back(*key, *value);
  }
}

std::optional<std::string> Query::first(std::string_view name) const {
  const auto found = std::ranges::find(pairs_, name, [](const auto& pair) { return pair.first; });
  if (found == pairs_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : pairs_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

std::optional<std::string> unescape_path(std::string_view text) {
  return unescape(text, false);
}

std::expected<std::uint64_t, std::string> parse_uint(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = end == text.data() + text.size();
  if (error == std::errc() && whole) return value;
  return std::unexpected(
      "strconv.ParseUint: parsing " + go_quote(text) +
      (error == std::errc::result_out_of_range && whole ? ": value out of range" : ": invalid syntax"));
}

std::expected<std::int64_t, Status> parse_int(const std::string& text) {
  std::int64_t value = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && begin != end) return value;
  const bool too_large = error == std::errc::result_out_of_range && end == text.data() + text.size();
  return std::unexpected(status::bad_request("strconv.ParseInt: parsing " + go_quote(text) +
                                             (too_large ? ": value out of range" : ": invalid syntax")));
}

namespace {

// ---- write options ------------------------------------------------------------------------------

constexpr std::size_t max_field_manager_bytes = 128;

std::string printed_list(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) out += (out.size() > 1 ? "," : "") + go_quote(value);
  return out + "]";
}

void check_field_manager(const std::string& manager, FieldErrors& errors) {
  if (manager.size() > max_field_manager_bytes) {
    errors.push_back(field::too_long("fieldManager", max_field_manager_bytes));
  }
  std::string_view rest = manager;
  while (!rest.empty()) {
    const Rune rune = next_rune(rest);
    if (rune.code < 0x20 || (rune.code >= 0x7F && rune.code < 0xA0)) {
      static constexpr char digits[] = "0123456789ABCDEF";
      std::string code = "U+00";
      code += digits[(rune.code >> 4) & 0xF];
      code += digits[rune.code & 0xF];
      errors.push_back(field::invalid("fieldManager", manager,
                                      "invalid character " + code + " (at position " +
                                          std::to_string(manager.size() - rest.size()) + ")"));
      return;
    }
    rest.remove_prefix(rune.bytes);
  }
}

enum class Write { create, update, patch, apply };

std::expected<WriteOptions, Status> write_options(const Query& query, const std::string& kind, Write write) {
  WriteOptions options;
  FieldErrors errors;
  options.field_manager = query.first("fieldManager").value_or("");
  if (const auto force = query.first("force")) options.force = truth(*force);
  if (write == Write::patch && options.force)
    errors.push_back(field::forbidden("force", "may not be specified for non-apply patch"));
  if (write == Write::apply && options.field_manager.empty())
    errors.push_back(field::required("fieldManager", "is required for apply patch"));
  check_field_manager(options.field_manager, errors);
  const std::vector<std::string> dry_run = query.all("dryRun");
  options.dry_run = !dry_run.empty();
  if (std::ranges::any_of(dry_run, [](const std::string& value) { return value != "All"; })) {
    errors.push_back(field::not_supported("dryRun", printed_list(dry_run), {"All"}));
  }
  const std::string validation = query.first("fieldValidation").value_or("");
  if (validation == "Ignore") {
    options.field_validation = FieldValidation::ignore;
  } else if (validation == "Strict") {
    options.field_validation = FieldValidation::strict;
  } else if (!validation.empty() && validation != "Warn") {
    errors.push_back(
        field::not_supported("fieldValidation", go_quote(validation), {"", "Ignore", "Strict", "Warn"}));
  }
  if (!errors.empty()) return std::unexpected(status::invalid({"meta.k8s.io", kind}, "", errors));
  return options;
}

}  // namespace

std::expected<WriteOptions, Status> create_options(const Query& query) {
  return write_options(query, "CreateOptions", Write::create);
}
std::expected<WriteOptions, Status> update_options(const Query& query) {
  return write_options(query, "UpdateOptions", Write::update);
}
std::expected<WriteOptions, Status> patch_options(const Query& query, bool apply) {
  return write_options(query, "PatchOptions", apply ? Write::apply : Write::patch);
}

// ---- list options -------------------------------------------------------------------------------

namespace {

std::expected<std::optional<std::uint64_t>, Status> positive(const Query& query, std::string_view name) {
  const auto text = query.first(name);
  if (!text) return std::nullopt;
  const auto value = parse_int(*text);
  if (!value) return std::unexpected(value.error());
  if (*value <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::string bad_version(const std::string& text, const std::string& why) {
  return "resourceVersion: Invalid value: " + go_quote(text) + ": " + why;
}

/// Rules of resourceVersionMatch and sendInitialEvents (apimachinery internalversion/validation).
FieldErrors check_list(const ListOptions& options, const std::string& version, const std::string& match) {
  FieldErrors errors;
  const std::string path = "resourceVersionMatch";
  if (options.watch) {
    if (options.send_initial_events && match != "NotOlderThan") {
      errors.push_back(
          field::forbidden(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    }
    if (!match.empty() && !options.send_initial_events) {
      errors.push_back(field::forbidden(
          path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
    }
    if (!match.empty() && match != "NotOlderThan") {
      errors.push_back(field::not_supported(path, go_quote(match), {"NotOlderThan"}));
    }
    return errors;
  }
  if (!match.empty()) {
    if (version.empty()) {
      errors.push_back(
          field::forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (!options.continue_token.empty()) {
      errors.push_back(field::forbidden(path, "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match != "Exact" && match != "NotOlderThan") {
      errors.push_back(field::not_supported(path, go_quote(match), {"Exact", "NotOlderThan", ""}));
    }
    if (match == "Exact" && version == "0") {
      errors.push_back(
          field::forbidden(path, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
    }
  }
  if (options.send_initial_events) {
    errors.push_back(field::forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  return errors;
}

}  // namespace

std::expected<ListOptions, Status> list_options(const Query& query) {
  ListOptions options;
  options.label_selector = query.first("labelSelector").value_or("");
  options.field_selector = query.first("fieldSelector").value_or("");
  options.continue_token = query.first("continue").value_or("");
  const auto flag = [&](std::string_view name) {
    const auto text = query.first(name);
    return text && truth(*text);
  };
  options.watch = flag("watch");
  options.allow_bookmarks = flag("allowWatchBookmarks");
  if (query.has("sendInitialEvents")) options.send_initial_events = flag("sendInitialEvents");
  const auto limit = positive(query, "limit");
  if (!limit) return std::unexpected(limit.error());
  options.limit = *limit;
  const auto timeout = positive(query, "timeoutSeconds");
  if (!timeout) return std::unexpected(timeout.error());
  options.timeout_seconds = *timeout;

  const std::string version = query.first("resourceVersion").value_or("");
  const std::string match = query.first("resourceVersionMatch").value_or("");
  if (const FieldErrors errors = check_list(options, version, match); !errors.empty()) {
    return std::unexpected(status::invalid({"meta.k8s.io", "ListOptions"}, "", errors));
  }
  if (match == "Exact") options.match = VersionMatch::exact;
  if (match == "NotOlderThan") options.match = VersionMatch::not_older_than;
  if (!version.empty()) {
    const auto number = parse_uint(version);
    if (!number) {
      const std::string problem = bad_version(version, number.error());
      if (options.watch) return std::unexpected(status::plain_error(problem));
      return std::unexpected(status::bad_request("invalid resource version: " + problem));
    }
    options.resource_version = engine::Position{*number};
  }
  if (!options.watch && !options.continue_token.empty() && !version.empty() && version != "0") {
    return std::unexpected(
        status::bad_request("specifying resource version is not allowed when using continue"));
  }
  return options;
}

std::expected<std::optional<engine::Position>, Status> get_version(const Query& query) {
  const auto text = query.first("resourceVersion");
  if (!text || text->empty()) return std::nullopt;
  const auto number = parse_uint(*text);
  if (!number) return std::unexpected(status::plain_error(bad_version(*text, number.error())));
  return engine::Position{*number};
}

std::expected<IncludeObject, Status> include_object(const Query& query) {
  const std::string text = query.first("includeObject").value_or("");
  if (text.empty() || text == "Metadata") return IncludeObject::metadata;
  if (text == "Object") return IncludeObject::object;
  if (text == "None") return IncludeObject::none;
  return std::unexpected(status::bad_request(
      "Unable to convert to Table as requested: includeObject: Invalid value: " + go_quote(text) +
      ": must be 'Metadata', 'Object', 'None', or empty"));
}

std::expected<std::optional<engine::Duration>, Status> request_timeout(const Query& query) {
  const auto text = query.first("timeout");
  if (!text || text->empty()) return std::nullopt;
  const auto nanoseconds = parse_go_duration(*text);
  if (!nanoseconds)
    return std::unexpected(
        status::bad_request("invalid timeout specified in the request URL - " + nanoseconds.error()));
  // Some time is never no time.
  return engine::Duration{*nanoseconds / 1000 + (*nanoseconds % 1000 > 0 ? 1 : 0)};
}

}  // namespace csrflow::api
