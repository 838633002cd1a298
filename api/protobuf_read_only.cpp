#include "api/protobuf_read_only.hpp"

#include <charconv>

#include "api/proto_message.hpp"
#include "engine/types.hpp"

namespace csrflow::api {
namespace {

const JsonValue& member_of(const JsonValue& object, std::string_view key) {
  static const JsonValue nothing;
  const JsonValue* found = object.find(key);
  return found ? *found : nothing;
}

void put_text(ProtoMessage& to, unsigned number, const JsonValue& from, std::string_view key) {
  const std::string& text = member_of(from, key).text;
  if (!text.empty()) to.text(number, text);
}

void put_number(ProtoMessage& to, unsigned number, const JsonValue& from, std::string_view key) {
  const std::string& digits = member_of(from, key).text;
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (value != 0) to.number(number, value);
}

/// A Time or MicroTime: {1 seconds, 2 nanos}.
void put_time(ProtoMessage& to, unsigned number, const JsonValue& from, std::string_view key) {
  const auto time = engine::parse_rfc3339(member_of(from, key).text);
  if (!time || time->microseconds < 0) return;
  ProtoMessage message;
  message.number(1, static_cast<std::uint64_t>(time->whole_seconds()));
  message.number(2, static_cast<std::uint64_t>(time->microseconds % 1'000'000 * 1'000));
  to.message(number, message);
}

ProtoMessage metadata_of(const JsonValue& object) {
  const JsonValue& from = member_of(object, "metadata");
  ProtoMessage to;
  put_text(to, 1, from, "name");
  put_text(to, 3, from, "namespace");
  put_text(to, 5, from, "uid");
  put_text(to, 6, from, "resourceVersion");
  put_time(to, 8, from, "creationTimestamp");
  for (const auto& [number, key] : {std::pair(11U, "labels"), std::pair(12U, "annotations")}) {
    for (const JsonMember& entry : member_of(from, key).members) {
      ProtoMessage pair;
      pair.text(1, entry.key);
      pair.text(2, entry.value.text);
      to.message(number, pair);
    }
  }
  return to;
}

ProtoMessage list_metadata_of(const JsonValue& list) {
  const JsonValue& from = member_of(list, "metadata");
  ProtoMessage to;
  put_text(to, 2, from, "resourceVersion");
  put_text(to, 3, from, "continue");
  put_number(to, 4, from, "remainingItemCount");
  return to;
}

ProtoMessage object_reference(const JsonValue& from) {
  ProtoMessage to;
  put_text(to, 1, from, "kind");
  put_text(to, 3, from, "name");
  put_text(to, 4, from, "uid");
  put_text(to, 5, from, "apiVersion");
  return to;
}

ProtoMessage event_source(const JsonValue& from) {
  ProtoMessage to;
  put_text(to, 1, from, "component");
  return to;
}

ProtoMessage core_event(const JsonValue& from) {
  ProtoMessage to;
  to.message(1, metadata_of(from));
  to.message(2, object_reference(member_of(from, "involvedObject")));
  put_text(to, 3, from, "reason");
  put_text(to, 4, from, "message");
  to.message(5, event_source(member_of(from, "source")));
  put_time(to, 6, from, "firstTimestamp");
  put_time(to, 7, from, "lastTimestamp");
  put_number(to, 8, from, "count");
  put_text(to, 9, from, "type");
  put_time(to, 10, from, "eventTime");
  put_text(to, 14, from, "reportingComponent");
  put_text(to, 15, from, "reportingInstance");
  return to;
}

ProtoMessage grouped_event(const JsonValue& from) {
  ProtoMessage to;
  to.message(1, metadata_of(from));
  put_time(to, 2, from, "eventTime");
  put_text(to, 4, from, "reportingController");
  put_text(to, 5, from, "reportingInstance");
  put_text(to, 7, from, "reason");
  to.message(8, object_reference(member_of(from, "regarding")));
  put_text(to, 10, from, "note");
  put_text(to, 11, from, "type");
  to.message(12, event_source(member_of(from, "deprecatedSource")));
  put_time(to, 13, from, "deprecatedFirstTimestamp");
  put_time(to, 14, from, "deprecatedLastTimestamp");
  put_number(to, 15, from, "deprecatedCount");
  return to;
}

ProtoMessage a_namespace(const JsonValue& from) {
  ProtoMessage to, spec, status;
  to.message(1, metadata_of(from));
  for (const JsonValue& finalizer : member_of(member_of(from, "spec"), "finalizers").items)
    spec.text(1, finalizer.text);
  to.message(2, spec);
  put_text(status, 1, member_of(from, "status"), "phase");
  to.message(3, status);
  return to;
}

ProtoMessage trust_bundle(const JsonValue& from) {
  ProtoMessage to, spec;
  to.message(1, metadata_of(from));
  put_text(spec, 1, member_of(from, "spec"), "signerName");
  put_text(spec, 2, member_of(from, "spec"), "trustBundle");
  to.message(2, spec);
  return to;
}

using Write = ProtoMessage (*)(const JsonValue&);

/// Of a kind, or of the items of a list of it.
Write writer_of(std::string_view api_version, std::string_view kind) {
  if (kind == "Event") return api_version == "v1" ? core_event : grouped_event;
  if (kind == "Namespace") return a_namespace;
  if (kind == "ClusterTrustBundle") return trust_bundle;
  return nullptr;
}

}  // namespace

std::optional<std::string> read_only_message(const JsonValue& root) {
  const std::string& api_version = member_of(root, "apiVersion").text;
  const std::string& kind = member_of(root, "kind").text;
  if (const Write write = writer_of(api_version, kind)) return write(root).bytes();
  constexpr std::string_view list = "List";
  if (!kind.ends_with(list)) return std::nullopt;
  const Write write = writer_of(api_version, std::string_view(kind).substr(0, kind.size() - list.size()));
  if (!write) return std::nullopt;
  ProtoMessage to;
  to.message(1, list_metadata_of(root));
  for (const JsonValue& item : member_of(root, "items").items) to.message(2, write(item));
  return to.bytes();
}

}  // namespace csrflow::api
