#include "api/field_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>

#include "api/go_time.hpp"
#include "api/status.hpp"

namespace csrflow::api {

namespace {

/// As many as sigs.k8s.io/json reports.
constexpr std::size_t max_problems = 100;

/// RFC 4648 4 with padding; line breaks inside are skipped, as in Go. The offset of the first foreign byte
/// else.
std::expected<engine::Bytes, std::size_t> decode_base64(std::string_view text) {
  static constexpr auto values = [] {
    std::array<signed char, 256> table{};
    table.fill(-1);
    signed char next = 0;
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
      table[static_cast<unsigned char>(c)] = next++;
    }
    return table;
  }();
  engine::Bytes out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  int filled = 0;
  int padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' || c == '\n') continue;
    if (c == '=' && filled >= 2) {
      ++padding;
      group <<= 6;
    } else {
      const signed char value = values[static_cast<unsigned char>(c)];
      if (value < 0 || padding > 0) return std::unexpected(i);
      group = (group << 6) | static_cast<std::uint32_t>(value);
    }
    if (++filled < 4) continue;
    if (padding > 2) return std::unexpected(i);
    for (int byte = 0; byte < 3 - padding; ++byte)
      out += static_cast<char>((group >> (16 - 8 * byte)) & 0xFF);
    if (padding > 0) {
      for (++i; i < text.size(); ++i) {
        if (text[i] != '\r' && text[i] != '\n') return std::unexpected(i);
      }
      return out;
    }
    group = 0;
    filled = 0;
  }
  if (filled != 0) return std::unexpected(text.size() - std::min<std::size_t>(text.size(), 4));
  return out;
}

}  // namespace

std::string FieldReader::path(std::string_view name) const {
  if (prefix_.empty()) return std::string(name);
  if (name.empty()) return prefix_;
  return prefix_ + (name.starts_with('[') ? "" : ".") + std::string(name);
}

void FieldReader::note(std::string text) {
  if (problems.size() < max_problems && std::ranges::find(problems, text) == problems.end()) {
    problems.push_back(std::move(text));
  }
}

void FieldReader::mismatch(const JsonValue& value, std::string_view name, std::string_view type) const {
  std::string what(value.kind_name());
  if (value.kind == JsonValue::Kind::number) what += ' ' + value.text;
  throw FieldMismatch{"json: cannot unmarshal " + what + " into Go struct field " + struct_name_ + '.' +
                      path(name) + " of type " + std::string(type)};
}

void FieldReader::object(const JsonValue& value, std::string_view name, const Field& read) {
  if (value.kind == JsonValue::Kind::null) return;
  if (value.kind != JsonValue::Kind::object) mismatch(value, name, "object");
  const std::size_t outer = prefix_.size();
  prefix_ = path(name);
  std::set<std::string_view> known;
  for (const JsonMember& member : value.members) {
    if (known.contains(member.key)) note("duplicate field " + go_quote(path(member.key)));
    if (read(member.key, member.value)) {
      known.insert(member.key);
    } else {
      note("unknown field " + go_quote(path(member.key)));
    }
  }
  prefix_.resize(outer);
}

void FieldReader::list(const JsonValue& value, std::string_view name, std::string_view type,
                       const std::function<void(const JsonValue&)>& item) {
  if (value.kind == JsonValue::Kind::null) return;
  if (value.kind != JsonValue::Kind::list) mismatch(value, name, type);
  const std::size_t outer = prefix_.size();
  const std::string base = path(name);
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    prefix_ = base + '[' + std::to_string(i) + ']';
    item(value.items[i]);
  }
  prefix_ = base;
  prefix_.resize(outer);
}

void FieldReader::untyped(const JsonValue& value, std::string_view name) {
  if (value.kind == JsonValue::Kind::list) {
    list(value, name, "", [&](const JsonValue& item) { untyped(item, ""); });
  } else if (value.kind == JsonValue::Kind::object) {
    object(value, name, [&](const std::string& key, const JsonValue& member) {
      untyped(member, key);
      return true;
    });
  }
}

std::string FieldReader::text(const JsonValue& value, std::string_view name) {
  if (value.kind == JsonValue::Kind::null) return {};
  if (value.kind != JsonValue::Kind::text) mismatch(value, name, "string");
  return value.text;
}

std::vector<std::string> FieldReader::texts(const JsonValue& value, std::string_view name) {
  std::vector<std::string> out;
  list(value, name, "[]string", [&](const JsonValue& item) { out.push_back(text(item, "")); });
  return out;
}

engine::StringMap FieldReader::text_map(const JsonValue& value, std::string_view name) {
  engine::StringMap out;
  if (value.kind != JsonValue::Kind::null && value.kind != JsonValue::Kind::object) {
    mismatch(value, name, "map[string]string");
  }
  object(value, name, [&](const std::string& key, const JsonValue& item) {
    out[key] = text(item, key);
    return true;
  });
  return out;
}

engine::StringLists FieldReader::lists_map(const JsonValue& value, std::string_view name) {
  engine::StringLists out;
  object(value, name, [&](const std::string& key, const JsonValue& item) {
    out[key] = texts(item, key);
    return true;
  });
  return out;
}

std::optional<bool> FieldReader::boolean(const JsonValue& value, std::string_view name) {
  if (value.kind == JsonValue::Kind::null) return std::nullopt;
  if (value.kind != JsonValue::Kind::boolean) mismatch(value, name, "bool");
  return value.boolean;
}

std::optional<std::int64_t> FieldReader::integer(const JsonValue& value, std::string_view name,
                                                 std::int64_t min, std::int64_t max, std::string_view type) {
  if (value.kind == JsonValue::Kind::null) return std::nullopt;
  if (value.kind != JsonValue::Kind::number) mismatch(value, name, type);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  if (error != std::errc() || end != value.text.data() + value.text.size() || number < min || number > max) {
    mismatch(value, name, type);
  }
  return number;
}

std::optional<engine::Timestamp> FieldReader::time(const JsonValue& value, std::string_view name) {
  if (value.kind == JsonValue::Kind::null) return std::nullopt;
  if (value.kind != JsonValue::Kind::text) mismatch(value, name, "v1.Time");
  const auto parsed = parse_go_time(value.text);
  if (!parsed) throw FieldMismatch{parsed.error()};
  if (*parsed == go_zero_time) return std::nullopt;
  return parsed->cut_to_seconds();
}

engine::Bytes FieldReader::numbers(const JsonValue& value, std::string_view name) {
  engine::Bytes bytes;
  for (const JsonValue& item : value.items)
    bytes += static_cast<char>(integer(item, name, 0, 255, "uint8").value_or(0));
  return bytes;
}

std::optional<engine::Bytes> FieldReader::base64(const JsonValue& value, std::string_view name) {
  if (value.kind == JsonValue::Kind::null) return std::nullopt;
  if (value.kind == JsonValue::Kind::list) return numbers(value, name);
  if (value.kind != JsonValue::Kind::text) mismatch(value, name, "[]uint8");
  auto bytes = decode_base64(value.text);
  if (!bytes) throw FieldMismatch{"illegal base64 data at input byte " + std::to_string(bytes.error())};
  return std::move(*bytes);
}

}  // namespace csrflow::api
