// The bytes, numbers and texts as byte_codec.hpp writes them. What is optional begins with 0 or 1.
//   of a request:  1 · 1 if it is counted · number of groups · their keys · 0 or 1 and the SPKI's 32 bytes
//                  · user · name · uid · lineage · signer · predecessor's name · the rest as `write_rest` has
//                  it
//   of a step:     0 · kind · the word, or verdict … break-glass
#include "engine/past_requests.hpp"

#include <algorithm>

#include "engine/byte_codec.hpp"

namespace csrflow::engine {
namespace {

constexpr std::uint8_t step_mark = 0, made_mark = 1;

// ---- parts --------------------------------------------------------------------------------------

void write(ByteWriter& out, const std::vector<std::string>& texts) {
  out.number(texts.size());
  for (const std::string& text : texts) out.text(text);
}
std::vector<std::string> read_texts(ByteReader& in) {
  std::vector<std::string> texts;
  for (auto left = in.number(); left > 0; --left) texts.emplace_back(in.text());
  return texts;
}

void write(ByteWriter& out, const StringMap& map) {
  out.number(map.size());
  for (const auto& [key, value] : map) {
    out.text(key);
    out.text(value);
  }
}
StringMap read_map(ByteReader& in) {
  StringMap map;
  for (auto left = in.number(); left > 0; --left) {
    std::string key(in.text());
    map.emplace_hint(map.end(), std::move(key), in.text());
  }
  return map;
}

void write(ByteWriter& out, const StringLists& lists) {
  out.number(lists.size());
  for (const auto& [key, values] : lists) {
    out.text(key);
    write(out, values);
  }
}
StringLists read_lists(ByteReader& in) {
  StringLists lists;
  for (auto left = in.number(); left > 0; --left) {
    std::string key(in.text());
    lists.emplace_hint(lists.end(), std::move(key), read_texts(in));
  }
  return lists;
}

/// Whether it is there, and then what `write_it` writes.
template <class Value, class Write>
void write_optional(ByteWriter& out, const std::optional<Value>& value, Write write_it) {
  out.byte(value ? 1 : 0);
  if (value) write_it(*value);
}
template <class Read>
auto read_optional(ByteReader& in, Read read) -> std::optional<decltype(read())> {
  if (in.byte() == 0) return std::nullopt;
  return read();
}

void write(ByteWriter& out, const Predecessor& p) {
  out.text(p.name);
  out.text(p.uid.text);
  out.text(p.serial.content);
  out.number(p.generation);
  out.text(p.base_name);
  out.number(p.cause.value);
  out.number(p.attempt);
  out.byte(p.claim ? 1 : 0);
}
Predecessor read_predecessor(ByteReader& in) {
  Predecessor p;
  p.name = in.text();
  p.uid = {std::string(in.text())};
  p.serial = {Bytes(in.text())};
  p.generation = static_cast<std::uint32_t>(in.number());
  p.base_name = in.text();
  p.cause = {in.number()};
  p.attempt = static_cast<std::uint32_t>(in.number());
  p.claim = in.byte() != 0;
  return p;
}

void write(ByteWriter& out, const RequestDescription& d) {
  out.number(d.subject.size());
  for (const auto& attribute : d.subject) {
    out.text(attribute.oid);
    out.text(attribute.value);
  }
  out.number(d.names.size());
  for (const auto& name : d.names) {
    out.text(name.kind);
    out.text(name.value);
  }
  write(out, d.extensions);
  out.byte(d.asks_for_ca ? 1 : 0);
  out.text(d.key.algorithm);
  out.number(d.key.bits);
  out.text(d.key.curve);
}
/// `spki_sha256` stands elsewhere.
RequestDescription read_description(ByteReader& in) {
  RequestDescription d;
  for (auto left = in.number(); left > 0; --left) {
    std::string oid(in.text());
    d.subject.push_back({std::move(oid), std::string(in.text())});
  }
  for (auto left = in.number(); left > 0; --left) {
    std::string kind(in.text());
    d.names.push_back({std::move(kind), std::string(in.text())});
  }
  d.extensions = read_texts(in);
  d.asks_for_ca = in.byte() != 0;
  d.key.algorithm = in.text();
  d.key.bits = static_cast<std::uint32_t>(in.number());
  d.key.curve = in.text();
  return d;
}

// ---- a request ----------------------------------------------------------------------------------

std::string_view predecessor_of(const Created& e) {
  if (e.predecessor) return e.predecessor->name;
  const auto& annotations = e.object.meta.annotations;
  const auto named = annotations.find(std::string(annotation::predecessor));
  return named == annotations.end() ? std::string_view() : named->second;
}

void write_head(ByteWriter& out, const Created& e, const RequestTrace& trace, HashFunction hash) {
  out.byte(made_mark);
  out.byte(trace.counted ? 1 : 0);
  out.number(trace.groups.size());
  for (const RequestGroup& group : trace.groups) {
    const GroupKey key = key_of(group, hash);
    out.raw({reinterpret_cast<const char*>(key.data()), key.size()});
  }
  const auto spki = from_hex(trace.spki_sha256);
  const bool known = spki && spki->size() == std::tuple_size_v<Sha256>;
  out.byte(known ? 1 : 0);
  if (known) out.raw(*spki);
  out.text(trace.use.user);
  out.text(trace.use.request);
  out.text(trace.use.uid.text);
  out.text(trace.use.lineage.text);
  out.text(e.object.spec->signer_name.text);
  out.text(predecessor_of(e));
}

Counted read_head(ByteReader& in, const PastRow& row) {
  Counted head;
  if (in.byte() != made_mark) throw std::runtime_error("it is no request");
  head.counted = in.byte() != 0;
  head.groups.resize(in.number());
  for (GroupKey& key : head.groups) {
    const std::string_view raw = in.raw(key.size());
    std::ranges::copy(raw, key.begin());
  }
  if (in.byte() != 0) head.spki_sha256 = in.raw(std::tuple_size_v<Sha256>);
  head.use = {.position = row.position,
              .recorded_at = row.recorded_at,
              .user = std::string(in.text()),
              .request = std::string(in.text()),
              .uid = {std::string(in.text())},
              .lineage = {std::string(in.text())}};
  head.signer_name = in.text();
  head.predecessor = in.text();
  return head;
}

void write_rest(ByteWriter& out, const Created& e, const Context& context,
                const std::expected<RequestDescription, std::string>& description) {
  const CsrSpec& spec = *e.object.spec;
  write_optional(out, spec.expiration_seconds, [&](std::int32_t s) {
    out.number(static_cast<std::uint32_t>(s));  // may be negative, as sent
  });
  write(out, spec.usages);
  out.text(spec.uid);
  write(out, spec.groups);
  write(out, spec.extra);
  write(out, e.object.meta.labels);
  write_optional(out, e.lifetime,
                 [&](Duration d) { out.number(static_cast<std::uint64_t>(d.microseconds)); });
  write_optional(out, e.predecessor, [&](const Predecessor& p) { write(out, p); });
  out.text(e.on_behalf_of);
  out.byte(static_cast<std::uint8_t>(e.authenticated_by.value_or(context.actor.by)));
  out.text(e.credential);
  out.text(context.source.address);
  out.byte(description ? 1 : 0);
  if (description)
    write(out, *description);
  else
    out.text(description.error());
}

// ---- a step -------------------------------------------------------------------------------------

void write(ByteWriter& out, const Word& word) {
  out.text(word.user);
  write(out, word.groups);
  out.text(word.credential);
  out.byte(static_cast<std::uint8_t>(word.say));
  out.text(word.message);
}

struct Outline {
  Verdict verdict{};
  std::string_view reason, sentence;
  Deciding deciding = {};
  bool break_glass = false;
};

void write(ByteWriter& out, const Outline& step, const Identity& actor) {
  out.byte(static_cast<std::uint8_t>(step.verdict));
  out.text(step.reason);
  out.text(step.sentence);
  out.text(step.deciding.policy);
  out.text(step.deciding.hash);
  out.text(step.deciding.rule);
  out.text(actor.user);
  out.byte(actor.by == Authentication::system ? 1 : 0);
  out.byte(step.break_glass ? 1 : 0);
}

struct StepWriter {
  ByteWriter out;
  const Record& record;

  bool operator()(const Reviewed& e) {
    begin(RequestStep::Kind::word);
    write(out, Word{e.user, e.groups, e.credential, e.say, e.message, {}});
    return true;
  }
  bool operator()(const Evaluated& e) {
    return outlined(RequestStep::Kind::evaluated, {e.verdict, {}, e.sentence, e.deciding});
  }
  bool operator()(const Approved& e) {
    return outlined(RequestStep::Kind::approved,
                    {Verdict::approve, e.reason, e.message, e.judged.deciding, e.break_glass.has_value()});
  }
  bool operator()(const Denied& e) {
    return outlined(RequestStep::Kind::denied, {Verdict::deny, e.reason, e.message, e.judged.deciding});
  }
  bool operator()(const Deleted&) { return outlined(RequestStep::Kind::ended, {}); }
  bool operator()(const Signed&) { return outlined(RequestStep::Kind::ended, {}); }
  /// The rest says nothing about how it was decided.
  bool operator()(const auto&) { return false; }

 private:
  void begin(RequestStep::Kind kind) {
    out.byte(step_mark);
    out.byte(static_cast<std::uint8_t>(kind));
  }
  bool outlined(RequestStep::Kind kind, const Outline& step) {
    begin(kind);
    write(out, step, record.context->actor);
    return true;
  }
};

/// Calls `read` with a reader of the row's bytes.
template <class Read>
auto reading(const PastRow& row, Read read) {
  try {
    ByteReader in(row.data);
    return read(in);
  } catch (const std::runtime_error& e) {
    throw UnreadableEvent("what the views keep of position " + std::to_string(row.position.value) +
                          " cannot be read (" + e.what() + ")");
  }
}

}  // namespace

GroupKey key_of(const RequestGroup& group, HashFunction hash) {
  // No signer's name has a line break.
  std::string text;
  text.reserve(group.signer_name.size() + group.member.size() + 2);
  text += static_cast<char>('0' + static_cast<int>(group.kind));
  text += group.signer_name;
  text += '\n';
  text += group.member;
  const Sha256 digest = hash(text);
  GroupKey key{};
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

CsrState state_of(const MadeRequest& made) {
  CsrState state;
  state.version = {1};
  CsrObject object;
  object.meta.name = made.name;
  object.meta.uid = made.uid;
  object.meta.creation = made.recorded_at.cut_to_seconds();
  object.meta.labels = made.labels;
  if (!made.predecessor_named.empty())
    object.meta.annotations.emplace(annotation::predecessor, made.predecessor_named);
  object.spec = std::make_shared<const CsrSpec>(made.spec);
  state.object = std::move(object);
  state.resource_version = state.created_at = made.position;
  state.created_time = made.recorded_at;
  state.lifetime = made.lifetime;
  state.predecessor = made.predecessor;
  state.on_behalf_of = made.on_behalf_of;
  state.authenticated_by = made.authenticated_by;
  state.credential = made.credential;
  state.labels_at_creation = made.labels;
  return state;
}

std::optional<PastRow> past_row(const Record& record,
                                const std::expected<RequestDescription, std::string>& description,
                                const RequestTrace& trace, HashFunction hash) {
  const auto* event = record.csr_event();
  const auto* created = event ? std::get_if<Created>(event) : nullptr;
  if (created == nullptr) return std::nullopt;
  PastRow row{record.stamp.position, record.stamp.position, record.stamp.recorded_at, {}};
  ByteWriter out(row.data);
  write_head(out, *created, trace, hash);
  write_rest(out, *created, *record.context, description);
  return row;
}

std::optional<PastRow> past_row(const Record& record) {
  const auto* event = record.csr_event();
  if (event == nullptr) return std::nullopt;
  const CsrState& before = *record.csr_before();
  if (!before.object || !(undecided(before) || std::holds_alternative<Deleted>(*event))) return std::nullopt;
  PastRow row{record.stamp.position, before.created_at, record.stamp.recorded_at, {}};
  if (!std::visit(StepWriter{ByteWriter(row.data), record}, *event)) return std::nullopt;
  return row;
}

Counted counted(const PastRow& row) {
  return reading(row, [&](ByteReader& in) { return read_head(in, row); });
}

MadeRequest made_request(const PastRow& row) {
  return reading(row, [&](ByteReader& in) {
    Counted head = read_head(in, row);
    MadeRequest made;
    made.position = row.position;
    made.recorded_at = row.recorded_at;
    made.name = std::move(head.use.request);
    made.uid = std::move(head.use.uid);
    made.lineage = std::move(head.use.lineage);
    made.spec.username = std::move(head.use.user);
    made.spec.signer_name = {std::move(head.signer_name)};
    made.predecessor_named = std::move(head.predecessor);
    made.spec.expiration_seconds =
        read_optional(in, [&] { return static_cast<std::int32_t>(static_cast<std::uint32_t>(in.number())); });
    made.spec.usages = read_texts(in);
    made.spec.uid = in.text();
    made.spec.groups = read_texts(in);
    made.spec.extra = read_lists(in);
    made.labels = read_map(in);
    made.lifetime = read_optional(in, [&] { return Duration{static_cast<std::int64_t>(in.number())}; });
    made.predecessor = read_optional(in, [&] { return read_predecessor(in); });
    made.on_behalf_of = in.text();
    made.authenticated_by = static_cast<Authentication>(in.byte());
    made.credential = in.text();
    made.source = in.text();
    if (in.byte() == 0) {
      made.description = std::unexpected(std::string(in.text()));
    } else {
      made.description = read_description(in);
      made.description->key.spki_sha256 = to_hex(head.spki_sha256);
    }
    return made;
  });
}

RequestStep::Kind kind_of(const PastRow& step) {
  return reading(step, [](ByteReader& in) {
    if (in.byte() != step_mark) throw std::runtime_error("it is no step");
    return static_cast<RequestStep::Kind>(in.byte());
  });
}

RequestStep request_step(const PastRow& row) {
  return reading(row, [&](ByteReader& in) {
    RequestStep step;
    step.position = row.position;
    step.request = row.request;
    step.recorded_at = row.recorded_at;
    if (in.byte() != step_mark) throw std::runtime_error("it is no step");
    step.kind = static_cast<RequestStep::Kind>(in.byte());
    if (step.kind == RequestStep::Kind::word) {
      step.word.user = in.text();
      step.word.groups = read_texts(in);
      step.word.credential = in.text();
      step.word.say = static_cast<Word::Say>(in.byte());
      step.word.message = in.text();
      step.word.at = row.recorded_at;
      return step;
    }
    step.verdict = static_cast<Verdict>(in.byte());
    step.reason = in.text();
    step.sentence = in.text();
    step.deciding.policy = in.text();
    step.deciding.hash = in.text();
    step.deciding.rule = in.text();
    step.actor = in.text();
    step.by_csrflow = in.byte() != 0;
    step.break_glass = in.byte() != 0;
    return step;
  });
}

}  // namespace csrflow::engine
