// events.db is a SQLite database (schema: migrations/events/, application_id 0x63737266): WAL, 8 KiB pages,
// synchronous=FULL. It is made as `events.db.new` and renamed, so that an empty or half-made events.db is
// always damage. One connection appends and checkpoints, never beside another one that does: SQLite
// before 3.51.3 can lose commits when a checkpoint of one connection meets a commit of another that starts
// the WAL again (sqlite.org/wal.html#walresetbug).
#include "store/event_log.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <optional>

#include "store/error.hpp"
#include "store/event_reader.hpp"
#include "store/guard_vfs.hpp"
#include "store/leaf.hpp"
#include "store/migrations.hpp"
#include "store/sqlite.hpp"

namespace csrflow::store {
namespace {

constexpr std::uint64_t checked_at_start_bytes = 10ULL * 1024 * 1024 * 1024;  // about 0.25 s a GB
constexpr std::uint64_t idle_checkpoint_bytes = 4ULL * 1024 * 1024;
constexpr std::uint64_t row_overhead_bytes = 250;  // hashes, salt, stream, index entry

void create(const DataFiles& files, const std::string& vfs) {
  auto beside = files.events();
  beside += ".new";
  for (const char* suffix : {"", "-wal", "-shm", "-journal"})
    std::filesystem::remove(beside.string() + suffix);
  {
    auto db = open_connection(beside, Access::create, vfs);
    set_up_writer(*db, Durability::full);
    create_schema(*db, events_application_id, event_migrations);
    if (!checkpoint(*db, Checkpoint::truncate)) throw StoreError("cannot complete " + beside.string());
  }
  std::filesystem::permissions(beside,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::rename(beside, files.events());
  sync_directory(files.directory);
  sync_directory(files.directory.parent_path());  // the directory may be as new as its log
}

// What is only made beside a log says that there was one: an empty one in its place would look sound.
void refuse_to_begin_again(const DataFiles& files) {
  for (const auto& left : {files.views(), files.events_open_mark()})
    if (std::filesystem::exists(left))
      throw StoreError(files.events().string() + " is missing, but " + left.filename().string() +
                       " is there, so there was a log: restore it from a backup");
}

// Without room for it the log still opens: reading goes on, and appending says that the disk is full.
void set_aside(const std::filesystem::path& path, std::uint64_t bytes) {
  if (bytes == 0 || (std::filesystem::exists(path) && std::filesystem::file_size(path) >= bytes)) return;
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file || ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes)) != 0)
    std::filesystem::remove(path);
}

// One writing connection with its statements, prepared once.
struct Writer {
  std::unique_ptr<SQLite::Database> db;
  SQLite::Statement insert;
  SQLite::Statement head;

  explicit Writer(std::unique_ptr<SQLite::Database> connection)
      : db(std::move(connection)),
        insert(*db,
               "INSERT INTO event (position, stream, version, type, schema, recorded_at, context_hash, "
               "data_hash, "
               "salt, context, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
        head(*db, "SELECT coalesce(max(position), 0) FROM event") {}

  engine::Position read_head() {
    head.reset();
    head.executeStep();
    const engine::Position position{static_cast<std::uint64_t>(head.getColumn(0).getInt64())};
    head.reset();
    return position;
  }

  void bind_blob(int index, const void* bytes, std::size_t size) {
    insert.bindNoCopy(index, bytes, static_cast<int>(size));
  }

  void add(engine::Position position, const engine::NewEvent& event) {
    const std::string_view salt(reinterpret_cast<const char*>(event.salt.data()), event.salt.size());
    const auto context_hash = hash_of_context(salt, event.context);
    const auto data_hash = hash_of_data(salt, event.data);
    insert.bind(1, static_cast<std::int64_t>(position.value));
    insert.bindNoCopy(2, event.stream.text);
    insert.bind(3, static_cast<std::int64_t>(event.version.value));
    insert.bindNoCopy(4, event.type);
    insert.bind(5, static_cast<std::int64_t>(event.schema));
    insert.bind(6, event.recorded_at.microseconds);
    bind_blob(7, context_hash.data(), context_hash.size());
    bind_blob(8, data_hash.data(), data_hash.size());
    bind_blob(9, event.salt.data(), event.salt.size());
    bind_blob(10, event.context.data(), event.context.size());
    bind_blob(11, event.data.data(), event.data.size());
    try {
      insert.exec();
    } catch (const SQLite::Exception&) {
      insert.tryReset();
      throw;
    }
    insert.reset();
  }
};

std::uint64_t bytes_of(std::span<const engine::NewEvent> events) {
  std::uint64_t sum = 0;
  for (const auto& event : events) sum += event.context.size() + event.data.size() + row_overhead_bytes;
  return sum;
}

}  // namespace

struct SqliteEventLog::Implementation {
  DataFiles files;
  std::function<void(const std::string&)> tell_owner;
  std::string disk_failure;  // set by the guard, on the thread that appends
  GuardVfs guard;
  std::optional<Writer> writer;
  bool unclean = false;
  bool disk_full = false;
  bool failed = false;                 // for good
  std::uint64_t since_checkpoint = 0;  // bytes, roughly

  Implementation(const DataFiles& where, Options options)
      : files(where),
        tell_owner(std::move(options.on_disk_failure)),
        guard(options.vfs, [this](const auto& what) {
          disk_failure = what;
          if (tell_owner) tell_owner(what + "; nothing more is written to " + files.directory.string());
        }) {
    unclean = std::filesystem::exists(files.events_open_mark());
    try {
      if (!std::filesystem::exists(files.events())) {
        refuse_to_begin_again(files);
        create(files, guard.name());
      }
      auto db = open_connection(files.events(), Access::write, guard.name());
      set_up_writer(*db, Durability::full);
      check_schema(*db, events_application_id, event_migrations, true);
      check(*db);
      writer.emplace(std::move(db));
    } catch (const SQLite::Exception& e) {
      throw_unopened(files.events(), e);
    }
    set_aside(files.reserve(), options.reserve_bytes);
    mark_open();
  }

  void mark_open() {
    try {
      write_file_atomically(files.events_open_mark(), "");
    } catch (const StoreError&) {
      // A full disk must not keep the log from being read.
      if (std::filesystem::space(files.directory).available > idle_checkpoint_bytes) throw;
    }
  }

  void check(SQLite::Database& db) {
    if (unclean && std::filesystem::file_size(files.events()) < checked_at_start_bytes)
      if (const auto wrong = quick_check(db); !wrong.empty())
        throw StoreError(files.events().string() + " is damaged: " + wrong + "; restore it from a backup");
    if (db.execAndGet("SELECT coalesce(max(position), 0) <> count(*) FROM event").getInt() != 0)
      throw StoreError(files.events().string() + " is damaged: events are missing; restore it from a backup");
  }

  // Copies the whole write-ahead log back. On a full disk it needs what was set aside.
  bool copy_back(std::optional<engine::LogFailure>& why_not) {
    if (guard.poisoned() || failed) return false;
    for (const bool last_try : {false, true}) {
      if (disk_full) {
        std::error_code ignored;
        std::filesystem::remove(files.reserve(), ignored);
      }
      try {
        return checkpoint(*writer->db, Checkpoint::truncate);
      } catch (const SQLite::Exception& e) {
        const auto found = failure(e);
        if (found.retry && !last_try) continue;
        why_not.emplace(found);
      }
      break;
    }
    return false;
  }

  engine::LogFailure failure(const SQLite::Exception& e) {
    const std::string directory = files.directory.string();
    if ((e.getErrorCode() & 0xFF) == SQLITE_FULL) {
      disk_full = true;
      return {"disk full on " + directory + ": nothing was written; free space there and try again", true};
    }
    failed = true;
    if ((e.getErrorCode() & 0xFF) == SQLITE_BUSY)
      return {"another program writes to " + files.events().string() + ": end it and start again", false};
    return {
        "the log in " + directory + " cannot be written: " + (disk_failure.empty() ? e.what() : disk_failure),
        false};
  }
};

SqliteEventLog::SqliteEventLog(const DataDirectory& directory, Options options)
    : own_(std::make_unique<Implementation>(directory.files(), std::move(options))) {}

SqliteEventLog::~SqliteEventLog() {
  try {
    close();
  } catch (const engine::LogFailure&) {  // NOLINT(bugprone-empty-catch)
    // A destructor has nobody to tell. The mark stays, so the next start checks the log.
  }
}

std::expected<void, engine::AppendConflict> SqliteEventLog::append(engine::Position expected_head,
                                                                   std::span<const engine::NewEvent> events) {
  if (own_->failed || !own_->writer) throw engine::LogFailure("the log is closed", false);
  if (events.empty()) return {};
  Writer& writer = *own_->writer;
  engine::Position position = expected_head;
  try {
    WriteTransaction transaction(*writer.db);
    if (const auto head = writer.read_head(); head != expected_head)
      return std::unexpected(engine::AppendConflict{"the log is at position " + std::to_string(head.value) +
                                                    ", not at " + std::to_string(expected_head.value)});
    for (const auto& event : events) {
      ++position.value;
      writer.add(position, event);
    }
    transaction.commit();
  } catch (const SQLite::Exception& e) {
    if (e.getExtendedErrorCode() == SQLITE_CONSTRAINT_TRIGGER) {
      const auto& event = events[position.value - expected_head.value - 1];
      return std::unexpected(engine::AppendConflict{
          e.what() + std::string(" (") + engine::event_reference(event.stream, event.version) + ")"});
    }
    throw own_->failure(e);
  }
  own_->disk_full = false;
  own_->since_checkpoint += bytes_of(events);
  return {};
}

std::unique_ptr<engine::EventReader> SqliteEventLog::reader() const {
  return std::make_unique<SqliteEventReader>(own_->files);
}

void SqliteEventLog::idle() {
  if (!own_->writer || own_->failed || own_->since_checkpoint < idle_checkpoint_bytes) return;
  try {
    checkpoint(*own_->writer->db, Checkpoint::passive);
  } catch (const SQLite::Exception& e) {
    if (const auto failure = own_->failure(e); !failure.retry) throw failure;
  }
  own_->since_checkpoint = 0;
}

void SqliteEventLog::close() {
  if (!own_->writer) return;
  std::optional<engine::LogFailure> failure;
  const bool clean = own_->copy_back(failure);
  if (!clean) abandon(*own_->writer->db);
  own_->writer.reset();
  std::error_code ignored;  // a mark that stays costs a check
  if (clean) std::filesystem::remove(own_->files.events_open_mark(), ignored);
  if (failure) throw engine::LogFailure(*failure);
}

bool SqliteEventLog::found_unclean() const {
  return own_->unclean;
}
std::uint64_t SqliteEventLog::syncs() const {
  return own_->guard.syncs();
}

std::unique_ptr<engine::EventReader> SqliteEventLog::open_reader(const std::filesystem::path& directory) {
  return std::make_unique<SqliteEventReader>(existing_data_files(directory));
}

}  // namespace csrflow::store
