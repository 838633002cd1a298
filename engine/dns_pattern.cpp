// Here alone U-labels are read, so that programs that have no patterns need no Unicode.
#include <algorithm>

#include "engine/dns_labels.hpp"
#include "engine/ip_address.hpp"
#include "engine/unicode.hpp"

namespace csrflow::engine {
namespace {

/// The first label, and the rest with its dot.
std::pair<std::string_view, std::string_view> split(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return {name, {}};
  return {name.substr(0, dot), name.substr(dot)};
}

}  // namespace

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
    made.text_ = lower_case_dns(first) + made.rest_;
    if (first == "**") {
      made.shape_ = Shape::deep;
    } else {
      made.shape_ = Shape::one;
      const std::string label = lower_case_dns(first);
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
  if (shortest > max_dns_name) return std::unexpected("longer than 253");
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
         before.size() + 1 + after.size() <= max_dns_label;
}

}  // namespace csrflow::engine
