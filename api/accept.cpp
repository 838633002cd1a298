#include "api/accept.hpp"

#include <algorithm>
#include <charconv>

namespace csrflow::api {

namespace {

/// As many clauses of an Accept header as are looked at.
constexpr std::size_t max_clauses = 32;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Takes the part before `separator` off the text.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return trimmed(part);
}

int width(const AcceptClause& clause) {
  return clause.type == "*/*" ? 2 : clause.type.ends_with("/*") ? 1 : 0;
}

}  // namespace

AcceptClause parse_media_type(std::string_view text) {
  AcceptClause clause;
  clause.type = std::string(take(text, ';'));
  while (!text.empty()) {
    std::string_view value = take(text, ';');
    const std::string key(take(value, '='));
    if (key == "q") {
      std::from_chars(value.data(), value.data() + value.size(), clause.quality);
    } else if (!key.empty()) {
      clause.parameters[key] = std::string(trimmed(value));
    }
  }
  return clause;
}

std::vector<AcceptClause> parse_accept(std::string_view header) {
  std::vector<AcceptClause> clauses;
  while (!header.empty() && clauses.size() < max_clauses)
    clauses.push_back(parse_media_type(take(header, ',')));
  std::ranges::stable_sort(clauses, [](const AcceptClause& a, const AcceptClause& b) {
    return a.quality != b.quality ? a.quality > b.quality : width(a) < width(b);
  });
  return clauses;
}

}  // namespace csrflow::api
