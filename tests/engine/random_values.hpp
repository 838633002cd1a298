// Random values for property tests, from a seed: the same seed gives the same values.
#pragma once

#include <random>

#include "engine/event.hpp"

namespace csrflow::test {

class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool coin() { return below(2) == 0; }

  /// With quotes, control characters and letters of several bytes among the plain ones; never empty.
  std::string text() {
    static const std::string pieces[] = {"a",  "Jane", "-",      ".",      "/",          "\"",
                                         "\\", "\n",   "\x01",   "\t",     " ",          "7",
                                         "_",  "{}",   "\u00fc", "\u20ac", "\U0001f511", "\x7f"};
    std::string text;
    for (std::uint64_t n = 1 + below(8); n > 0; --n) text += pieces[below(std::size(pieces))];
    return text;
  }
  engine::Bytes bytes() {
    engine::Bytes bytes;
    for (std::uint64_t n = 1 + below(70); n > 0; --n) bytes += static_cast<char>(below(256));
    return bytes;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> list;
    for (std::uint64_t n = 1 + below(3); n > 0; --n) list.push_back(text());
    return list;
  }
  engine::StringMap map() {
    engine::StringMap map;
    for (std::uint64_t n = below(4); n > 0; --n) map[key()] = coin() ? "" : text();
    return map;
  }
  engine::StringLists lists() {
    engine::StringLists lists;
    for (std::uint64_t n = below(3); n > 0; --n) lists[text()] = texts();
    return lists;
  }
  engine::Timestamp seconds() {
    return engine::from_seconds(static_cast<std::int64_t>(1 + below(4'000'000'000)));
  }
  engine::Timestamp instant() {
    return seconds() + engine::Duration{static_cast<std::int64_t>(below(1'000'000))};
  }
  engine::Position position() { return {1 + below(std::uint64_t{1} << 53)}; }
  engine::Serial serial() { return {bytes()}; }
  engine::Uid uid() {
    std::array<std::uint8_t, 16> random{};
    for (auto& byte : random) byte = static_cast<std::uint8_t>(below(256));
    return engine::make_uid(random);
  }
  std::uint32_t number() { return static_cast<std::uint32_t>(below(std::uint64_t{1} << 32)); }
  template <class Make>
  auto maybe(Make make) -> std::optional<decltype(make())> {
    if (coin()) return std::nullopt;
    return make();
  }

  engine::OwnerReference owner() {
    return {text(), text(), text(), uid().text, maybe([&] { return coin(); }), maybe([&] { return coin(); })};
  }
  engine::Condition condition() {
    return {text(),
            coin() ? "True" : "Unknown",
            coin() ? "" : text(),
            coin() ? "" : text(),
            maybe([&] { return seconds(); }),
            maybe([&] { return seconds(); })};
  }
  engine::ConfigObject config() {
    return {object().meta,
            std::make_shared<const std::string>(
                coin() ? "{}" : R"({"rules":[{"verbs":["*"]}],"n":)" + std::to_string(below(9)) + "}")};
  }
  std::string managed_fields() {
    return R"([{"manager":"kubectl","operation":"Update","apiVersion":"v1","fieldsV1":{"f:b":{".":{},"f:a":{}}}},)" +
           std::to_string(below(1000)) + "]";
  }
  template <class Make>
  auto list_of(Make make, std::uint64_t least = 0) {
    std::vector<decltype(make())> list;
    for (std::uint64_t n = least + below(3); n > 0; --n) list.push_back(make());
    return list;
  }
  std::vector<engine::OwnerReference> owners() {
    return list_of([&] { return owner(); });
  }
  std::vector<engine::Condition> conditions() {
    return list_of([&] { return condition(); });
  }

  engine::CsrObject object() {
    engine::CsrObject object;
    engine::ObjectMeta& meta = object.meta;
    meta.name = text();
    if (coin()) meta.generate_name = text();
    meta.uid = uid();
    meta.generation = static_cast<std::int64_t>(below(3));
    meta.creation = seconds();
    meta.deletion = maybe([&] { return seconds(); });
    meta.labels = map();
    meta.annotations = map();
    meta.owner_references = owners();
    if (coin()) meta.finalizers = texts();
    if (coin()) meta.managed_fields = managed_fields();
    engine::CsrSpec spec{.request = bytes(), .signer_name = {text()}};
    spec.expiration_seconds = maybe([&] { return static_cast<std::int32_t>(600 + below(100'000'000)); });
    spec.usages = texts();
    spec.username = text();
    if (coin()) spec.uid = text();
    if (coin()) spec.groups = texts();
    spec.extra = lists();
    object.spec = std::make_shared<const engine::CsrSpec>(std::move(spec));
    object.status.conditions = conditions();
    if (coin()) object.status.certificate = bytes();
    return object;
  }

  engine::ObjectChange change() {
    engine::ObjectChange change;
    for (std::uint64_t n = below(3); n > 0; --n) change.labels[key()] = maybe([&] { return text(); });
    for (std::uint64_t n = below(3); n > 0; --n) change.annotations[key()] = maybe([&] { return text(); });
    change.generate_name = maybe([&] { return coin() ? std::string() : text(); });
    change.deletion = maybe([&] { return seconds(); });
    change.owner_references = maybe([&] { return owners(); });
    change.finalizers = maybe([&] { return coin() ? std::vector<std::string>() : texts(); });
    change.managed_fields = maybe([&] { return coin() ? std::string() : managed_fields(); });
    change.conditions = maybe([&] { return conditions(); });
    change.certificate = maybe([&] { return bytes(); });
    return change;
  }

  engine::Identity identity() {
    engine::Identity actor{.user = text()};
    if (coin()) actor.uid = text();
    if (coin()) actor.groups = texts();
    actor.extra = lists();
    actor.by = static_cast<engine::Authentication>(below(4));
    if (coin()) actor.credential = "sha256:" + serial().hex();
    return actor;
  }

  std::uint64_t operator()() { return random_(); }

 private:
  /// Few of them, so that changes meet what is there.
  std::string key() { return std::string("example.com/key-") + static_cast<char>('a' + below(5)); }

  std::mt19937_64 random_;
};

}  // namespace csrflow::test
