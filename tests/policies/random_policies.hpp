// Policies and requests by chance, from a small world in which they often meet.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "policies/policy.hpp"
#include "tests/policies/asking.hpp"

namespace csrflow::policies::test {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  const std::string& of(const Strings& words) { return words[below(words.size())]; }
  /// Some of the words, at least one; each once.
  Strings some(const Strings& words) {
    Strings found;
    for (const std::string& word : words) {
      if (one_in(2)) found.push_back(word);
    }
    if (found.empty()) found.push_back(of(words));
    return found;
  }

 private:
  std::mt19937_64 random_;
};

inline std::string json_list(const Strings& values) {
  std::string text = "[";
  for (const std::string& value : values) text += (text.size() == 1 ? "\"" : ",\"") + value + '"';
  return text + ']';
}

inline const Strings groups{"a", "b", "c", "d"}, users{"alice", "bob", "carol", "dave"},
    dns_patterns{
        "*.shop.example.com", "**.example.com", "a.shop.example.com", "web-*.example.com", "**", "x.y"},
    dns_names{
        "a.shop.example.com", "b.shop.example.com", "*.shop.example.com", "web-1.example.com", "x.y", "*.y",
        "bad..name"},
    ranges{"10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"}, addresses{"10.1.2.3", "11.0.0.1", "2001:db8::1"},
    usages{"digital signature", "server auth", "client auth"},
    keys{"P-256", "P-521", "RSA-2048", "RSA-4096", "Ed25519"}, lifetimes{"1h", "1d", "30d", "90d"},
    rates{"1/h", "5/d", "20/m"};

/// `spec` of a random document; `outcome` and `otherwise` are words, or empty for any.
inline std::string random_spec(Chance& chance, std::string outcome = "", std::string otherwise = "") {
  if (outcome.empty()) outcome = chance.of({"approve", "deny", "review", "next"});
  if (otherwise.empty()) otherwise = chance.of({"next", "next", "deny", "review"});
  std::string match, require;
  const auto add = [&](std::string& block, std::size_t n, const std::string& field, const std::string& json) {
    if (chance.one_in(n)) block += (block.empty() ? "\"" : ",\"") + field + "\":" + json;
  };
  add(match, 2, "signerNames",
      json_list({chance.of({"example.com/web", "example.com/*", "*", "example.com/other"})}));
  add(match, 3, "requesters",
      "{\"groups\":" + json_list(chance.some(groups)) + ",\"notUsers\":" + json_list({chance.of(users)}) +
          '}');
  add(match, 8, "rotation", chance.of({"\"any\"", "\"never\""}));
  add(match, 8, "labels", R"({"matchExpressions":[{"key":"tier","operator":"NotIn","values":["x"]}]})");
  add(require, 3, "subject",
      R"({"commonName":{"match":"dns","values":)" + json_list(chance.some(dns_patterns)) + "}}");
  add(require, 2, "names",
      "{\"unlisted\":" + chance.of({"\"any\"", "\"none\""}) + ",\"dns\":{\"allowed\":" +
          json_list(chance.some(dns_patterns)) + ",\"denied\":" + json_list({chance.of(dns_patterns)}) +
          ",\"wildcards\":" + chance.of({"true", "false"}) +
          "},\"ip\":{\"allowed\":" + json_list(chance.some(ranges)) + "}}");
  add(require, 3, "usages", "{\"allowed\":" + json_list(chance.some(usages)) + '}');
  add(require, 3, "key",
      R"({"minRSA":3072,"curves":["P-256"],"notReusedBy":)" + chance.of({"\"others\"", "\"anyone\""}) + '}');
  add(require, 3, "lifetime", "{\"max\":\"" + chance.of(lifetimes) + "\"}");
  add(require, 4, "rate", "{\"perRequester\":\"" + chance.of(rates) + "\"}");
  add(require, 5, "at", R"({"timeZone":"Europe/Berlin","windows":["Mon-Fri 08:00-18:00"]})");
  return "{\"outcome\":\"" + outcome + "\",\"otherwise\":\"" + otherwise + "\",\"match\":{" + match +
         "},\"require\":{" + require + R"(},"review":{"approvers":[{"groups":)" +
         json_list(chance.some(groups)) + R"(,"count":)" + std::to_string(1 + chance.below(2)) +
         R"(}],"lapse":"72h"},"priority":)" + std::to_string(chance.below(3)) + '}';
}

inline PolicyPtr random_policy(Chance& chance, const std::string& name, const std::string& outcome = "",
                               const std::string& otherwise = "") {
  const auto policy =
      read_policy_json(R"({"apiVersion":"csrflow.io/v1","kind":"ApprovalPolicy","metadata":{"name":")" +
                       name + R"("},"spec":)" + random_spec(chance, outcome, otherwise) + '}');
  if (!policy) throw std::runtime_error(sentence(policy.error().front()));
  return *policy;
}

inline std::vector<PolicyPtr> random_policies(Chance& chance) {
  std::vector<PolicyPtr> policies;
  for (std::size_t i = 0, count = chance.below(7); i < count; ++i)
    policies.push_back(random_policy(chance, "p" + std::to_string(i)));
  return policies;
}

inline Facts random_request(Chance& chance) {
  std::string words;
  for (std::size_t i = 0, count = chance.below(4); i < count; ++i)
    words += std::string(i == 0 ? "" : ",") + R"({"user":")" + chance.of(users) + R"(","groups":)" +
             json_list(chance.some(groups)) + R"(,"age":")" + chance.of({"1h", "73h"}) + "\"}";
  const auto lists = [&](const Strings& all) {
    return chance.one_in(2) ? json_list(chance.some(all)) : "[]";
  };
  return request({{"user", '"' + chance.of(users) + '"'},
                  {"groups", json_list(chance.some(groups))},
                  {"dns", lists(dns_names)},
                  {"ip", lists(addresses)},
                  {"commonName", chance.one_in(2) ? '"' + chance.of(dns_names) + '"' : "\"\""},
                  {"usages", lists(usages)},
                  {"key", '"' + chance.of(keys) + '"'},
                  {"lifetime", '"' + chance.of(lifetimes) + '"'},
                  {"count", R"({"perRequester":)" + std::to_string(chance.below(8)) + '}'},
                  {"keyUsedBy", lists(users)},
                  {"words", '[' + words + ']'}});
}

}  // namespace csrflow::policies::test
