#include "policies/regex.hpp"

#include <re2/re2.h>

namespace csrflow::policies {

namespace {

constexpr std::int64_t max_regex_memory = 4 << 20;  // bytes of RE2 for one expression

}  // namespace

std::expected<Regex, std::string> Regex::parse(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_regex_memory);
  options.set_never_capture(true);
  const auto compiled =
      std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) return std::unexpected(compiled->error());
  if (compiled->ProgramSize() > max_regex_program)
    return std::unexpected("compiles to " + std::to_string(compiled->ProgramSize()) +
                           " instructions, at most " + std::to_string(max_regex_program));
  Regex made;
  made.text_ = pattern;
  made.compiled_ = compiled;
  made.program_size_ = compiled->ProgramSize();
  return made;
}

bool Regex::matches(std::string_view value) const {
  return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *compiled_);
}

std::string regex_version() {
  return CSRFLOW_RE2_VERSION;
}

}  // namespace csrflow::policies
