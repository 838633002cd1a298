#include "bench/append.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "bench/repeat.hpp"
#include "store/event_log.hpp"

namespace csrflow::bench {
namespace {

constexpr std::size_t certificates_a_commit = 64;

std::vector<engine::NewEvent> rows_of(const std::vector<engine::StoredEvent>& certificate) {
  std::vector<engine::NewEvent> rows;
  std::map<engine::StreamId, engine::Version> versions;
  const engine::Timestamp now = certificate.back().recorded_at;  // times never run backwards
  for (const engine::StoredEvent& e : certificate) {
    const engine::Version version{++versions[e.stream].value};
    engine::NewEvent row{e.stream, version, e.type, e.schema, now, e.context, e.data, {}};
    std::ranges::copy(e.salt, row.salt.begin());
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Time of one commit that holds this many copies of the rows.
Microseconds commit(const std::filesystem::path& directory, const std::vector<engine::NewEvent>& rows,
                    std::size_t copies, Seconds time) {
  const store::DataDirectory files(directory);
  store::SqliteEventLog log(files);
  std::vector<engine::NewEvent> all;
  for (std::size_t i = 0; i < copies; ++i) std::ranges::copy(rows, std::back_inserter(all));
  engine::Position head;
  std::uint64_t number = 0;
  return average(time, [&] {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i % rows.size() == 0) ++number;
      all[i].stream.text = rows[i % rows.size()].stream.text + "-bound-" + std::to_string(number);
    }
    if (auto done = log.append(head, all); !done) throw std::runtime_error(done.error().message);
    head.value += all.size();
  });
}

}  // namespace

Microseconds append(const std::filesystem::path& directory,
                    const std::vector<engine::StoredEvent>& certificate, Seconds time) {
  const auto events = static_cast<double>(certificates_a_commit * certificate.size());
  return commit(directory, rows_of(certificate), certificates_a_commit, time) / events;
}

Microseconds commit_alone(const std::filesystem::path& directory,
                          const std::vector<engine::StoredEvent>& certificate, Seconds time) {
  return commit(directory, rows_of({certificate.front()}), 1, time);
}

}  // namespace csrflow::bench
