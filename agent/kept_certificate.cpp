#include "agent/kept_certificate.hpp"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "agent/key.hpp"

namespace csrflow::agent {
namespace {

constexpr std::size_t account_buffer = 16 * 1024;  // bytes; as getpwnam_r needs

template <class Number>
std::optional<Number> number(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<uid_t> user_of(const std::string& name) {
  std::string buffer(account_buffer, '\0');
  passwd entry{}, *found = nullptr;
  getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found ? std::optional(found->pw_uid) : number<uid_t>(name);
}

std::optional<gid_t> group_of(const std::string& name) {
  std::string buffer(account_buffer, '\0');
  group entry{}, *found = nullptr;
  getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found ? std::optional(found->gr_gid) : number<gid_t>(name);
}

}  // namespace

std::string digest_of(const KeptCertificate& kept) {
  const CertificateWish& wish = kept.wish;
  std::string text = kept.signer.text + '\0' + std::string(name_of(wish.key)) + '\0';
  const auto add = [&](std::string_view kind, std::vector<std::string> values) {
    std::ranges::sort(values);
    for (const auto& value : values) text += std::string(kind) + '\0' + value + '\0';
  };
  for (const auto& [type, value] : wish.subject) add(type, {value});
  add("dns", wish.dns);
  add("ip", wish.ip);
  add("email", wish.email);
  add("uri", wish.uri);
  add("usage", wish.usages);
  const engine::Sha256 hash = sha256(text);
  return engine::to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::expected<FileLayout, std::string> layout_of(const KeptCertificate& kept) {
  FileLayout layout{.combined = kept.full_pem};
  layout.key.mode = kept.key_mode;
  if (!kept.owner.empty()) {
    layout.key.owner = user_of(kept.owner);
    if (!layout.key.owner) return std::unexpected("this machine has no user " + kept.owner);
  }
  if (!kept.group.empty()) {
    layout.key.group = group_of(kept.group);
    if (!layout.key.group) return std::unexpected("this machine has no group " + kept.group);
  }
  for (FileAccess* access : {&layout.certificate, &layout.authorities}) {
    access->owner = layout.key.owner;
    access->group = layout.key.group;
  }
  return layout;
}

}  // namespace csrflow::agent
