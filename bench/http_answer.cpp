#include "bench/http_answer.hpp"

#include <strings.h>

#include <charconv>
#include <stdexcept>

namespace csrflow::bench {
namespace {

constexpr std::string_view line_end = "\r\n", head_end = "\r\n\r\n";
constexpr std::string_view length_header = "content-length:";

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::size_t> content_length(std::string_view head) {
  for (std::size_t at = head.find(line_end); at != std::string_view::npos; at = head.find(line_end, at)) {
    at += line_end.size();
    std::string_view line = head.substr(at, head.find(line_end, at) - at);
    if (line.size() < length_header.size() ||
        ::strncasecmp(line.data(), length_header.data(), length_header.size()) != 0)
      continue;
    line.remove_prefix(length_header.size());
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return number(line, 10);
  }
  return std::nullopt;
}

}  // namespace

std::optional<AnswerHead> read_head(std::string_view bytes) {
  constexpr std::string_view start = "HTTP/1.1 ";
  constexpr std::size_t status_digits = 3;
  const std::size_t end = bytes.find(head_end);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view head = bytes.substr(0, end + line_end.size());
  if (!head.starts_with(start)) throw std::runtime_error("this is no HTTP answer: " + std::string(head));
  return AnswerHead{head.substr(start.size(), status_digits), content_length(head), end + head_end.size()};
}

bool ChunkedLines::take_chunk() {
  const std::size_t end = raw_.find(line_end, taken_);
  if (end == std::string::npos) return false;
  const auto size = number(std::string_view(raw_).substr(taken_, end - taken_), 16);
  if (!size) throw std::runtime_error("the watch is not in chunks");
  if (*size == 0) throw std::runtime_error("the watch has ended");
  const std::size_t start = end + line_end.size();
  if (raw_.size() < start + *size + line_end.size()) return false;
  lines_.append(raw_, start, *size);
  taken_ = start + *size + line_end.size();
  return true;
}

std::optional<std::string_view> ChunkedLines::next() {
  for (;;) {
    if (const std::size_t end = lines_.find('\n', read_); end != std::string::npos) {
      const std::string_view line = std::string_view(lines_).substr(read_, end - read_);
      read_ = end + 1;
      return line;
    }
    lines_.erase(0, read_);
    read_ = 0;
    if (take_chunk()) continue;
    raw_.erase(0, taken_);
    taken_ = 0;
    return std::nullopt;
  }
}

}  // namespace csrflow::bench
