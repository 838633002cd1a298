#include "agent/wish.hpp"

#include <strings.h>

#include <utility>

namespace csrflow::agent {
namespace {

constexpr std::pair<KeyKind, std::string_view> kinds[] = {
    {KeyKind::p256, "P-256"},       {KeyKind::p384, "P-384"},       {KeyKind::rsa2048, "RSA-2048"},
    {KeyKind::rsa3072, "RSA-3072"}, {KeyKind::rsa4096, "RSA-4096"}, {KeyKind::ed25519, "Ed25519"},
};

}  // namespace

std::string_view name_of(KeyKind kind) {
  for (const auto& [known, name] : kinds)
    if (known == kind) return name;
  std::unreachable();
}

std::expected<KeyKind, std::string> parse_key_kind(std::string_view text) {
  std::string names;
  for (const auto& [kind, name] : kinds) {
    if (text.size() == name.size() && ::strncasecmp(text.data(), name.data(), name.size()) == 0) return kind;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return std::unexpected("there is no kind of key \"" + std::string(text) + "\"; choose one of " + names);
}

}  // namespace csrflow::agent
