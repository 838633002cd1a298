#include "store/past_source.hpp"

#include "store/error.hpp"
#include "store/object_reader.hpp"
#include "store/past_projection.hpp"
#include "store/reset.hpp"

namespace csrflow::store {
namespace {

std::string requests_text(bool read) {
  return ", requests " + (read ? std::to_string(engine::past_version) : "unread");
}

std::unique_ptr<SQLite::Database> opened(const DataFiles& files) {
  if (!std::filesystem::exists(files.views()))
    throw StoreError("there are no views in " + files.directory.string() +
                     ": the server makes them when it starts");
  auto db = open_views(files);
  const std::string maker = db->execAndGet("SELECT maker FROM reached").getString();
  if (!maker.ends_with(requests_text(true)))
    throw StoreError(
        "the views in " + files.directory.string() +
        " keep requests as another version of csrflow reads them: start the server once, it makes "
        "them anew");
  return db;
}

}  // namespace

std::string maker_text(const std::string& program, bool reads_requests) {
  return program + requests_text(reads_requests);
}

SqlitePastSource::SqlitePastSource(const DataFiles& files)
    : db_(opened(files)),
      head_{static_cast<std::uint64_t>(db_->execAndGet("SELECT position FROM reached").getInt64())},
      rows_(*db_,
            "SELECT position, request, recorded_at, data FROM past WHERE position > ?1 AND position <= ?2 "
            "ORDER BY position LIMIT ?3"),
      certificate_(*db_,
                   "SELECT signed_at, serial, fingerprint, not_before, not_after FROM certificate "
                   "WHERE stream = ?1 AND uid = ?2") {}

std::vector<engine::PastRow> SqlitePastSource::next(std::size_t limit) {
  const Reset reset(rows_);
  rows_.bind(1, sql_position(position_));
  rows_.bind(2, sql_position(head_));
  rows_.bind(3, static_cast<std::int64_t>(limit));
  std::vector<engine::PastRow> rows;
  while (rows_.executeStep())
    rows.push_back({{static_cast<std::uint64_t>(rows_.getColumn(0).getInt64())},
                    {static_cast<std::uint64_t>(rows_.getColumn(1).getInt64())},
                    {rows_.getColumn(2).getInt64()},
                    rows_.getColumn(3).getString()});
  if (!rows.empty()) position_ = rows.back().position;
  return rows;
}

std::optional<engine::PastSource::Certificate> SqlitePastSource::certificate(const std::string& request,
                                                                             const engine::Uid& uid) {
  const Reset reset(certificate_);
  const std::string stream = engine::csr_stream(request).text;
  certificate_.bindNoCopy(1, stream);
  certificate_.bindNoCopy(2, uid.text);
  if (!certificate_.executeStep()) return std::nullopt;
  Certificate found;
  found.signed_at = {static_cast<std::uint64_t>(certificate_.getColumn(0).getInt64())};
  found.entry.uid = uid;
  found.entry.serial = {engine::from_hex(certificate_.getColumn(1).getString()).value_or("")};
  found.entry.fingerprint = certificate_.getColumn(2).getString();
  found.entry.not_before = {certificate_.getColumn(3).getInt64()};
  found.entry.not_after = {certificate_.getColumn(4).getInt64()};
  found.entry.signed_at = found.signed_at;
  return found;
}

}  // namespace csrflow::store
