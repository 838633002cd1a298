// A file system in memory that forgets what was not synced, and a machine that can be stopped before any of
// its calls.
//
// What survives a power loss: of a file what was there at its last sync; of a directory what was there at its
// last sync and any choice of the changes since, each whole. Making a directory path (make_directories) is
// durable.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "agent/file_system.hpp"

namespace csrflow::agent::test {

/// The agent was killed, or its machine lost power. No std::exception: nobody may take it for a failed call.
struct Stopped {};

class SimulatedDisk final : public FileSystem {
 public:
  SimulatedDisk();
  /// The same content, synced and not, on another machine: nothing is open, nobody watches.
  SimulatedDisk(const SimulatedDisk&);
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  /// Every call but close counts, from 1 on. 0: none.
  void stop_before(int call) { stop_ = call_ + call; }
  /// The call fails with this errno, once.
  void fail_at(int call, int error_number);
  unsigned calls() const { return static_cast<unsigned>(call_); }
  bool failed() const { return fail_ != 0 && call_ >= fail_; }
  /// Is called after each call.
  void watch(std::function<void()> observer) { observer_ = std::move(observer); }

  /// As after kill -9: open files and locks are gone.
  void restart();
  /// As after a power loss; `survives` is asked of each change of a directory that was not synced.
  void lose_power(const std::function<bool()>& survives);

  /// The file's content, symlinks followed; nothing when it is not there.
  std::optional<std::string> content(const std::string& path) const;
  /// Every file's path, and whose it is.
  std::map<std::string, FileFacts> files() const;
  bool exists(const std::string& path) const { return find(path) != nullptr; }

  void make_directories(const std::filesystem::path&) override;
  OpenFile open_directory(const std::filesystem::path&) override;
  OpenFile open_directory_at(const OpenFile&, const std::string&) override;
  OpenFile create_file(const OpenFile&, const std::string&) override;
  OpenFile open_file(const OpenFile&, const std::string&) override;
  std::size_t write(const OpenFile&, std::string_view) override;
  std::size_t read(const OpenFile&, char*, std::size_t) override;
  void sync(const OpenFile&) override;
  void change_owner(const OpenFile&, std::optional<uid_t>, std::optional<gid_t>) override;
  void change_mode(const OpenFile&, mode_t) override;
  bool try_lock(const OpenFile&) override;
  void make_directory(const OpenFile&, const std::string&, mode_t) override;
  void make_symlink(const std::string&, const OpenFile&, const std::string&) override;
  void rename(const OpenFile&, const std::string&, const std::string&) override;
  void remove_file(const OpenFile&, const std::string&) override;
  void remove_directory(const OpenFile&, const std::string&) override;
  std::string read_symlink(const OpenFile&, const std::string&) override;
  std::optional<FileFacts> facts(const OpenFile&, const std::string&) override;
  std::vector<std::string> names(const OpenFile&) override;

 private:
  struct Node;
  using NodePtr = std::shared_ptr<Node>;
  using Entries = std::map<std::string, NodePtr>;
  struct Change {
    std::string removed;  // or empty
    std::string added;    // or empty
    NodePtr node;         // that is added
  };
  using Copies = std::map<const Node*, NodePtr>;
  struct Node {
    FileFacts facts{};
    std::string content, durable_content;  // of a symlink its target, durable at once
    Entries entries, durable_entries;
    std::vector<Change> unsynced;
  };
  struct Open {
    NodePtr node;
    std::size_t position = 0;
  };

  /// Counts, stops, fails.
  class Call;
  Node& node(const OpenFile&) const;
  NodePtr entry(const OpenFile&, const std::string&) const;
  NodePtr find(const std::string& path) const;
  OpenFile open(NodePtr, std::filesystem::path);
  static void apply(const Change&, Entries&);
  static void change(Node& directory, Change);
  static NodePtr copied(const NodePtr&, Copies&);
  static void forget(Node&, const std::function<bool()>& survives);
  void close(int descriptor) noexcept override;

  NodePtr root_;
  std::map<int, Open> open_;
  std::set<Node*> locked_;
  std::function<void()> observer_;
  int call_ = 0, stop_ = 0, fail_ = 0, fail_with_ = 0, next_descriptor_ = 3;
};

}  // namespace csrflow::agent::test
