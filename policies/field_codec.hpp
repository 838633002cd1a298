// How each type of field is read from a tree, written in canonical form, and described. Internal to
// document.cpp and its siblings.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "policies/document.hpp"
#include "policies/tree.hpp"

namespace csrflow::policies {

/// What reading shares, and where it is.
class Reading {
 public:
  explicit Reading(Problems& problems) : problems_(problems) {}

  void fail(std::string code, std::string text, std::string_view below = {}) const {
    problems_.push_back({.code = std::move(code),
                         .policy = {},
                         .path = path_ + std::string(below),
                         .text = std::move(text),
                         .line = line_});
  }
  void wrong_kind(const Tree& tree, std::string_view wanted) const {
    fail("E14", "must be " + std::string(wanted) + ", not " + std::string(tree.kind_name()));
  }
  template <class Visit>
  void at(std::string_view step, const Tree& tree, Visit visit) {
    const std::size_t length = path_.size(), line = line_;
    path_ += step;
    if (tree.line != 0) line_ = tree.line;
    visit();
    path_.resize(length);
    line_ = line;
  }
  template <class Visit>
  void member(std::string_view name, const Tree& tree, Visit visit) {
    at((path_.empty() ? "" : ".") + std::string(name), tree, visit);
  }
  template <class Visit>
  void element(std::size_t index, const Tree& tree, Visit visit) {
    at('[' + std::to_string(index) + ']', tree, visit);
  }
  std::size_t failures() const { return problems_.size(); }
  void count_pattern() {
    if (++patterns_ == max_patterns + 1)
      fail("E14", "more than " + std::to_string(max_patterns) + " patterns in one document");
  }

 private:
  Problems& problems_;
  std::string path_;
  std::size_t line_ = 0;
  std::size_t patterns_ = 0;
};

/// `the nearest known one is signerNames`, or all that are known when there are few.
std::string unknown_field_text(std::string_view name, std::span<const std::string_view> known);

template <class T>
struct Codec;

/// Has `visit_fields(visitor, value)`.
struct AnyVisitor {
  template <class T>
  void operator()(std::string_view, T&&, std::string_view) {}
  template <class Check>
  void check(Check) {}
  void note_written(std::string_view, bool&) const {}
};
template <class T>
concept Described = requires(AnyVisitor& visitor, T& value) { visit_fields(visitor, value); };

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

// ── the three visitors of an object's fields ───────────────────────────────────────────────────────────────

/// `visitor(name, member, description)` for each field; `visitor.check(function)` where more must hold;
/// `visitor.note_written(name, flag)` where it matters whether the default was written out.
class FieldReader {
 public:
  FieldReader(Reading& reading, const Tree& tree) : reading_(reading), tree_(tree) {}

  template <class T>
  void operator()(std::string_view name, T&& member, std::string_view) {
    known_.push_back(name);
    const Tree* found = tree_.find(name);
    if (found == nullptr || found->kind == Tree::Kind::null) return;
    reading_.member(name, *found, [&] { Codec<std::remove_cvref_t<T>>::read(reading_, *found, member); });
  }
  template <class Check>
  void check(Check check) {
    check(reading_);
  }
  void note_written(std::string_view name, bool& written) const { written = tree_.find(name) != nullptr; }
  void finish() {
    for (const auto& [name, value] : tree_.members) {
      if (std::ranges::find(known_, name) != known_.end()) continue;
      reading_.member(name, value, [&] { reading_.fail("E01", unknown_field_text(name, known_)); });
    }
  }

 private:
  Reading& reading_;
  const Tree& tree_;
  std::vector<std::string_view> known_;
};

class FieldWriter {
 public:
  template <class T>
  void operator()(std::string_view name, T&& member, std::string_view) {
    using Value = std::remove_cvref_t<T>;
    if constexpr (IsOptional<Value>::value) {
      if (member) tree.members.emplace_back(name, Codec<typename Value::value_type>::write(*member));
    } else {
      // Nothing: a field that is absent.
      if (Tree written = Codec<Value>::write(member); written.kind != Tree::Kind::null)
        tree.members.emplace_back(name, std::move(written));
    }
  }
  template <class Check>
  void check(Check) {}
  void note_written(std::string_view, bool&) const {}

  Tree tree{.kind = Tree::Kind::object};
};

class FieldDescriber {
 public:
  template <class T>
  void operator()(std::string_view name, T&&, std::string_view description) {
    FieldDescription field{.name = std::string(name), .description = std::string(description)};
    Codec<std::remove_cvref_t<T>>::describe(field);
    fields.push_back(std::move(field));
  }
  template <class Check>
  void check(Check) {}
  void note_written(std::string_view, bool&) const {}

  std::vector<FieldDescription> fields;
};

template <Described T>
struct Codec<T> {
  static void read(Reading& reading, const Tree& tree, T& value) {
    if (tree.kind != Tree::Kind::object) return reading.wrong_kind(tree, "an object");
    FieldReader fields(reading, tree);
    visit_fields(fields, value);
    fields.finish();
  }
  static Tree write(const T& value) {
    FieldWriter fields;
    visit_fields(fields, const_cast<T&>(value));  // it reads members only
    return std::move(fields.tree);
  }
  static void describe(FieldDescription& field) {
    field.type = "object";
    T value{};
    FieldDescriber fields;
    visit_fields(fields, value);
    field.fields = std::move(fields.fields);
  }
};

// ── the types of fields ────────────────────────────────────────────────────────────────────────────────────

template <>
struct Codec<bool> {
  static void read(Reading& reading, const Tree& tree, bool& value) {
    if (tree.kind != Tree::Kind::boolean) return reading.wrong_kind(tree, "true or false");
    value = tree.text == "true";
  }
  static Tree write(bool value) { return Tree::of_boolean(value); }
  static void describe(FieldDescription& field) { field.type = "boolean"; }
};

/// An integer with its bounds, inclusive.
template <class T>
struct Bounded {
  T& value;
  std::int64_t least, most;
};
template <class T>
Bounded(T&, std::int64_t, std::int64_t) -> Bounded<T>;

std::optional<std::int64_t> bounded_integer(Reading&, const Tree&, std::int64_t least, std::int64_t most);

template <class T>
struct Codec<Bounded<T>> {
  static void read(Reading& reading, const Tree& tree, const Bounded<T>& bounded) {
    if (const auto value = bounded_integer(reading, tree, bounded.least, bounded.most))
      bounded.value = *value;
  }
  static Tree write(const Bounded<T>& bounded) {
    if constexpr (IsOptional<T>::value) {
      return bounded.value ? Tree::of_integer(*bounded.value) : Tree();
    } else {
      return Tree::of_integer(bounded.value);
    }
  }
  static void describe(FieldDescription& field) { field.type = "integer"; }
};

/// Text that must hold to something: `fault(text)` says what is wrong, or nothing.
template <>
struct Codec<std::string> {
  static void read(Reading& reading, const Tree& tree, std::string& value) {
    if (tree.kind != Tree::Kind::text) return reading.wrong_kind(tree, "a string");
    value = tree.text;
  }
  static Tree write(const std::string& value) { return Tree::of_text(value); }
  static void describe(FieldDescription& field) { field.type = "string"; }
};

template <class T>
struct Codec<std::optional<T>> {
  static void read(Reading& reading, const Tree& tree, std::optional<T>& value) {
    T inner{};
    Codec<T>::read(reading, tree, inner);
    value = std::move(inner);
  }
  static void describe(FieldDescription& field) { Codec<T>::describe(field); }
};

template <class T>
struct Codec<std::vector<T>> {
  static void read(Reading& reading, const Tree& tree, std::vector<T>& value) {
    if (tree.kind != Tree::Kind::list) return reading.wrong_kind(tree, "a list");
    for (std::size_t i = 0; i < tree.items.size(); ++i) {
      reading.element(i, tree.items[i], [&] {
        if constexpr (std::is_default_constructible_v<T>) {
          Codec<T>::read(reading, tree.items[i], value.emplace_back());
        } else {
          if (auto item = Codec<T>::parse(reading, tree.items[i])) value.push_back(std::move(*item));
        }
      });
    }
  }
  static Tree write(const std::vector<T>& value) {
    Tree tree{.kind = Tree::Kind::list};
    for (const T& item : value) tree.items.push_back(Codec<T>::write(item));
    return tree;
  }
  static void describe(FieldDescription& field) {
    Codec<T>::describe(field);
    field.type = "array of " + field.type;
  }
};

template <>
struct Codec<engine::StringMap> {
  static void read(Reading& reading, const Tree& tree, engine::StringMap& value) {
    if (tree.kind != Tree::Kind::object) return reading.wrong_kind(tree, "an object of strings");
    for (const auto& [key, item] : tree.members) {
      reading.member(key, item, [&] { Codec<std::string>::read(reading, item, value[key]); });
    }
  }
  static Tree write(const engine::StringMap& value) {
    Tree tree{.kind = Tree::Kind::object};
    for (const auto& [key, item] : value) tree.members.emplace_back(key, Tree::of_text(item));
    return tree;
  }
  static void describe(FieldDescription& field) { field.type = "map of string"; }
};

/// Words of an enumeration by its values; specialised next to the fields.
template <class E>
struct Words;

template <class E>
  requires std::is_enum_v<E>
struct Codec<E> {
  static void read(Reading& reading, const Tree& tree, E& value) {
    constexpr std::span<const std::string_view> words = Words<E>::words;
    const auto found =
        tree.kind == Tree::Kind::text ? std::ranges::find(words, std::string_view(tree.text)) : words.end();
    if (found == words.end()) return reading.fail("E14", "must be one of " + joined(words));
    value = static_cast<E>(found - words.begin());
  }
  static Tree write(E value) {
    return Tree::of_text(std::string(Words<E>::words[static_cast<std::size_t>(value)]));
  }
  static void describe(FieldDescription& field) {
    field.type = "string";
    for (const std::string_view word : Words<E>::words) field.choices.emplace_back(word);
  }

 private:
  static std::string joined(std::span<const std::string_view> words) {
    std::string text;
    for (const std::string_view word : words)
      text += (text.empty() ? "" : ", ") + (word.empty() ? "\"\"" : std::string(word));
    return text;
  }
};

/// What is written as a string and parsed: `Parsed<T>::parse(text)`, `text(value)`, `code`.
template <class T>
struct Parsed;

template <class T>
concept ParsedType = requires(const T& value) { Parsed<T>::text(value); };

template <ParsedType T>
struct Codec<T> {
  static std::optional<T> parse(Reading& reading, const Tree& tree) {
    if (tree.kind != Tree::Kind::text) {
      reading.wrong_kind(tree, "a string");
      return std::nullopt;
    }
    if constexpr (Parsed<T>::pattern) reading.count_pattern();
    auto value = Parsed<T>::parse(tree.text);
    if (!value) {
      reading.fail(std::string(Parsed<T>::code(value.error())), tree.text + ": " + value.error());
      return std::nullopt;
    }
    return std::move(*value);
  }
  static void read(Reading& reading, const Tree& tree, T& value) {
    if (auto parsed = parse(reading, tree)) value = std::move(*parsed);
  }
  static Tree write(const T& value) { return Parsed<T>::text(value); }
  static void describe(FieldDescription& field) { field.type = "string"; }
};
/// An optional of something that has no default.
template <ParsedType T>
  requires(!std::is_default_constructible_v<T>)
struct Codec<std::optional<T>> {
  static void read(Reading& reading, const Tree& tree, std::optional<T>& value) {
    value = Codec<T>::parse(reading, tree);
  }
  static void describe(FieldDescription& field) { field.type = "string"; }
};

}  // namespace csrflow::policies
