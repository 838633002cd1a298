#include "bench/rotations.hpp"

#include <algorithm>
#include <stdexcept>

#include "engine/streams.hpp"
#include "store/event_reader.hpp"

namespace csrflow::bench {

using namespace engine;

namespace {

constexpr std::size_t events_at_once = 4'096;
constexpr double microseconds_a_second = 1e6;

void take(Rotations& rotations, const StoredEvent& event) {
  if (event.type == "rotation_due") {
    Rotations::Times& times = rotations.by_stream[event.stream.text];
    if (times.begun == Timestamp{}) times.begun = event.recorded_at;
    if (rotations.first_begun == Timestamp{}) rotations.first_begun = event.recorded_at;
  }
  if (event.type == "rotated") {
    rotations.by_stream[event.stream.text].rotated = event.recorded_at;
    rotations.last_rotated = event.recorded_at;
    ++rotations.done;
  }
}

}  // namespace

double Rotations::per_second() const {
  const auto time = static_cast<double>((last_rotated - first_begun).microseconds);
  return time > 0 ? static_cast<double>(done) / time * microseconds_a_second : 0;
}

void read_rotations(const std::filesystem::path& data, Rotations& rotations) {
  store::SqliteEventReader log(store::existing_data_files(data));
  for (;;) {
    const std::vector<StoredEvent> events = log.after(rotations.read_to, events_at_once);
    if (events.empty()) return;
    for (const StoredEvent& event : events)
      if (event.stream.category() == "csr") take(rotations, event);
    rotations.read_to = events.back().position;
  }
}

std::vector<StoredEvent> events_of_one(const std::filesystem::path& data, const Rotations& rotations) {
  const auto found = std::ranges::find_if(rotations.by_stream, [](const auto& rotation) {
    return rotation.second.begun != Timestamp{} && rotation.second.rotated != Timestamp{};
  });
  if (found == rotations.by_stream.end()) throw std::runtime_error("nothing has rotated");
  store::SqliteEventReader log(store::existing_data_files(data));
  std::vector<StoredEvent> events;
  StreamId successor;
  for (StoredEvent& event : log.stream({found->first}, {})) {
    const Event read = decode(event);
    const auto* csr = std::get_if<CsrEvent>(&read);
    if (const auto* rotated = csr ? std::get_if<Rotated>(csr) : nullptr)
      successor = csr_stream(rotated->successor);
    if (event.recorded_at >= found->second.begun && event.recorded_at <= found->second.rotated)
      events.push_back(std::move(event));
  }
  for (StoredEvent& event : log.stream(successor, {}))
    if (event.recorded_at <= found->second.rotated) events.push_back(std::move(event));
  return events;
}

}  // namespace csrflow::bench
