// views.db is written with synchronous=OFF: after a crash of the program it is sound, since the kernel has
// all of it; after a crash of the machine it may look sound and be wrong inside. So the row in `reached`
// holds the kernel's boot id and whether the file was closed and synced; another boot without that mark means
// making it anew.
#include "store/views_file.hpp"

#include <SQLiteCpp/Statement.h>

#include <fstream>

#include "store/error.hpp"
#include "store/migrations.hpp"
#include "store/sqlite.hpp"
#include "store/views.hpp"

namespace csrflow::store {
namespace {

constexpr std::uint64_t checked_at_start_bytes = 256ULL * 1024 * 1024;  // a tenth of a second

constexpr auto owner_only = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  if (!std::getline(file, id)) throw StoreError("cannot read /proc/sys/kernel/random/boot_id");
  return id;
}

std::filesystem::path beside(const DataFiles& files) {
  auto path = files.views();
  path += ".new";
  return path;
}

void remove_database(const std::filesystem::path& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path.string() + suffix);
}

}  // namespace

std::string why_untrusted(SQLite::Database& db, engine::Position head) {
  check_schema(db, views_application_id, view_migrations, false);
  SQLite::Statement row(db, "SELECT position, boot, clean FROM reached");
  if (!row.executeStep()) return "it is damaged";
  if (row.getColumn(2).getInt() != 1 && row.getColumn(1).getString() != boot_id())
    return "the machine went down while it was open";
  if (static_cast<std::uint64_t>(row.getColumn(0).getInt64()) > head.value) return "it is ahead of the log";
  row.reset();
  if (std::filesystem::file_size(db.getFilename()) < checked_at_start_bytes)
    if (const auto wrong = quick_check(db); !wrong.empty()) return "it is damaged: " + wrong;
  return "";
}

ViewsFile::ViewsFile(const DataFiles& files, engine::Position head, std::string maker)
    : files_(files), maker_(std::move(maker)) {
  if (!std::filesystem::exists(files_.views())) {
    reason_ = "there is none";
  } else {
    try {
      db_ = open_connection(files_.views(), Access::write);
      set_up_writer(*db_, Durability::off);
      reason_ = why_untrusted(*db_, head);
      if (reason_.empty() && db_->execAndGet("SELECT maker FROM reached").getString() != maker_)
        reason_ = "another version of csrflow made it";
    } catch (const SQLite::Exception& e) {
      reason_ = std::string("it is damaged: ") + e.what();
    } catch (const StoreError& e) {
      reason_ = e.what();
    }
  }
  try {
    if (!reason_.empty()) {
      if (db_) abandon(*db_);
      db_.reset();
      remove_database(beside(files_));
      db_ = open_connection(beside(files_), Access::create);
      set_up_writer(*db_, Durability::off);
      create_schema(*db_, views_application_id, view_migrations);
      std::filesystem::permissions(beside(files_), owner_only);
    }
    mark(false);
  } catch (const SQLite::Exception& e) {
    throw StoreError(files_.views().string() + " cannot be written: " + e.what());
  }
}

void ViewsFile::mark(bool clean) {
  // Written durably: a mark that a power loss brings back would make a torn file look trusted.
  set_pragma(*db_, "synchronous", 2);
  SQLite::Statement write(*db_, "UPDATE reached SET boot = ?1, maker = ?2, clean = ?3");
  write.bind(1, boot_id());
  write.bind(2, maker_);
  write.bind(3, 0);
  write.exec();
  // This write makes the checkpoint sync the whole file, so that the mark comes after all else.
  const bool complete = checkpoint(*db_, Checkpoint::truncate);
  if (clean && complete) {
    write.reset();
    write.bind(3, 1);
    write.exec();
    checkpoint(*db_, Checkpoint::truncate);
  }
  write.reset();
  set_pragma(*db_, "synchronous", 0);
}

void ViewsFile::put_in_place() {
  checkpoint(*db_, Checkpoint::truncate);
  db_.reset();
  remove_database(files_.views());
  std::filesystem::rename(beside(files_), files_.views());
  db_ = open_connection(files_.views(), Access::write);
  set_up_writer(*db_, Durability::off);
}

void ViewsFile::close_cleanly() {
  mark(true);
  db_.reset();
}

void ViewsFile::discard() {
  if (db_) abandon(*db_);
  db_.reset();
  remove_database(files_.views());
  remove_database(beside(files_));
}

}  // namespace csrflow::store
