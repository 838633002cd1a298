// The forms of names (k8s.io/apimachinery/pkg/util/validation), with its texts.
#include <algorithm>

#include "api/validation.hpp"

namespace csrflow::api {

namespace {

constexpr std::size_t max_label_bytes = 63;
constexpr std::size_t max_subdomain_bytes = 253;

bool lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool alphanumeric(char c) {
  return lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool is_label(std::string_view text) {
  return !text.empty() && lower_or_digit(text.front()) && lower_or_digit(text.back()) &&
         std::ranges::all_of(text, [](char c) { return lower_or_digit(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

/// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool is_name(std::string_view text) {
  return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::ranges::all_of(text,
                             [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

constexpr const char* label_form =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* subdomain_form =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* name_form =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr const char* label_value_form =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start "
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
    "validation "
    "is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

}  // namespace

std::vector<std::string> check_dns_label(std::string_view text) {
  std::vector<std::string> problems;
  if (text.size() > max_label_bytes) problems.emplace_back("must be no more than 63 characters");
  if (!is_label(text)) problems.emplace_back(is_subdomain(text) ? "must not contain dots" : label_form);
  return problems;
}

std::vector<std::string> check_dns_subdomain(std::string_view text) {
  std::vector<std::string> problems;
  if (text.size() > max_subdomain_bytes) problems.emplace_back("must be no more than 253 characters");
  if (!is_subdomain(text)) problems.emplace_back(subdomain_form);
  return problems;
}

std::vector<std::string> check_qualified_name(std::string_view text) {
  std::vector<std::string> problems;
  const std::size_t slash = text.find('/');
  std::string_view name = text;
  if (slash != std::string_view::npos) {
    const std::string_view prefix = text.substr(0, slash);
    name = text.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) {
      return {std::string("a valid label key ") + name_form +
              " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"};
    }
    if (prefix.empty()) {
      problems.emplace_back("prefix part must be non-empty");
    } else {
      for (const std::string& problem : check_dns_subdomain(prefix))
        problems.push_back("prefix part " + problem);
    }
  }
  if (name.empty()) problems.emplace_back("name part must be non-empty");
  if (name.size() > max_label_bytes) problems.emplace_back("name part must be no more than 63 bytes");
  if (!is_name(name)) problems.push_back(std::string("name part ") + name_form);
  return problems;
}

std::vector<std::string> check_label_value(std::string_view text) {
  std::vector<std::string> problems;
  if (text.size() > max_label_bytes) problems.emplace_back("must be no more than 63 bytes");
  if (!text.empty() && !is_name(text)) problems.emplace_back(label_value_form);
  return problems;
}

std::vector<std::string> check_path_segment(std::string_view text) {
  if (text == "." || text == "..") return {"may not be '" + std::string(text) + "'"};
  return check_path_prefix(text);
}

std::vector<std::string> check_path_prefix(std::string_view text) {
  std::vector<std::string> problems;
  if (text.find('/') != std::string_view::npos) problems.emplace_back("may not contain '/'");
  if (text.find('%') != std::string_view::npos) problems.emplace_back("may not contain '%'");
  return problems;
}

}  // namespace csrflow::api
