// `csrflow log --break-glass`: who approved against or without the policies' word, and whether somebody else
// has looked at it since.
#include <iostream>
#include <map>

#include "engine/json_writer.hpp"
#include "store/event_log.hpp"
#include "tools/event_words.hpp"
#include "tools/past_commands.hpp"
#include "tools/table_text.hpp"

namespace csrflow::tools {
namespace {

using namespace engine;

constexpr std::size_t events_a_read = 1000;

struct Use {
  Position position;
  Timestamp at;
  std::string request;
  Uid uid;
  BreakGlass glass;
  std::optional<ReviewedAfterwards> confirmed;
  Timestamp confirmed_at;
};

bool may_be_one(const StoredEvent& e) {
  if (e.stream.category() != "csr" || e.salt.empty()) return false;
  return e.type == "reviewed_afterwards" ||
         (e.type == "approved" && e.data.find("\"breakGlass\"") != std::string::npos);
}

std::vector<Use> all_uses(EventReader& log) {
  std::vector<Use> uses;
  std::map<Uid, std::size_t> by_uid;
  Position position;
  for (auto events = log.after(position, events_a_read); !events.empty();
       events = log.after(position, events_a_read)) {
    position = events.back().position;
    for (const StoredEvent& e : events) {
      if (!may_be_one(e)) continue;
      const Event event = decode(e);
      const auto& csr = std::get<CsrEvent>(event);
      if (const auto* approved = std::get_if<Approved>(&csr); approved && approved->break_glass) {
        by_uid[approved->uid] = uses.size();
        uses.push_back({.position = e.position,
                        .at = e.recorded_at,
                        .request = e.stream.name(),
                        .uid = approved->uid,
                        .glass = *approved->break_glass,
                        .confirmed = std::nullopt,
                        .confirmed_at = {}});
      } else if (const auto* review = std::get_if<ReviewedAfterwards>(&csr)) {
        const auto found = by_uid.find(review->uid);
        if (found == by_uid.end()) continue;
        uses[found->second].confirmed = *review;
        uses[found->second].confirmed_at = e.recorded_at;
      }
    }
  }
  return uses;
}

std::string json_line(const Use& use) {
  std::string out;
  {
    JsonObject object(out);
    object.number("position", static_cast<std::int64_t>(use.position.value));
    object.text("at", rfc3339_micro(use.at));
    object.text("request", use.request);
    object.text("uid", use.uid.text);
    object.text("user", use.glass.user);
    object.text("reason", use.glass.reason);
    object.text_if("overridden", use.glass.overridden);
    object.boolean("confirmed", use.confirmed.has_value());
    if (use.confirmed) {
      object.text("confirmedBy", use.confirmed->user);
      object.text("confirmedAt", rfc3339_micro(use.confirmed_at));
      object.text_if("confirmation", use.confirmed->message);
    }
  }
  return out;
}

std::vector<std::string> row(const Use& use) {
  std::string confirmed = "not confirmed";
  if (use.confirmed) {
    confirmed = "by " + use.confirmed->user + " at " + rfc3339_seconds(use.confirmed_at);
    if (!use.confirmed->message.empty()) confirmed += ": " + use.confirmed->message;
  }
  return {std::to_string(use.position.value),
          rfc3339_micro(use.at),
          printable(use.request),
          printable(use.glass.user),
          printable(use.glass.reason),
          printable(use.glass.overridden.empty() ? "nothing: no policy matched" : use.glass.overridden),
          printable(confirmed)};
}

}  // namespace

ExitCode break_glass_log(const LogOptions& options) {
  auto reader = store::SqliteEventLog::open_reader(options.data);
  TableText table({"POSITION", "TIME", "REQUEST", "WHO", "WHY", "OVERRODE", "CONFIRMED"});
  std::uint64_t left = options.limit.value_or(UINT64_MAX);
  for (const Use& use : all_uses(*reader)) {
    if (use.position.value <= options.after || left == 0) continue;
    if (!options.stream.empty() && options.stream != csr_stream(use.request).text) continue;
    --left;
    if (options.output == Output::json)
      std::cout << json_line(use) << '\n';
    else
      table.add(row(use));
  }
  if (options.output == Output::table) std::cout << table.text();
  return ExitCode::done;
}

}  // namespace csrflow::tools
