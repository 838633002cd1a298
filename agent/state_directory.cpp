// DIR/                      locked (flock) while an agent has it
//   versions/NAME/          complete before it has this name, then never changed
//     tls.key tls.crt ca.crt full.pem meta.json
//   current -> versions/NAME
//   pending/                complete before it has this name; there is a request under way
//     tls.key request.pem meta.json
//
// pending/meta.json: {"request": name, "generation": number}.
// Names that begin with a dot are under way, or left by a crash: .pending-* .current-* .write-test-* in DIR,
// .tmp-* in versions. Each change is made under such a name, synced, and gets its name by one rename, after
// which the directory is synced.
#include "agent/state_directory.hpp"

#include <algorithm>

#include "agent/certificate.hpp"
#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::agent {
namespace {

const std::string current_name = "current", pending_name = "pending", versions_name = "versions";
const std::string key_name = "tls.key", certificate_name = "tls.crt", authorities_name = "ca.crt",
                  combined_name = "full.pem", request_file_name = "request.pem", meta_name = "meta.json";
constexpr std::string_view pending_prefix = ".pending-", link_prefix = ".current-",
                           test_prefix = ".write-test-", version_prefix = ".tmp-";

constexpr mode_t private_directory = 0700;
constexpr FileAccess private_file{.mode = 0600};
constexpr FileAccess open_file_access{.mode = 0644};
// More than a version needs.
constexpr std::size_t write_test_bytes = 64 * 1024;
constexpr std::size_t least_kept_versions = 2;

OpenFile opened(FileSystem& files, const std::filesystem::path& path, const FileLayout& layout) {
  if (const auto refusal = refusal_of(layout)) throw StateError(path.string() + ": " + *refusal);
  files.make_directories(path);
  OpenFile directory = files.open_directory(path);
  if (!files.try_lock(directory)) throw StateError(path.string() + " is in use by another agent");
  return directory;
}

bool is_leftover(std::string_view name) {
  return name.starts_with(pending_prefix) || name.starts_with(link_prefix) || name.starts_with(test_prefix) ||
         name.starts_with(version_prefix);
}

std::string pending_meta(const PendingRequest& pending) {
  std::string text;
  {
    engine::JsonObject object(text);
    object.text("request", pending.name);
    object.number("generation", pending.generation);
  }
  return text + "\n";
}

struct PendingMeta {
  std::string request;
  std::int64_t generation = 0;
};

std::expected<PendingMeta, std::string> parse_pending_meta(std::string_view text) {
  PendingMeta meta;
  try {
    engine::JsonReader reader(text);
    reader.object([&](std::string_view member) {
      if (member == "request") meta.request = reader.text();
      if (member == "generation") meta.generation = reader.integer();
    });
  } catch (const engine::MalformedJson& error) {
    return std::unexpected(error.what());
  }
  if (meta.request.empty()) return std::unexpected(meta_name + " names no request");
  return meta;
}

StateError damaged(const OpenFile& folder, const std::string& why) {
  return StateError(folder.path().string() + " is damaged: " + why +
                    "; remove the directory, and a new request is made");
}

PendingMeta read_pending_meta(FileSystem& files, const OpenFile& folder) {
  auto meta = parse_pending_meta(read_file(files, folder, meta_name, max_meta_bytes).view());
  if (!meta) throw damaged(folder, meta.error());
  return std::move(*meta);
}

}  // namespace

std::optional<std::string> refusal_of(const FileLayout& layout) {
  constexpr mode_t others = 0007, group_change = 0030, owner_read = 0400, foreign_write = 0022,
                   owner_all = 0700;
  if ((layout.key.mode & others) != 0)
    return "a private key that everybody can read is refused; give it the mode 0600, or 0640 and a group";
  if ((layout.key.mode & group_change) != 0)
    return "a group may read a private key, not change it; give it the mode 0640";
  for (const FileAccess* access : {&layout.key, &layout.certificate, &layout.authorities}) {
    if ((access->mode & owner_read) == 0) return "a file that its owner cannot read is of no use";
    if ((access->mode & foreign_write) != 0) return "a certificate that others can write is refused";
  }
  if ((layout.directory_mode & owner_all) != owner_all)
    return "the agent must be able to use its own directories: their mode begins with 07";
  if ((layout.directory_mode & foreign_write) != 0) return "directories that others can write are refused";
  if (layout.kept_versions < least_kept_versions)
    return "two versions at least are kept, so that there is one to go back to";
  return std::nullopt;
}

StateDirectory::StateDirectory(FileSystem& files, const std::filesystem::path& path, FileLayout layout)
    : files_(files), layout_(layout), directory_(opened(files, path, layout)), versions_(open_versions()) {
  refuse_foreign_current();
  remove_leftovers();
}

OpenFile StateDirectory::open_versions() {
  if (!files_.facts(directory_, versions_name)) {
    files_.change_mode(directory_, layout_.directory_mode);
    files_.make_directory(directory_, versions_name, private_directory);
    files_.sync(directory_);
  }
  OpenFile versions = files_.open_directory_at(directory_, versions_name);
  files_.change_mode(versions, layout_.directory_mode);
  return versions;
}

void StateDirectory::refuse_foreign_current() {
  const auto facts = files_.facts(directory_, current_name);
  if (!facts) return;
  if (facts->kind != FileFacts::Kind::symlink)
    throw StateError(
        current_path().string() +
        " is no symlink, so that it cannot be replaced at once; move it away, and the agent makes "
        "it a symlink");
  const std::string target = files_.read_symlink(directory_, current_name);
  if (!target.starts_with(versions_name + "/"))
    throw StateError(current_path().string() + " leads to " + target +
                     ", which the agent did not make; remove the symlink, and the agent makes its own");
}

void StateDirectory::remove_leftovers() {
  for (const std::string& name : files_.names(directory_)) {
    if (!is_leftover(name)) continue;
    if (name.starts_with(pending_prefix))
      remove_folder(files_, directory_, name);
    else
      files_.remove_file(directory_, name);
  }
  for (const std::string& name : files_.names(versions_))
    if (is_leftover(name)) remove_folder(files_, versions_, name);
}

std::filesystem::path StateDirectory::current_path() const {
  return directory_.path() / current_name;
}

void StateDirectory::require_writable() {
  remove_leftovers();
  const std::string name = temporary_name(test_prefix);
  write_file(files_, directory_, name, std::string(write_test_bytes, '\0'), private_file);
  files_.remove_file(directory_, name);
}

std::optional<PendingRequest> StateDirectory::pending() {
  if (!files_.facts(directory_, pending_name)) return std::nullopt;
  const OpenFile folder = files_.open_directory_at(directory_, pending_name);
  PendingMeta meta = read_pending_meta(files_, folder);
  auto key = PrivateKey::read(read_file(files_, folder, key_name, max_key_pem).view());
  if (!key) throw damaged(folder, key_name + " " + key.error());
  const Secret request = read_file(files_, folder, request_file_name, max_request_pem);
  return PendingRequest{std::move(meta.request), meta.generation, std::move(*key),
                        engine::Bytes(request.view())};
}

void StateDirectory::keep_pending(const PendingRequest& pending) {
  if (files_.facts(directory_, pending_name))
    throw StateError((directory_.path() / pending_name).string() +
                     " is there: a request is under way, whose key is not to be lost");
  remove_leftovers();
  const std::string name = temporary_name(pending_prefix);
  files_.make_directory(directory_, name, private_directory);
  {
    const OpenFile folder = files_.open_directory_at(directory_, name);
    write_file(files_, folder, key_name, pending.key.pem().view(), private_file);
    write_file(files_, folder, request_file_name, pending.request, private_file);
    write_file(files_, folder, meta_name, pending_meta(pending), private_file);
    files_.sync(folder);
  }
  files_.rename(directory_, name, pending_name);
  files_.sync(directory_);
}

void StateDirectory::drop_pending() {
  if (!files_.facts(directory_, pending_name)) return;
  const std::string name = temporary_name(pending_prefix);
  files_.rename(directory_, pending_name, name);
  files_.sync(directory_);
  remove_folder(files_, directory_, name);
  files_.sync(directory_);
}

std::optional<Version> StateDirectory::version(const std::string& name) {
  if (!files_.facts(versions_, name)) return std::nullopt;
  const OpenFile folder = files_.open_directory_at(versions_, name);
  auto facts = parse_version_facts(read_file(files_, folder, meta_name, max_meta_bytes).view());
  if (!facts)
    throw StateError((folder.path() / meta_name).string() + " is damaged: " + facts.error() +
                     "; remove the version's directory");
  return Version{name, std::move(*facts)};
}

std::optional<Version> StateDirectory::current() {
  refuse_foreign_current();
  if (!files_.facts(directory_, current_name)) return std::nullopt;
  return version(files_.read_symlink(directory_, current_name).substr(versions_name.size() + 1));
}

std::optional<Version> StateDirectory::previous() {
  const auto now = current();
  if (!now || now->facts.replaces.empty()) return std::nullopt;
  return version(now->facts.replaces);
}

std::vector<Version> StateDirectory::versions() {
  std::vector<Version> found;
  for (const std::string& name : files_.names(versions_))
    if (!is_leftover(name)) found.push_back(*version(name));
  std::ranges::reverse(found);
  return found;
}

engine::Bytes StateDirectory::content(const Version& version, const std::string& file, std::size_t most) {
  const OpenFile folder = files_.open_directory_at(versions_, version.name);
  return engine::Bytes(read_file(files_, folder, file, most).view());
}

engine::Bytes StateDirectory::certificate(const Version& version) {
  return content(version, certificate_name, max_chain_pem);
}

engine::Bytes StateDirectory::authorities(const Version& version) {
  return content(version, authorities_name, max_bundle_pem);
}

PrivateKey StateDirectory::key(const Version& version) {
  const OpenFile folder = files_.open_directory_at(versions_, version.name);
  auto key = PrivateKey::read(read_file(files_, folder, key_name, max_key_pem).view());
  if (!key) throw StateError((folder.path() / key_name).string() + " " + key.error());
  return std::move(*key);
}

bool StateDirectory::swapped() {
  if (!files_.facts(directory_, pending_name)) return false;
  const auto serving = current();
  const OpenFile folder = files_.open_directory_at(directory_, pending_name);
  return serving && serving->facts.request == read_pending_meta(files_, folder).request;
}

Version StateDirectory::add(const NewVersion& parts) {
  remove_leftovers();
  const auto serving = current();
  for (const Version& old : versions())
    if (old.facts.serial == parts.facts.serial && (!serving || old.name != serving->name)) remove(old);
  Version made{version_name(parts.facts), parts.facts};
  made.facts.replaces = serving ? serving->name : "";
  const std::string name = temporary_name(version_prefix);
  files_.make_directory(versions_, name, private_directory);
  {
    const OpenFile folder = files_.open_directory_at(versions_, name);
    Secret pem = parts.key.pem();
    write_file(files_, folder, key_name, pem.view(), layout_.key);
    write_file(files_, folder, certificate_name, parts.certificate, layout_.certificate);
    write_file(files_, folder, authorities_name, parts.authorities, layout_.authorities);
    if (layout_.combined) {
      pem.append(parts.certificate);
      write_file(files_, folder, combined_name, pem.view(), layout_.key);
    }
    write_file(files_, folder, meta_name, to_json(made.facts), open_file_access);
    files_.change_mode(folder, layout_.directory_mode);
    files_.sync(folder);
  }
  files_.rename(versions_, name, made.name);
  files_.sync(versions_);
  return made;
}

void StateDirectory::make_current(const Version& version) {
  refuse_foreign_current();
  const std::string name = temporary_name(link_prefix);
  files_.make_symlink(versions_name + "/" + version.name, directory_, name);
  files_.rename(directory_, name, current_name);
  files_.sync(directory_);
}

void StateDirectory::remove(const Version& version) {
  const std::string name = temporary_name(version_prefix);
  files_.rename(versions_, version.name, name);
  files_.sync(versions_);
  remove_folder(files_, versions_, name);
}

void StateDirectory::settle() {
  drop_pending();
  const auto serving = current();
  if (!serving) return;
  std::size_t kept = serving->facts.replaces.empty() ? 1 : 2;
  for (const Version& version : versions()) {
    if (version.name == serving->name || version.name == serving->facts.replaces) continue;
    if (++kept > layout_.kept_versions) remove(version);
  }
}

}  // namespace csrflow::agent
