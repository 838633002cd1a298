#include "signer/signer_name.hpp"

#include <algorithm>

namespace csrflow::signer {
namespace {

using engine::SignerName;

constexpr std::string_view kubernetes = "kubernetes.io";
constexpr std::size_t max_label = 63;

bool is_label(std::string_view label) {  // RFC 1123 2.1, lower case
  const auto letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !label.empty() && label.size() <= max_label && letter_or_digit(label.front()) &&
         letter_or_digit(label.back()) &&
         std::ranges::all_of(label, [&](char c) { return letter_or_digit(c) || c == '-'; });
}

bool are_labels(std::string_view text) {
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

/// Puts `to` in the place of the only `from`.
std::string exchanged(std::string_view text, char from, char to) {
  std::string changed(text);
  std::ranges::replace(changed, from, to);
  return changed;
}

}  // namespace

std::expected<SignerName, std::string> parse_signer_name(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || text.find('/', slash + 1) != std::string_view::npos)
    return std::unexpected("a signer's name is a domain and a path, as example.com/web");
  const std::string_view domain = text.substr(0, slash), path = text.substr(slash + 1);
  if (!are_labels(domain) || domain.size() > max_signer_domain)
    return std::unexpected("the signer's domain must be DNS labels in lower case, as example.com");
  if (domain.find('.') == std::string_view::npos)
    return std::unexpected("the signer's domain must have at least two labels, as example.com");
  if (!are_labels(path))
    return std::unexpected("the signer's path must be lower-case letters, digits, '-' and '.', as web");
  if (text.size() > max_signer_name)
    return std::unexpected("a signer's name has at most " + std::to_string(max_signer_name) + " bytes");
  return SignerName{std::string(text)};
}

bool is_kubernetes(const SignerName& name) {
  const std::string_view domain = std::string_view(name.text).substr(0, name.text.find('/'));
  return domain == kubernetes || domain.ends_with(".kubernetes.io");
}

std::string object_name_of(const SignerName& name) {
  return exchanged(name.text, '/', ':');
}

std::expected<SignerName, std::string> signer_of_object(std::string_view object_name) {
  if (object_name.find('/') != std::string_view::npos || std::ranges::count(object_name, ':') != 1)
    return std::unexpected(
        "a Signer is named like its signer with ':' for '/': example.com:web for example.com/web");
  return parse_signer_name(exchanged(object_name, ':', '/'));
}

std::expected<SignerName, std::string> own_signer_of_object(std::string_view object_name) {
  auto name = signer_of_object(object_name);
  if (name && is_kubernetes(*name))
    return std::unexpected(
        "signers below kubernetes.io are Kubernetes' own; take a domain of yours, as example.com:web");
  return name;
}

engine::StreamId stream_of_signer(const SignerName& name) {
  return engine::stream_of("signer", name.text);
}

}  // namespace csrflow::signer
