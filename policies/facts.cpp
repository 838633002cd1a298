// The JSON of facts, as decision events hold it: members in the order below, those with their default left
// out.
#include "policies/facts.hpp"

#include <algorithm>

#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"
#include "engine/time_windows.hpp"
#include "policies/dns_name.hpp"
#include "policies/email_name.hpp"
#include "policies/regex.hpp"
#include "policies/unicode.hpp"
#include "policies/uri_name.hpp"

namespace csrflow::policies {
namespace {

using engine::JsonObject;
using engine::JsonReader;

constexpr std::string_view kind_words[] = {"dns", "ip", "email", "uri", "other", "directory", "registeredID"};
constexpr std::string_view by_words[] = {"system", "x509", "token", "oidc", "anonymous"};
constexpr std::string_view origin_words[] = {"self", "agent", "rotation"};
constexpr std::string_view rate_words[] = {"perRequester", "perName", "perSigner"};
constexpr std::string_view decided_words[] = {"unknown", "policy", "person"};
constexpr std::string_view word_words[] = {"approve", "deny"};

template <class E, std::size_t n>
std::string_view word(const std::string_view (&words)[n], E value) {
  return words[static_cast<std::size_t>(value)];
}
template <class E, std::size_t n>
E value_of(JsonReader& reader, const std::string_view (&words)[n]) {
  const std::string text = reader.text();
  const auto found = std::ranges::find(words, std::string_view(text));
  if (found == std::end(words)) reader.fail("unknown word " + text);
  return static_cast<E>(found - std::begin(words));
}

// ── writing ────────────────────────────────────────────────────────────────────────────────────────────────

void texts_if(JsonObject& object, std::string_view name, const std::vector<std::string>& values) {
  if (!values.empty()) object.texts(name, values);
}
void true_if(JsonObject& object, std::string_view name, bool value) {
  if (value) object.boolean(name, true);
}
void number_if(JsonObject& object, std::string_view name, std::int64_t value) {
  if (value != 0) object.number(name, value);
}
template <class Item, class Write>
void list_if(JsonObject& object, std::string_view name, const std::vector<Item>& items, Write write) {
  if (items.empty()) return;
  std::string& out = object.key(name);
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) out += ',';
    JsonObject item(out);
    write(item, items[i]);
  }
  out += ']';
}

void write_requester(JsonObject& object, const Requester& r) {
  object.text("user", r.user);
  object.text_if("uid", r.uid);
  texts_if(object, "groups", r.groups);
  object.text("by", word(by_words, r.by));
  object.text_if("onBehalfOf", r.on_behalf_of);
  object.text_if("credential", r.credential);
  object.text_if("source", r.source);
}

void write_key(JsonObject& object, const KeyFacts& key) {
  object.text_if("algorithm", key.algorithm);
  number_if(object, "bits", key.bits);
  object.text_if("curve", key.curve);
  object.text_if("spki", key.spki_sha256);
  list_if(object, "usedBy", key.used_by, [](JsonObject& o, const KeyUse& use) {
    o.text("user", use.user);
    o.text_if("request", use.request);
    true_if(o, "ancestor", use.ancestor);
  });
}

void write_predecessor(JsonObject& object, const PredecessorFacts& p) {
  object.text("name", p.name);
  object.text_if("uid", p.uid);
  object.number("generation", p.generation);
  number_if(object, "keyAge", p.key_age.microseconds);
  object.boolean("sameRequester", p.same_requester);
  object.boolean("sameSpec", p.same_spec);
  texts_if(object, "differences", p.differences);
  true_if(object, "revoked", p.revoked);
  if (p.not_after) object.number("notAfter", p.not_after->microseconds);
  if (p.decided_by != DecidedBy::unknown) object.text("decidedBy", word(decided_words, p.decided_by));
  texts_if(object, "deciders", p.deciders);
}

void write_names(JsonObject& object, const Facts& facts) {
  list_if(object, "subject", facts.subject, [](JsonObject& o, const Attribute& a) {
    o.text("oid", a.oid);
    o.text("value", a.value);
  });
  list_if(object, "names", facts.names, [](JsonObject& o, const Name& name) {
    o.text("kind", word(kind_words, name.kind));
    o.text("value", name.value);
    true_if(o, "malformed", name.malformed);
  });
}

void write_counts(JsonObject& object, const Facts& facts) {
  list_if(object, "counts", facts.counts, [](JsonObject& o, const Count& count) {
    o.text("kind", word(rate_words, count.kind));
    number_if(o, "period", count.period.microseconds);
    o.number("count", count.count);
    o.text_if("of", count.of);
  });
}

void write_words(JsonObject& object, const Facts& facts) {
  list_if(object, "words", facts.words, [](JsonObject& o, const Word& spoken) {
    o.text("user", spoken.user);
    texts_if(o, "groups", spoken.groups);
    o.text("verdict", word(word_words, spoken.verdict));
    o.number("at", spoken.at.microseconds);
    o.text_if("message", spoken.message);
    o.text_if("credential", spoken.credential);
  });
}

void write_map(JsonObject& object, std::string_view name, const engine::StringMap& map) {
  if (map.empty()) return;
  JsonObject members(object.key(name));
  for (const auto& [key, value] : map) members.text(key, value);
}

// ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

void read_requester(JsonReader& reader, Requester& r) {
  reader.object([&](std::string_view key) {
    if (key == "user")
      r.user = reader.text();
    else if (key == "uid")
      r.uid = reader.text();
    else if (key == "groups")
      r.groups = reader.texts();
    else if (key == "by")
      r.by = value_of<engine::Authentication>(reader, by_words);
    else if (key == "onBehalfOf")
      r.on_behalf_of = reader.text();
    else if (key == "credential")
      r.credential = reader.text();
    else if (key == "source")
      r.source = reader.text();
    else
      reader.fail("unknown member");
  });
}

KeyUse read_key_use(JsonReader& reader) {
  KeyUse use;
  reader.object([&](std::string_view key) {
    if (key == "user")
      use.user = reader.text();
    else if (key == "request")
      use.request = reader.text();
    else if (key == "ancestor")
      use.ancestor = reader.boolean();
    else
      reader.fail("unknown member");
  });
  return use;
}

void read_key(JsonReader& reader, KeyFacts& k) {
  reader.object([&](std::string_view key) {
    if (key == "algorithm")
      k.algorithm = reader.text();
    else if (key == "bits")
      k.bits = static_cast<std::uint32_t>(reader.integer());
    else if (key == "curve")
      k.curve = reader.text();
    else if (key == "spki")
      k.spki_sha256 = reader.text();
    else if (key == "usedBy")
      reader.array([&] { k.used_by.push_back(read_key_use(reader)); });
    else
      reader.fail("unknown member");
  });
}

PredecessorFacts read_predecessor(JsonReader& reader) {
  PredecessorFacts p;
  reader.object([&](std::string_view key) {
    if (key == "name")
      p.name = reader.text();
    else if (key == "uid")
      p.uid = reader.text();
    else if (key == "generation")
      p.generation = reader.integer();
    else if (key == "keyAge")
      p.key_age = {reader.integer()};
    else if (key == "sameRequester")
      p.same_requester = reader.boolean();
    else if (key == "sameSpec")
      p.same_spec = reader.boolean();
    else if (key == "differences")
      p.differences = reader.texts();
    else if (key == "revoked")
      p.revoked = reader.boolean();
    else if (key == "notAfter")
      p.not_after = engine::Timestamp{reader.integer()};
    else if (key == "decidedBy")
      p.decided_by = value_of<DecidedBy>(reader, decided_words);
    else if (key == "deciders")
      p.deciders = reader.texts();
    else
      reader.fail("unknown member");
  });
  return p;
}

Attribute read_attribute(JsonReader& reader) {
  Attribute attribute;
  reader.object([&](std::string_view key) {
    if (key == "oid")
      attribute.oid = reader.text();
    else if (key == "value")
      attribute.value = reader.text();
    else
      reader.fail("unknown member");
  });
  return attribute;
}

Name read_name(JsonReader& reader) {
  NameKind kind = NameKind::dns;
  std::string value;
  bool malformed = false;
  reader.object([&](std::string_view key) {
    if (key == "kind")
      kind = value_of<NameKind>(reader, kind_words);
    else if (key == "value")
      value = reader.text();
    else if (key == "malformed")
      malformed = reader.boolean();
    else
      reader.fail("unknown member");
  });
  Name name = name_of(kind, value);
  name.malformed = name.malformed || malformed;
  return name;
}

Count read_count(JsonReader& reader) {
  Count count;
  reader.object([&](std::string_view key) {
    if (key == "kind")
      count.kind = value_of<RateKind>(reader, rate_words);
    else if (key == "period")
      count.period = {reader.integer()};
    else if (key == "count")
      count.count = reader.integer();
    else if (key == "of")
      count.of = reader.text();
    else
      reader.fail("unknown member");
  });
  return count;
}

Word read_word(JsonReader& reader) {
  Word spoken;
  reader.object([&](std::string_view key) {
    if (key == "user")
      spoken.user = reader.text();
    else if (key == "groups")
      spoken.groups = reader.texts();
    else if (key == "verdict")
      spoken.verdict = value_of<WordVerdict>(reader, word_words);
    else if (key == "at")
      spoken.at = {reader.integer()};
    else if (key == "message")
      spoken.message = reader.text();
    else if (key == "credential")
      spoken.credential = reader.text();
    else
      reader.fail("unknown member");
  });
  return spoken;
}

void read_member(JsonReader& reader, std::string_view key, Facts& f) {
  if (key == "requester")
    read_requester(reader, f.requester);
  else if (key == "origin")
    f.origin = value_of<Origin>(reader, origin_words);
  else if (key == "signerName")
    f.signer_name = reader.text();
  else if (key == "lifetime")
    f.lifetime = {reader.integer()};
  else if (key == "labels")
    f.labels = reader.text_map();
  else if (key == "subject")
    reader.array([&] { f.subject.push_back(read_attribute(reader)); });
  else if (key == "names")
    reader.array([&] { f.names.push_back(read_name(reader)); });
  else if (key == "extensions")
    f.extensions = reader.texts();
  else if (key == "ca")
    f.requests_ca = reader.boolean();
  else if (key == "usages")
    f.usages = reader.texts();
  else if (key == "key")
    read_key(reader, f.key);
  else if (key == "predecessor")
    f.predecessor = read_predecessor(reader);
  else if (key == "counts")
    reader.array([&] { f.counts.push_back(read_count(reader)); });
  else if (key == "createdAt")
    f.created_at = {reader.integer()};
  else if (key == "builtInDenial")
    f.built_in_denial = reader.text();
  else if (key == "nodeApproval")
    f.node_approval = reader.boolean();
  else if (key == "at")
    f.at = {reader.integer()};
  else if (key == "words")
    reader.array([&] { f.words.push_back(read_word(reader)); });
  else
    reader.fail("unknown member");
}

std::expected<std::string, std::string> canonical(NameKind kind, std::string_view value) {
  switch (kind) {
    case NameKind::dns:
      return canonical_dns(value, lenient_dns);
    case NameKind::email:
      return canonical_email(value);
    case NameKind::uri:
      return canonical_uri(value);
    case NameKind::ip: {
      const auto address = IpAddress::parse(value);
      if (!address) return std::unexpected(address.error());
      return address->text();
    }
    case NameKind::other:
    case NameKind::directory:
    case NameKind::registered_id:
      break;
  }
  return std::string(value);
}

}  // namespace

Name name_of(NameKind kind, std::string_view value) {
  const auto text = canonical(kind, value);
  Name name{.kind = kind, .value = text.value_or(std::string(value)), .malformed = !text.has_value()};
  if (kind == NameKind::ip) name.ip = IpAddress::parse(name.value).value_or(IpAddress());
  return name;
}

std::string encode_facts(const Facts& facts) {
  std::string out;
  {
    JsonObject object(out);
    {
      JsonObject requester(object.key("requester"));
      write_requester(requester, facts.requester);
    }
    if (facts.origin != Origin::self) object.text("origin", word(origin_words, facts.origin));
    object.text("signerName", facts.signer_name);
    number_if(object, "lifetime", facts.lifetime.microseconds);
    write_map(object, "labels", facts.labels);
    write_names(object, facts);
    texts_if(object, "extensions", facts.extensions);
    true_if(object, "ca", facts.requests_ca);
    texts_if(object, "usages", facts.usages);
    {
      JsonObject key(object.key("key"));
      write_key(key, facts.key);
    }
    if (facts.predecessor) {
      JsonObject predecessor(object.key("predecessor"));
      write_predecessor(predecessor, *facts.predecessor);
    }
    write_counts(object, facts);
    object.number("createdAt", facts.created_at.microseconds);
    object.text_if("builtInDenial", facts.built_in_denial);
    true_if(object, "nodeApproval", facts.node_approval);
    object.number("at", facts.at.microseconds);
    write_words(object, facts);
  }
  return out;
}

std::expected<Facts, std::string> decode_facts(std::string_view json) {
  try {
    Facts facts;
    JsonReader reader(json);
    reader.object([&](std::string_view key) { read_member(reader, key, facts); });
    return facts;
  } catch (const engine::MalformedJson& error) {
    return std::unexpected(error.what());
  }
}

Versions versions() {
  return {evaluator_version, engine::time_zone_version(), regex_version(), unicode_version()};
}

}  // namespace csrflow::policies
