// Writes the engine's own events into a log, as the writer would, and reads them back as records.
#pragma once

#include <future>
#include <map>

#include "engine/streams.hpp"
#include "engine/views.hpp"

namespace csrflow::store::test {

inline const engine::Serial some_serial{"\x01\x02"};
inline const engine::Timestamp day_one = engine::from_seconds(1'790'000'000);
inline const engine::Timestamp day_ninety = day_one + engine::seconds(90 * 86'400);

inline engine::Uid uid_of(const std::string& name) {
  return {"uid-of-" + name};
}

inline engine::Created created(const std::string& name, engine::StringMap labels = {}) {
  engine::CsrSpec spec{
      .request = "spki=01 dns=" + name, .signer_name = {"example.com/web"}, .usages = {"client auth"}};
  spec.username = "jane";
  engine::Created event;
  event.object.meta.name = name;
  event.object.meta.uid = uid_of(name);
  event.object.meta.creation = day_one;
  event.object.meta.labels = std::move(labels);
  event.object.spec = std::make_shared<const engine::CsrSpec>(std::move(spec));
  event.lifetime = engine::seconds(90 * 86'400);
  event.authenticated_by = engine::Authentication::token;
  return event;
}
inline engine::Created renewing(const std::string& name) {
  auto event = created(name);
  event.object.meta.annotations.emplace(engine::annotation::rotation, "renew");
  return event;
}
inline engine::Created successor(const std::string& name, const std::string& of) {
  auto event = renewing(name);
  event.predecessor = engine::Predecessor{
      .name = of, .uid = uid_of(of), .serial = some_serial, .base_name = of, .cause = {4}};
  return event;
}
inline engine::Approved approved(const std::string& name) {
  engine::ObjectChange change;
  change.conditions = std::vector{engine::Condition{.type = "Approved", .status = "True"}};
  return {.uid = uid_of(name), .reason = "Known", .message = {}, .object = change};
}
inline engine::Issuing issuing(const std::string& name) {
  return {.uid = uid_of(name),
          .serial = some_serial,
          .clock = day_one,
          .not_before = day_one,
          .not_after = day_ninety,
          .issuer = "aa",
          .profile = "web",
          .profile_hash = "bb",
          .tbs = "TBS"};
}
inline engine::Signed signed_for(const std::string& name) {
  engine::ObjectChange change;
  change.certificate = "CERTIFICATE";
  return {.uid = uid_of(name),
          .serial = some_serial,
          .not_before = day_one,
          .not_after = day_ninety,
          .issued_at = day_one,
          .fingerprint = "f00d",
          .certificate = "CERTIFICATE",
          .object = change};
}
inline engine::Rotated rotated(const std::string& name, const std::string& to) {
  return {.uid = uid_of(name),
          .serial = some_serial,
          .successor = to,
          .successor_uid = uid_of(to),
          .successor_serial = {"\x03"},
          .object = std::nullopt};
}
inline engine::Updated labelled(const std::string& name, const std::string& value) {
  engine::ObjectChange change;
  change.labels.emplace("team", value);
  return {.uid = uid_of(name), .object = change};
}
inline engine::Deleted deleted(const std::string& name) {
  return {.uid = uid_of(name), .object = {}};
}

struct Happening {
  engine::StreamId stream;
  engine::Event event;
};
inline Happening on(const std::string& name, engine::CsrEvent event) {
  return {engine::csr_stream(name), std::move(event)};
}

/// Of the event at `cause`, for the sink `ops`.
inline Happening news_for_ops(std::uint64_t cause) {
  engine::Notification notification{.id = "ops/" + std::to_string(cause),
                                    .kind = engine::Notable::failed,
                                    .at = day_one,
                                    .position = {cause},
                                    .stream = "csr/web-1",
                                    .title = "web-1 failed",
                                    .text = "The signer refused it."};
  return {engine::delivery_stream("ops", {cause}),
          engine::DeliveryEvent(engine::Queued{.sink = "ops", .notification = std::move(notification)})};
}

class History {
 public:
  explicit History(engine::EventLog& log) : log_(log), records_(log.reader(), log.reader()->head()) {}

  /// One commit.
  std::shared_ptr<const engine::Batch> commit(const std::vector<Happening>& happenings) {
    const auto context = engine::encode_context({.actor = engine::system_actor("signer"), .command = {"00"}});
    std::vector<engine::NewEvent> rows;
    for (const auto& happening : happenings) {
      const engine::Event& event = happening.event;
      now_ = now_ + engine::seconds(1);
      rows.push_back({.stream = happening.stream,
                      .version = {++versions_[happening.stream.text]},
                      .type = std::string(engine::type_of(event)),
                      .recorded_at = now_,
                      .context = context,
                      .data = engine::encode(event)});
    }
    if (!log_.append(records_.position(), rows)) throw std::logic_error("conflict");
    return std::make_shared<const engine::Batch>(records_.next(rows.size()));
  }
  /// A request from its creation to its certificate, and one that is only approved.
  void jane_and_joe(const std::function<void(const std::shared_ptr<const engine::Batch>&)>& told) {
    told(commit({on("jane", renewing("jane"))}));
    told(commit({on("jane", approved("jane")), on("joe", created("joe", {{"team", "red"}}))}));
    told(commit({on("jane", issuing("jane"))}));
    told(commit({on("jane", signed_for("jane"))}));
    told(commit({on("joe", approved("joe"))}));
    told(commit({on("jane-2", successor("jane-2", "jane"))}));
    told(commit({on("jane", rotated("jane", "jane-2"))}));
    told(commit({on("eve", created("eve")), on("eve", deleted("eve"))}));
  }
  engine::Position head() const { return records_.position(); }

 private:
  engine::EventLog& log_;
  engine::RecordReader records_;
  std::map<std::string, std::uint64_t> versions_;
  engine::Timestamp now_ = day_one;
};

/// Shows requests with names, labels and the signer; stands for the API's.
struct Presenter final : engine::ObjectPresenter {
  std::optional<engine::ObjectRow> row(const engine::Record& record) const override {
    if (!record.tail || !record.csr_after()) return std::nullopt;
    const bool gone = !record.csr_after()->object;
    const auto& object = gone ? *record.csr_before()->object : *record.csr_after()->object;
    engine::ObjectRow row{
        .resource = "certificatesigningrequests", .name = object.meta.name, .uid = object.meta.uid};
    row.resource_version = record.stamp.position;
    row.creation = object.meta.creation;
    row.labels = object.meta.labels;
    row.fields = {{"spec.signerName", object.spec->signer_name.text}};
    row.cells = R"([")" + object.meta.name + R"("])";
    if (!gone) row.tail = *record.tail;
    return row;
  }
};

inline void wait_for(engine::ObjectViews& views, engine::Position position) {
  std::promise<void> promise;
  auto reached = promise.get_future();
  // The promise belongs to the callback, which may still be in it when this thread goes on.
  views.when_reached(position, [promise = std::move(promise)]() mutable { promise.set_value(); });
  reached.get();
}

}  // namespace csrflow::store::test
