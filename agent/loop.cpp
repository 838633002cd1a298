#include "agent/loop.hpp"

#include <algorithm>
#include <utility>

#include "agent/files.hpp"
#include "engine/duration.hpp"

namespace csrflow::agent {
namespace {

using engine::Duration;
using engine::Timestamp;

constexpr std::size_t max_token_bytes = 16 * 1024;
/// A certificate goes through fewer steps than this between two waits: ask, take up, install.
constexpr int most_steps = 8;

std::string token_in(FileSystem& files, const std::filesystem::path& path) {
  try {
    const auto folder = files.open_directory(path.has_parent_path() ? path.parent_path() : ".");
    std::string text(read_file(files, folder, path.filename().string(), max_token_bytes).view());
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
      text.pop_back();
    return text;
  } catch (const FileError&) {
    return {};  // there is none: an agent that has its certificate needs none
  }
}

bool needs_server(const Step& step) {
  return std::holds_alternative<Ask>(step) || std::holds_alternative<TakeUp>(step) ||
         std::holds_alternative<Rekey>(step) || std::holds_alternative<Install>(step);
}

}  // namespace

Loop::Loop(const Configuration& configuration, engine::Bytes authorities, Surroundings around)
    : configuration_(configuration),
      authorities_(std::move(authorities)),
      around_(std::move(around)),
      book_(around_.files, configuration.state) {
  for (const auto& kept : configuration_.certificates) unopened_.push_back(&kept);
  open_units();
}

void Loop::open_units() {
  std::erase_if(unopened_, [&](const KeptCertificate* kept) {
    try {
      units_.emplace_back(around_.files, book_, configuration_, *kept);
      if (kept->wish.name == configuration_.identity) identity_ = &units_.back();
      return true;
    } catch (const std::runtime_error& problem) {
      if (std::exchange(told_[kept->wish.name], problem.what()) != problem.what())
        around_.tell(kept->wish.name + ": " + problem.what());
      return false;
    }
  });
}

void Loop::run(std::stop_token stop) {
  around_.manager.ready();
  while (!stop.stop_requested()) {
    around_.manager.alive();
    const Timestamp next = look(stop);
    show_status();
    if (!stop.stop_requested()) wait(next, stop);
  }
}

Summary Loop::once(Duration patience, std::stop_token stop) {
  const Timestamp end = now() + patience;
  while (!stop.stop_requested()) {
    const Timestamp next = look(stop);
    const bool more = summary().waiting || !gathered_.empty();
    if (!more || now() >= end) break;
    wait(std::min(next, end), stop);
  }
  complete_gathered(true, stop);
  send_reports();
  return summary();
}

Timestamp Loop::look(std::stop_token stop) {
  token_ = configuration_.token_file ? token_in(around_.files, *configuration_.token_file) : "";
  if (now() >= poll_at_) poll();
  meet();
  Timestamp next = poll_at_;
  for (auto& unit : units_) next = std::min(next, look_at(unit));
  const bool completed = complete_gathered(false, stop);
  for (const auto& waiting : gathered_) next = std::min(next, waiting.since + reload_gathering);
  send_reports();
  if (!watch_ && !list_forbidden_ && connect_at_ > now()) next = std::min(next, connect_at_);
  // An identity that came just now is who the others wait for.
  const bool identified = identity_ && identity_->held().serving &&
                          server_caller_ != identity_->held().serving->serial.hex() &&
                          now() < identity_->held().serving->not_after && now() >= connect_at_;
  return identified || completed ? now() : next;
}

void Loop::poll() {
  poll_at_ = now() + configuration_.poll;
  open_units();
  rekey_refused_ = false;
  for (auto& unit : units_)
    if (standing_of(identity_for(unit), now()) == Standing::expired_certificate) unit.forget();
  if (!list_forbidden_) return;
  for (auto& unit : units_) unit.forget();
  met_ = false;
}

Timestamp Loop::look_at(KeptUnit& unit) {
  for (int i = 0; i < most_steps; ++i) {
    if (gathered(unit)) return never;
    const Step step = unit.next(standing_of(identity_for(unit), now()), now());
    if (const auto* rest = std::get_if<Rest>(&step)) return rest->until;
    if (const auto* give_up = std::get_if<GiveUp>(&step)) {
      tell(&unit,
           give_up->sentence + ": put a token into " +
               (configuration_.token_file ? configuration_.token_file->string() : "bootstrap.tokenFile") +
               " (`csrflow token create --agent " + configuration_.host + "` makes one)");
      return never;
    }
    if (needs_server(step) && now() < connect_at_) return connect_at_;
    try {
      if (!act(unit, step)) return std::max(connect_at_, now());
    } catch (const std::runtime_error& problem) {
      tell(&unit, problem.what());
      unit.fail(problem.what(), now());
    }
  }
  return now() + engine::seconds(1);
}

bool Loop::act(KeptUnit& unit, const Step& step) {
  if (needs_server(step)) return act_with_server(unit, step);
  if (const auto* abandon = std::get_if<Abandon>(&step)) {
    tell(&unit, abandon->problem);
    unit.abandon(*abandon, now());
  } else if (std::holds_alternative<Finish>(step)) {
    const auto hooks = around_.hooks(unit.kept().reload_limit);
    Installer installer(*hooks, around_.prober, around_.clock);
    auto found = unit.resume(installer);
    if (!found.placed)
      throw StateError(unit.place().string() + " has changed under the agent; it looks again");
    gathered_.push_back({&unit, std::move(*found.placed), now()});
  }
  return true;
}

bool Loop::act_with_server(KeptUnit& unit, const Step& step) {
  std::unique_ptr<Server> as_expired;
  Server* to = nullptr;
  if (std::holds_alternative<Rekey>(step)) {
    as_expired = expired_identity();
    to = as_expired.get();
  } else {
    to = server();
  }
  if (!to && !std::holds_alternative<Install>(step)) return false;
  Answer<void> done;
  if (const auto* ask = std::get_if<Ask>(&step)) {
    tell(&unit, "asks for a certificate: " + ask->why);
    done = unit.ask(*to, *ask);
  } else if (std::holds_alternative<TakeUp>(step)) {
    done = unit.take_up(*to);
  } else if (std::holds_alternative<Rekey>(step)) {
    tell(&unit, "its certificate has expired; asks for the next one with the old key");
    const auto made = unit.rekey(*to);
    if (!made) done = std::unexpected(made.error());
    if (made && made->certificate.empty()) follow(*to, *made);
  } else {
    const auto hooks = around_.hooks(unit.kept().reload_limit);
    Installer installer(*hooks, around_.prober, around_.clock);
    auto placed = unit.install(installer, to, authorities_, now());
    if (placed && placed->placed) gathered_.push_back({&unit, std::move(*placed->placed), now()});
    if (!placed) done = std::unexpected(std::move(placed.error()));
  }
  if (done) return true;
  if (lost(done.error())) return false;
  tell(&unit, done.error().message);
  if (std::holds_alternative<Rekey>(step)) rekey_refused_ = true;
  unit.fail(done.error().message, now());
  return true;
}

bool Loop::gathered(const KeptUnit& unit) const {
  return std::ranges::any_of(gathered_, [&](const Waiting& waiting) { return waiting.unit == &unit; });
}

void Loop::tell_outcome(KeptUnit& unit, bool installed) {
  if (!installed) return tell(&unit, unit.notes().problem);
  tell(&unit, "installed " + unit.held().serving->serial.hex());
  if (&unit != identity_ || !configuration_.single_use || !configuration_.token_file) return;
  std::error_code ignored;  // where it cannot be removed, it is used up all the same
  std::filesystem::remove(*configuration_.token_file, ignored);
}

bool Loop::complete_gathered(bool all, std::stop_token stop) {
  bool completed = false;
  while (!gathered_.empty() && !stop.stop_requested()) {
    const auto& first = gathered_.front();
    const Hook hook = first.unit->kept().reload;
    const bool ripe = all || std::holds_alternative<NoHook>(hook) || now() >= first.since + reload_gathering;
    if (!ripe) break;
    completed = true;
    std::vector<KeptUnit*> units;
    std::vector<Placed> placed;
    Duration limit = first.unit->kept().reload_limit;
    std::erase_if(gathered_, [&](Waiting& waiting) {
      if (waiting.unit->kept().reload != hook) return false;
      limit = std::max(limit, waiting.unit->kept().reload_limit);
      units.push_back(waiting.unit);
      placed.push_back(std::move(waiting.placed));
      return true;
    });
    const auto hooks = around_.hooks(limit);
    Installer installer(*hooks, around_.prober, around_.clock);
    const auto results = installer.complete(std::move(placed), hook, stop);
    for (std::size_t i = 0; i < units.size(); ++i) {
      try {
        units[i]->completed(results[i], now());
        tell_outcome(*units[i], std::holds_alternative<Installed>(results[i]));
      } catch (const std::runtime_error& problem) {
        tell(units[i], problem.what());
        units[i]->fail(problem.what(), now());
      }
    }
  }
  return completed;
}

void Loop::send_reports() {
  for (auto& unit : units_) {
    if (!unit.notes().unsent || now() < connect_at_) continue;
    Server* to = server();
    if (!to) return;
    Answer<void> sent;
    try {
      sent = unit.send_report(*to);
    } catch (const std::runtime_error& problem) {
      tell(&unit, problem.what());  // it was sent, and may be again
    }
    if (sent) continue;
    if (lost(sent.error())) return;
    around_.tell(unit.name() +
                 ": the server does not take the report of the installation: " + sent.error().message);
  }
}

Identity Loop::identity_for(const KeptUnit& unit) const {
  return {.configured = !configuration_.identity.empty(),
          .itself = &unit == identity_,
          .serving = identity_ ? identity_->held().serving : std::nullopt,
          .rekey_refused = rekey_refused_,
          .token = !token_.empty()};
}

void Loop::tell(const KeptUnit* unit, const std::string& sentence) {
  const std::string name = unit ? unit->name() : "";
  if (std::exchange(told_[name], sentence) == sentence) return;
  around_.tell(unit ? name + ": " + sentence : sentence);
}

void Loop::show_status() {
  const KeptUnit* next = nullptr;
  Timestamp first = never;
  for (const auto& unit : units_) {
    const auto& serving = unit.held().serving;
    if (!serving) continue;
    const Timestamp due =
        rotation_due({.name = unit.name(), .digest = {}, .rotation = unit.kept().rotation}, *serving, sha256);
    if (due < first) first = due, next = &unit;
  }
  const std::size_t count = configuration_.certificates.size();
  std::string line = std::to_string(count) + (count == 1 ? " certificate" : " certificates");
  if (next)
    line +=
        ", next " + next->name() + (first > now() ? " in " + engine::duration_text(first - now()) : " now");
  if (failures_ > 0) line += ", no connection to the server";
  around_.manager.status(line);
}

Summary Loop::summary() const {
  Summary found{.worst = Health::valid, .failed = !unopened_.empty(), .waiting = false};
  for (const auto& unit : units_) {
    found.worst = std::max(found.worst, health_of(unit.held().serving, now()));
    const Step step = unit.next(standing_of(identity_for(unit), now()), now());
    const bool server_wanted = needs_server(step);
    found.failed = found.failed || !unit.notes().problem.empty() || std::holds_alternative<GiveUp>(step) ||
                   (server_wanted && failures_ > 0);
    found.waiting = found.waiting || unit.held().pending.has_value() || server_wanted;
  }
  return found;
}

}  // namespace csrflow::agent
