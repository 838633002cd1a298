#include "bench/https.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>

#include "bench/certification_request.hpp"
#include "bench/http_answer.hpp"
#include "bench/https_connection.hpp"

namespace csrflow::bench {
namespace {

constexpr std::chrono::seconds patience{30};
constexpr Seconds look_at_stop{0.05};

std::string_view text_after(std::string_view json, std::string_view key) {
  const std::size_t at = json.find(key);
  if (at == std::string_view::npos)
    throw std::runtime_error(std::string(key) + " is missing in " + std::string(json.substr(0, 500)));
  json.remove_prefix(at + key.size());
  return json.substr(0, json.find('"'));
}

/// What a client waits for.
struct Waiting {
  explicit Waiting(asio::io_context& loop) : timer(loop) {}
  std::string name;
  bool seen = false;
  Timer timer;
};

/// Everything is on the thread that runs the loop.
class Load {
 public:
  Load(const Address& address, const std::filesystem::path& ca, const Interactive& clients)
      : address_(address),
        pause_(clients.pause),
        first_(clients.first),
        context_(client_context(ca)),
        loop_(1),
        busy_(clients.clients) {
    for (unsigned i = 0; i < clients.clients; ++i) waiting_.push_back(std::make_unique<Waiting>(loop_));
  }

  std::vector<Sample> run(Seconds warm_up, Seconds time, Window& window) {
    asio::co_spawn(loop_, watch(), rethrow);
    run_for(warm_up);
    window.from = Clock::now();
    run_for(time);
    window.to = Clock::now();
    return finish();
  }

  std::vector<Sample> run(const std::stop_token& stop) {
    asio::co_spawn(loop_, watch(), rethrow);
    while (!stop.stop_requested()) run_for(look_at_stop);
    return finish();
  }

 private:
  std::vector<Sample> finish() {
    going_on_ = false;
    const auto deadline = Clock::now() + patience;
    while (busy_ > 0 && Clock::now() < deadline) loop_.run_one_until(deadline);
    if (busy_ > 0) throw std::runtime_error("https: " + std::to_string(busy_) + " certificates never came");
    return std::move(samples_);
  }

  void run_for(Seconds time) {
    loop_.run_for(std::chrono::duration_cast<Clock::duration>(time));
    if (loop_.stopped()) throw std::runtime_error("https: the clients have ended");
  }

  /// Shared by all; the clients start once it is sent, and it starts before them in the log.
  Awaitable<> watch() {
    HttpsConnection connection(loop_, context_);
    co_await connection.open(address_.port);
    const std::string list(co_await connection.exchange(list_request(address_), "200"));
    co_await connection.send(watch_request(address_, text_after(list, R"("resourceVersion":")")));
    for (unsigned i = 0; i < waiting_.size(); ++i) asio::co_spawn(loop_, client(i), rethrow);
    std::string first;
    std::optional<AnswerHead> head;
    while (!(head = read_head(first))) first += co_await connection.receive();
    if (head->status != "200") throw std::runtime_error("the watch is refused: " + first);
    ChunkedLines lines;
    lines.add(std::string_view(first).substr(head->size));
    for (;;) {
      while (const auto line = lines.next()) see(*line);
      lines.add(co_await connection.receive());
    }
  }

  /// `{"type":"MODIFIED","object":{…,"metadata":{"name":…},…}}`.
  void see(std::string_view event) {
    if (event.starts_with(R"({"type":"ERROR")"))
      throw std::runtime_error("the watch says " + std::string(event));
    if (event.find(R"("certificate":")") == std::string_view::npos) return;
    const std::string_view name = text_after(event, R"("metadata":{"name":")");
    Waiting& waiting = *waiting_.at(client_of(name));
    if (waiting.name != name) return;
    waiting.seen = true;
    waiting.timer.cancel();
  }

  Awaitable<> certificate_of(Waiting& waiting) {
    if (waiting.seen) co_return;
    waiting.timer.expires_after(patience);
    boost::system::error_code cancelled;
    co_await waiting.timer.async_wait(asio::redirect_error(awaiting, cancelled));
    if (!waiting.seen) throw std::runtime_error("no certificate for " + waiting.name);
  }

  Awaitable<> client(unsigned index) {
    Waiting& waiting = *waiting_[index];
    Precomposed create =
        create_request(address_, index, certification_request("bench-" + std::to_string(index)));
    Precomposed approve = approve_request(address_, index);
    HttpsConnection connection(loop_, context_);
    co_await connection.open(address_.port);
    for (std::uint64_t number = first_; going_on_; ++number) {
      const auto begun = Clock::now();
      waiting.name = request_name(index, number);
      waiting.seen = false;
      co_await connection.exchange(create.with(waiting.name), "201");
      co_await connection.exchange(approve.with(waiting.name), "200");
      co_await certificate_of(waiting);
      const auto now = Clock::now();
      samples_.push_back({now, now - begun});
      if (pause_.count() == 0) continue;
      Timer rest(loop_, pause_);
      co_await rest.async_wait(awaiting);
    }
    --busy_;
  }

  const Address address_;
  const std::chrono::milliseconds pause_;
  const std::uint64_t first_;
  asio::ssl::context context_;
  bool going_on_ = true;
  std::vector<Sample> samples_;
  asio::io_context loop_;  // the coroutines in it use everything above
  std::vector<std::unique_ptr<Waiting>> waiting_;
  std::size_t busy_;
};

}  // namespace

std::vector<Sample> https(const Address& address, const std::filesystem::path& ca, unsigned clients,
                          Seconds warm_up, Seconds time, Window& window) {
  return Load(address, ca, {.clients = clients, .pause = {}}).run(warm_up, time, window);
}

std::vector<Sample> https_until(std::stop_token stop, const Address& address, const std::filesystem::path& ca,
                                const Interactive& clients) {
  return Load(address, ca, clients).run(stop);
}

}  // namespace csrflow::bench
