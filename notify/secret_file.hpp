// Secrets by file path: read for each use, so that a new one holds from the next try on.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::notify {

constexpr std::size_t max_secret_bytes = 4096;

/// Overwritten when it goes out of scope. Moves, never copies.
class Secret {
 public:
  explicit Secret(std::vector<char> bytes) : bytes_(std::move(bytes)) { bytes_.push_back('\0'); }
  Secret(Secret&&) = default;
  Secret& operator=(Secret&&) = delete;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  std::string_view view() const { return {bytes_.data(), bytes_.size() - 1}; }
  const char* c_str() const { return bytes_.data(); }
  void keep_first_line();

 private:
  std::vector<char> bytes_;  // and a NUL
};

/// The file without the line end at its end. The error is a sentence with the path and never with what the
/// file holds: it is not there, is empty or too long, or can be reached by everybody.
std::expected<Secret, std::string> read_secret(const std::string& path);

}  // namespace csrflow::notify
