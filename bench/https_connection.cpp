#include "bench/https_connection.hpp"

#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

#include "bench/http_answer.hpp"

namespace csrflow::bench {

asio::ssl::context client_context(const std::filesystem::path& ca) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.load_verify_file(ca);
  context.set_verify_mode(asio::ssl::verify_peer);
  context.set_verify_callback(asio::ssl::host_name_verification("127.0.0.1"));
  return context;
}

HttpsConnection::HttpsConnection(asio::io_context& loop, asio::ssl::context& context,
                                 std::size_t answer_bytes)
    : stream_(loop, context), buffer_(answer_bytes, '\0') {}

Awaitable<> HttpsConnection::open(std::uint16_t port) {
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  co_await stream_.next_layer().async_connect(server, awaiting);
  stream_.next_layer().set_option(asio::ip::tcp::no_delay(true));
  co_await stream_.async_handshake(asio::ssl::stream_base::client, awaiting);
}

Awaitable<> HttpsConnection::send(std::string_view request) {
  co_await asio::async_write(stream_, asio::buffer(request), awaiting);
}

Awaitable<std::string_view> HttpsConnection::receive() {
  const std::size_t n = co_await stream_.async_read_some(asio::buffer(buffer_), awaiting);
  co_return std::string_view(buffer_).substr(0, n);
}

Awaitable<std::string_view> HttpsConnection::exchange(std::string_view request, std::string_view status) {
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

}  // namespace csrflow::bench
