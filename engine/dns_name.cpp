#include "engine/dns_name.hpp"

#include <algorithm>
#include <charconv>

#include "engine/ip_address.hpp"
#include "engine/unicode.hpp"

namespace csrflow::engine {
namespace {

constexpr std::size_t max_name = 253, max_label = 63;

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

/// What is wrong with a label in lower case; empty: nothing.
std::string_view fault_of_label(std::string_view label, DnsRules rules) {
  if (label.empty()) return "empty label";
  if (label.size() > max_label) return "label longer than 63";
  for (const char c : label) {
    if (static_cast<unsigned char>(c) >= 0x80) return "not an A-label";
    if (c == '*') return "wildcard not first";
    if (c == '_' && !rules.underscores) return "underscore";
    if (!letter_or_digit(c) && c != '-' && c != '_') return "character";
  }
  if (!rules.outer_hyphens && label.front() == '-') return "hyphen first";
  if (!rules.outer_hyphens && label.back() == '-') return "hyphen last";
  return {};
}

std::string_view fault_of_labels(std::string_view name, DnsRules rules) {
  while (true) {
    const auto dot = name.find('.');
    if (const auto fault = fault_of_label(name.substr(0, dot), rules); !fault.empty()) return fault;
    if (dot == std::string_view::npos) return {};
    name.remove_prefix(dot + 1);
  }
}

/// The first label, and the rest with its dot.
std::pair<std::string_view, std::string_view> split(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return {name, {}};
  return {name.substr(0, dot), name.substr(dot)};
}

}  // namespace

std::expected<std::string, std::string> canonical_dns(std::string_view name, DnsRules rules) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return std::unexpected("empty");
  if (name.size() > max_name) return std::unexpected("longer than 253");
  std::string lower = lower_case(name);
  const std::string_view labels = lower.starts_with("*.") ? std::string_view(lower).substr(2) : lower;
  if (const auto fault = fault_of_labels(labels, rules); !fault.empty())
    return std::unexpected(std::string(fault));
  if (IpAddress::parse(labels)) return std::unexpected("an IP address");
  return lower;
}

std::expected<DnsPattern, std::string> DnsPattern::parse(std::string_view pattern) {
  std::string_view text = pattern;
  if (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
  if (text.empty()) return std::unexpected("empty");
  const bool starred = split(text).first.find('*') != std::string_view::npos;
  const auto [first, rest] = starred ? split(text) : std::pair<std::string_view, std::string_view>{{}, text};

  DnsPattern made;
  std::string canonical_rest;
  if (!rest.empty()) {
    const auto ascii = to_a_labels(starred ? rest.substr(1) : rest);
    if (!ascii) return std::unexpected(ascii.error());
    if (const auto fault = fault_of_labels(*ascii, lenient_dns); !fault.empty())
      return std::unexpected(fault == "wildcard not first" ? "a star is allowed in the first label only"
                                                           : std::string(fault));
    if (IpAddress::parse(*ascii)) return std::unexpected("an IP address");
    canonical_rest = *ascii;
  }
  if (!starred) {
    made.text_ = canonical_rest;
  } else {
    made.rest_ = rest.empty() ? "" : '.' + canonical_rest;
    made.text_ = lower_case(first) + made.rest_;
    if (first == "**") {
      made.shape_ = Shape::deep;
    } else {
      made.shape_ = Shape::one;
      const std::string label = lower_case(first);
      const auto star = label.find('*');
      made.before_ = label.substr(0, star);
      made.after_ = label.substr(star + 1);
      if (made.after_.find('*') != std::string::npos)
        return std::unexpected("at most one star in a label, or ** as the whole first label");
      if (label.starts_with("xn--")) return std::unexpected("no star in an A-label");
      if (label.size() > 1) {
        std::string example = made.before_ + 'a' + made.after_;
        if (const auto fault = fault_of_label(example, lenient_dns); !fault.empty())
          return std::unexpected(std::string(fault));
      }
    }
  }
  // The shortest host has one byte where the pattern has its star or stars.
  const std::size_t shortest = made.text_.size() - (made.shape_ == Shape::deep ? 1 : 0);
  if (shortest > max_name) return std::unexpected("longer than 253");
  return made;
}

std::string_view DnsPattern::base() const {
  if (shape_ == Shape::literal) return text_;
  return rest_.empty() ? std::string_view() : std::string_view(rest_).substr(1);
}

bool DnsPattern::first_label_fits(std::string_view label) const {
  return label.size() > before_.size() + after_.size() && label.starts_with(before_) &&
         label.ends_with(after_);
}

bool DnsPattern::covers(std::string_view name) const {
  const bool wildcard = name.starts_with("*.");
  switch (shape_) {
    case Shape::literal:
      return !wildcard && name == text_;
    case Shape::deep:
      // For a wildcard `*.S`, S may be the pattern's own base: its hosts still have one label more.
      return name.size() > rest_.size() && name.ends_with(rest_);
    case Shape::one:
      break;
  }
  const auto [label, rest] = split(name);
  if (rest != rest_) return false;
  return wildcard ? before_.empty() && after_.empty() : first_label_fits(label);
}

bool DnsPattern::overlaps(std::string_view name) const {
  if (!name.starts_with("*.")) return covers(name);
  const std::string_view rest =
      name.substr(1);  // of every host of the wildcard, which has one label before it
  switch (shape_) {
    case Shape::literal:
      return split(text_).second == rest;
    case Shape::deep:
      return rest.ends_with(rest_);
    case Shape::one:
      return rest == rest_;
  }
  return false;
}

bool DnsPattern::covers(const DnsPattern& other) const {
  if (other.shape_ == Shape::literal) return covers(other.text_);
  if (shape_ == Shape::literal) return false;
  if (shape_ == Shape::deep) return other.rest_.ends_with(rest_);
  return other.shape_ == Shape::one && other.rest_ == rest_ && other.before_.starts_with(before_) &&
         other.after_.ends_with(after_);
}

bool DnsPattern::overlaps(const DnsPattern& other) const {
  if (other.shape_ == Shape::literal) return covers(other.text_);
  if (shape_ == Shape::literal) return other.covers(text_);
  if (shape_ == Shape::deep && other.shape_ == Shape::deep)
    return rest_.ends_with(other.rest_) || other.rest_.ends_with(rest_);
  if (shape_ == Shape::deep) return other.rest_.ends_with(rest_);
  if (other.shape_ == Shape::deep) return rest_.ends_with(other.rest_);
  const auto both = [](const std::string& a, const std::string& b) {
    return std::string_view(a.size() < b.size() ? b : a);
  };
  // A label with the longer beginning and the longer end is in both, if it is not too long for DNS.
  const auto before = both(before_, other.before_), after = both(after_, other.after_);
  return rest_ == other.rest_ && before.starts_with(before_) && before.starts_with(other.before_) &&
         after.ends_with(after_) && after.ends_with(other.after_) &&
         before.size() + 1 + after.size() <= max_label;
}

}  // namespace csrflow::engine
