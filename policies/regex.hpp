// Regular expressions: RE2, anchored at both ends, UTF-8, no flags; linear in the text.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace csrflow::policies {

constexpr int max_regex_program = 10'000;  ///< RE2's instructions

/// Shared and immutable: copies are cheap, threads may use one at the same time.
class Regex {
 public:
  static std::expected<Regex, std::string> parse(std::string_view pattern);

  const std::string& text() const { return text_; }
  bool matches(std::string_view value) const;
  int program_size() const { return program_size_; }

 private:
  Regex() = default;
  std::string text_;
  std::shared_ptr<const re2::RE2> compiled_;
  int program_size_ = 0;
};

/// Version of RE2's library: `20220601`.
std::string regex_version();

}  // namespace csrflow::policies
