#include "tests/agent/simulated_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>

namespace csrflow::agent::test {
namespace {

constexpr mode_t default_file = 0600, default_directory = 0755;

[[noreturn]] void fail(int error_number) {
  throw FileError("simulated", error_number);
}

}  // namespace

/// Begins with the stop or the failure, ends with the observer.
class SimulatedDisk::Call {
 public:
  explicit Call(SimulatedDisk& disk) : disk_(disk) {
    if (disk.stop_ != 0 && disk.call_ + 1 >= disk.stop_) throw Stopped{};
    if (++disk.call_ == disk.fail_) fail(disk.fail_with_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() noexcept(false) {
    if (disk_.observer_ && std::uncaught_exceptions() == exceptions_) disk_.observer_();
  }

 private:
  SimulatedDisk& disk_;
  int exceptions_ = std::uncaught_exceptions();
};

SimulatedDisk::SimulatedDisk() : root_(std::make_shared<Node>()) {
  root_->facts = {FileFacts::Kind::directory, default_directory, 0, 0};
}

SimulatedDisk::SimulatedDisk(const SimulatedDisk& other) : FileSystem() {
  Copies copies;
  root_ = copied(other.root_, copies);
  call_ = other.call_;
}

SimulatedDisk::NodePtr SimulatedDisk::copied(const NodePtr& node, Copies& copies) {
  if (!node) return nullptr;
  NodePtr& copy = copies[node.get()];
  if (copy) return copy;
  const NodePtr made = copy = std::make_shared<Node>(*node);
  for (auto& [name, below] : made->entries) below = copied(below, copies);
  for (auto& [name, below] : made->durable_entries) below = copied(below, copies);
  for (Change& change : made->unsynced) change.node = copied(change.node, copies);
  return made;
}

void SimulatedDisk::fail_at(int call, int error_number) {
  fail_ = call_ + call;
  fail_with_ = error_number;
}

void SimulatedDisk::restart() {
  open_.clear();
  locked_.clear();
  stop_ = 0;
  fail_ = 0;
}

void SimulatedDisk::lose_power(const std::function<bool()>& survives) {
  restart();
  forget(*root_, survives);
}

void SimulatedDisk::forget(Node& node, const std::function<bool()>& survives) {
  node.content = node.durable_content;
  for (const Change& change : node.unsynced)
    if (survives()) apply(change, node.durable_entries);
  node.unsynced.clear();
  node.entries = node.durable_entries;
  for (auto& [name, below] : node.entries) forget(*below, survives);
}

SimulatedDisk::NodePtr SimulatedDisk::find(const std::string& path) const {
  NodePtr at = root_;
  std::filesystem::path so_far = "/";
  for (const auto& part : std::filesystem::path(path).relative_path()) {
    const auto found = at->entries.find(part.string());
    if (found == at->entries.end()) return nullptr;
    const bool leads_on = found->second->facts.kind == FileFacts::Kind::symlink;
    at = leads_on ? find((so_far / found->second->content).string()) : found->second;
    if (!at) return nullptr;
    so_far /= part;
  }
  return at;
}

std::optional<std::string> SimulatedDisk::content(const std::string& path) const {
  const NodePtr found = find(path);
  if (!found) return std::nullopt;
  return found->content;
}

std::map<std::string, FileFacts> SimulatedDisk::files() const {
  std::map<std::string, FileFacts> files;
  const std::function<void(const Node&, const std::string&)> visit = [&](const Node& directory,
                                                                         const std::string& path) {
    for (const auto& [name, below] : directory.entries) {
      if (below->facts.kind == FileFacts::Kind::file) files[path + "/" + name] = below->facts;
      visit(*below, path + "/" + name);
    }
  };
  visit(*root_, "");
  return files;
}

void SimulatedDisk::make_directories(const std::filesystem::path& path) {
  const Call call(*this);
  NodePtr at = root_;
  for (const auto& part : path.relative_path()) {
    auto& below = at->entries[part.string()];
    if (!below) {
      below = std::make_shared<Node>();
      below->facts = {FileFacts::Kind::directory, default_directory, 0, 0};
      at->durable_entries[part.string()] = below;
    }
    at = below;
  }
}

OpenFile SimulatedDisk::open(NodePtr node, std::filesystem::path path) {
  const int descriptor = next_descriptor_++;
  open_[descriptor] = {std::move(node)};
  return {*this, descriptor, std::move(path)};
}

void SimulatedDisk::close(int descriptor) noexcept {
  const auto found = open_.find(descriptor);
  if (found == open_.end()) return;
  locked_.erase(found->second.node.get());
  open_.erase(found);
}

SimulatedDisk::Node& SimulatedDisk::node(const OpenFile& file) const {
  return *open_.at(file.descriptor()).node;
}

SimulatedDisk::NodePtr SimulatedDisk::entry(const OpenFile& directory, const std::string& name) const {
  const Entries& entries = node(directory).entries;
  const auto found = entries.find(name);
  if (found == entries.end()) fail(ENOENT);
  return found->second;
}

void SimulatedDisk::apply(const Change& change, Entries& entries) {
  entries.erase(change.removed);
  if (!change.added.empty()) entries[change.added] = change.node;
}

void SimulatedDisk::change(Node& directory, Change change) {
  apply(change, directory.entries);
  directory.unsynced.push_back(std::move(change));
}

OpenFile SimulatedDisk::open_directory(const std::filesystem::path& path) {
  const Call call(*this);
  NodePtr found = find(path.string());
  if (!found) fail(ENOENT);
  return open(std::move(found), path);
}

OpenFile SimulatedDisk::open_directory_at(const OpenFile& directory, const std::string& name) {
  const Call call(*this);
  NodePtr found = entry(directory, name);
  if (found->facts.kind != FileFacts::Kind::directory) fail(ENOTDIR);
  return open(std::move(found), directory.path() / name);
}

OpenFile SimulatedDisk::create_file(const OpenFile& directory, const std::string& name) {
  const Call call(*this);
  if (node(directory).entries.contains(name)) fail(EEXIST);
  auto made = std::make_shared<Node>();
  made->facts = {FileFacts::Kind::file, default_file, 0, 0};
  change(node(directory), {.removed = {}, .added = name, .node = made});
  return open(made, directory.path() / name);
}

OpenFile SimulatedDisk::open_file(const OpenFile& directory, const std::string& name) {
  const Call call(*this);
  NodePtr found = entry(directory, name);
  if (found->facts.kind != FileFacts::Kind::file) fail(ELOOP);
  return open(std::move(found), directory.path() / name);
}

/// Takes half of what it is given, as a disk may.
std::size_t SimulatedDisk::write(const OpenFile& file, std::string_view bytes) {
  const Call call(*this);
  const std::size_t taken = bytes.size() - bytes.size() / 2;
  node(file).content += bytes.substr(0, taken < 64 ? bytes.size() : taken);
  return taken < 64 ? bytes.size() : taken;
}

std::size_t SimulatedDisk::read(const OpenFile& file, char* buffer, std::size_t most) {
  const Call call(*this);
  Open& open = open_.at(file.descriptor());
  const std::size_t count = open.node->content.copy(buffer, most, open.position);
  open.position += count;
  return count;
}

void SimulatedDisk::sync(const OpenFile& file) {
  const Call call(*this);
  Node& synced = node(file);
  synced.durable_content = synced.content;
  synced.durable_entries = synced.entries;
  synced.unsynced.clear();
}

void SimulatedDisk::change_owner(const OpenFile& file, std::optional<uid_t> owner,
                                 std::optional<gid_t> group) {
  const Call call(*this);
  node(file).facts.owner = owner.value_or(node(file).facts.owner);
  node(file).facts.group = group.value_or(node(file).facts.group);
}

void SimulatedDisk::change_mode(const OpenFile& file, mode_t mode) {
  const Call call(*this);
  node(file).facts.mode = mode;
}

bool SimulatedDisk::try_lock(const OpenFile& file) {
  const Call call(*this);
  return locked_.insert(&node(file)).second;
}

void SimulatedDisk::make_directory(const OpenFile& directory, const std::string& name, mode_t mode) {
  const Call call(*this);
  if (node(directory).entries.contains(name)) fail(EEXIST);
  auto made = std::make_shared<Node>();
  made->facts = {FileFacts::Kind::directory, mode, 0, 0};
  change(node(directory), {.removed = {}, .added = name, .node = made});
}

void SimulatedDisk::make_symlink(const std::string& target, const OpenFile& directory,
                                 const std::string& name) {
  const Call call(*this);
  if (node(directory).entries.contains(name)) fail(EEXIST);
  auto made = std::make_shared<Node>();
  made->facts = {FileFacts::Kind::symlink, 0777, 0, 0};
  made->content = made->durable_content = target;
  change(node(directory), {.removed = {}, .added = name, .node = made});
}

void SimulatedDisk::rename(const OpenFile& directory, const std::string& from, const std::string& to) {
  const Call call(*this);
  const NodePtr moved = entry(directory, from);
  const Entries& entries = node(directory).entries;
  if (const auto over = entries.find(to); over != entries.end()) {
    if (over->second->facts.kind == FileFacts::Kind::directory)
      fail(moved->facts.kind == FileFacts::Kind::directory ? ENOTEMPTY : EISDIR);
  }
  change(node(directory), {.removed = from, .added = to, .node = moved});
}

void SimulatedDisk::remove_file(const OpenFile& directory, const std::string& name) {
  const Call call(*this);
  if (entry(directory, name)->facts.kind == FileFacts::Kind::directory) fail(EISDIR);
  change(node(directory), {.removed = name, .added = {}, .node = nullptr});
}

void SimulatedDisk::remove_directory(const OpenFile& directory, const std::string& name) {
  const Call call(*this);
  const NodePtr removed = entry(directory, name);
  if (removed->facts.kind != FileFacts::Kind::directory) fail(ENOTDIR);
  if (!removed->entries.empty()) fail(ENOTEMPTY);
  change(node(directory), {.removed = name, .added = {}, .node = nullptr});
}

std::string SimulatedDisk::read_symlink(const OpenFile& directory, const std::string& name) {
  const Call call(*this);
  if (entry(directory, name)->facts.kind != FileFacts::Kind::symlink) fail(EINVAL);
  return entry(directory, name)->content;
}

std::optional<FileFacts> SimulatedDisk::facts(const OpenFile& directory, const std::string& name) {
  const Call call(*this);
  const Entries& entries = node(directory).entries;
  const auto found = entries.find(name);
  if (found == entries.end()) return std::nullopt;
  return found->second->facts;
}

std::vector<std::string> SimulatedDisk::names(const OpenFile& directory) {
  const Call call(*this);
  std::vector<std::string> names;
  for (const auto& [name, below] : node(directory).entries) names.push_back(name);
  return names;
}

}  // namespace csrflow::agent::test
