// Format of the column `data`: one JSON object, one line, the members of event_members.hpp in their order.
// In reading, unknown members are passed over (a later version of the same schema may add some), their order
// does not matter, and a missing one is an error.
#include <utility>

#include "engine/event_members.hpp"
#include "engine/json_writer.hpp"
#include "engine/object_json.hpp"

namespace csrflow::engine {
namespace {

// ---- writing ------------------------------------------------------------------------------------

/// A group of members inside an event.
template <class T>
concept described_group =
    std::same_as<T, Predecessor> || std::same_as<T, Deciding> || std::same_as<T, Places> ||
    std::same_as<T, Obligations> || std::same_as<T, BreakGlass> || std::same_as<T, Notification> ||
    std::same_as<T, JobStage> || std::same_as<T, JobTarget>;

/// Kept by its name.
template <class T>
concept named_value = std::is_enum_v<T> && requires(T value) {
  { name_of(value) } -> std::convertible_to<std::string_view>;
};

struct MemberWriter {
  explicit MemberWriter(std::string& out) : json(out) {}

  void operator()(std::string_view name, const std::string& text) { json.text(name, text); }
  void operator()(std::string_view name, const std::vector<std::string>& texts) { json.texts(name, texts); }
  void operator()(std::string_view name, const Uid& uid) { json.text(name, uid.text); }
  void operator()(std::string_view name, const Serial& serial) { json.text(name, serial.hex()); }
  void operator()(std::string_view name, Position position) {
    json.key(name) += std::to_string(position.value);
  }
  void operator()(std::string_view name, std::uint32_t number) { json.number(name, number); }
  void operator()(std::string_view name, Duration duration) { json.number(name, duration.microseconds); }
  void operator()(std::string_view name, Timestamp time) { json.text(name, rfc3339_micro(time)); }
  void operator()(std::string_view name, WholeSeconds<const Timestamp> t) {
    json.text(name, rfc3339_seconds(t.time));
  }
  void operator()(std::string_view name, Base64<const Bytes> member) { json.base64(name, member.bytes); }
  template <named_value T>
  void operator()(std::string_view name, T value) {
    json.text(name, name_of(value));
  }
  void operator()(std::string_view name, const JsonText& value) { json.key(name) += value.text; }
  void operator()(std::string_view name, const StringMap& map) {
    JsonObject nested(json.key(name));
    for (const auto& [key, value] : map) nested.text(key, value);
  }
  void operator()(std::string_view name, const StringLists& map) {
    JsonObject nested(json.key(name));
    for (const auto& [key, values] : map) nested.texts(key, values);
  }
  template <class T>
  void operator()(std::string_view name, IfAny<const T> member) {
    if (member.member != T{}) (*this)(name, member.member);
  }
  void operator()(std::string_view name, Flag<const bool> member) {
    if (member.flag) json.boolean(name, true);
  }
  void operator()(std::string_view name, const CsrObject& object) {
    std::string& out = json.key(name);
    out += '{';
    out += object_tail(object, Position{});
  }
  void operator()(std::string_view name, const ConfigObject& object) {
    std::string& out = json.key(name);
    out += '{';
    out += object_tail(object, Position{});
  }
  void operator()(std::string_view name, const ObjectChange& change) {
    append_change_json(json.key(name), change);
  }
  template <class T>
    requires described_group<T>
  void operator()(std::string_view name, const T& group) {
    MemberWriter nested(json.key(name));
    members(nested, group);
  }
  template <class T>
    requires described_group<T>
  void operator()(std::string_view name, const std::vector<T>& groups) {
    std::string& out = json.key(name);
    out += '[';
    for (const T& group : groups) {
      if (&group != &groups.front()) out += ',';
      MemberWriter nested(out);
      members(nested, group);
    }
    out += ']';
  }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& member) {
    if (member) (*this)(name, *member);
  }
  template <class T>
  void operator()(std::string_view name, const Unless<T>& member) {
    if (!member.absent) (*this)(name, member.member);
  }

  JsonObject json;
};

// ---- reading ------------------------------------------------------------------------------------

template <class E>
E read_members(JsonReader&);

template <class T>
T checked(JsonReader& in, std::expected<T, std::string> value) {
  if (!value) in.fail(value.error());
  return *std::move(value);
}

void read(JsonReader& in, std::string& text) {
  text = in.text();
}
void read(JsonReader& in, std::vector<std::string>& texts) {
  texts = in.texts();
}
void read(JsonReader& in, Uid& uid) {
  uid.text = in.text();
}
void read(JsonReader& in, Serial& serial) {
  serial.content = checked(in, from_hex(in.text()));
}
void read(JsonReader& in, Duration& duration) {
  duration.microseconds = in.integer();
}
void read(JsonReader& in, Timestamp& time) {
  time = checked(in, parse_rfc3339(in.text()));
}
void read(JsonReader& in, WholeSeconds<Timestamp> member) {
  read(in, member.time);
}
void read(JsonReader& in, Base64<Bytes> member) {
  member.bytes = checked(in, decode_base64(in.text()));
}
void read(JsonReader& in, Verdict& verdict) {
  verdict = checked(in, verdict_of(in.text()));
}
void read(JsonReader& in, Word::Say& say) {
  say = checked(in, say_of(in.text()));
}
void read(JsonReader& in, Authentication& by) {
  by = checked(in, authentication_of(in.text()));
}
void read(JsonReader& in, Notable& kind) {
  kind = checked(in, notable_of(in.text()));
}
void read(JsonReader& in, JobKind& kind) {
  kind = checked(in, job_kind_of(in.text()));
}
void read(JsonReader& in, RolloverStep& step) {
  step = checked(in, rollover_step_of(in.text()));
}
void read(JsonReader& in, StringLists& map) {
  map = in.texts_map();
}
void read(JsonReader& in, JsonText& value) {
  value.text = in.raw();
}
void read(JsonReader& in, StringMap& map) {
  map = in.text_map();
}
void read(JsonReader& in, Flag<bool> member) {
  member.flag = in.boolean();
}
void read(JsonReader& in, CsrObject& object) {
  object = object_from_json(in);
}
void read(JsonReader& in, ConfigObject& object) {
  object = config_object_from_json(in);
}
void read(JsonReader& in, ObjectChange& change) {
  change = change_from_json(in);
}
template <class T>
  requires described_group<T>
void read(JsonReader& in, T& group) {
  group = read_members<T>(in);
}
template <class T>
  requires described_group<T>
void read(JsonReader& in, std::vector<T>& groups) {
  in.array([&] { groups.push_back(read_members<T>(in)); });
}

void read(JsonReader& in, std::uint32_t& number) {
  const std::int64_t value = in.integer();
  if (!std::in_range<std::uint32_t>(value)) in.fail("expected an integer from 0 to 4294967295");
  number = static_cast<std::uint32_t>(value);
}
void read(JsonReader& in, Position& position) {
  const std::int64_t value = in.integer();
  if (value < 0) in.fail("expected a position");
  position.value = static_cast<std::uint64_t>(value);
}
template <class T>
void read(JsonReader& in, std::optional<T>& member) {
  read(in, member.emplace());
}
template <class T>
void read(JsonReader& in, Unless<T>& member) {
  read(in, member.member);
}
template <class T>
void read(JsonReader& in, IfAny<T> member) {
  read(in, member.member);
}

template <class T>
constexpr bool may_be_absent = false;
template <class T>
constexpr bool may_be_absent<std::optional<T>> = true;
template <class T>
constexpr bool may_be_absent<IfAny<T>> = true;
template <class T>
constexpr bool may_be_absent<Flag<T>> = true;
template <class T>
constexpr bool may_be_absent<Unless<T>> = true;

/// Which members of a description were met: one bit each.
using Met = std::uint32_t;

/// Takes the value that belongs to `key`, if a member has this name.
struct MemberReader {
  JsonReader& in;
  std::string_view key;
  Met& met;
  Met bit = 1;
  bool taken = false;

  template <class T>
  void operator()(std::string_view name, T&& member) {
    const Met mine = std::exchange(bit, bit << 1);
    if (taken || name != key) return;
    read(in, member);
    met |= mine;
    taken = true;
  }
};

struct MissingMembers {
  JsonReader& in;
  Met met;
  Met bit = 1;

  template <class T>
  void operator()(std::string_view name, T&&) {
    const Met mine = std::exchange(bit, bit << 1);
    if (!may_be_absent<std::remove_cvref_t<T>> && (met & mine) == 0)
      in.fail("`" + std::string(name) + "` is missing");
  }
};

template <class E>
E read_members(JsonReader& in) {
  E e{};
  Met met = 0;
  in.object([&](std::string_view key) {
    MemberReader reader{in, key, met};
    members(reader, e);
  });
  MissingMembers missing{in, met};
  members(missing, e);
  return e;
}

template <class E>
E read_event(JsonReader& in) {
  return read_members<E>(in);
}
template <>
Signed read_event<Signed>(JsonReader& in) {
  auto e = read_members<Signed>(in);
  if (e.certificate.empty() && e.object && e.object->certificate) e.certificate = *e.object->certificate;
  if (e.certificate.empty()) in.fail("`certificate` is missing");
  return e;
}

std::string naming(const StoredEvent& e) {
  return "event " + std::to_string(e.position.value) + " (" + e.stream.text + ", type " + e.type +
         ", schema " + std::to_string(e.schema) + ")";
}

template <class Visitor>
auto visit_event(Visitor visitor, const Event& event) {
  return std::visit([&](const auto& family) { return std::visit(visitor, family); }, event);
}

}  // namespace

std::string_view type_of(const Event& event) {
  return visit_event([]<class E>(const E&) { return entry_of(type_tag<E>{}).type; }, event);
}

Bytes encode(const Event& event) {
  Bytes out;
  visit_event(
      [&](const auto& e) {
        MemberWriter writer(out);
        members(writer, e);
      },
      event);
  return out;
}

Event decode(const StoredEvent& stored) {
  if (stored.data.empty()) throw UnreadableEvent(naming(stored) + " cannot be read: its payload was erased");
  const std::string_view category = stored.stream.category();
  const CatalogueEntry wanted{holds_config(category) ? "config" : category, stored.type, stored.schema};
  Event event;
  try {
    JsonReader in(stored.data);
    const bool known = any_event([&]<class Family, class E>(type_tag<Family>, type_tag<E> tag) {
      if (entry_of(tag) != wanted) return false;
      event = Family(read_event<E>(in));
      return true;
    });
    if (!known) throw UnreadableEvent(naming(stored) + " is not known to this program: use a newer csrflow");
  } catch (const MalformedJson& error) {
    throw UnreadableEvent(naming(stored) + " cannot be read: " + error.what());
  }
  return event;
}

}  // namespace csrflow::engine
