#include "agent/installer.hpp"

#include <utility>

namespace csrflow::agent {
namespace {

HookSubject subject_of(const Unit& unit, const Version& version) {
  return {unit.wish.name, unit.state.current_path(), version.facts.serial};
}

InstallFailed failed_write(const std::string& why) {
  return {.step = InstallStep::write, .message = why, .check = std::nullopt, .output = {}};
}

bool is_revoked_in(const std::optional<engine::Bytes>& crl, StateDirectory& state,
                   const std::optional<Version>& old) {
  return crl && old && is_revoked(*crl, state.certificate(*old), state.authorities(*old));
}

/// The one to go back to: there is one, and it is good for something.
std::optional<Version> usable_previous(const Placed& placed, engine::Timestamp now) {
  auto previous = placed.unit.state.previous();
  if (placed.old_revoked || !previous || now >= previous->facts.not_after) return std::nullopt;
  return previous;
}

}  // namespace

std::string_view name_of(InstallStep step) {
  switch (step) {
    case InstallStep::check:
      return "check";
    case InstallStep::write:
      return "write";
    case InstallStep::hook:
      return "hook";
    case InstallStep::probe:
      return "probe";
  }
  std::unreachable();
}

Placement Installer::place(const Unit& unit, const Delivery& delivery, engine::Timestamp issued_at) {
  try {
    const auto pending = unit.state.pending();
    if (!pending)
      return failed_write("no request of " + unit.wish.name +
                          " is under way, so that there is no key for its certificate");
    if (auto placed = resume(unit, delivery.crl)) return std::move(*placed);
    Expected expected{unit.wish, pending->key.public_key(), {}};
    for (const Version& version : unit.state.versions())
      if (version.facts.request != pending->name) expected.known_serials.insert(version.facts.serial);
    auto checked = check_certificate(delivery, expected, clock_.now());
    if (const auto* wait = std::get_if<NotYetValid>(&checked)) return *wait;
    if (auto* failure = std::get_if<CheckFailure>(&checked))
      return InstallFailed{InstallStep::check, std::move(failure->message), failure->check, {}};
    auto& leaf = std::get<LeafFacts>(checked);
    const bool old_revoked = is_revoked_in(delivery.crl, unit.state, unit.state.current());
    const Version version = unit.state.add({
        .key = pending->key,
        .certificate = delivery.certificate,
        .authorities = delivery.authorities,
        .facts = {leaf.serial,
                  leaf.not_before,
                  leaf.not_after,
                  issued_at,
                  pending->name,
                  pending->generation,
                  clock_.now(),
                  {}},
    });
    unit.state.make_current(version);
    return Placed{unit, version, std::move(leaf.der), old_revoked};
  } catch (const FileError& error) {
    return failed_write(error.what());
  } catch (const StateError& error) {
    return failed_write(error.what());
  }
}

std::optional<Placed> Installer::resume(const Unit& unit, const std::optional<engine::Bytes>& crl) {
  if (!unit.state.swapped()) return std::nullopt;
  Version version = *unit.state.current();
  auto leaf = read_leaf(unit.state.certificate(version));
  if (!leaf) throw StateError(unit.state.current_path().string() + "/tls.crt " + leaf.error());
  const bool old_revoked = is_revoked_in(crl, unit.state, unit.state.previous());
  return Placed{unit, std::move(version), std::move(leaf->der), old_revoked};
}

/// One certificate on its way through hook and probe.
struct Installer::Way {
  Placed placed;
  std::optional<InstallFailed> trouble;
  std::optional<Version> serving;  ///< the old one, which is in place again
  bool stopped = false;
};

std::vector<InstallResult> Installer::complete(std::vector<Placed> placed, const Hook& hook,
                                               std::stop_token stop) {
  std::vector<Way> ways;
  for (Placed& each : placed) ways.push_back({.placed = std::move(each), .stopped = stop.stop_requested()});
  if (ways.empty() || stop.stop_requested()) return std::vector<InstallResult>(ways.size(), InstallStopped{});
  tell(ways, hook);
  for (Way& way : ways) probe(way, stop);
  const auto second_failure = go_back(ways, hook);
  std::vector<InstallResult> results;
  for (Way& way : ways) results.push_back(end_of(way, second_failure));
  return results;
}

void Installer::tell(std::vector<Way>& ways, const Hook& hook) {
  std::vector<HookSubject> subjects;
  for (const Way& way : ways) subjects.push_back(subject_of(way.placed.unit, way.placed.version));
  const auto ran = hooks_.run(hook, subjects, HookEvent::installed);
  if (ran) return;
  for (Way& way : ways)
    way.trouble = {InstallStep::hook, ran.error().message, std::nullopt, ran.error().output};
}

void Installer::probe(Way& way, std::stop_token stop) {
  if (way.trouble || !way.placed.unit.probe) return;
  const auto result = await_leaf(prober_, clock_, *way.placed.unit.probe, way.placed.leaf, timing_, stop);
  if (const auto* failed = std::get_if<ProbeFailed>(&result))
    way.trouble = {InstallStep::probe, failed->message, std::nullopt, {}};
  way.stopped = std::holds_alternative<ProbeStopped>(result);
}

std::optional<std::string> Installer::go_back(std::vector<Way>& ways, const Hook& hook) {
  std::vector<HookSubject> subjects;
  for (Way& way : ways) {
    if (!way.trouble) continue;
    const Unit& unit = way.placed.unit;
    try {
      const auto previous = usable_previous(way.placed, clock_.now());
      if (!previous) continue;
      unit.state.make_current(*previous);
      way.serving = previous;
      subjects.push_back(subject_of(unit, *previous));
    } catch (const std::runtime_error& error) {
      way.trouble->message += std::string("; the old certificate cannot be put back: ") + error.what();
    }
  }
  if (subjects.empty()) return std::nullopt;
  const auto ran = hooks_.run(hook, subjects, HookEvent::rolled_back);
  if (ran) return std::nullopt;
  return ran.error().message;
}

InstallResult Installer::end_of(Way& way, const std::optional<std::string>& second_failure) {
  if (way.stopped) return InstallStopped{};
  if (way.trouble && way.serving)
    return RolledBack{way.trouble->step, std::move(way.trouble->message), std::move(way.trouble->output),
                      std::move(*way.serving), second_failure};
  if (way.trouble) return std::move(*way.trouble);
  try {
    way.placed.unit.state.settle();
  } catch (const FileError& error) {
    return failed_write(error.what());
  } catch (const StateError& error) {
    return failed_write(error.what());
  }
  return Installed{std::move(way.placed.version)};
}

}  // namespace csrflow::agent
