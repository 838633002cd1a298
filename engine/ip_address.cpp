#include "engine/ip_address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace csrflow::engine {
namespace {

std::optional<unsigned> decimal(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > most)
    return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return std::nullopt;
    const auto value = decimal(text.substr(0, dot), 255);
    if (!value) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(i == 3 ? text.size() : dot + 1);
  }
  return bytes;
}

/// Groups separated by colons, the last perhaps an IPv4 address. Nothing when they are not.
std::optional<std::vector<std::uint16_t>> groups_of(std::string_view text, bool last_part) {
  std::vector<std::uint16_t> groups;
  while (!text.empty()) {
    const auto colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (last_part && colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(group);
      if (!v4) return std::nullopt;
      groups.push_back(static_cast<std::uint16_t>((*v4)[0] << 8 | (*v4)[1]));
      groups.push_back(static_cast<std::uint16_t>((*v4)[2] << 8 | (*v4)[3]));
      return groups;
    }
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (group.empty() || group.size() > 4 || error != std::errc() || end != group.data() + group.size())
      return std::nullopt;
    groups.push_back(value);
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // ends with a colon
  }
  return groups;
}

std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) {
  const auto gap = text.find("::");
  const auto front = groups_of(text.substr(0, gap), gap == std::string_view::npos);
  const auto back =
      gap == std::string_view::npos ? std::vector<std::uint16_t>() : groups_of(text.substr(gap + 2), true);
  if (!front || !back) return std::nullopt;
  const std::size_t count = front->size() + back->size();
  if (gap == std::string_view::npos ? count != 8 : count > 7) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  const auto put = [&](std::size_t at, std::uint16_t group) {
    bytes[2 * at] = static_cast<std::uint8_t>(group >> 8);
    bytes[2 * at + 1] = static_cast<std::uint8_t>(group & 0xff);
  };
  for (std::size_t i = 0; i < front->size(); ++i) put(i, (*front)[i]);
  for (std::size_t i = 0; i < back->size(); ++i) put(8 - back->size() + i, (*back)[i]);
  return bytes;
}

bool mapped(const std::array<std::uint8_t, 16>& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

IpAddress from_v6(const std::array<std::uint8_t, 16>& bytes) {
  if (!mapped(bytes)) return {.v6 = true, .bytes = bytes};
  IpAddress v4;
  std::copy(bytes.begin() + 12, bytes.end(), v4.bytes.begin());
  return v4;
}

bool same_prefix(const IpAddress& a, const IpAddress& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole), b.bytes.begin()))
    return false;
  const unsigned left = bits % 8;
  return left == 0 || ((a.bytes[whole] ^ b.bytes[whole]) >> (8 - left)) == 0;
}

/// RFC 5952: lower case, no leading zeros, the longest run of two zero groups or more, the first of equals,
/// as ::.
std::string v6_text(const std::array<std::uint8_t, 16>& bytes) {
  const auto group = [&](std::size_t i) { return bytes[2 * i] << 8 | bytes[2 * i + 1]; };
  std::size_t begin = 8, length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t end = i;
    while (end < 8 && group(end) == 0) ++end;
    if (end - i > length) begin = i, length = end - i;
  }
  std::string text;
  for (std::size_t i = 0; i < 8;) {
    if (i == begin) {
      text += "::";
      i += length;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    std::array<char, 8> hex{};
    const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), group(i), 16).ptr;
    text.append(hex.data(), end);
    ++i;
  }
  return text;
}

}  // namespace

std::expected<IpAddress, std::string> IpAddress::parse(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    const auto v4 = parse_v4(text);
    if (!v4) return std::unexpected("not an IP address");
    IpAddress address;
    std::ranges::copy(*v4, address.bytes.begin());
    return address;
  }
  const auto v6 = parse_v6(text);
  if (!v6) return std::unexpected("not an IP address");
  return from_v6(*v6);
}

std::expected<IpAddress, std::string> IpAddress::from_bytes(std::string_view bytes) {
  IpAddress address;
  if (bytes.size() != 4 && bytes.size() != 16) return std::unexpected("not 4 or 16 bytes");
  std::ranges::transform(bytes, address.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return bytes.size() == 4 ? address : from_v6(address.bytes);
}

std::string IpAddress::text() const {
  if (v6) return v6_text(bytes);
  std::string out;
  for (std::size_t i = 0; i < 4; ++i) out += (i == 0 ? "" : ".") + std::to_string(bytes[i]);
  return out;
}

std::expected<IpRange, std::string> IpRange::parse(std::string_view cidr) {
  const auto slash = cidr.find('/');
  const std::string_view written = cidr.substr(0, slash);
  const auto address = IpAddress::parse(written);
  if (!address) return std::unexpected(address.error());
  const bool written_v6 = written.find(':') != std::string_view::npos;
  unsigned prefix = written_v6 ? 128 : 32;
  if (slash != std::string_view::npos) {
    const auto given = decimal(cidr.substr(slash + 1), prefix);
    if (!given) return std::unexpected("not a prefix length of 0 to " + std::to_string(prefix));
    prefix = *given;
  }
  if (written_v6 && !address->v6) {
    // An IPv4-mapped address, so that its first 96 bits are part of the range.
    if (prefix < 96) return std::unexpected("bits of the host are set");
    prefix -= 96;
  }
  IpRange range;
  range.first_ = *address;
  range.prefix_ = prefix;
  const unsigned bits = address->v6 ? 128 : 32;
  for (unsigned bit = prefix; bit < bits; ++bit) {
    if ((address->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
      return std::unexpected("bits of the host are set");
  }
  range.text_ = address->text() + '/' + std::to_string(prefix);
  return range;
}

bool IpRange::covers(const IpAddress& address) const {
  return address.v6 == first_.v6 && same_prefix(first_, address, prefix_);
}
bool IpRange::covers(const IpRange& other) const {
  return prefix_ <= other.prefix_ && covers(other.first_);
}
bool IpRange::overlaps(const IpRange& other) const {
  return covers(other) || other.covers(*this);
}

}  // namespace csrflow::engine
