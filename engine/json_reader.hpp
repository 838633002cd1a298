// Walks through a parsed JSON text, value by value: what stored events are read with. The parser is
// nlohmann's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::engine {

/// The text is not JSON, or not of the shape that its reader asked for. Says what, and at which member.
struct MalformedJson : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Stands at one value of the text (RFC 8259); each call takes it, and throws MalformedJson when it is
/// something else.
class JsonReader {
 public:
  /// Throws MalformedJson when the text is not one JSON value.
  explicit JsonReader(std::string_view text);
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  /// Calls `member(key)` for each member, in order; in the call the reader stands at the member's value.
  template <class Member>
  void object(Member member) {
    for (Entry& entry : entries_of_object()) within(entry, [&] { member(std::string_view(entry.key)); });
  }
  /// Calls `element()` for each element; in the call the reader stands at it.
  template <class Element>
  void array(Element element) {
    for (Entry& entry : entries_of_array()) within(entry, element);
  }
  enum class Kind { null, boolean, integer, number, text, array, object };  ///< `number` is no 64-bit integer
  Kind kind() const;
  std::string text();
  std::int64_t integer();
  bool boolean();
  bool null();
  /// Any value, as JSON text without blanks; members keep their order.
  std::string raw();

  std::vector<std::string> texts();
  std::map<std::string, std::string> text_map();
  std::map<std::string, std::vector<std::string>> texts_map();

  [[noreturn]] void fail(std::string_view what) const;

 private:
  struct Node;
  struct TreeBuilder;
  struct Entry {
    std::string key;
    const Node* value;
  };
  std::vector<Entry> entries_of_object();
  std::vector<Entry> entries_of_array();
  template <class Visit>
  void within(const Entry& entry, Visit visit) {
    const Node* const outside = at_;
    const std::size_t length = path_.size();
    path_ += '/' + entry.key;
    at_ = entry.value;
    visit();
    at_ = outside;
    path_.resize(length);
  }

  std::unique_ptr<const Node> root_;
  const Node* at_;
  std::string path_;  // to it, for errors
};

/// Values nested deeper than this are refused.
constexpr std::size_t max_json_depth = 512;

}  // namespace csrflow::engine
