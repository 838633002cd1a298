// A notification sink: who hears of what, and by which way (docs/notifications.md). What news there are, and
// the ways, are the engine's.
#pragma once

#include <expected>
#include <memory>

#include "engine/field_description.hpp"
#include "engine/notification.hpp"
#include "policies/certificate_match.hpp"
#include "policies/problem.hpp"

namespace csrflow::policies {

constexpr std::size_t max_sinks = 1'000;
constexpr std::size_t max_mail_receivers = 100;
constexpr std::size_t max_command_arguments = 64;
constexpr std::size_t max_path_bytes = 4'095;

/// What is not said again by something else: not `rotation-due`, which comes each time that somebody else has
/// to act, `blackout-ignored` and `agent-back`.
std::vector<engine::Notable> default_news();

/// The n-th wait is base · 2^(n − 1), at most the cap; after `attempts` tries nothing more is tried.
struct SinkRetry {
  engine::Duration base = engine::seconds(10), cap = engine::seconds(3'600);
  std::uint32_t attempts = 20;
  bool operator==(const SinkRetry&) const = default;
};

struct NotificationSink {
  std::string name;
  std::string description;
  std::vector<engine::Notable> events = default_news();
  /// Of which certificates; absent: of all. What is about no certificate (a CA, a job) it does not hold back.
  std::optional<CertificateMatch> match;
  engine::Destination destination;
  SinkRetry retry;

  /// JSON with sorted keys and the defaults filled in; what `hash` (SHA-256, lower-case hex) is over.
  std::string canonical;
  std::string hash;

  bool wants(engine::Notable kind) const;
  /// Names programs or files of the server's host: who writes such a document acts there as the server.
  bool touches_host() const;
};
using NotificationSinkPtr = std::shared_ptr<const NotificationSink>;

/// One document. Errors are all that were found, each with its field's path; unknown fields name the nearest
/// known one. Paths are absolute; a secret belongs into a file, never into the document. Never throws on
/// input.
std::expected<NotificationSinkPtr, Problems> read_notification_sink_json(std::string_view json);

struct NotificationSinkFile {
  std::vector<NotificationSinkPtr> sinks;  ///< in the file's order; those that could be read
  Problems problems;                       ///< errors of the others
};
/// YAML, of which JSON is a part, with the bounds of approval policies.
NotificationSinkFile read_notification_sink_yaml(std::string_view yaml);

/// The fields of `spec`.
std::vector<engine::FieldDescription> describe_notification_spec();

}  // namespace csrflow::policies
