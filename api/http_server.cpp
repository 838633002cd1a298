// One accepting loop spreads connections over the event loops; a connection lives on its loop's thread, and
// what other threads have for it is handed over in batches. Time-outs are deadlines that each loop's tick
// looks at.
#include "api/http_server.hpp"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unordered_set>

#include "api/http_rules.hpp"
#include "api/http_text.hpp"
#include "api/peer_budget.hpp"
#include "api/tls_context.hpp"

namespace csrflow::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket>;
using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;
using Parser = http::request_parser<http::string_body>;
template <class T>
using Task = asio::awaitable<T, Executor>;
constexpr asio::use_awaitable_t<Executor> as_task;
constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> as_result{as_task};
using Notice = std::move_only_function<void()>;

constexpr std::size_t read_piece = 8 * 1024;
constexpr std::size_t heard_piece = 512;
// Read ahead of the parser, which holds headers, and what stands between chunks, back until it has all of it.
constexpr std::size_t read_ahead = 64 * 1024;
constexpr std::size_t write_piece = 256 * 1024;  // each piece has the write time-out of its own
// Smaller bodies and answers are not counted: with every connection there can be, they are few.
constexpr std::size_t small_message = 16 * 1024;
constexpr std::size_t drained_at_farewell = 4 * 1024 * 1024;
constexpr auto wait_after_failed_accept = std::chrono::milliseconds(100);

/// Lets one coroutine wait for what comes from elsewhere on its loop.
class Signal {
 public:
  void notify() {
    if (resume_) {
      std::exchange(resume_, nullptr)();
    } else {
      set_ = true;
    }
  }
  Task<void> wait() {
    if (!set_) {
      co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
          [this](auto handler) { resume_ = std::move(handler); }, as_task);
    }
    set_ = false;
  }

 private:
  Notice resume_;
  bool set_ = false;
};

class Connection;

/// What all connections share.
struct Shared {
  explicit Shared(const HttpLimits& given)
      : limits(given),
        places(given.connections, given.connections_per_peer),
        bodies(given.body_bytes_in_all, given.body_bytes_per_peer),
        unread(given.unread_bytes, given.unread_bytes_per_peer) {}

  const HttpLimits limits;
  HttpServer::Handler handler;
  std::function<void(const std::string&)> on_error;
  PeerBudget places, bodies, unread;
  std::atomic<std::size_t> connections{0};
  std::mutex mutex;
  std::condition_variable all_closed;
};

/// An event loop with its thread's belongings.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  explicit Loop(std::shared_ptr<Shared> with) : shared(std::move(with)), tick_timer_(io.get_executor()) {}

  /// Runs the notice on the loop's thread: now if this is it.
  void hand_over(Notice);
  /// The same, but never now.
  void later(Notice);
  void start();
  void adopt(Socket, PeerBudget::Share place, std::shared_ptr<asio::ssl::context>);
  void forget(Connection*);
  /// On the loop's thread.
  void begin_stop();
  void cut();
  /// After the thread has ended: what is still handed over is dropped.
  void close_inbox();

  asio::io_context io{1};
  const std::shared_ptr<Shared> shared;

 private:
  Task<void> tick();
  void run_inbox();

  Timer tick_timer_;
  std::unordered_set<Connection*> connections_;  // owned by the loop's thread
  bool stopping_ = false;                        // owned by the loop's thread
  std::mutex mutex_;
  std::vector<Notice> inbox_;  // guarded by mutex_
  bool closed_ = false;        // guarded by mutex_
};

class ServerStream;

struct Delivery {
  Response response;
  std::shared_ptr<ServerStream> stream;  ///< null for an ordinary answer
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Loop> loop, Socket socket, PeerBudget::Share place,
             std::shared_ptr<asio::ssl::context> context)
      : loop_(std::move(loop)),
        place_(std::move(place)),
        context_(std::move(context)),
        tls_(std::move(socket), *context_),
        buffer_(limits().header_bytes + read_ahead) {}

  Loop& loop() { return *loop_; }
  // All below on the loop's thread.
  Task<void> live();
  void deliver(Delivery delivery) {
    delivery_ = std::move(delivery);
    signal_.notify();
  }
  void wake() { signal_.notify(); }
  void stop();
  void cut();
  void check_deadline(SteadyClock::time_point now) {
    if (now >= deadline_) cut();
  }

 private:
  Task<bool> handshake();
  Task<bool> read_some();
  Task<std::optional<Request>> read_request();
  Task<bool> read_body(Parser&, Request&);
  Request to_request(const Parser&) const;
  Task<bool> make_room(const Parser&);
  Task<bool> exchange(Request);
  Task<bool> send(std::string bytes);
  Task<bool> send_response(Response, bool head_only);
  Task<void> refuse(int status, std::string_view text);
  Task<void> run_stream(std::shared_ptr<ServerStream>, const Response& head);
  Task<void> hear();
  Task<void> stop_hearing();
  Task<void> farewell();
  void within(std::chrono::milliseconds time) {
    deadline_ = SteadyClock::now() + (stopping_ ? std::min(time, limits().stopping) : time);
  }
  void without_deadline() { deadline_ = SteadyClock::time_point::max(); }
  const HttpLimits& limits() const { return loop_->shared->limits; }

  const std::shared_ptr<Loop> loop_;
  const PeerBudget::Share place_;
  const std::shared_ptr<asio::ssl::context> context_;
  TlsStream tls_;
  boost::beast::flat_buffer buffer_;
  std::string peer_key_;  ///< whose shares are taken
  std::shared_ptr<const Peer> peer_;
  PeerBudget::Share body_;  ///< of the request that is read; goes on with its exchange
  HttpVersion version_ = HttpVersion::v1_1;
  Signal signal_;
  std::optional<Delivery> delivery_;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  bool keep_alive_ = true;
  bool streaming_ = false;
  bool hearing_ = false;  // what the client says while a stream runs
  bool idle_ = false;
  bool stopping_ = false;
  bool gone_ = false;  // the other side, or our patience
};

class ServerStream : public Stream {
 public:
  ServerStream(std::shared_ptr<Connection> connection, std::size_t limit)
      : connection_(std::move(connection)), limit_(limit) {}

  bool write(SharedBytes) override;
  void close() override;
  void break_off() override;
  void on_writable(std::function<void()> notice) override {
    const std::lock_guard lock(mutex_);
    writable_ = std::move(notice);
  }
  void on_closed(std::function<void()> notice) override;

  // For the connection.
  struct Taken {
    std::vector<SharedBytes> events;
    bool last = false, broken = false;
  };
  Taken take();
  void room_again();
  void end();

 private:
  void wake();

  const std::shared_ptr<Connection> connection_;
  const std::size_t limit_;
  std::mutex mutex_;  // guards all below
  std::deque<SharedBytes> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool woken_ = false;
  bool refused_ = false;
  bool closing_ = false;
  bool broken_ = false;
  bool over_ = false;
  std::function<void()> writable_, closed_;
};

class ServerExchange : public Exchange {
 public:
  ServerExchange(std::shared_ptr<Connection> connection, Request request, PeerBudget::Share body)
      : connection_(std::move(connection)), request_(std::move(request)), body_(std::move(body)) {}
  ~ServerExchange() override {
    if (!answered_.load())
      answer({.status = 500, .headers = {{"Content-Type", "text/plain"}}, .body = nullptr});
  }
  ServerExchange(const ServerExchange&) = delete;
  ServerExchange& operator=(const ServerExchange&) = delete;

  const Request& request() const override { return request_; }
  void answer(Response response) override { deliver({.response = std::move(response), .stream = nullptr}); }
  std::shared_ptr<Stream> stream(Response head) override {
    auto stream =
        std::make_shared<ServerStream>(connection_, connection_->loop().shared->limits.stream_queue_bytes);
    deliver({.response = std::move(head), .stream = stream});
    return stream;
  }

 private:
  void deliver(Delivery delivery) {
    if (answered_.exchange(true)) throw std::logic_error("an HTTP exchange was answered twice");
    connection_->loop().hand_over([connection = connection_, delivery = std::move(delivery)]() mutable {
      connection->deliver(std::move(delivery));
    });
  }

  const std::shared_ptr<Connection> connection_;
  const Request request_;
  const PeerBudget::Share body_;
  std::atomic<bool> answered_{false};
};

/// Not HTTP, or more of it between two chunks than anybody needs; not a connection that ended.
bool malformed(const boost::system::error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

/// Who shares: an IPv4 address, or the network of an IPv6 address, of which one customer has them all.
std::string peer_key(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  constexpr std::size_t network_bytes = 8;
  const auto bytes = v6.to_bytes();
  return {bytes.begin(), bytes.begin() + network_bytes};
}

Response busy() {
  return {.status = 429,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Retry-After", "1"}},
          .body = std::make_shared<const std::string>("Too many requests, please try again later.\n")};
}

Response plain_text(int status, std::string_view text) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::make_shared<const std::string>(text)};
}

// ---- loop ---------------------------------------------------------------------------------------

void Loop::hand_over(Notice notice) {
  if (io.get_executor().running_in_this_thread()) {
    notice();
  } else {
    later(std::move(notice));
  }
}

void Loop::later(Notice notice) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    inbox_.push_back(std::move(notice));
    if (inbox_.size() > 1) return;
  }
  asio::post(io, [self = shared_from_this()] { self->run_inbox(); });
}

void Loop::run_inbox() {
  std::vector<Notice> notices;
  {
    const std::lock_guard lock(mutex_);
    notices.swap(inbox_);
  }
  for (auto& notice : notices) notice();
}

void Loop::close_inbox() {
  std::vector<Notice> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(inbox_);
}

void Loop::start() {
  asio::co_spawn(io, tick(), asio::detached);
}

void Loop::adopt(Socket socket, PeerBudget::Share place, std::shared_ptr<asio::ssl::context> context) {
  auto connection = std::make_shared<Connection>(shared_from_this(), std::move(socket), std::move(place),
                                                 std::move(context));
  connections_.insert(connection.get());
  if (stopping_) connection->stop();
  asio::co_spawn(
      io,
      [connection]() -> Task<void> {
        try {
          co_await connection->live();
        } catch (const std::exception& failure) {
          connection->cut();
          if (const auto& report = connection->loop().shared->on_error) report(failure.what());
        }
        connection->loop().forget(connection.get());
      },
      asio::detached);
}

void Loop::forget(Connection* connection) {
  connections_.erase(connection);
  if (stopping_ && connections_.empty()) tick_timer_.cancel();
  const std::lock_guard lock(shared->mutex);
  if (shared->connections.fetch_sub(1) == 1) shared->all_closed.notify_all();
}

void Loop::begin_stop() {
  stopping_ = true;
  const auto connections = connections_;
  for (auto* connection : connections) connection->stop();
  if (connections_.empty()) tick_timer_.cancel();
}

void Loop::cut() {
  const auto connections = connections_;
  for (auto* connection : connections) connection->cut();
}

Task<void> Loop::tick() {
  while (!stopping_ || !connections_.empty()) {
    tick_timer_.expires_after(shared->limits.tick);
    co_await tick_timer_.async_wait(as_result);
    const auto now = SteadyClock::now();
    const auto connections = connections_;
    for (auto* connection : connections) {
      if (connections_.contains(connection)) connection->check_deadline(now);
    }
  }
}

// ---- connection ---------------------------------------------------------------------------------

void Connection::stop() {
  stopping_ = true;
  if (idle_) {
    boost::system::error_code ignored;
    tls_.lowest_layer().cancel(ignored);
  }
  // Only handlers have no deadline; whoever is slow outside gets a shorter one.
  if (deadline_ != SteadyClock::time_point::max())
    deadline_ = std::min(deadline_, SteadyClock::now() + limits().stopping);
  // A stream looks up and ends; whoever waits for an answer waits on.
  signal_.notify();
}

void Connection::cut() {
  gone_ = true;
  without_deadline();
  boost::system::error_code ignored;
  tls_.lowest_layer().close(ignored);
  signal_.notify();
}

Task<void> Connection::live() {
  if (!co_await handshake()) co_return;
  while (keep_alive_ && !stopping_ && !gone_) {
    auto request = co_await read_request();
    if (!request || !co_await exchange(std::move(*request))) break;
  }
  if (!gone_) co_await farewell();
}

Task<bool> Connection::handshake() {
  within(limits().handshake);
  boost::system::error_code ignored;
  const auto remote = tls_.lowest_layer().remote_endpoint(ignored);
  peer_key_ = peer_key(remote.address());
  tls_.lowest_layer().set_option(tcp::no_delay(true), ignored);
  auto [error] = co_await tls_.async_handshake(asio::ssl::stream_base::server, as_result);
  if (error) co_return false;
  peer_ = std::make_shared<Peer>(
      Peer{.address = remote.address().to_string(), .certificates = peer_certificates(tls_.native_handle())});
  co_return true;
}

/// Waits for the next request's first bytes.
Task<bool> Connection::read_some() {
  within(limits().idle);
  idle_ = true;
  auto [error, count] = co_await tls_.async_read_some(buffer_.prepare(read_piece), as_result);
  idle_ = false;
  buffer_.commit(count);
  co_return !error;
}

Task<std::optional<Request>> Connection::read_request() {
  if (buffer_.size() == 0 && !co_await read_some()) co_return std::nullopt;
  within(limits().request);
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits().header_bytes));
  parser.body_limit(limits().body_bytes);
  auto [error, count] = co_await http::async_read_header(tls_, buffer_, parser, as_result);
  if (error == http::error::header_limit) {
    co_await refuse(431, "Request Header Fields Too Large");
    co_return std::nullopt;
  }
  if (error && error != http::error::body_limit) {
    if (!gone_ && malformed(error)) co_await refuse(400, "Bad Request");
    co_return std::nullopt;
  }
  Request request = to_request(parser);
  version_ = parser.get().version() < 11 ? HttpVersion::v1_0 : HttpVersion::v1_1;
  auto refused = refused_request(request, version_);
  if (!refused && !split_target(request)) refused = RefusedRequest{400, "Bad Request"};
  if (refused) {
    co_await refuse(refused->status, refused->text);
    co_return std::nullopt;
  }
  request.body_too_large = error == http::error::body_limit;
  if (!request.body_too_large && (!co_await make_room(parser) || !co_await read_body(parser, request)))
    co_return std::nullopt;
  keep_alive_ = parser.get().keep_alive() && !request.body_too_large && version_ == HttpVersion::v1_1;
  without_deadline();
  co_return request;
}

/// A place in memory for the body that comes. False when there is none, which is answered.
Task<bool> Connection::make_room(const Parser& parser) {
  std::size_t expected = 0;
  if (parser.chunked()) expected = limits().body_bytes;
  if (const auto length = parser.content_length()) expected = static_cast<std::size_t>(*length);
  if (expected <= small_message) co_return true;
  body_ = loop_->shared->bodies.take(peer_key_, expected);
  if (body_.taken()) co_return true;
  keep_alive_ = false;
  co_await send_response(busy(), false);
  co_return false;
}

Task<bool> Connection::read_body(Parser& parser, Request& request) {
  if (!parser.is_done()) {
    if (version_ == HttpVersion::v1_1 && request.headers.find("Expect") &&
        !co_await send("HTTP/1.1 100 Continue\r\n\r\n"))
      co_return false;
    auto [error, count] = co_await http::async_read(tls_, buffer_, parser, as_result);
    request.body_too_large = error == http::error::body_limit;
    if (error && !request.body_too_large) {
      if (!gone_ && malformed(error)) co_await refuse(400, "Bad Request");
      co_return false;
    }
  }
  if (!request.body_too_large) request.body = std::move(parser.get().body());
  co_return true;
}

Request Connection::to_request(const Parser& parser) const {
  const auto& message = parser.get();
  Request request;
  request.method = message.method_string();
  request.target = message.target();
  for (const auto& field : message) request.headers.add(field.name_string(), field.value());
  request.peer = peer_;
  return request;
}

/// False when the connection is over.
Task<bool> Connection::exchange(Request request) {
  const bool head_only = request.method == "HEAD";
  if (asks_for_nothing(request)) {
    Response nothing{.status = 200, .headers = {}, .body = nullptr};
    co_return co_await send_response(std::move(nothing), false);
  }
  delivery_.reset();
  loop_->shared->handler(std::make_shared<ServerExchange>(shared_from_this(), std::move(request),
                                                          std::exchange(body_, PeerBudget::Share())));
  while (!delivery_ && !gone_) co_await signal_.wait();
  if (!delivery_) co_return false;
  Delivery delivery = std::move(*delivery_);
  delivery_.reset();
  if (delivery.stream) {
    co_await run_stream(delivery.stream, delivery.response);
    delivery.stream->end();
    co_return !gone_;
  }
  co_return co_await send_response(std::move(delivery.response), head_only);
}

Task<bool> Connection::send(std::string bytes) {
  for (std::size_t sent = 0; sent < bytes.size() && !gone_;) {
    within(limits().write);
    const auto piece = std::min(write_piece, bytes.size() - sent);
    auto [error, count] =
        co_await asio::async_write(tls_, asio::buffer(bytes.data() + sent, piece), as_result);
    if (error) co_return false;
    sent += count;
  }
  co_return !gone_;
}

Task<bool> Connection::send_response(Response response, bool head_only) {
  keep_alive_ = keep_alive_ && !stopping_;
  PeerBudget::Share unread;
  if (const auto size = response.body && !head_only ? response.body->size() : 0; size > small_message) {
    unread = loop_->shared->unread.take(peer_key_, size);
    if (!unread.taken()) response = busy();
  }
  std::string bytes = response_head(response, keep_alive_ ? Framing::sized : Framing::sized_last);
  if (response.body && !head_only && may_have_body(response.status)) bytes += *response.body;
  co_return co_await send(std::move(bytes));
}

Task<void> Connection::refuse(int status, std::string_view text) {
  keep_alive_ = false;
  co_await send_response(plain_text(status, text), false);
}

Task<void> Connection::run_stream(std::shared_ptr<ServerStream> stream, const Response& head) {
  streaming_ = true;
  hearing_ = true;
  asio::co_spawn(
      loop_->io, [self = shared_from_this()]() -> Task<void> { co_await self->hear(); }, asio::detached);
  const bool chunks = version_ == HttpVersion::v1_1;
  keep_alive_ = keep_alive_ && !stopping_ && chunks;
  const Framing chunked = keep_alive_ ? Framing::chunked : Framing::chunked_last;
  if (!co_await send(response_head(head, chunks ? chunked : Framing::until_close))) co_return cut();
  without_deadline();
  while (!gone_) {
    const auto taken = stream->take();
    if (taken.broken) co_return cut();
    if (taken.events.empty()) {
      if (taken.last || stopping_) break;
      co_await signal_.wait();
      continue;
    }
    std::string bytes;
    if (chunks) {
      append_chunk(bytes, taken.events);
    } else {
      for (const auto& event : taken.events) bytes += *event;
    }
    if (!co_await send(std::move(bytes))) co_return cut();
    without_deadline();
    stream->room_again();
  }
  if (!gone_ && chunks && !co_await send(std::string(last_chunk))) co_return cut();
  co_await stop_hearing();
}

/// While a stream runs, the client may go, or say what it wants next.
Task<void> Connection::hear() {
  while (streaming_) {
    if (buffer_.size() + heard_piece > buffer_.max_size()) {
      cut();  // who says so much does not listen
      break;
    }
    auto [error, count] = co_await tls_.async_read_some(buffer_.prepare(heard_piece), as_result);
    buffer_.commit(count);
    if (!error) continue;
    gone_ = gone_ || streaming_;
    break;
  }
  hearing_ = false;
  signal_.notify();
}

/// Two must not read at a time.
Task<void> Connection::stop_hearing() {
  streaming_ = false;
  boost::system::error_code ignored;
  if (hearing_) tls_.lowest_layer().cancel(ignored);
  while (hearing_) co_await signal_.wait();
}

/// Says good-bye and lets the client read what was sent: closing at once with unread input would reset the
/// connection under the answer.
Task<void> Connection::farewell() {
  within(limits().farewell);
  boost::system::error_code failed;
  co_await tls_.async_shutdown(as_result);
  tls_.lowest_layer().shutdown(tcp::socket::shutdown_send, failed);
  std::array<char, read_piece> rest{};
  for (std::size_t read = 0; read < drained_at_farewell && !gone_;) {
    auto [error, count] = co_await tls_.next_layer().async_read_some(asio::buffer(rest), as_result);
    if (error) break;
    read += count;
  }
  tls_.lowest_layer().close(failed);
}

// ---- stream -------------------------------------------------------------------------------------

bool ServerStream::write(SharedBytes event) {
  {
    const std::lock_guard lock(mutex_);
    if (over_ || closing_) return true;
    if (waiting_bytes_ > 0 && waiting_bytes_ + event->size() > limit_) {
      refused_ = true;
      return false;
    }
    waiting_bytes_ += event->size();
    waiting_.push_back(std::move(event));
    if (std::exchange(woken_, true)) return true;
  }
  wake();
  return true;
}

void ServerStream::close() {
  {
    const std::lock_guard lock(mutex_);
    if (over_ || std::exchange(closing_, true)) return;
  }
  wake();
}

void ServerStream::break_off() {
  {
    const std::lock_guard lock(mutex_);
    if (over_ || std::exchange(broken_, true)) return;
    waiting_.clear();
    waiting_bytes_ = 0;
  }
  wake();
}

void ServerStream::wake() {
  connection_->loop().later([connection = connection_] { connection->wake(); });
}

void ServerStream::on_closed(std::function<void()> notice) {
  {
    const std::lock_guard lock(mutex_);
    if (!over_) {
      closed_ = std::move(notice);
      return;
    }
  }
  notice();
}

ServerStream::Taken ServerStream::take() {
  const std::lock_guard lock(mutex_);
  Taken taken;
  std::size_t bytes = 0;
  while (!waiting_.empty() && bytes < write_piece) {
    bytes += waiting_.front()->size();
    taken.events.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  waiting_bytes_ -= bytes;
  woken_ = !taken.events.empty();
  taken.last = closing_;
  taken.broken = broken_;
  return taken;
}

void ServerStream::room_again() {
  std::function<void()> notice;
  {
    const std::lock_guard lock(mutex_);
    if (!refused_ || waiting_bytes_ > limit_ / 2) return;
    refused_ = false;
    notice = writable_;
  }
  if (notice) notice();
}

void ServerStream::end() {
  std::function<void()> closed, writable;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    waiting_.clear();
    closed = std::exchange(closed_, nullptr);
    writable = std::exchange(writable_, nullptr);
  }
  if (closed) closed();
}

}  // namespace

// ---- server -------------------------------------------------------------------------------------

struct HttpServer::Parts {
  Parts(HttpServerOptions given, Handler handler)
      : options(std::move(given)), shared(std::make_shared<Shared>(options.limits)) {
    shared->on_error = options.on_error;
    shared->handler = std::move(handler);
    for (unsigned i = 0; i < std::max(1U, options.threads); ++i)
      loops.push_back(std::make_shared<Loop>(shared));
  }

  void listen() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) throw std::runtime_error("not an IP address to listen on: " + options.address);
    const tcp::endpoint endpoint(address, options.port);
    try {
      acceptor.emplace(loops.front()->io, endpoint, true);
      port = acceptor->local_endpoint().port();
    } catch (const boost::system::system_error& failure) {
      throw std::runtime_error("cannot listen on " + options.address + " port " +
                               std::to_string(options.port) + ": " + failure.code().message());
    }
    asio::co_spawn(loops.front()->io, accept(), asio::detached);
  }

  Task<void> accept() {
    Timer pause(loops.front()->io.get_executor());
    for (std::size_t turn = 0; acceptor->is_open(); ++turn) {
      auto loop = loops[turn % loops.size()];
      auto [error, socket] = co_await acceptor->async_accept(loop->io, as_result);
      if (error == asio::error::operation_aborted) break;
      if (error) {
        pause.expires_after(wait_after_failed_accept);
        co_await pause.async_wait(as_result);
        continue;
      }
      boost::system::error_code gone;
      const auto remote = socket.remote_endpoint(gone);
      if (gone) continue;
      auto place = shared->places.take(peer_key(remote.address()), 1);
      if (!place.taken()) continue;
      shared->connections.fetch_add(1);
      loop->hand_over([loop, adopted = std::move(socket), place = std::move(place),
                       context = current_context()]() mutable {
        loop->adopt(std::move(adopted), std::move(place), std::move(context));
      });
    }
  }

  std::shared_ptr<asio::ssl::context> current_context() {
    const std::lock_guard lock(context_mutex);
    return context;
  }
  void use(TlsContext fresh) {
    auto wrapped = std::make_shared<asio::ssl::context>(fresh.release());
    const std::lock_guard lock(context_mutex);
    context = std::move(wrapped);
  }

  void run() {
    for (auto& loop : loops) {
      loop->start();
      threads.emplace_back([loop] { loop->io.run(); });
    }
  }

  HttpServerOptions options;
  std::shared_ptr<Shared> shared;
  std::vector<std::shared_ptr<Loop>> loops;
  std::optional<asio::basic_socket_acceptor<tcp, Executor>> acceptor;
  std::uint16_t port = 0;
  std::mutex context_mutex;
  std::shared_ptr<asio::ssl::context> context;  // guarded by context_mutex
  std::vector<std::jthread> threads;
};

HttpServer::HttpServer(HttpServerOptions options, Handler handler)
    : parts_(std::make_unique<Parts>(std::move(options), std::move(handler))) {
  set_certificate(parts_->options.certificate, parts_->options.key);
  parts_->options.key.clear();
  parts_->listen();
  parts_->run();
}

HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
}

std::uint16_t HttpServer::port() const {
  return parts_->port;
}

void HttpServer::set_certificate(const std::string& chain_pem, const std::string& key_pem) {
  parts_->use(server_tls_context(chain_pem, key_pem, parts_->options.client_cas));
}

void HttpServer::stop(std::chrono::milliseconds deadline) {
  if (parts_->threads.empty()) return;
  asio::post(parts_->loops.front()->io, [this] { parts_->acceptor->close(); });
  for (auto& loop : parts_->loops) asio::post(loop->io, [loop] { loop->begin_stop(); });
  {
    std::unique_lock lock(parts_->shared->mutex);
    parts_->shared->all_closed.wait_for(lock, deadline, [&] { return parts_->shared->connections == 0; });
  }
  for (auto& loop : parts_->loops) asio::post(loop->io, [loop] { loop->cut(); });
  parts_->threads.clear();
  for (auto& loop : parts_->loops) loop->close_inbox();
}

}  // namespace csrflow::api
