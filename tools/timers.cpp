// `csrflow timers`: what is due when and why.
#include <iostream>

#include "engine/json_writer.hpp"
#include "store/sha256.hpp"
#include "store/timer_list.hpp"
#include "tools/data_there.hpp"
#include "tools/rules_at.hpp"
#include "tools/table_text.hpp"
#include "tools/timer_commands.hpp"

namespace csrflow::tools {
namespace {

using engine::Timer;
using engine::TimerKind;

std::string reason(const Timer& timer) {
  const std::string at = "position " + std::to_string(timer.cause.value);
  const std::string end = "the certificate signed at " + at + " ends " + rfc3339_seconds(timer.not_after);
  switch (timer.kind) {
    case TimerKind::sign:
      return "approved at " + at + ", and not signed yet";
    case TimerKind::resume_sign:
      return "its signature was begun at " + at + ", and is not recorded yet";
    case TimerKind::rotate:
      return end + "; its successor is made before";
    case TimerKind::rotate_retry:
      return end + "; attempt " + std::to_string(timer.attempt) + " to make its successor";
    case TimerKind::expire:
      return end;
    case TimerKind::rotate_overdue:
      return end + "; its window ends without a successor";
    case TimerKind::at_risk:
      return end + "; little is left of its life";
    case TimerKind::give_up:
      return end + "; nothing more is tried afterwards";
    case TimerKind::agent_silent:
      return end + "; its host has said nothing since " + at;
    case TimerKind::lapse:
      return "requested at " + at + ", and nobody decides";
    case TimerKind::ca_prepare:
      return "the CA ends " + rfc3339_seconds(timer.not_after) + "; the next one is to be made and published";
    case TimerKind::ca_activate:
      return "the CA ends " + rfc3339_seconds(timer.not_after) + "; the next one is to sign";
    case TimerKind::ca_stop:
      return "the CA ends " + rfc3339_seconds(timer.not_after) +
             "; certificates of full length no longer fit";
    case TimerKind::outbox:
      return "the notification of " + at + ", attempt " + std::to_string(timer.attempt);
    case TimerKind::evaluate:
      return "what policies said at " + at + " may be otherwise then";
  }
  return at;
}

std::string why(const Timer& timer, const std::string& policy) {
  if (policy.empty() || timer.kind == TimerKind::expire) return reason(timer);
  return reason(timer) + (policy.starts_with("annotation ") ? " (by the " : " (by the policy ") + policy +
         ')';
}

std::string json_line(const Timer& timer, const std::string& policy) {
  std::string out;
  {
    engine::JsonObject object(out);
    object.text("due", rfc3339_micro(timer.due));
    object.text("kind", name_of(timer.kind));
    object.text("stream", timer.stream.text);
    object.number("cause", static_cast<std::int64_t>(timer.cause.value));
    object.number("attempt", timer.attempt);
    if (timer.not_after != engine::Timestamp{}) object.text("notAfter", rfc3339_seconds(timer.not_after));
    if (!policy.empty()) object.text("rotatesBy", policy);
    object.text("why", why(timer, policy));
  }
  return out;
}

}  // namespace

ExitCode timers(const TimersOptions& options) {
  if (!data_there(options.data)) return ExitCode::not_found;
  const auto list = store::list_timers(store::existing_data_files(options.data), store::sha256,
                                       options.limit.value_or(SIZE_MAX), rules_at(options.data));
  const auto policy_of = [&](std::size_t i) {
    return i < list.policies.size() ? list.policies[i] : std::string();
  };
  if (!list.read_whole_log_because.empty())
    std::cerr << "csrflow: the whole log was read, since the views could not be: "
              << list.read_whole_log_because << '\n';
  if (options.output == Output::json) {
    for (std::size_t i = 0; i < list.timers.size(); ++i)
      std::cout << json_line(list.timers[i], policy_of(i)) << '\n';
    return ExitCode::done;
  }
  TableText table({"DUE", "TIMER", "STREAM", "WHY"});
  for (std::size_t i = 0; i < list.timers.size(); ++i) {
    const Timer& timer = list.timers[i];
    table.add({rfc3339_seconds(timer.due), std::string(name_of(timer.kind)), timer.stream.text,
               why(timer, policy_of(i))});
  }
  std::cout << table.text();
  return ExitCode::done;
}

}  // namespace csrflow::tools
