#include "engine/renewal.hpp"

#include <algorithm>

#include "engine/rotation.hpp"

namespace csrflow::engine {
namespace {

constexpr Duration longest_grace = seconds(7 * 24 * 3600);

bool never_copied(std::string_view key) {
  return key == annotation::last_applied || key == annotation::issued_at || key == annotation::predecessor ||
         key == annotation::successor;
}

CsrObject successor_of(const CsrObject& object, std::string name, Uid uid) {
  CsrObject next;
  next.meta.name = std::move(name);
  next.meta.uid = std::move(uid);
  next.meta.labels = object.meta.labels;
  for (const auto& [key, value] : object.meta.annotations)
    if (!never_copied(key)) next.meta.annotations.emplace(key, value);
  next.meta.annotations[std::string(annotation::predecessor)] = object.meta.name;
  next.spec = object.spec;
  return next;
}

/// Cuts after whole UTF-8 characters.
std::string cut_to(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
  return text;
}

}  // namespace

Timestamp end_of_grace(const LedgerEntry& held) {
  Duration lifetime = Validity{std::max(held.not_before, held.issued_at), held.not_after}.length();
  return held.not_after + std::min(lifetime, longest_grace);
}

std::string successor_name(const std::string& base, std::uint32_t generation,
                           const std::function<bool(std::string_view)>& taken) {
  std::string suffix = "." + std::to_string(generation);
  for (std::uint64_t n = 1;; ++n) {
    std::string ending = n == 1 ? suffix : suffix + "-" + std::to_string(n);
    std::string name = cut_to(base, max_successor_name - ending.size()) + ending;
    if (!taken(name)) return name;
  }
}

Approved renewal_approval(const Created& successor, Timestamp now) {
  const Predecessor& p = *successor.predecessor;
  Timestamp at = now.cut_to_seconds();
  Approved approved{.uid = successor.object.meta.uid,
                    .reason = "Renewed",
                    .message = "Renewal of " + p.name + " (uid " + p.uid.text + ", serial " + p.serial.hex() +
                               "), whose approved request asked for it with csrflow.io/rotation: renew.",
                    .object = {}};
  approved.object.conditions = std::vector<Condition>{
      {std::string(condition::approved), "True", approved.reason, approved.message, at, at}};
  return approved;
}

std::expected<Decision, Refusal> announce_rotation(const StreamId& stream, const CsrState& state,
                                                   const AnnounceRotation& c, const Facts& facts) {
  const LedgerEntry* held = state.certificate_of(c.uid);
  bool applies = held && held->serial == c.serial && held->signed_at == c.cause && held->renew &&
                 !held->deleted && held->successor.empty() && state.live(c.uid);
  bool next = applies && held->attempts + 1 == c.attempt && (c.attempt == 1 || held->attempt_failed);
  if (!next) return Decision{};

  std::uint32_t generation = held->generation + 1;
  RotationDue due{.uid = c.uid,
                  .serial = c.serial,
                  .cause = c.cause,
                  .attempt = c.attempt,
                  .window_start = c.window_start,
                  .window_end = c.window_end,
                  .mode = "renew",
                  .policy = "annotation csrflow.io/rotation",
                  .reason = "scheduled",
                  .successor = successor_name(held->base_name, generation, facts.name_taken)};
  Decision d;
  if (facts.now > end_of_grace(*held)) {
    d.events = {due, RotationFailed{c.uid, c.serial, c.cause, c.attempt, "", "GraceEnded",
                                    "the certificate expired too long ago to be renewed"}};
    return d;
  }
  CreateSuccessor successor{
      .object =
          successor_of(*state.object, due.successor, make_uid(std::span(facts.random).subspan<16, 16>())),
      .lifetime = state.lifetime,
      .predecessor = {stream.name(), c.uid, c.serial, generation, held->base_name, c.cause, c.attempt},
      .on_behalf_of = state.object->spec->username};
  d.follow_ups.push_back({csr_stream(due.successor), std::move(successor), system_actor("rotation")});
  d.events.push_back(std::move(due));
  return d;
}

}  // namespace csrflow::engine
