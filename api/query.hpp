// The query string, and the options that it carries.
#pragma once

#include <expected>
#include <optional>

#include "api/status.hpp"

namespace csrflow::api {

constexpr std::size_t max_query_parameters = 1000;

/// Decoded parameters in order. A pair with a broken escape (`%zz`) or a semicolon is dropped, as Go does.
class Query {
 public:
  explicit Query(std::string_view raw);
  std::optional<std::string> first(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  bool has(std::string_view name) const { return first(name).has_value(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// As Kubernetes reads booleans from a query: everything but `false` and `0` is true.
bool truth(std::string text);
/// Go's strconv.ParseInt, decimal; 400.
std::expected<std::int64_t, Status> parse_int(const std::string&);

/// Nothing when an escape is broken. In a path, `+` is a plus.
std::optional<std::string> unescape_path(std::string_view);

enum class FieldValidation { ignore, warn, strict };

struct WriteOptions {
  bool dry_run = false;
  FieldValidation field_validation = FieldValidation::warn;
  std::string field_manager;
  std::optional<bool> force;
};
// Each 400 or 422 is that of the named options kind.
std::expected<WriteOptions, Status> create_options(const Query&);
std::expected<WriteOptions, Status> update_options(const Query&);
/// `apply`: of server-side apply, which needs a manager and may have `force`.
std::expected<WriteOptions, Status> patch_options(const Query&, bool apply = false);

enum class VersionMatch { unset, exact, not_older_than };

struct ListOptions {
  std::string label_selector, field_selector;
  std::optional<std::uint64_t> limit;  ///< never 0
  std::string continue_token;
  std::optional<engine::Position> resource_version;  ///< unset for an absent or empty one; may be 0
  VersionMatch match = VersionMatch::unset;
  bool watch = false;
  bool allow_bookmarks = false;
  std::optional<bool> send_initial_events;
  std::optional<std::uint64_t> timeout_seconds;
};
/// Of a list or watch. `resourceVersion=abc` is a 400 for a list and a 500 for a watch, as in Kubernetes.
std::expected<ListOptions, Status> list_options(const Query&);

/// `resourceVersion` of a GET: not older than; else 500 without reason.
std::expected<std::optional<engine::Position>, Status> get_version(const Query&);

enum class IncludeObject { metadata, object, none };
std::expected<IncludeObject, Status> include_object(const Query&);

/// `timeout=5s` in Go's duration syntax; 400 when it is not one.
std::expected<std::optional<engine::Duration>, Status> request_timeout(const Query&);

/// Go's strconv.ParseUint(text, 10, 64), with its words.
std::expected<std::uint64_t, std::string> parse_uint(std::string_view);

}  // namespace csrflow::api
