// Clients that want one certificate after the other, each with one request under way: a closed loop.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/certification_request.hpp"
#include "bench/figures.hpp"
#include "bench/office.hpp"
#include "tools/system_clock.hpp"

namespace csrflow::bench {

/// What each of the clients asks for.
struct Wanted {
  static constexpr std::uint64_t without_end = UINT64_MAX;
  std::uint64_t each = without_end;           ///< how many certificates
  std::int32_t seconds = expiration_seconds;  ///< they live so long
  /// Of a client's request of this number, from 1 on.
  std::function<engine::StringMap(std::uint64_t number)> labels = [](std::uint64_t) {
    return engine::StringMap{{"load", "bench"}};
  };
};

/// Thread-safe. Waits for nothing: each step continues from the writer's answer or from the commit that holds
/// the certificate, on two threads that stand for the API's.
class InProcessClients final : public engine::Follower {
 public:
  /// Makes the office in `directory`, which is made. Client I asks for `bench-I-1`, `bench-I-2` …
  InProcessClients(const std::filesystem::path& directory, unsigned clients, Wanted = {});
  ~InProcessClients() override;

  void committed(const std::shared_ptr<const engine::Batch>&) override;

  void start();
  /// Waits that long. Throws std::runtime_error when a step has failed.
  void wait(Seconds);
  /// Waits until every client has all of its certificates. Throws std::runtime_error when a step has failed,
  /// or it takes longer.
  void complete(Seconds patience);
  /// Lets every client finish the certificate at hand. Throws std::runtime_error when a step has failed.
  void finish();

  /// Once finished.
  std::vector<Sample> samples() const;
  const store::SqliteEventLog& log() const { return office_->log(); }

 private:
  struct Client;
  void request(Client&);
  void approve(Client&, engine::Position version);
  void take(Client&, const engine::Bytes& certificate);
  void submit(Client&, engine::CsrCommand, std::move_only_function<void(const engine::Outcome&)> then);

  void fail(const std::string& why);

  const Wanted wanted_;
  const tools::SystemClock clock_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::atomic<bool> going_on_ = true;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t busy_ = 0;  // guarded by mutex_
  std::string failure_;   // guarded by mutex_; the first one, empty while all is well
  boost::asio::thread_pool threads_;
  std::unique_ptr<Office> office_;  // see the destructor
};

}  // namespace csrflow::bench
