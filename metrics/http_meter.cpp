#include "metrics/http_meter.hpp"

#include <algorithm>

namespace csrflow::metrics {
namespace {

constexpr std::string_view other = "other";
// RBAC's, then the methods of paths without a resource.
constexpr std::array<std::string_view, 14> verbs{
    "get",  "list", "watch", "create",  "update",  "patch", "delete", "deletecollection",
    "head", "post", "put",   "options", "connect", other};
constexpr std::array codes{200, 201, 202, 204, 301, 304, 400, 401, 403, 404, 405, 406,
                           409, 410, 413, 415, 422, 429, 431, 500, 501, 503, 504, 507};
constexpr std::size_t code_count = codes.size() + 1;  // and `other`

std::size_t verb_index(std::string_view verb) {
  const auto found = std::ranges::find(verbs, verb);
  return static_cast<std::size_t>(std::min(found, verbs.end() - 1) - verbs.begin());
}
std::size_t code_index(int code) {
  const auto found = std::ranges::lower_bound(codes, code);
  return found != codes.end() && *found == code ? static_cast<std::size_t>(found - codes.begin())
                                                : codes.size();
}

std::vector<std::string> sorted(std::vector<std::string> resources) {
  resources.emplace_back();  // no resource
  std::ranges::sort(resources);
  const auto twice = std::ranges::unique(resources);
  resources.erase(twice.begin(), twice.end());
  return resources;
}

}  // namespace

HttpMeter::HttpMeter(std::vector<std::string> resources)
    : resources_(sorted(std::move(resources))),
      answers_(std::make_unique<Counter[]>(verbs.size() * (resources_.size() + 1) * code_count)),
      times_(std::make_unique<Histogram[]>(verbs.size())) {}

std::size_t HttpMeter::resource_index(std::string_view resource) const {
  const auto found = std::ranges::lower_bound(resources_, resource);
  return found != resources_.end() && *found == resource
             ? static_cast<std::size_t>(found - resources_.begin())
             : resources_.size();
}

void HttpMeter::answered(std::string_view verb, std::string_view resource, int code) {
  const auto row = verb_index(verb) * (resources_.size() + 1) + resource_index(resource);
  answers_[row * code_count + code_index(code)].add();
}

void HttpMeter::took(std::string_view verb, Histogram::Time time) {
  times_[verb_index(verb)].observe(time);
}

std::vector<HttpMeter::Answers> HttpMeter::answers() const {
  std::vector<Answers> all;
  const Counter* next = answers_.get();
  for (const auto verb : verbs)
    for (std::size_t r = 0; r <= resources_.size(); ++r)
      for (std::size_t c = 0; c < code_count; ++c)
        if (const auto count = next++->value(); count > 0)
          all.push_back({.verb = std::string(verb),
                         .resource = r < resources_.size() ? resources_[r] : std::string(other),
                         .code = c < codes.size() ? std::to_string(codes[c]) : std::string(other),
                         .count = count});
  return all;
}

std::vector<HttpMeter::Times> HttpMeter::times() const {
  std::vector<Times> all;
  for (std::size_t i = 0; i < verbs.size(); ++i)
    if (auto times = times_[i].shown(); times.count() > 0)
      all.push_back({.verb = std::string(verbs[i]), .times = std::move(times)});
  return all;
}

}  // namespace csrflow::metrics
