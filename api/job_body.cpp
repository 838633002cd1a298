#include "api/job_body.hpp"

#include <algorithm>

#include "api/field_reader.hpp"
#include "api/tree_body.hpp"
#include "api/write_call.hpp"
#include "engine/duration.hpp"
#include "engine/json_writer.hpp"
#include "engine/stage_gate.hpp"

namespace csrflow::api {
namespace {

constexpr std::size_t max_job_name = 63, max_reason_bytes = 1'024, max_signer_bytes = 571, max_names = 10'000,
                      max_labels = 64, max_text_bytes = 1'024;
constexpr std::size_t random_name_bytes = 3;

/// As it was sent; empty texts were not.
struct Sent {
  std::string name, kind, signer, reason, within, deadline, mode, pause, set_hash;
  engine::StringMap labels;
  std::vector<std::string> names;
  bool all = false, start = true;
};

void read_spec(FieldReader& reader, const JsonValue& spec, Sent& sent) {
  const std::map<std::string_view, std::string*> texts = {
      {"kind", &sent.kind},     {"signerName", &sent.signer}, {"reason", &sent.reason},
      {"within", &sent.within}, {"deadline", &sent.deadline}, {"mode", &sent.mode},
      {"pause", &sent.pause},   {"setHash", &sent.set_hash}};
  reader.object(spec, "spec", [&](const std::string& key, const JsonValue& field) {
    if (const auto text = texts.find(key); text != texts.end()) {
      *text->second = reader.text(field, key);
    } else if (key == "names") {
      sent.names = reader.texts(field, key);
    } else if (key == "all") {
      sent.all = reader.boolean(field, key).value_or(false);
    } else if (key == "start") {
      sent.start = reader.boolean(field, key).value_or(true);
    } else if (key == "labels") {
      reader.object(field, key, [&](const std::string& member, const JsonValue& labels) {
        if (member != "matchLabels") return false;
        sent.labels = reader.text_map(labels, member);
        return true;
      });
    } else {
      return false;
    }
    return true;
  });
}

std::expected<Sent, Status> read_sent(const CallPtr& call, Format format) {
  if (format == Format::protobuf) return std::unexpected(status::unsupported_media_type());
  const auto tree = parse_body(format, call->request().body);
  if (!tree) return std::unexpected(unrecognized(call->request().body, tree.error(), "Job"));
  try {
    const auto [version, kind] = type_of_tree(tree->value);
    if ((!version.empty() && version != "csrflow.io/v1") || (!kind.empty() && kind != "Job"))
      return std::unexpected(status::bad_request("the body is a " + go_quote(kind) + " of " +
                                                 go_quote(version) + ", it must be a Job of csrflow.io/v1"));
    Sent sent;
    FieldReader reader("Job");
    reader.object(tree->value, "", [&](const std::string& key, const JsonValue& value) {
      if (key == "spec") {
        read_spec(reader, value, sent);
      } else if (key == "metadata") {
        reader.object(value, key, [&](const std::string& member, const JsonValue& field) {
          if (member != "name") return false;
          sent.name = reader.text(field, member);
          return true;
        });
      }
      return key == "spec" || key == "metadata" || key == "apiVersion" || key == "kind";
    });
    warn(*call, reader.problems);
    return sent;
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(
        status::bad_request("Job in version \"v1\" cannot be handled as a Job: " + mismatch.message));
  }
}

void check_selection(FieldErrors& errors, const Sent& sent) {
  if (sent.signer.empty() && sent.names.empty())
    errors.push_back(
        field::required("spec.signerName", "whose certificates are meant, unless `names` says it"));
  if (sent.signer.size() > max_signer_bytes)
    errors.push_back(field::too_long("spec.signerName", max_signer_bytes));
  if (sent.all + !sent.labels.empty() + !sent.names.empty() != 1)
    errors.push_back(field::required("spec", "say which certificates by one of `all`, `labels`, `names`"));
  if (sent.names.size() > max_names)
    errors.push_back(field::forbidden("spec.names", "at most 10000 are possible: choose by labels"));
  if (sent.labels.size() > max_labels)
    errors.push_back(field::forbidden("spec.labels.matchLabels", "at most 64 are possible"));
}

void check_words(FieldErrors& errors, const Sent& sent) {
  if (!sent.name.empty() && !is_job_name(sent.name))
    errors.push_back(
        field::invalid("metadata.name", sent.name.substr(0, max_text_bytes),
                       "must be at most 63 of lower-case letters, digits, '-' and '.', and begin "
                       "and end with a letter or digit"));
  if (sent.kind.empty())
    errors.push_back(field::required("spec.kind"));
  else if (!engine::job_kind_of(sent.kind))
    errors.push_back(
        field::not_supported("spec.kind", go_quote(sent.kind.substr(0, max_text_bytes)), {"rotate"}));
  if (sent.reason.empty()) errors.push_back(field::required("spec.reason", "why, as history will tell it"));
  if (sent.reason.size() > max_reason_bytes)
    errors.push_back(field::too_long("spec.reason", max_reason_bytes));
  if (!sent.mode.empty() && sent.mode != "renew" && sent.mode != "rekey")
    errors.push_back(
        field::not_supported("spec.mode", go_quote(sent.mode.substr(0, max_text_bytes)), {"renew", "rekey"}));
  if (sent.mode == "renew" && sent.reason == engine::key_compromise_reason)
    errors.push_back(
        field::invalid("spec.mode", sent.mode, "a compromised key must not be used again: rekey"));
}

void check_times(FieldErrors& errors, const Sent& sent, engine::Timestamp now, engine::JobWish& wish) {
  if (sent.within.empty() == sent.deadline.empty())
    errors.push_back(field::required("spec", "say until when by one of `within` and `deadline`"));
  if (!sent.within.empty()) {
    if (const auto within = engine::parse_duration(sent.within))
      wish.deadline = now + *within;
    else
      errors.push_back(field::invalid("spec.within", sent.within.substr(0, max_text_bytes), within.error()));
  }
  if (!sent.deadline.empty()) {
    if (const auto deadline = engine::parse_rfc3339(sent.deadline))
      wish.deadline = *deadline;
    else
      errors.push_back(
          field::invalid("spec.deadline", sent.deadline.substr(0, max_text_bytes), deadline.error()));
  }
  wish.pause = engine::least_stage_wait;
  if (sent.pause.empty()) return;
  const auto pause = engine::parse_duration(sent.pause);
  if (pause && *pause >= engine::least_stage_wait)
    wish.pause = *pause;
  else
    errors.push_back(field::invalid("spec.pause", sent.pause.substr(0, max_text_bytes),
                                    pause ? "must be 5m or more" : pause.error()));
}

engine::JsonText selection_text(const Sent& sent) {
  engine::JsonText out;
  {
    engine::JsonObject object(out.text);
    object.text_if("signerName", sent.signer);
    if (sent.all) object.boolean("all", true);
    if (!sent.names.empty()) object.texts("names", sent.names);
    if (!sent.labels.empty()) {
      engine::JsonObject labels(object.key("labels"));
      engine::JsonObject match(labels.key("matchLabels"));
      for (const auto& [key, value] : sent.labels) match.text(key, value);
    }
  }
  return out;
}

/// `rotate-20260302t090000z-1f8a3c`.
std::string made_name(const std::string& kind, engine::Timestamp now, engine::Random& random) {
  std::string time = rfc3339_seconds(now);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  std::ranges::transform(time, time.begin(), [](char c) { return c == 'T' ? 't' : c == 'Z' ? 'z' : c; });
  std::array<std::uint8_t, random_name_bytes> bytes{};
  random.fill(bytes);
  return kind + '-' + time + '-' +
         engine::to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

bool is_job_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= max_job_name && plain(name.front()) && plain(name.back()) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-' || c == '.'; });
}

std::optional<std::string> read_reason(const CallPtr& call) {
  const auto format = read_body_format(call);
  if (!format) return std::nullopt;
  const auto sent = read_sent(call, *format);
  if (sent && sent->reason.size() <= max_reason_bytes) return sent->reason;
  call->fail(sent ? status::bad_request("`reason` has more than 1024 bytes") : sent.error());
  return std::nullopt;
}

std::optional<engine::JobWish> read_job(const CallPtr& call, engine::Timestamp now) {
  const auto format = read_body_format(call);
  if (!format) return std::nullopt;
  const auto refuse = [&](const Status& why) {
    call->fail(why);
    return std::nullopt;
  };
  const auto sent = read_sent(call, *format);
  if (!sent) return refuse(sent.error());
  engine::JobWish wish;
  FieldErrors errors;
  check_words(errors, *sent);
  check_selection(errors, *sent);
  check_times(errors, *sent, now, wish);
  if (!errors.empty()) return refuse(status::invalid({"csrflow.io", "Job"}, sent->name, errors));
  const bool compromised = sent->reason == engine::key_compromise_reason;
  wish.name = sent->name.empty() ? made_name(sent->kind, now, call->core.deps.random) : sent->name;
  wish.kind = *engine::job_kind_of(sent->kind);
  wish.selection = {{sent->signer}, sent->labels, sent->names};
  wish.selection_text = selection_text(*sent);
  wish.reason = sent->reason;
  wish.mode = engine::rotation_mode(sent->mode)
                  .value_or(compromised ? engine::RotationMode::rekey : engine::RotationMode::renew);
  wish.set_hash = sent->set_hash;
  wish.start = sent->start;
  return wish;
}

}  // namespace csrflow::api
