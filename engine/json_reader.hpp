// Reads a JSON text from front to back without building a tree: what stored events are read with.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::engine {

/// The text is not JSON, or not of the shape that its reader asked for. Says what and at which byte.
struct MalformedJson : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Takes one value after another off the text (RFC 8259). Each call throws MalformedJson when the next value
/// is something else. The text must outlive the reader.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  /// Calls `member(key)` for each member, in order; it must take the member's value.
  template <class Member>
  void object(Member member) {
    enter('{', "an object");
    for (bool first = true; next('}', first); first = false) member(std::string_view(take_key()));
    --depth_;
  }
  /// Calls `element()` for each element; it must take it.
  template <class Element>
  void array(Element element) {
    enter('[', "an array");
    for (bool first = true; next(']', first); first = false) element();
    --depth_;
  }
  std::string text();
  std::int64_t integer();
  bool boolean();
  /// Takes a null when the next value is one.
  bool null();
  /// Takes any value and gives its bytes as they stand.
  std::string_view raw();
  /// Only white space is left.
  void end();

  std::vector<std::string> texts();
  std::map<std::string, std::string> text_map();
  std::map<std::string, std::vector<std::string>> texts_map();

  [[noreturn]] void fail(std::string_view what) const;

 private:
  void enter(char open, std::string_view what);
  bool next(char close, bool first);
  std::string take_key();
  void take_escape(std::string& out);
  std::uint32_t take_hex4();
  void skip_space();
  void skip_number();
  char peek();
  bool take_word(std::string_view word);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

/// Values nested deeper than this are refused.
constexpr std::size_t max_json_depth = 512;

}  // namespace csrflow::engine
