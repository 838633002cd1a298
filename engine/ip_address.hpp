// IP addresses and ranges of them. An IPv4-mapped address (::ffff:0:0/96) counts as IPv4, in ranges too.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace csrflow::engine {

struct IpAddress {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  ///< network order; IPv4 in the first four
  bool operator==(const IpAddress&) const = default;

  /// Dotted decimal without leading zeros, or RFC 4291 2.2; no zone.
  static std::expected<IpAddress, std::string> parse(std::string_view text);
  /// The content of an iPAddress name (RFC 5280 4.2.1.6): 4 or 16 bytes.
  static std::expected<IpAddress, std::string> from_bytes(std::string_view bytes);
  /// As RFC 5952 has it.
  std::string text() const;
};

class IpRange {
 public:
  /// `10.0.0.0/8`, or a single address. An error when bits of the host are set.
  static std::expected<IpRange, std::string> parse(std::string_view cidr);

  const std::string& text() const { return text_; }  ///< canonical: `10.0.0.0/8`, `10.1.2.3/32`
  unsigned prefix() const { return prefix_; }
  bool covers(const IpAddress&) const;
  bool covers(const IpRange&) const;
  bool overlaps(const IpRange&) const;

 private:
  IpAddress first_;
  unsigned prefix_ = 0;
  std::string text_;
};

}  // namespace csrflow::engine
