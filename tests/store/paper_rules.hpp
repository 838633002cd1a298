// Rotation policies that are one signer and the begin of a window: enough to follow the log by.
#pragma once

#include <map>
#include <nlohmann/json.hpp>

#include "store/timer_rules.hpp"
#include "tests/store/history.hpp"

namespace csrflow::store::test {

/// `from`: millionths of the lifetime.
inline Happening policy(const std::string& name, const std::string& signer, int from,
                        const std::string& mode = "renew") {
  engine::Applied event{.kind = "RotationPolicy", .hash = std::to_string(from), .object = {}};
  event.object.meta.name = name;
  event.object.meta.uid = {"uid-of-" + name};
  event.object.body = std::make_shared<const std::string>(
      nlohmann::json{{"signer", signer}, {"from", from}, {"mode", mode}}.dump());
  return {{"rotation/" + name}, engine::ConfigEvent(event)};
}
inline Happening policy_deleted(const std::string& name) {
  return {{"rotation/" + name},
          engine::ConfigEvent(engine::ConfigDeleted{.kind = "RotationPolicy", .uid = {"uid-of-" + name}})};
}

class PaperRules final : public engine::FollowedRules {
 public:
  PaperRules(engine::EventReader& log, engine::Position until) {
    for (const auto& stored : log.category(engine::rotation_category)) {
      const engine::Event event = engine::decode(stored);
      if (stored.position <= until)
        follow(std::get<engine::ConfigEvent>(event), stored.stream, stored.position, stored.recorded_at);
    }
  }
  engine::AffectedTimers take(const engine::Record& record) override {
    const auto* event = std::get_if<engine::ConfigEvent>(record.event.get());
    if (!event) return {};
    return follow(*event, record.stamp.stream, record.stamp.position, record.stamp.recorded_at);
  }
  std::optional<engine::RotationOrder> named(std::string_view, const engine::CsrState&) const override {
    return std::nullopt;
  }
  std::optional<engine::RotationOrder> matching(const engine::CsrState& state) const override {
    for (const auto& [name, one] : policies_)
      if (one.signer == state.object->spec->signer_name.text) return one.order;
    return std::nullopt;
  }
  bool expiry_is_watched(const engine::CsrState&) const override { return false; }
  std::string difference_of(const engine::CsrState&, const engine::CsrState&) const override { return {}; }
  engine::Duration longest_lifetime() const override { return engine::seconds(86'400); }

 private:
  struct Policy {
    std::string signer;
    engine::RotationOrder order;
  };
  engine::AffectedTimers follow(const engine::ConfigEvent& event, const engine::StreamId& stream,
                                engine::Position at, engine::Timestamp time) {
    const std::string name(stream.name());
    engine::AffectedTimers affected;
    if (const auto before = policies_.find(name); before != policies_.end()) {
      affected.signers.push_back(before->second.signer);
      policies_.erase(before);
    }
    const auto* applied = std::get_if<engine::Applied>(&event);
    if (!applied) return affected;
    const auto body = nlohmann::json::parse(*applied->object.body);
    engine::RotationRules rules;
    rules.mode = *engine::rotation_mode(body["mode"].get<std::string>());
    rules.when = engine::WindowRule{.from = body["from"].get<int>(), .to = 900'000};
    const std::string signer = body["signer"];
    affected.signers.push_back(signer);
    policies_[name] = {signer,
                       {.policy = name,
                        .hash = applied->hash,
                        .rules = std::make_shared<const engine::RotationRules>(rules),
                        .since = at,
                        .since_time = time}};
    return affected;
  }
  std::map<std::string, Policy> policies_;
};

inline RulesAt paper_rules(const engine::EventLog& log) {
  return [&log](engine::Position at) { return std::make_unique<PaperRules>(*log.reader(), at); };
}

}  // namespace csrflow::store::test
