#include "api/rbac_rules.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "api/status.hpp"

namespace csrflow::api {
namespace {

using Texts = std::vector<std::string>;

bool has(const Texts& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

bool has_or_all(const Texts& texts, std::string_view text) {
  return std::ranges::any_of(texts, [&](const std::string& one) { return one == "*" || one == text; });
}

/// Is `one` exactly `*/subresource`?
bool any_resources_subresource(std::string_view one, std::string_view subresource) {
  return one.size() == subresource.size() + 2 && one.starts_with("*/") && one.ends_with(subresource);
}

bool resource_matches(const PolicyRule& rule, const Attributes& asked) {
  const std::string_view subresource = asked.subresource;
  return std::ranges::any_of(rule.resources, [&](std::string_view one) {
    if (one == "*") return true;
    if (subresource.empty()) return one == asked.resource;
    if (one.size() == asked.resource.size() + 1 + subresource.size() && one.starts_with(asked.resource) &&
        one[asked.resource.size()] == '/' && one.ends_with(subresource))
      return true;
    return any_resources_subresource(one, subresource);
  });
}

/// `/healthz/*` covers what begins with `/healthz/`; all stars at the end count as one.
bool url_covers(std::string_view pattern, std::string_view url) {
  if (pattern == url) return true;
  if (!pattern.ends_with('*')) return false;
  const std::size_t last = pattern.find_last_not_of('*');
  return url.starts_with(pattern.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

bool url_matches(const Texts& patterns, std::string_view url) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return url_covers(pattern, url); });
}

// ---- covering -----------------------------------------------------------------------------------

/// A rule that would fall into more parts is judged as a whole: one rule must cover all of it.
constexpr std::size_t most_parts = 10'000;

bool falls_into_few(const PolicyRule& rule) {
  std::size_t parts = rule.verbs.size();
  for (const std::size_t factor :
       {rule.api_groups.size(), rule.resources.size(), std::max<std::size_t>(1, rule.resource_names.size())})
    if (factor > 0 && (parts *= factor) > most_parts) return false;
  return rule.verbs.size() * rule.non_resource_urls.size() <= most_parts;
}

void break_down_resources(const PolicyRule& rule, PolicyRules& parts) {
  for (const auto& group : rule.api_groups)
    for (const auto& resource : rule.resources)
      for (const auto& verb : rule.verbs) {
        PolicyRule part{.verbs = {verb},
                        .api_groups = {group},
                        .resources = {resource},
                        .resource_names = {},
                        .non_resource_urls = {}};
        if (rule.resource_names.empty()) parts.push_back(part);
        for (const auto& name : rule.resource_names) {
          part.resource_names = {name};
          parts.push_back(part);
        }
      }
}

void break_down_urls(const PolicyRule& rule, PolicyRules& parts) {
  for (const auto& url : rule.non_resource_urls)
    for (const auto& verb : rule.verbs)
      parts.push_back({.verbs = {verb},
                       .api_groups = {},
                       .resources = {},
                       .resource_names = {},
                       .non_resource_urls = {url}});
}

bool has_each_or_all(const Texts& held, const Texts& wanted) {
  return std::ranges::all_of(wanted, [&](const std::string& one) { return has_or_all(held, one); });
}

bool resource_covers(const Texts& held, const std::string& wanted) {
  if (has_or_all(held, wanted)) return true;
  const std::size_t slash = wanted.find('/');
  return slash != std::string::npos && has(held, "*" + wanted.substr(slash));
}

bool names_cover(const Texts& held, const Texts& wanted) {
  if (held.empty()) return true;
  return !wanted.empty() &&
         std::ranges::all_of(wanted, [&](const std::string& one) { return has(held, one); });
}

bool covers(const PolicyRule& held, const PolicyRule& wanted) {
  return has_each_or_all(held.verbs, wanted.verbs) && has_each_or_all(held.api_groups, wanted.api_groups) &&
         std::ranges::all_of(wanted.resources,
                             [&](const std::string& one) { return resource_covers(held.resources, one); }) &&
         names_cover(held.resource_names, wanted.resource_names) &&
         std::ranges::all_of(wanted.non_resource_urls, [&](const std::string& one) {
           return url_matches(held.non_resource_urls, one);
         });
}

// ---- words --------------------------------------------------------------------------------------

std::string describe(const PolicyRule& rule) {
  std::string out = "{";
  const auto part = [&](std::string_view name, const Texts& texts) {
    if (texts.empty()) return;
    if (out.size() > 1) out += ", ";
    out.append(name).append(":").append(go_quote_list(texts));
  };
  part("APIGroups", rule.api_groups);
  part("Resources", rule.resources);
  part("NonResourceURLs", rule.non_resource_urls);
  part("ResourceNames", rule.resource_names);
  part("Verbs", rule.verbs);
  return out + '}';
}

PolicyRules joined_by_verbs(const PolicyRules& parts) {
  PolicyRules joined;
  std::map<std::tuple<Texts, Texts, Texts>, std::size_t> places;
  for (const auto& part : parts) {
    if (!part.non_resource_urls.empty()) {
      joined.push_back(part);
      continue;
    }
    const auto [place, added] =
        places.emplace(std::tuple(part.api_groups, part.resources, part.resource_names), joined.size());
    if (added) {
      joined.push_back(part);
    } else {
      std::ranges::copy(part.verbs, std::back_inserter(joined[place->second].verbs));
    }
  }
  return joined;
}

}  // namespace

bool allows(const PolicyRule& rule, const Attributes& asked) {
  if (!has_or_all(rule.verbs, asked.verb)) return false;
  if (asked.is_path()) return url_matches(rule.non_resource_urls, *asked.path);
  return has_or_all(rule.api_groups, asked.group) && resource_matches(rule, asked) &&
         (rule.resource_names.empty() || has(rule.resource_names, asked.name));
}

PolicyRules uncovered(std::span<const PolicyRule> held, std::span<const PolicyRule> wanted) {
  PolicyRules parts;
  for (const auto& rule : wanted) {
    if (!falls_into_few(rule)) {
      parts.push_back(rule);
      continue;
    }
    break_down_resources(rule, parts);
    break_down_urls(rule, parts);
  }
  std::erase_if(parts, [&](const PolicyRule& part) {
    return std::ranges::any_of(held, [&](const PolicyRule& rule) { return covers(rule, part); });
  });
  return parts;
}

std::string describe_missing(const PolicyRules& missing) {
  std::set<std::string> lines;
  for (const auto& rule : joined_by_verbs(missing)) lines.insert(describe(rule));
  std::string out;
  for (const auto& line : lines) out.append(out.empty() ? "" : "\n").append(line);
  return out;
}

std::string go_quote_list(std::span<const std::string> texts) {
  std::string out = "[";
  for (const auto& text : texts) {
    if (out.size() > 1) out += ' ';
    out += go_quote(text);
  }
  return out + ']';
}

}  // namespace csrflow::api
