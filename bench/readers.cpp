#include "bench/readers.hpp"

#include <boost/asio/co_spawn.hpp>

#include "bench/http_answer.hpp"
#include "bench/https_connection.hpp"

namespace csrflow::bench {
namespace {

constexpr std::size_t longest_object = 64 * 1024;
constexpr std::size_t read_piece = 256 * 1024;
constexpr std::string_view last_chunk = "\r\n0\r\n\r\n";

Awaitable<> read_again_and_again(HttpsConnection& connection, std::uint16_t port,
                                 const std::function<const std::string&()>& next,
                                 std::vector<Sample>& samples) {
  co_await connection.open(port);
  for (;;) {
    const auto begun = Clock::now();
    co_await connection.exchange(next(), "200");
    const auto now = Clock::now();
    samples.push_back({now, now - begun});
  }
}

/// The contents of chunks (RFC 9112 7.1), the last one included.
std::string out_of_chunks(std::string_view chunks) {
  std::string body;
  while (!chunks.empty()) {
    const auto line_end = chunks.find("\r\n");
    const auto size = std::stoul(std::string(chunks.substr(0, line_end)), nullptr, 16);
    body += chunks.substr(line_end + 2, size);
    chunks.remove_prefix(std::min(chunks.size(), line_end + 2 + size + 2));
  }
  return body;
}

Awaitable<> read_one(HttpsConnection& connection, std::uint16_t port, const std::string& request,
                     WholeAnswer& answer) {
  co_await connection.open(port);
  const auto begun = Clock::now();
  co_await connection.send(request);
  std::string all;
  std::optional<AnswerHead> head;
  const auto complete = [&] {
    return head->content_length ? all.size() == head->size + *head->content_length
                                : all.ends_with(last_chunk);
  };
  while (!head || !complete()) {
    all += co_await connection.receive();
    if (head) continue;
    answer.first_byte = Clock::now() - begun;
    head = read_head(all);
    if (head && head->status != "200") throw std::runtime_error("not 200 but " + all);
  }
  answer.took = Clock::now() - begun;
  const std::string_view body = std::string_view(all).substr(head->size);
  answer.body = head->content_length ? std::string(body) : out_of_chunks(body);
}

}  // namespace

std::vector<Sample> read_for(const Address& address, const std::filesystem::path& ca, unsigned clients,
                             const std::function<const std::string&()>& next, Seconds warm_up, Seconds time,
                             Window& window) {
  std::vector<Sample> samples;
  auto context = client_context(ca);
  asio::io_context loop(1);
  std::vector<std::unique_ptr<HttpsConnection>> connections;
  for (unsigned i = 0; i < clients; ++i) {
    connections.push_back(std::make_unique<HttpsConnection>(loop, context, longest_object));
    asio::co_spawn(loop, read_again_and_again(*connections.back(), address.port, next, samples), rethrow);
  }
  loop.run_for(std::chrono::duration_cast<Clock::duration>(warm_up));
  window.from = Clock::now();
  loop.run_for(std::chrono::duration_cast<Clock::duration>(time));
  window.to = Clock::now();
  return samples;
}

WholeAnswer read_whole(const Address& address, const std::filesystem::path& ca, const std::string& request) {
  WholeAnswer answer;
  auto context = client_context(ca);
  asio::io_context loop(1);
  HttpsConnection connection(loop, context, read_piece);
  asio::co_spawn(loop, read_one(connection, address.port, request, answer), rethrow);
  loop.run();
  return answer;
}

}  // namespace csrflow::bench
