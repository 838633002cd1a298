#include "bench/tls_echo.hpp"

#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "bench/tls_stream.hpp"
#include "signer/authority.hpp"
#include "signer/key_signer.hpp"
#include "signer/keys.hpp"
#include "signer/random.hpp"
#include "tools/system_clock.hpp"

namespace csrflow::bench {
namespace {

constexpr std::size_t message_bytes = 1'400;
constexpr unsigned connections = 64;
constexpr Seconds warm_up{0.2};

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Message = std::array<char, message_bytes>;

/// A self-signed certificate over a new P-256 key.
void identify(asio::ssl::context& context) {
  using namespace signer;
  KeyPtr key = generate_p256();
  std::array<std::uint8_t, 16> random{};
  SystemRandom().fill(random);
  const AuthorityDraft draft = draft_authority(spki_of(*key), tools::SystemClock().now(), random);
  SSL_CTX* native = context.native_handle();
  require(SSL_CTX_use_PrivateKey(native, key.get()) == 1, "use a key");
  KeySigner signer(std::move(key), draft.ski);
  const auto der = signer.sign(draft.ski, draft.tbs);
  if (!der) throw std::runtime_error(der.error());
  require(SSL_CTX_use_certificate_ASN1(native, static_cast<int>(der->size()),
                                       octets(std::string_view(*der))) == 1,
          "use a certificate");
}

Awaitable<> answer(TlsStream stream) {
  co_await stream.async_handshake(asio::ssl::stream_base::server, awaiting);
  Message message{};
  for (;;) {
    co_await asio::async_read(stream, asio::buffer(message), awaiting);
    co_await asio::async_write(stream, asio::buffer(message), awaiting);
  }
}

Awaitable<> accept(Acceptor& acceptor, asio::ssl::context& context) {
  for (unsigned i = 0; i < connections; ++i) {
    Socket socket = co_await acceptor.async_accept(awaiting);
    socket.set_option(asio::ip::tcp::no_delay(true));
    const Executor executor = socket.get_executor();
    asio::co_spawn(executor, answer(TlsStream(std::move(socket), context)), rethrow);
  }
}

Awaitable<> ask(TlsStream stream, asio::ip::tcp::endpoint server, std::uint64_t& round_trips) {
  co_await stream.next_layer().async_connect(server, awaiting);
  stream.next_layer().set_option(asio::ip::tcp::no_delay(true));
  co_await stream.async_handshake(asio::ssl::stream_base::client, awaiting);
  Message message{};
  for (;;) {
    co_await asio::async_write(stream, asio::buffer(message), awaiting);
    co_await asio::async_read(stream, asio::buffer(message), awaiting);
    ++round_trips;
  }
}

}  // namespace

Microseconds tls_echo(Seconds time) {
  asio::ssl::context server(asio::ssl::context::tls_server), client(asio::ssl::context::tls_client);
  identify(server);
  std::uint64_t round_trips = 0;
  asio::io_context loop(1);
  Acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  asio::co_spawn(loop, accept(acceptor, server), rethrow);
  for (unsigned i = 0; i < connections; ++i)
    asio::co_spawn(loop, ask(TlsStream(Socket(loop), client), acceptor.local_endpoint(), round_trips),
                   rethrow);
  loop.run_for(std::chrono::duration_cast<Clock::duration>(warm_up));
  round_trips = 0;
  const auto start = Clock::now();
  loop.run_for(std::chrono::duration_cast<Clock::duration>(time));
  const Microseconds took = Clock::now() - start;
  if (round_trips == 0) throw std::runtime_error("TLS echo: no round trip in the whole time");
  return took / static_cast<double>(round_trips);
}

}  // namespace csrflow::bench
