#include "store/candidate_source.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>

#include "store/error.hpp"
#include "store/object_reader.hpp"
#include "store/reached_views.hpp"
#include "store/reset.hpp"
#include "store/sqlite.hpp"
#include "store/text_map.hpp"

namespace csrflow::store {
namespace {

// Labels are parsed only where they matter: of a million requests that is most of the time.
constexpr std::string_view requests_sql =
    "SELECT name, uid, CASE WHEN ?3 OR instr(labels, ?4) > 0 THEN labels ELSE '{}' END, "
    "CASE WHEN ?1 = '' THEN json_extract(fields, '$.\"spec.signerName\"') ELSE ?1 END FROM object "
    "WHERE resource = 'certificatesigningrequests' AND deleted_at IS NULL "
    "AND (?1 = '' OR json_extract(fields, '$.\"spec.signerName\"') = ?1) ";
constexpr auto certificate_sql =
    "SELECT c.serial, c.not_before, u.not_after FROM certificate c JOIN unreplaced u USING (signed_at) "
    "WHERE c.stream = ?1 AND c.uid = ?2 AND c.foreign_ca = 0 AND u.not_after > ?3";
constexpr auto holder_sql =
    "SELECT j.name FROM job_target t JOIN job j ON j.name = t.job "
    "WHERE t.uid = ?1 AND j.phase NOT IN ('finished', 'cancelled') LIMIT 1";
constexpr auto steady_sql =
    "SELECT (due - ?1) / ?2, count(*) FROM timer WHERE due >= ?1 AND due < ?3 "
    "AND kind IN ('rotate', 'rotate-retry') GROUP BY 1";

bool has_labels(const engine::StringMap& labels, const engine::StringMap& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& one) {
    const auto found = labels.find(one.first);
    return found != labels.end() && found->second == one.second;
  });
}

/// One look at the requests, all in one transaction.
class Look {
 public:
  Look(SQLite::Database& db, const engine::JobSelection& selection, engine::Timestamp now)
      : selection_(selection),
        transaction_(db),
        all_(db, std::string(requests_sql) + "ORDER BY name"),
        one_(db, std::string(requests_sql) + "AND name = ?2"),
        certificate_(db, certificate_sql),
        holder_(db, holder_sql),
        jobs_run_(db.execAndGet("SELECT EXISTS (SELECT 1 FROM job WHERE phase NOT IN ('finished', "
                                "'cancelled'))")
                      .getInt() != 0),
        now_(now) {}

  std::vector<engine::JobCandidate> candidates(std::size_t most) {
    if (selection_.names.empty()) {
      read(all_, most);
    } else {
      std::vector<std::string> names = selection_.names;
      std::ranges::sort(names);
      names.erase(std::unique(names.begin(), names.end()), names.end());
      for (const std::string& name : names) {
        one_.bind(2, name);
        read(one_, most);
      }
    }
    return std::move(found_);
  }

 private:
  void read(SQLite::Statement& requests, std::size_t most) {
    const Reset reset(requests);
    requests.bind(1, selection_.signer.text);
    requests.bind(3, selection_.labels.empty() ? 0 : 1);
    requests.bind(4, std::string(engine::label::agent));
    while (found_.size() <= most && requests.executeStep()) take(requests);
  }

  void take(const SQLite::Statement& request) {
    engine::StringMap labels;
    if (std::string text = request.getColumn(2).getString(); text != "{}") labels = map_from_text(text);
    if (!has_labels(labels, selection_.labels)) return;
    engine::JobCandidate one;
    one.target.stream = engine::csr_stream(request.getColumn(0).getString());
    one.uid = {request.getColumn(1).getString()};
    one.target.signer = {request.getColumn(3).getString()};
    one.target.agent = labels.contains(std::string(engine::label::agent)) ? engine::AgentState::present
                                                                          : engine::AgentState::none;
    if (!read_certificate(one)) return;
    if (jobs_run_) one.job = holder_of(one.uid);
    found_.push_back(std::move(one));
  }

  bool read_certificate(engine::JobCandidate& one) {
    const Reset reset(certificate_);
    certificate_.bind(1, one.target.stream.text);
    certificate_.bind(2, one.uid.text);
    certificate_.bind(3, now_.microseconds);
    if (!certificate_.executeStep()) return false;
    auto serial = engine::from_hex(certificate_.getColumn(0).getString());
    if (!serial) throw StoreError("views.db is damaged: the serial number of " + one.target.stream.text);
    one.target.serial = {std::move(*serial)};
    one.target.not_after = {certificate_.getColumn(2).getInt64()};
    const engine::Timestamp not_before{certificate_.getColumn(1).getInt64()};
    one.target.lifetime = one.target.not_after - not_before + engine::seconds(1);
    return true;
  }

  std::string holder_of(const engine::Uid& uid) {
    const Reset reset(holder_);
    holder_.bind(1, uid.text);
    return holder_.executeStep() ? holder_.getColumn(0).getString() : std::string();
  }

  const engine::JobSelection& selection_;
  const ReadTransaction transaction_;
  SQLite::Statement all_;
  SQLite::Statement one_;
  SQLite::Statement certificate_;
  SQLite::Statement holder_;
  const bool jobs_run_;
  const engine::Timestamp now_;
  std::vector<engine::JobCandidate> found_;
};

}  // namespace

void SqliteCandidateSource::reach(engine::Position position) {
  wait_until_reached(views_, position);
}

std::vector<engine::JobCandidate> SqliteCandidateSource::candidates(const engine::JobSelection& selection,
                                                                    engine::Timestamp now, std::size_t most) {
  const auto db = open_views(files_);
  return Look(*db, selection, now).candidates(most);
}

std::vector<std::uint64_t> SqliteCandidateSource::steady_load(engine::Timestamp start,
                                                              engine::Duration bucket, std::size_t buckets) {
  std::vector<std::uint64_t> load(buckets);
  if (buckets == 0) return load;
  const auto db = open_views(files_);
  SQLite::Statement rows(*db, steady_sql);
  rows.bind(1, start.microseconds);
  rows.bind(2, bucket.microseconds);
  rows.bind(3, start.microseconds + bucket.microseconds * static_cast<std::int64_t>(buckets));
  while (rows.executeStep())
    load[static_cast<std::size_t>(rows.getColumn(0).getInt64())] =
        static_cast<std::uint64_t>(rows.getColumn(1).getInt64());
  return load;
}

}  // namespace csrflow::store
