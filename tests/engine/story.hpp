// Given events, when a command, then events or a refusal: how the tests of the request's life are written.
#pragma once

#include <map>

#include "engine/csr.hpp"
#include "engine/rotation_order.hpp"
#include "tests/catch.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::test {

using namespace engine;

/// A signer of ours that drafts without PKIX: enough for the rules of the workflow.
struct PaperIssuer : Issuer {
  bool serves(const SignerName& name) const override { return name.text.starts_with("kubernetes.io/"); }
  Duration lifetime(const SignerName&, std::optional<std::int32_t> wanted) const override {
    return seconds(wanted.value_or(3600));
  }
  std::optional<Duration> patience(const SignerName&) const override { return gives_up_after; }
  Drafted draft(const CsrSpec& spec, Timestamp now, std::span<const std::uint8_t, 16> random,
                const IssueTerms& terms) const override {
    for (const std::string& usage : spec.usages)
      if (usage == "server auth")
        return Unfit{"SignerValidationFailure", "invalid usage for client certificate: server auth"};
    if (out_of_order) return NotNow{"the CA has expired"};
    Draft draft{.serial = {Bytes(random.begin(), random.end())},
                .clock = now,
                .not_before = now - seconds(300),
                .not_after = (now + std::min(lifetime(spec.signer_name, spec.expiration_seconds),
                                             terms.at_most.value_or(seconds(3600 * 24 * 365))))
                                 .cut_to_seconds(),
                .issuer = "aa",
                .profile = spec.signer_name.text,
                .profile_hash = "bb",
                .tbs = "tbs of " + spec.username};
    return draft;
  }
  Drafted draft_own(OwnCertificate, Timestamp now, std::span<const std::uint8_t, 16> random) const override {
    return Draft{.serial = {Bytes(random.begin(), random.end())},
                 .clock = now,
                 .not_before = now,
                 .not_after = now + seconds(3600),
                 .issuer = "aa",
                 .profile = "own",
                 .profile_hash = "bb",
                 .tbs = "tbs of my own"};
  }
  bool out_of_order = false;
  std::optional<Duration> gives_up_after;
};

/// Streams and what happened in them, decided one command after another as the writer does it.
class World {
 public:
  PaperIssuer issuer;
  /// Null: no policies.
  std::shared_ptr<const Approver> approver;
  /// Null: no rotation policies.
  std::shared_ptr<const StandingRules> rules;
  Identity actor;
  Timestamp now = from_seconds(1'790'000'000);

  /// Decides and folds, follow-ups included. A refusal changes nothing.
  std::expected<std::vector<CsrEvent>, Refusal> when(const std::string& name, CsrCommand command) {
    World copy = *this;
    std::vector<CsrEvent> events;
    auto done = copy.decide_into(csr_stream(name), command, actor, events);
    if (!done) return std::unexpected(done.error());
    *this = std::move(copy);
    return events;
  }
  CsrState& state(const std::string& name) { return streams_[csr_stream(name).text]; }
  const std::map<std::string, CsrState>& streams() const { return streams_; }
  const std::vector<std::pair<std::string, CsrEvent>>& log() const { return log_; }

 private:
  std::expected<void, Refusal> decide_into(const StreamId& stream, const CsrCommand& command,
                                           const Identity& who, std::vector<CsrEvent>& out) {
    Facts facts{.now = now,
                .clock_behind = {},
                .actor = who,
                .issuer = issuer,
                .name_taken = [this](std::string_view name) {
                  auto it = streams_.find(csr_stream(name).text);
                  return it != streams_.end() && it->second.version.value > 0;
                }};
    facts.approver = approver.get();
    facts.rules = rules.get();
    facts.hash = sha256;
    facts.request = [this](std::string_view name) -> std::shared_ptr<const CsrState> {
      auto it = streams_.find(csr_stream(name).text);
      return it == streams_.end() ? nullptr : std::make_shared<const CsrState>(it->second);
    };
    facts.uncommitted = [] { return std::vector<const Record*>{}; };
    for (auto& byte : facts.random)
      byte = static_cast<std::uint8_t>((next_byte_ = next_byte_ * 1664525 + 1013904223) >> 24);
    auto decision = decide(stream, streams_[stream.text], command, facts);
    if (!decision) return std::unexpected(decision.error());
    for (CsrEvent& event : decision->events) {
      CsrState& s = streams_[stream.text];
      log_.emplace_back(stream.text, event);
      Stamp stamp{{log_.size()}, stream, {s.version.value + 1}, now, {}};
      s = evolve(std::move(s), event, stamp);
      out.push_back(event);
    }
    for (const FollowUp& follow : decision->follow_ups) {
      World before = *this;
      std::vector<CsrEvent> more;
      auto done = decide_into(follow.stream, follow.command, follow.actor, more);
      if (!done && follow.essential) return done;
      if (!done)
        *this = std::move(before);
      else
        out.insert(out.end(), more.begin(), more.end());
    }
    return {};
  }

  std::map<std::string, CsrState> streams_;
  std::vector<std::pair<std::string, CsrEvent>> log_;
  unsigned next_byte_ = 1;
};

// ---- words of the domain ------------------------------------------------------------------------

inline Create request(const std::string& name, std::vector<std::string> usages = {"client auth"}) {
  CsrSpec spec{.request = "-----BEGIN CERTIFICATE REQUEST-----",
               .signer_name = {"kubernetes.io/kube-apiserver-client"},
               .expiration_seconds = 3600,
               .usages = std::move(usages),
               .username = "jane",
               .uid = {},
               .groups = {"system:authenticated"},
               .extra = {}};
  static unsigned made = 0;
  Create create{.object = {}, .lifetime = seconds(3600)};
  create.object.meta.name = name;
  create.object.meta.uid = {name + "-uid-" + std::to_string(++made)};
  create.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
  return create;
}

inline Create renewable(const std::string& name) {
  Create create = request(name);
  create.object.meta.annotations[std::string(annotation::rotation)] = "renew";
  return create;
}

/// The stored conditions and this one, over the object as it is.
inline Change with_condition(World& world, const std::string& name, std::string_view type,
                             std::string reason = "Test") {
  const CsrState& s = world.state(name);
  std::vector<Condition> conditions = s.object ? s.object->status.conditions : std::vector<Condition>{};
  std::erase_if(conditions, [&](const Condition& c) { return c.type == type; });
  conditions.push_back({std::string(type), "True", std::move(reason), "said so", world.now, world.now});
  Change change{.base = s.resource_version, .change = {}, .certificate = {}};
  change.change.conditions = std::move(conditions);
  return change;
}
inline Change approve(World& world, const std::string& name) {
  return with_condition(world, name, condition::approved);
}
inline Change deny(World& world, const std::string& name) {
  return with_condition(world, name, condition::denied);
}

/// The signer's answer to what is open.
inline CompleteIssue signature(World& world, const std::string& name) {
  const OpenIssue& open = world.state(name).open_issues.at(0);
  return {open.issuing.uid, open.issuing.serial, "PEM of " + name, "fingerprint of " + name};
}

template <class... Expected>
bool happened(const std::expected<std::vector<CsrEvent>, Refusal>& got) {
  if (!got || got->size() != sizeof...(Expected)) return false;
  std::size_t i = 0;
  return (std::holds_alternative<Expected>((*got)[i++]) && ...);
}

}  // namespace csrflow::test
