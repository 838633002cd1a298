// An issuer's keys, kept fresh: from a file or from the issuer itself.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "api/json_web_keys.hpp"

namespace csrflow::api {

struct KeyPace {
  std::chrono::milliseconds every;          ///< keys are fetched anew after so long: removed ones end then
  std::chrono::milliseconds after_failure;  ///< or so long after a failure
  std::chrono::milliseconds at_most;        ///< an unknown key makes them fetched at once, at most so often
};
constexpr KeyPace file_pace{std::chrono::seconds(2), std::chrono::seconds(2), std::chrono::seconds(0)};
constexpr KeyPace issuer_pace{std::chrono::minutes(10), std::chrono::seconds(10), std::chrono::seconds(10)};

/// Beyond, a request is not kept waiting for keys.
constexpr std::size_t max_waiting_for_keys = 1'000;

/// Thread-safe. A thread of its own fetches; what was fetched last stands while fetching fails.
class IssuerKeys {
 public:
  /// The text of a set of keys, or why there is none; may block, and ends soon once it shall stop.
  using Fetch = std::function<std::expected<std::string, std::string>(const std::stop_token&)>;

  /// `first`: what is known before anything is fetched; may be null. `failed` hears why keys could not be
  /// had.
  IssuerKeys(Fetch, KeyPace, std::shared_ptr<const JsonWebKeys> first,
             std::function<void(const std::string&)> failed);
  ~IssuerKeys();
  IssuerKeys(const IssuerKeys&) = delete;
  IssuerKeys& operator=(const IssuerKeys&) = delete;

  /// Null before there are any.
  std::shared_ptr<const JsonWebKeys> current() const { return current_.load(); }
  /// May fetching now bring a key that is not there?
  bool worth_fetching() const;
  /// Calls back on another thread once keys were fetched, or could not be; at once when it has stopped.
  void fetch_then(std::move_only_function<void()>);
  /// Nobody is called back after this; the keys that are known stand. For whoever ends before this does.
  void stop();

 private:
  using Steady = std::chrono::steady_clock;
  void run(const std::stop_token&);
  void fetch_once(const std::stop_token&);

  const Fetch fetch_;
  const KeyPace pace_;
  const std::function<void(const std::string&)> failed_;
  std::atomic<std::shared_ptr<const JsonWebKeys>> current_;

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<std::move_only_function<void()>> waiting_;  // guarded by mutex_
  bool fetching_ = false;                                 // guarded by mutex_
  bool stopped_ = false;                                  // guarded by mutex_
  bool last_failed_ = false;                              // guarded by mutex_
  std::optional<Steady::time_point> last_;                // end of the last fetch; guarded by mutex_
  std::jthread thread_;                                   // last: it uses everything above
};

/// Reads the issuer's discovery document (OpenID Connect Discovery 1.0) and the keys that it names.
IssuerKeys::Fetch discovered_keys(std::string issuer, std::string authorities);

}  // namespace csrflow::api
