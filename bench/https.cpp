#include "bench/https.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

#include "bench/certification_request.hpp"
#include "bench/http_answer.hpp"
#include "bench/tls_stream.hpp"

namespace csrflow::bench {
namespace {

constexpr std::size_t answer_bytes = 64 * 1024;  // of one; a certificate's object has 3 kB
constexpr std::chrono::seconds patience{30};

/// One keep-alive connection.
class Connection {
 public:
  Connection(asio::io_context& loop, asio::ssl::context& context)
      : stream_(loop, context), buffer_(answer_bytes, '\0') {}

  Awaitable<> open(std::uint16_t port) {
    const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
    co_await stream_.next_layer().async_connect(server, awaiting);
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true));
    co_await stream_.async_handshake(asio::ssl::stream_base::client, awaiting);
  }

  Awaitable<> send(std::string_view request) {
    co_await asio::async_write(stream_, asio::buffer(request), awaiting);
  }

  /// What has come by now, at least a byte; valid until the next call.
  Awaitable<std::string_view> receive() {
    const std::size_t n = co_await stream_.async_read_some(asio::buffer(buffer_), awaiting);
    co_return std::string_view(buffer_).substr(0, n);
  }

  /// The body of the answer, which must have this status; valid until the next call.
  Awaitable<std::string_view> exchange(std::string_view request, std::string_view status) {
    co_await send(request);
    std::size_t have = 0, need = 1;
    std::optional<AnswerHead> head;
    while (have < need) {
      if (have == buffer_.size()) throw std::runtime_error("the answer is too long");
      have += co_await stream_.async_read_some(asio::buffer(buffer_.data() + have, buffer_.size() - have),
                                               awaiting);
      if (!head) {
        head = read_head(std::string_view(buffer_).substr(0, have));
        if (!head)
          need = have + 1;
        else if (!head->content_length)
          throw std::runtime_error("the answer has no Content-Length");
        else
          need = head->size + *head->content_length;
      }
    }
    const std::string_view body = std::string_view(buffer_).substr(head->size, need - head->size);
    if (head->status != status)
      throw std::runtime_error(std::string(request.substr(0, request.find('\r'))) + ": " +
                               std::string(head->status) + " instead of " + std::string(status) + ": " +
                               std::string(body));
    co_return body;
  }

 private:
  TlsStream stream_;
  std::string buffer_;
};

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
  Load(const Address& address, const std::filesystem::path& ca, unsigned clients)
      : address_(address), context_(asio::ssl::context::tls_client), loop_(1), busy_(clients) {
    context_.load_verify_file(ca);
    context_.set_verify_mode(asio::ssl::verify_peer);
    context_.set_verify_callback(asio::ssl::host_name_verification("127.0.0.1"));
    for (unsigned i = 0; i < clients; ++i) waiting_.push_back(std::make_unique<Waiting>(loop_));
  }

  std::vector<Sample> run(Seconds warm_up, Seconds time, Window& window) {
    asio::co_spawn(loop_, watch(), rethrow);
    run_for(warm_up);
    window.from = Clock::now();
    run_for(time);
    window.to = Clock::now();
    going_on_ = false;
    const auto deadline = Clock::now() + patience;
    while (busy_ > 0 && Clock::now() < deadline) loop_.run_one_until(deadline);
    if (busy_ > 0) throw std::runtime_error("https: " + std::to_string(busy_) + " certificates never came");
    return std::move(samples_);
  }

 private:
  void run_for(Seconds time) {
    loop_.run_for(std::chrono::duration_cast<Clock::duration>(time));
    if (loop_.stopped()) throw std::runtime_error("https: the clients have ended");
  }

  /// Shared by all; the clients start once it is sent, and it starts before them in the log.
  Awaitable<> watch() {
    Connection connection(loop_, context_);
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
    Connection connection(loop_, context_);
    co_await connection.open(address_.port);
    for (std::uint64_t number = 1; going_on_; ++number) {
      const auto begun = Clock::now();
      waiting.name = request_name(index, number);
      waiting.seen = false;
      co_await connection.exchange(create.with(waiting.name), "201");
      co_await connection.exchange(approve.with(waiting.name), "200");
      co_await certificate_of(waiting);
      const auto now = Clock::now();
      samples_.push_back({now, now - begun});
    }
    --busy_;
  }

  const Address address_;
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
  return Load(address, ca, clients).run(warm_up, time, window);
}

}  // namespace csrflow::bench
