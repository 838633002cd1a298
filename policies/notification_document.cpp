#include "policies/digest.hpp"
#include "policies/envelope.hpp"
#include "policies/notification_fields.hpp"

namespace csrflow::policies {
namespace {

constexpr auto kind = "NotificationSink";

engine::Destination destination_of(SinkDocument& document) {
  if (document.webhook) return std::move(*document.webhook);
  if (document.smtp) return std::move(*document.smtp);
  return std::move(*document.command);
}

std::expected<NotificationSinkPtr, Problems> read_sink(const FileDocuments::Document& document) {
  Problems problems;
  Reading reading(problems);
  SinkDocument spec;
  auto sink = std::make_shared<NotificationSink>();
  sink->name = read_envelope(reading, document.tree, document.bytes, kind,
                             [&](const Tree& tree) { Codec<SinkDocument>::read(reading, tree, spec); });
  if (!problems.empty()) {
    for (Problem& problem : problems) problem.policy = sink->name;
    return std::unexpected(std::move(problems));
  }
  if (!spec.events) spec.events = default_news();
  std::ranges::sort(*spec.events);
  spec.events->erase(std::ranges::unique(*spec.events).begin(), spec.events->end());
  sink->canonical = canonical_document(kind, sink->name, Codec<SinkDocument>::write(spec));
  sink->hash = sha256_hex(sink->canonical);
  sink->description = std::move(spec.description);
  sink->events = std::move(*spec.events);
  sink->match = std::move(spec.match);
  sink->destination = destination_of(spec);
  sink->retry = spec.retry;
  return sink;
}

}  // namespace

std::vector<engine::Notable> default_news() {
  using enum engine::Notable;
  return {expiring, rotation_overdue, rotation_failed, rotation_given_up,   rotation_impossible, cap_too_low,
          failed,   denied,           agent_silent,    installation_failed, ca_ending,           job_paused};
}

bool NotificationSink::wants(engine::Notable kind) const {
  return std::ranges::find(events, kind) != events.end();
}

bool NotificationSink::touches_host() const {
  if (const auto* webhook = std::get_if<engine::Webhook>(&destination))
    return !webhook->secret_file.empty() || !webhook->ca_file.empty();
  if (const auto* mail = std::get_if<engine::Mail>(&destination))
    return !mail->password_file.empty() || !mail->ca_file.empty();
  return true;
}

std::expected<NotificationSinkPtr, Problems> read_notification_sink_json(std::string_view json) {
  FileDocuments file = read_json_file(json);
  if (!file.problems.empty()) return std::unexpected(std::move(file.problems));
  return read_sink(file.documents.front());
}

NotificationSinkFile read_notification_sink_yaml(std::string_view yaml) {
  return read_documents<NotificationSinkFile>(yaml, &NotificationSinkFile::sinks, read_sink);
}

std::vector<FieldDescription> describe_notification_spec() {
  FieldDescription spec;
  Codec<SinkDocument>::describe(spec);
  return std::move(spec.fields);
}

}  // namespace csrflow::policies
