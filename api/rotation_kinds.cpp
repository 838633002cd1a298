// The kinds that say how certificates rotate and who is told.
#include "api/columns.hpp"
#include "api/described_schema.hpp"
#include "api/own_kind.hpp"
#include "api/own_kinds.hpp"
#include "engine/duration.hpp"
#include "engine/overloaded.hpp"
#include "policies/notification_sink.hpp"
#include "policies/rotation_policy.hpp"
#include "policies/stored_document.hpp"
#include "policies/url.hpp"

namespace csrflow::api {
namespace {

using engine::ConfigObject;

auto read_rotation(const ConfigObject& object) {
  return policies::read_rotation_policy_json(policies::document_of(object, "RotationPolicy"));
}
auto read_sink(const ConfigObject& object) {
  return policies::read_notification_sink_json(policies::document_of(object, "NotificationSink"));
}

template <class Texts>
std::string joined(const Texts& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ",") + std::string(text);
  return all;
}

/// `example.com/*`, and of what else there are conditions: `example.com/* +labels +names`.
std::string matches(const policies::CertificateMatch& match) {
  std::vector<std::string> signers{"*"};
  if (match.signer_names) {
    signers.clear();
    for (const auto& pattern : *match.signer_names) signers.push_back(pattern.text);
  }
  const policies::Requesters& who = match.requesters;
  std::string text = joined(signers);
  if (policies::requirements(match.labels) != 0) text += " +labels";
  if (who.users || who.groups || who.users_match || who.authenticated_by || !who.not_users.empty() ||
      !who.not_groups.empty())
    text += " +requesters";
  if (policies::looks_into_request(match)) text += " +names";
  return text;
}

// ---- rotation policies --------------------------------------------------------------------------

/// `60-75%`
std::string percent(std::int32_t millionths) {
  std::string text = std::to_string(millionths / 10'000);
  std::string places = std::to_string(10'000 + millionths % 10'000).substr(1);
  while (!places.empty() && places.back() == '0') places.pop_back();
  return places.empty() ? text : text + '.' + places;
}
std::string when_text(const engine::RotationTime& when) {
  return std::visit(
      engine::overloaded{
          [](const engine::WindowRule& rule) { return percent(rule.from) + '-' + percent(rule.to) + '%'; },
          [](const engine::BeforeExpiry& before) {
            return engine::duration_text(before.from) + '-' + engine::duration_text(before.to) +
                   " before expiry";
          },
          [](const engine::Window& window) {
            return engine::rfc3339_seconds(window.start) + '/' + engine::rfc3339_seconds(window.end);
          },
      },
      when);
}

FieldErrors check_rotation(const ConfigObject& object) {
  const auto policy = read_rotation(object);
  return document_errors(object, policy ? policies::Problems() : policy.error());
}
std::string rotation_hash(const ConfigObject& object) {
  const auto policy = read_rotation(object);
  return policy ? (*policy)->hash : std::string();
}
std::string rotation_cells(const ConfigObject& object) {
  const auto policy = read_rotation(object);
  if (!policy) return cells({object.meta.name, "", "", "", "", "", ""});
  const policies::RotationPolicy& p = **policy;
  constexpr std::string_view approvals[] = {"policy", "inherit", "people"};
  return cells({object.meta.name, std::string(engine::name_of(p.rules.mode)), when_text(p.rules.when),
                std::string(approvals[static_cast<std::size_t>(p.rules.approval)]), matches(p.match),
                p.hash.substr(0, 12), p.description});
}
const ConfigFormat rotation_format = {.reader = spec_reader,
                                      .check = check_rotation,
                                      .check_change = allow_any_change,
                                      .cells = rotation_cells,
                                      .fields = nullptr,
                                      .hash = rotation_hash};

// ---- notification sinks -------------------------------------------------------------------------

/// Where to, without a webhook's path, which may tell more than a list should.
std::string receiver(const engine::Destination& destination) {
  return std::visit(engine::overloaded{
                        [](const engine::Webhook& webhook) {
                          const auto url = policies::parse_url(webhook.url);
                          return url ? url->scheme + "://" + url->host : std::string();
                        },
                        [](const engine::Mail& mail) { return joined(mail.to); },
                        [](const engine::LocalCommand& command) { return command.argv.front(); },
                    },
                    destination);
}

FieldErrors check_sink(const ConfigObject& object) {
  const auto sink = read_sink(object);
  return document_errors(object, sink ? policies::Problems() : sink.error());
}
std::string sink_hash(const ConfigObject& object) {
  const auto sink = read_sink(object);
  return sink ? (*sink)->hash : std::string();
}
std::string sink_cells(const ConfigObject& object) {
  const auto sink = read_sink(object);
  if (!sink) return cells({object.meta.name, "", "", "", "", ""});
  const policies::NotificationSink& s = **sink;
  std::vector<std::string_view> events;
  for (const engine::Notable kind : s.events) events.push_back(engine::name_of(kind));
  return cells({object.meta.name, receiver(s.destination),
                s.events == policies::default_news() ? "default" : joined(events),
                s.match ? matches(*s.match) : "*", s.hash.substr(0, 12), s.description});
}
const ConfigFormat sink_format = {.reader = spec_reader,
                                  .check = check_sink,
                                  .check_change = allow_any_change,
                                  .cells = sink_cells,
                                  .fields = nullptr,
                                  .hash = sink_hash};

}  // namespace

const Resource& rotation_policies() {
  static const std::string schemas = described_schemas(
      "RotationPolicy",
      "RotationPolicy says when and how certificates are replaced before they expire. Of several that match "
      "a "
      "certificate the most specific holds: one that names its signer before one that names the signer's "
      "domain before one that names neither, then the one with more label requirements, then the first by "
      "name.",
      policies::describe_rotation_spec());
  static const Resource resource = [] {
    Resource made = own_kind("RotationPolicy", "rotationpolicies", schemas,
                             {{"Name", "name", column::name},
                              {"Mode", "", "Same key, new key, only said, or not at all."},
                              {"When", "", "The window, in the lifetime or before its end."},
                              {"Approval", "", "Who approves successors."},
                              {"Matches", "", "Signers, and of what else there are conditions."},
                              {"Hash", "", "The first digits of the version's hash, as rotations cite it."},
                              {"Description", "", "One line for people.", "string", 1},
                              {"Age", "", column::creation}},
                             rotation_format, "rotation/rotationpolicies");
    made.short_names = {"rotpol"};
    return made;
  }();
  return resource;
}

const Resource& notification_sinks() {
  static const std::string schemas = described_schemas(
      "NotificationSink",
      "NotificationSink says who is told of what without asking, and by which way: a webhook, mail or a "
      "program. Each piece of news is queued in the transaction of the event that it tells of and sent until "
      "it is taken. Secrets are in files on the server's host; here are their paths.",
      policies::describe_notification_spec());
  static const Resource resource = [] {
    Resource made = own_kind("NotificationSink", "notificationsinks", schemas,
                             {{"Name", "name", column::name},
                              {"To", "", "The webhook's host, the addresses, or the program."},
                              {"Events", "", "Which news."},
                              {"Matches", "", "Signers, and of what else there are conditions."},
                              {"Hash", "", "The first digits of the version's hash.", "string", 1},
                              {"Description", "", "One line for people.", "string", 1},
                              {"Age", "", column::creation}},
                             sink_format, "sink/notificationsinks");
    made.short_names = {"sink"};
    return made;
  }();
  return resource;
}

}  // namespace csrflow::api
