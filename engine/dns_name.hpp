// DNS names: one canonical spelling, and patterns that stand for sets of hosts.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace csrflow::engine {

/// What is let through beyond LDH labels (RFC 5890 2.3.1).
struct DnsRules {
  bool underscores = false;
  bool outer_hyphens = false;  ///< a label may begin or end with a hyphen
};
/// Everything that some signer lets through: how names of requests that exist are read.
constexpr DnsRules lenient_dns{.underscores = true, .outer_hyphens = true};

/// Lower case, without the one trailing dot that it may have: labels of 1 to 63 bytes, at most 253 in all;
/// `*` as the whole first of several labels only; no IPv4 address. Not ASCII is an error (A-labels stand as
/// they are). The error says which of these it is. canonical_dns(canonical_dns(x)) = canonical_dns(x).
std::expected<std::string, std::string> canonical_dns(std::string_view name, DnsRules rules = {});

/// A set of hosts:
///   a.example.com        that one
///   *.example.com        those with exactly one label more
///   **.example.com       those with one label more, or several
///   web-*.example.com    one label that begins so; the star stands for one byte or more
///   *                    any host of one label
///   **                   any host
/// A canonical name is a pattern, too: a certificate for `*.b.c` is good for the hosts of the pattern
/// `*.b.c`.
class DnsPattern {
 public:
  /// U-labels become A-labels (UTS 46, non-transitional, IDNA 2008). An error for what no legal name can
  /// match.
  static std::expected<DnsPattern, std::string> parse(std::string_view pattern);

  const std::string& text() const { return text_; }  ///< canonical

  /// Is every host that a certificate for `name` (canonical) would be good for among the pattern's?
  bool covers(std::string_view name) const;
  /// Is one of them?
  bool overlaps(std::string_view name) const;
  bool covers(const DnsPattern&) const;
  bool overlaps(const DnsPattern&) const;

  /// Stands for hosts of more than one length: begins with `**`.
  bool any_depth() const { return shape_ == Shape::deep; }
  bool literal() const { return shape_ == Shape::literal; }
  /// What is after the first label, without its dot; of a literal the whole name.
  std::string_view base() const;

 private:
  enum class Shape { literal, deep, one };
  DnsPattern() = default;
  bool first_label_fits(std::string_view label) const;

  Shape shape_ = Shape::literal;
  std::string text_;
  std::string before_, after_;  // the star of `one`
  std::string rest_;            // `.example.com`, or nothing
};

}  // namespace csrflow::engine
