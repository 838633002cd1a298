#include "tests/simulation/ledger_check.hpp"

#include <algorithm>

namespace csrflow::test {

using namespace engine;

namespace {

constexpr std::size_t most_complaints = 20;
/// Back-off leaves at most an eighth of what is left between two tries, and at most 6 hours and a tenth of
/// them: whoever could act for so long without a break has had a try that could not fail.
constexpr Duration longest_need = seconds(7 * 3600);

}  // namespace

void LedgerCheck::able(Timestamp at, bool able) {
  ability_[at] = able;
}

void LedgerCheck::complain(std::string text) {
  if (broken_.size() < most_complaints) broken_.push_back(std::move(text));
}

Duration LedgerCheck::longest_ability(Timestamp from, Timestamp to) const {
  Duration longest;
  auto it = ability_.upper_bound(from);
  bool able = it == ability_.begin() || std::prev(it)->second;
  for (Timestamp since = from; since < to;) {
    const Timestamp until = it == ability_.end() ? to : std::min(to, it->first);
    if (able) longest = std::max(longest, until - since);
    if (it == ability_.end()) break;
    since = until;
    able = it->second;
    ++it;
  }
  return longest;
}

void LedgerCheck::ended_without_successor(const StreamId& stream, const LedgerEntry& held, Timestamp now) {
  // The window of the default policy has ended here at the latest.
  Timestamp from = held.issued_at + Duration{(held.not_after - held.issued_at).microseconds / 4 * 3};
  if (const auto host = host_acts_.find(stream.text); host != host_acts_.end())
    from = std::max(from, host->second);
  const Duration left = held.not_after - from;
  const Duration need = std::min(longest_need, Duration{left.microseconds / 3});
  if (left > Duration{} && longest_ability(from, held.not_after) > need)
    complain(stream.text + " ran out at " + rfc3339_seconds(held.not_after) + " without a successor (seen " +
             rfc3339_seconds(now) + "), and could have been rotated");
  else
    ++excused_;
}

void LedgerCheck::begin(const Record& record, const RotationDue& due) {
  ++rotations_;
  if (due.mode != "renew") return;
  const SignerName& signer = record.csr_before()->object->spec->signer_name;
  auto& begun = begun_[signer];
  const Timestamp now = record.stamp.recorded_at;
  begun.push_back(now);
  const RateCap& cap = limits_.per_signer;
  const std::int64_t spacing = cap.period.microseconds / cap.limit;
  // In each interval that ends now: burst and one for each spacing.
  while (!begun.empty() && now - begun.front() > Duration{cap.period.microseconds * 2}) begun.pop_front();
  for (std::size_t i = 0; i < begun.size(); ++i) {
    const std::int64_t allowed = cap.burst + (now - begun[i]).microseconds / spacing;
    if (static_cast<std::int64_t>(begun.size() - i) > allowed) {
      complain(std::to_string(begun.size() - i) + " rotations of " + signer.text + " within " +
               std::to_string((now - begun[i]).microseconds) + " µs, at " + rfc3339_micro(now));
      break;
    }
  }
  in_flight_[csr_stream(due.successor).text] = 1;
  most_in_flight_ = std::max(most_in_flight_, in_flight_.size());
  if (static_cast<std::int64_t>(in_flight_.size()) > limits_.in_flight)
    complain(std::to_string(in_flight_.size()) + " rotations in flight at " + rfc3339_micro(now));
}

void LedgerCheck::note(const Record& record) {
  const CsrEvent* event = record.csr_event();
  if (!event) return;
  const StreamId& stream = record.stamp.stream;
  if (const auto* due = std::get_if<RotationDue>(event)) return begin(record, *due);
  if (const auto* made = std::get_if<Signed>(event)) {
    ++certificates_;
    in_flight_.erase(stream.text);
    if (++signatures_[made->uid.text] > 1) complain(stream.text + " has two certificates");
    return;
  }
  if (const auto* failed = std::get_if<RotationFailed>(event)) {
    in_flight_.erase(csr_stream(failed->successor).text);
    return;
  }
  if (const auto* rotated = std::get_if<Rotated>(event)) {
    const LedgerEntry* held = record.csr_after()->certificate_of(rotated->uid);
    if (held && record.stamp.recorded_at >= held->not_after && !held->expired)
      ended_without_successor(stream, *held, record.stamp.recorded_at);
    return;
  }
  if (const auto* expired = std::get_if<Expired>(event)) {
    const LedgerEntry* held = record.csr_after()->certificate_of(expired->uid);
    if (record.stamp.recorded_at < held->not_after + seconds(1)) complain(stream.text + " expired early");
    if (held && held->successor.empty()) ended_without_successor(stream, *held, record.stamp.recorded_at);
    signatures_.erase(expired->uid.text);
    host_acts_.erase(stream.text);
  }
}

}  // namespace csrflow::test
