#include "tools/event_words.hpp"

#include <algorithm>

#include "engine/overloaded.hpp"

namespace csrflow::tools {
namespace {

using namespace engine;

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text += (text.empty() ? "" : ", ") + one;
  return text;
}

std::string lifetime(Duration d) {
  std::int64_t s = d.microseconds / 1'000'000;
  if (s % 86400 == 0 && s > 0) return std::to_string(s / 86400) + "d";
  if (s % 3600 == 0 && s > 0) return std::to_string(s / 3600) + "h";
  if (s % 60 == 0 && s > 0) return std::to_string(s / 60) + "m";
  return std::to_string(s) + "s";
}

std::string valid(Timestamp from, Timestamp to) {
  return "valid " + rfc3339_seconds(from) + " to " + rfc3339_seconds(to);
}

std::string because(const std::string& reason, const std::string& message) {
  if (message.empty()) return reason;
  return reason.empty() ? message : reason + ": " + message;
}

std::string words_of(const Created& e) {
  const CsrSpec& spec = *e.object.spec;
  std::string text =
      "for " + spec.username + ", signer " + spec.signer_name.text + ", usages " + joined(spec.usages);
  if (e.lifetime) text += ", lifetime " + lifetime(*e.lifetime);
  if (e.predecessor)
    text += ", follows " + e.predecessor->name + " (generation " + std::to_string(e.predecessor->generation) +
            ")";
  auto rotation = e.object.meta.annotations.find(std::string(annotation::rotation));
  if (rotation != e.object.meta.annotations.end()) text += ", rotation " + rotation->second;
  return text;
}

std::string words_of(const Approved& e) {
  const std::string text = because(e.reason, e.message);
  const bool against = e.break_glass && !e.break_glass->overridden.empty();
  return against ? text + ", overriding: " + e.break_glass->overridden : text;
}

std::string words_of(const ObjectChange& change) {
  std::vector<std::string> parts;
  auto keys = [&](const char* what, const auto& map) {
    for (const auto& [key, value] : map)
      parts.push_back(std::string(what) + " " + key + (value ? "=" + *value : " removed"));
  };
  keys("label", change.labels);
  keys("annotation", change.annotations);
  if (change.finalizers) parts.push_back("finalizers " + joined(*change.finalizers));
  if (change.deletion) parts.push_back("marked for deletion");
  if (change.owner_references) parts.push_back("owner references");
  if (change.conditions)
    for (const Condition& c : *change.conditions)
      parts.push_back("condition " + c.type + "=" + c.status +
                      (c.reason.empty() ? "" : " (" + c.reason + ")"));
  return joined(parts);
}

std::string words_of(const CsrEvent& event) {
  return std::visit(overloaded{
                        [](const Created& e) { return words_of(e); },
                        [](const Reviewed& e) {
                          return e.user + ": " + std::string(name_of(e.say)) +
                                 (e.message.empty() ? "" : ", " + e.message);
                        },
                        [](const Evaluated& e) { return e.sentence; },
                        [](const Approved& e) { return words_of(e); },
                        [](const Denied& e) { return because(e.reason, e.message); },
                        [](const ReviewedAfterwards& e) {
                          return "confirmed by " + e.user + (e.message.empty() ? "" : ": " + e.message);
                        },
                        [](const Issuing& e) {
                          return "serial " + e.serial.hex() + ", " + valid(e.not_before, e.not_after) +
                                 ", profile " + e.profile;
                        },
                        [](const Signed& e) {
                          return "serial " + e.serial.hex() + ", " + valid(e.not_before, e.not_after) +
                                 (e.foreign ? ", by a signer elsewhere" : "") +
                                 (e.object ? "" : ", after the request was deleted");
                        },
                        [](const Failed& e) { return because(e.reason, e.message); },
                        [](const Expired& e) { return "serial " + e.serial.hex(); },
                        [](const RotationDue& e) {
                          return e.mode + (e.mode_reason.empty() ? "" : " (" + e.mode_reason + ")") +
                                 (e.successor.empty() ? "" : " as " + e.successor) + ", attempt " +
                                 std::to_string(e.attempt) + ", " + e.reason + " by " +
                                 (e.job.empty() ? e.policy : "job " + e.job) + ", window " +
                                 rfc3339_seconds(e.window_start) + " to " + rfc3339_seconds(e.window_end);
                        },
                        [](const SuccessorCreated& e) { return "successor " + e.successor; },
                        [](const RotationFailed& e) {
                          return "attempt " + std::to_string(e.attempt) + ", " + because(e.reason, e.message);
                        },
                        [](const Rotated& e) {
                          return "successor " + e.successor + ", serial " + e.successor_serial.hex();
                        },
                        [](const Installed& e) { return "on " + e.host + " at " + e.place; },
                        [](const InstallFailed& e) {
                          return "on " + e.host + " at " + e.place + ", " + e.step + ": " + e.message +
                                 (e.rolled_back ? ", rolled back" : "");
                        },
                        [](const Alerted& e) { return std::string(name_of(e.alert)) + ": " + e.message; },
                        [](const Updated& e) { return words_of(e.object); },
                        [](const Deleted&) { return std::string("history stays"); },
                    },
                    event);
}

std::string words_of(const OwnEvent& event) {
  return std::visit(overloaded{
                        [](const OwnIssuing& e) {
                          return "serial " + e.draft.serial.hex() + ", " +
                                 valid(e.draft.not_before, e.draft.not_after) + ", profile " +
                                 e.draft.profile;
                        },
                        [](const OwnSigned& e) {
                          return "serial " + e.serial.hex() + ", " + valid(e.not_before, e.not_after);
                        },
                        [](const OwnExpired& e) { return "serial " + e.serial.hex(); },
                        [](const OwnRotated& e) { return "successor's serial " + e.successor_serial.hex(); },
                    },
                    event);
}

std::string words_of(const AuthorityEvent& event) {
  return std::visit(overloaded{
                        [](const KeyCreated& e) { return "a key " + e.algorithm; },
                        [](const CaIssued& e) {
                          return "serial " + e.serial.hex() + ", " + valid(e.not_before, e.not_after);
                        },
                        [](const RolloverDue& e) { return std::string(name_of(e.step)) + ": " + e.message; },
                    },
                    event);
}

std::string words_of(const DeliveryEvent& event) {
  return std::visit(overloaded{
                        [](const Queued& e) { return "for " + e.sink + ": " + e.notification.title; },
                        [](const Delivered& e) { return "attempt " + std::to_string(e.attempt); },
                        [](const DeliveryFailed& e) {
                          return "attempt " + std::to_string(e.attempt) + ": " + e.message +
                                 (e.dead ? "; it is not tried again" : "");
                        },
                        [](const Requeued& e) { return "by " + e.user; },
                    },
                    event);
}

std::string words_of(const JobEvent& event) {
  return std::visit(overloaded{
                        [](const JobPlanned& e) {
                          return std::string(name_of(e.kind)) + " " + std::to_string(e.count) +
                                 " certificates until " + rfc3339_seconds(e.deadline) + ": " + e.reason;
                        },
                        [](const JobTargets& e) {
                          return std::to_string(e.targets.size()) + " of stage " + std::to_string(e.stage);
                        },
                        [](const JobStarted&) { return std::string(); },
                        [](const JobStageStarted& e) { return "stage " + std::to_string(e.stage); },
                        [](const JobStageDone& e) {
                          return "stage " + std::to_string(e.stage) + ": " + std::to_string(e.done) +
                                 " done, " + std::to_string(e.failed) + " failed";
                        },
                        [](const JobPaused& e) { return because(e.user, e.reason); },
                        [](const JobResumed& e) { return "by " + e.user; },
                        [](const JobFinished& e) {
                          return std::to_string(e.done) + " done, " + std::to_string(e.failed) + " failed";
                        },
                        [](const JobCancelled& e) { return because(e.user, e.reason); },
                    },
                    event);
}

std::string words_of(const TokenEvent& event) {
  return std::visit(overloaded{
                        [](const TokenCreated& e) {
                          return "for " + e.user + (e.groups.empty() ? "" : ", groups " + joined(e.groups)) +
                                 (e.expires_at ? ", until " + rfc3339_seconds(*e.expires_at) : "") +
                                 (e.description.empty() ? "" : ": " + e.description);
                        },
                        [](const TokenRevoked&) { return std::string(); },
                        [](const TokenUsed& e) { return "for the request " + e.request; },
                    },
                    event);
}

std::string words_of(const ConfigEvent& event) {
  return std::visit(overloaded{
                        [](const Applied& e) {
                          return e.kind + " " + e.object.meta.name +
                                 (e.object.meta.deletion ? ", marked for deletion" : "");
                        },
                        [](const ConfigDeleted& e) { return e.kind; },
                    },
                    event);
}

std::string words_of(const LogEvent& event) {
  return std::visit(
      overloaded{
          [](const LogCreated& e) { return "origin " + e.origin + ", log key " + e.log_key; },
          [](const LogOpened& e) { return "by " + e.program; },
          [](const Resumed& e) {
            std::string text = e.why + ", after " + lifetime(e.at - e.last_seen) + ", due:";
            for (const auto& [kind, count] : e.due) text += " " + kind + " " + count;
            return text;
          },
          [](const AlertsSummarised& e) { return std::string(name_of(e.alert)) + ": " + e.message; },
      },
      event);
}

}  // namespace

std::string who(const Context& context, const Event& event) {
  std::string name = context.actor.user.empty() ? "?" : context.actor.user;
  if (context.actor.impersonator) name = context.actor.impersonator->user + " as " + name;
  if (const auto* csr = std::get_if<CsrEvent>(&event))
    if (const auto* created = std::get_if<Created>(csr); created && !created->on_behalf_of.empty())
      name += " for " + created->on_behalf_of;
  return name;
}

std::string words(const Event& event) {
  std::string text = std::visit([](const auto& e) { return words_of(e); }, event);
  // One event, one line, whatever a requester wrote.
  return printable(std::move(text));
}

std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  // U+0080 to U+009F, U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, in UTF-8.
  static constexpr std::string_view turning[] = {"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c",
                                                 "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"};
  for (std::string_view mark : turning)
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;)
      text.replace(at, mark.size(), " ");
  for (std::size_t at = 0; (at = text.find('\xc2', at)) != std::string::npos; ++at)
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0) text.replace(at, 2, " ");
  return text;
}

}  // namespace csrflow::tools
