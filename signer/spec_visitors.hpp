// What visits the fields of a Signer's spec: the reader, the writer of the canonical form, the describer.
// Internal to signer_document.cpp.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "engine/duration.hpp"
#include "engine/field_description.hpp"
#include "engine/json_reader.hpp"
#include "engine/nearest.hpp"
#include "signer/signer_fields.hpp"

namespace csrflow::signer {

/// `a boolean`, `a list` …
std::string_view kind_name(engine::JsonReader::Kind);
/// `a, b, c`
std::string listed(std::span<const std::string_view> words);

constexpr std::size_t max_list = 1000;

/// Reads one object's fields; each that was not asked for is an error when it ends.
class FieldReader {
  using Kind = engine::JsonReader::Kind;

 public:
  /// `json`: one value that is JSON.
  FieldReader(engine::FieldProblems& problems, std::string path, const std::string& json)
      : problems_(problems), path_(std::move(path)) {
    engine::JsonReader reader(json);
    if (reader.kind() != Kind::object) {
      fail("", "must be an object, not " + std::string(kind_name(reader.kind())));
      return;
    }
    reader.object([&](std::string_view key) {
      if (!members_.emplace(key, reader.raw()).second) fail(key, "appears twice");
    });
  }

  void flag(std::string_view name, std::optional<bool>& value, std::string_view) {
    take(name, Kind::boolean, "true or false", [&](engine::JsonReader& at) { value = at.boolean(); });
  }
  void number(std::string_view name, std::optional<std::int64_t>& value, std::int64_t least,
              std::int64_t most, std::string_view) {
    take(name, Kind::integer, "a whole number", [&](engine::JsonReader& at) {
      value = at.integer();
      if (*value < least || *value > most)
        fail(name, "must be from " + std::to_string(least) + " to " + std::to_string(most));
    });
  }
  void duration(std::string_view name, std::optional<engine::Duration>& value, std::string_view) {
    take(name, Kind::text, "a string as 47d or 1d12h", [&](engine::JsonReader& at) {
      const auto parsed = engine::parse_duration(at.text());
      if (parsed) value = *parsed;
      if (!parsed) fail(name, parsed.error());
    });
  }
  void word(std::string_view name, std::optional<std::string>& value, Choices choices, std::string_view) {
    take(name, Kind::text, "a string",
         [&](engine::JsonReader& at) { value = chosen(name, at.text(), choices); });
  }
  void words(std::string_view name, std::optional<Texts>& value, Choices choices, std::string_view) {
    take_list(name, value,
              [&](const std::string& place, std::string text) { return chosen(place, text, choices); });
    if (value && value->empty()) fail(name, "must not be empty; leave it out to take all");
  }
  void texts(std::string_view name, std::optional<Texts>& value, Canonical canonical, std::string_view) {
    take_list(name, value, [&](const std::string& place, std::string text) {
      auto made = canonical(text);
      if (!made) fail(place, '"' + text + "\" " + made.error());
      return made ? std::move(*made) : std::move(text);
    });
  }
  template <class Visit>
  void object(std::string_view name, std::string_view, Visit visit) {
    if (const auto json = member(name)) {
      FieldReader inner(problems_, path_of(name), *json);
      visit(inner);
      inner.finish();
    }
  }
  void finish() {
    for (const auto& [name, json] : members_) {
      if (known_.contains(name)) continue;
      const std::vector<std::string_view> known(known_.begin(), known_.end());
      fail(name, known.empty() ? "is no field; there is none here yet"
                               : "is no field; the nearest is " + std::string(engine::nearest(name, known)));
    }
  }

 private:
  std::string path_of(std::string_view name) const {
    return name.empty() ? path_ : path_ + (path_.empty() ? "" : ".") + std::string(name);
  }
  void fail(std::string_view name, std::string text) {
    problems_.push_back({path_of(name), std::move(text)});
  }
  std::optional<std::string> member(std::string_view name) {
    known_.insert(name);
    const auto found = members_.find(name);
    if (found == members_.end() || found->second == "null") return std::nullopt;
    return found->second;
  }
  template <class Use>
  void take(std::string_view name, Kind kind, std::string_view wanted, Use use) {
    const auto json = member(name);
    if (!json) return;
    engine::JsonReader at(*json);
    if (at.kind() != kind)
      return fail(name, "must be " + std::string(wanted) + ", not " + std::string(kind_name(at.kind())));
    use(at);
  }
  /// Sorted, each once: the order says nothing.
  template <class Each>
  void take_list(std::string_view name, std::optional<Texts>& value, Each each) {
    take(name, Kind::array, "a list of strings", [&](engine::JsonReader& at) {
      value.emplace();
      std::size_t index = 0;
      at.array([&] {
        const std::string place = std::string(name) + '[' + std::to_string(index++) + ']';
        if (at.kind() != Kind::text)
          return fail(place, "must be a string, not " + std::string(kind_name(at.kind())));
        value->push_back(each(place, at.text()));
      });
      if (index > max_list) fail(name, "has more than " + std::to_string(max_list) + " entries");
      std::ranges::sort(*value);
      const auto repeated = std::ranges::unique(*value);
      value->erase(repeated.begin(), repeated.end());
    });
  }
  std::string chosen(std::string_view place, std::string text, Choices choices) {
    if (std::ranges::find(choices.words, std::string_view(text)) == choices.words.end())
      fail(place, '"' + text + "\" must be one of " + listed(choices.words));
    return text;
  }

  engine::FieldProblems& problems_;
  const std::string path_;
  std::map<std::string, std::string, std::less<>> members_;  // name → JSON
  std::set<std::string_view> known_;
};

/// The canonical form: fields in the order of their names.
class FieldWriter {
 public:
  void flag(std::string_view name, const std::optional<bool>& value, std::string_view) {
    if (value) fields_.emplace(name, *value ? "true" : "false");
  }
  void number(std::string_view name, const std::optional<std::int64_t>& value, std::int64_t, std::int64_t,
              std::string_view) {
    if (value) fields_.emplace(name, std::to_string(*value));
  }
  void duration(std::string_view name, const std::optional<engine::Duration>& value, std::string_view) {
    if (value) fields_.emplace(name, std::to_string(value->microseconds / 1'000'000));
  }
  void word(std::string_view name, const std::optional<std::string>& value, Choices, std::string_view) {
    if (value) append_text(fields_[std::string(name)], *value);
  }
  void words(std::string_view name, const std::optional<Texts>& value, Choices, std::string_view) {
    list(name, value);
  }
  void texts(std::string_view name, const std::optional<Texts>& value, Canonical, std::string_view) {
    list(name, value);
  }
  template <class Visit>
  void object(std::string_view name, std::string_view, Visit visit) {
    FieldWriter inner;
    visit(inner);
    fields_.emplace(name, inner.json());
  }
  std::string json() const;

 private:
  static void append_text(std::string& out, std::string_view text);
  void list(std::string_view name, const std::optional<Texts>& value);

  std::map<std::string, std::string, std::less<>> fields_;  // name → JSON
};

class FieldDescriber {
 public:
  void flag(std::string_view name, std::optional<bool>&, std::string_view text) {
    add(name, "boolean", text);
  }
  void number(std::string_view name, std::optional<std::int64_t>&, std::int64_t, std::int64_t,
              std::string_view text) {
    add(name, "integer", text);
  }
  void duration(std::string_view name, std::optional<engine::Duration>&, std::string_view text) {
    add(name, "string", text);
  }
  void word(std::string_view name, std::optional<std::string>&, Choices choices, std::string_view text) {
    add(name, "string", text).choices.assign(choices.words.begin(), choices.words.end());
  }
  void words(std::string_view name, std::optional<Texts>&, Choices choices, std::string_view text) {
    add(name, "array of string", text).choices.assign(choices.words.begin(), choices.words.end());
  }
  void texts(std::string_view name, std::optional<Texts>&, Canonical, std::string_view text) {
    add(name, "array of string", text);
  }
  template <class Visit>
  void object(std::string_view name, std::string_view text, Visit visit) {
    FieldDescriber inner;
    visit(inner);
    add(name, "object", text).fields = std::move(inner.fields);
  }

  std::vector<engine::FieldDescription> fields;

 private:
  engine::FieldDescription& add(std::string_view name, std::string type, std::string_view text) {
    fields.push_back({.name = std::string(name), .type = std::move(type), .description = std::string(text)});
    return fields.back();
  }
};

}  // namespace csrflow::signer
