#include "api/issuer_keys.hpp"

#include <utility>

#include "api/https_fetch.hpp"
#include "api/json_tree.hpp"

namespace csrflow::api {

IssuerKeys::IssuerKeys(Fetch fetch, KeyPace pace, std::shared_ptr<const JsonWebKeys> first,
                       std::function<void(const std::string&)> failed)
    : fetch_(std::move(fetch)),
      pace_(pace),
      failed_(std::move(failed)),
      current_(std::move(first)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

IssuerKeys::~IssuerKeys() {
  stop();
}

void IssuerKeys::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

bool IssuerKeys::worth_fetching() const {
  const std::lock_guard lock(mutex_);
  if (stopped_ || waiting_.size() >= max_waiting_for_keys) return false;
  return fetching_ || !last_ || Steady::now() - *last_ >= pace_.at_most;
}

void IssuerKeys::fetch_then(std::move_only_function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) waiting_.push_back(std::move(then));
  }
  if (then) return then();
  wake_.notify_one();
}

void IssuerKeys::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      const auto pause = last_failed_ ? pace_.after_failure : pace_.every;
      if (last_ || current_.load()) wake_.wait_for(lock, stop, pause, [&] { return !waiting_.empty(); });
    }
    fetch_once(stop);
  }
  // Nobody is left waiting.
  fetch_once(stop);
}

void IssuerKeys::fetch_once(const std::stop_token& stop) {
  bool due = !stop.stop_requested();
  {
    const std::lock_guard lock(mutex_);
    // Who came just too late for the last fetch has its keys.
    due = due && (!last_ || Steady::now() - *last_ >= pace_.at_most);
    fetching_ = due;
  }
  std::string problem;
  if (due) {
    auto text = fetch_(stop);
    auto keys = text ? JsonWebKeys::parse(*text) : std::unexpected(text.error());
    if (keys) {
      current_ = std::move(*keys);
    } else {
      problem = keys.error();
    }
  }
  bool news = false;
  std::vector<std::move_only_function<void()>> served;
  {
    const std::lock_guard lock(mutex_);
    served = std::exchange(waiting_, {});
    fetching_ = false;
    if (due) {
      news = !problem.empty() && !last_failed_;
      last_failed_ = !problem.empty();
      last_ = Steady::now();
    }
  }
  if (news && failed_ && !stop.stop_requested()) failed_(problem);
  for (auto& then : served) then();
}

IssuerKeys::Fetch discovered_keys(std::string issuer, std::string authorities) {
  return [issuer = std::move(issuer), authorities = std::move(authorities)](
             const std::stop_token& stop) -> std::expected<std::string, std::string> {
    std::string base = issuer;
    while (base.ends_with('/')) base.pop_back();
    const auto document = fetch_https(base + "/.well-known/openid-configuration", authorities, stop);
    if (!document) return std::unexpected("the discovery document: " + document.error());
    const auto tree = parse_json(*document);
    const JsonValue* named = tree ? tree->find("issuer") : nullptr;
    const JsonValue* keys = tree ? tree->find("jwks_uri") : nullptr;
    if (!named || !keys || keys->kind != JsonValue::Kind::text)
      return std::unexpected(base + ": its discovery document names no issuer or keys");
    if (named->text != issuer)
      return std::unexpected(base + ": its discovery document is of another issuer, " + named->text);
    return fetch_https(keys->text, authorities, stop);
  };
}

}  // namespace csrflow::api
