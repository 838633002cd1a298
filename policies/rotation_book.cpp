#include "policies/rotation_book.hpp"

#include "engine/overloaded.hpp"
#include "policies/certificate_facts.hpp"
#include "policies/stored_document.hpp"

namespace csrflow::policies {
namespace {

using engine::AffectedTimers;
using engine::CsrState;

bool followed(std::string_view category) {
  return category == engine::rotation_category || category == engine::sink_category ||
         category == engine::signer_category;
}

[[noreturn]] void refuse(std::string_view what, const engine::StreamId& stream, const Problems& problems) {
  throw engine::UnreadableEvent("the " + std::string(what) + ' ' + stream.name() +
                                " cannot be read by this program, and certificates would rotate otherwise "
                                "without it: " +
                                sentence(problems.front()) + "; use a newer csrflow");
}

/// Adds the requests that the match may cover.
void add_covered(AffectedTimers& affected, const CertificateMatch* match) {
  if (match == nullptr || !match->signer_names) {
    affected.all_requests = true;
    return;
  }
  for (const SignerPattern& pattern : *match->signer_names) {
    if (pattern.text == "*")
      affected.all_requests = true;
    else
      affected.signers.push_back(pattern.text);
  }
}

RotationPolicyPtr rotation_policy(const engine::StreamId& stream, const engine::Applied& applied) {
  auto policy = read_rotation_policy_json(document_of(applied.object, "RotationPolicy"));
  if (!policy) refuse("rotation policy", stream, policy.error());
  return std::move(*policy);
}

NotificationSinkPtr watching_sink(const engine::StreamId& stream, const engine::Applied& applied) {
  auto sink = read_notification_sink_json(document_of(applied.object, "NotificationSink"));
  if (!sink) refuse("notification sink", stream, sink.error());
  return (*sink)->wants(engine::Notable::expiring) ? std::move(*sink) : nullptr;
}

/// What a request without expirationSeconds got: of either, since the other then asks for it in words.
std::optional<engine::Duration> given_by_default(const CsrState& before, const CsrState& after) {
  if (!before.object->spec->expiration_seconds) return before.lifetime;
  return after.object->spec->expiration_seconds ? std::nullopt : after.lifetime;
}

}  // namespace

RotationBook::RotationBook(engine::EventReader& log, RotationSources sources, engine::Position until)
    : sources_(std::move(sources)) {
  auto standing = std::make_shared<Standing>();
  for (const std::string_view category :
       {engine::rotation_category, engine::sink_category, engine::signer_category}) {
    for (const engine::StoredEvent& stored : log.category(category)) {
      if (stored.position > until) continue;
      const engine::Event event = engine::decode(stored);
      if (const auto* config = std::get_if<engine::ConfigEvent>(&event))
        apply(*standing, {stored.stream, *config, stored.position, stored.recorded_at});
    }
  }
  standing->index();
  publish(std::move(standing));
}

void RotationBook::Standing::index() {
  policies.clear();
  looks_into_requests = false;
  for (const auto& [name, in_force] : by_name) {
    policies.push_back(in_force.policy);
    looks_into_requests |= looks_into_request(in_force.policy->match);
  }
}

engine::Duration RotationBook::Standing::longest_lifetime() const {
  engine::Duration longest;
  for (const auto& [stream, lifetime] : signers) longest = std::max(longest, lifetime);
  return longest;
}

// ---- following ----------------------------------------------------------------------------------

AffectedTimers RotationBook::take(const engine::Record& record) {
  if (!followed(record.stamp.stream.category())) return {};
  const auto* event = std::get_if<engine::ConfigEvent>(record.event.get());
  if (event == nullptr) return {};
  auto standing = std::make_shared<Standing>(*current());
  AffectedTimers affected =
      apply(*standing, {record.stamp.stream, *event, record.stamp.position, record.stamp.recorded_at});
  standing->index();
  publish(std::move(standing));
  return affected;
}

void RotationBook::committed(const std::shared_ptr<const engine::Batch>& batch) {
  for (const engine::Record& record : *batch) take(record);
}

AffectedTimers RotationBook::apply(Standing& standing, const Change& change) const {
  if (change.stream.category() == engine::rotation_category) return apply_policy(standing, change);
  if (change.stream.category() == engine::sink_category) return apply_sink(standing, change);
  return apply_signer(standing, change);
}

AffectedTimers RotationBook::apply_policy(Standing& standing, const Change& change) const {
  const std::string name(change.stream.name());
  AffectedTimers affected{.policies = {name}};
  const auto before = standing.by_name.find(name);
  const auto* applied = std::get_if<engine::Applied>(&change.event);
  const RotationPolicyPtr policy = applied ? rotation_policy(change.stream, *applied) : nullptr;
  if (before != standing.by_name.end()) {
    // Labels of the object and such: the policy is the same, and since the same moment.
    if (policy && policy->hash == before->second.policy->hash) return {};
    add_covered(affected, &before->second.policy->match);
    standing.by_name.erase(before);
  }
  if (policy) {
    add_covered(affected, &policy->match);
    standing.by_name.emplace(name, InForce{policy, change.at, change.time});
  }
  return affected;
}

AffectedTimers RotationBook::apply_sink(Standing& standing, const Change& change) const {
  AffectedTimers affected;
  const auto cover = [&](const NotificationSink& sink) {
    add_covered(affected, sink.match ? &*sink.match : nullptr);
  };
  const auto* applied = std::get_if<engine::Applied>(&change.event);
  const NotificationSinkPtr sink = applied ? watching_sink(change.stream, *applied) : nullptr;
  const auto before = std::ranges::find(standing.watching, change.stream.name(), &NotificationSink::name);
  if (before != standing.watching.end()) {
    if (sink && sink->hash == (*before)->hash) return {};
    cover(**before);
    standing.watching.erase(before);
  }
  if (sink) {
    cover(*sink);
    standing.watching.push_back(sink);
  }
  return affected;
}

AffectedTimers RotationBook::apply_signer(Standing& standing, const Change& change) const {
  const engine::Duration before = standing.longest_lifetime();
  standing.signers.erase(change.stream.text);
  if (const auto* applied = std::get_if<engine::Applied>(&change.event))
    if (const auto lifetime = sources_.longest_lifetime(applied->object))
      standing.signers.emplace(change.stream.text, *lifetime);
  return {.authorities = standing.longest_lifetime() != before};
}

// ---- answering ----------------------------------------------------------------------------------

engine::RotationOrder RotationBook::order(const InForce& in_force, const CsrState& state) {
  const RotationPolicyPtr& policy = in_force.policy;
  return {.policy = policy->name,
          .hash = policy->hash,
          .rules = {policy, &policy->rules},
          .canary = is_canary(*policy, state.labels_at_creation),
          .since = in_force.since,
          .since_time = in_force.since_time};
}

const engine::RequestReader* RotationBook::reader_for(bool looks_into_requests) const {
  return looks_into_requests ? &sources_.requests : nullptr;
}

std::optional<engine::RotationOrder> RotationBook::named(std::string_view policy,
                                                         const CsrState& state) const {
  const auto standing = current();
  const auto found = standing->by_name.find(policy);
  if (found == standing->by_name.end()) return std::nullopt;
  return order(found->second, state);
}

std::optional<engine::RotationOrder> RotationBook::matching(const CsrState& state) const {
  const auto standing = current();
  if (standing->policies.empty() || !state.object) return std::nullopt;
  const Facts facts = certificate_facts(state, reader_for(standing->looks_into_requests));
  const RotationPolicyPtr best = most_specific(standing->policies, facts);
  if (best == nullptr) return std::nullopt;
  return order(standing->by_name.find(best->name)->second, state);
}

bool RotationBook::expiry_is_watched(const CsrState& state) const {
  const auto standing = current();
  if (!state.object) return false;
  return std::ranges::any_of(standing->watching, [&](const NotificationSinkPtr& sink) {
    return !sink->match ||
           covers(*sink->match, certificate_facts(state, reader_for(looks_into_request(*sink->match))));
  });
}

const RotationPolicy* RotationBook::policy_of(const Standing& standing, const CsrState& predecessor) const {
  std::string name = predecessor.obligations.rotation_policy;
  if (name.empty())
    if (const auto order = matching(predecessor)) name = order->policy;
  const auto found = standing.by_name.find(name);
  return found == standing.by_name.end() ? nullptr : found->second.policy.get();
}

std::string RotationBook::difference_of(const CsrState& predecessor, const CsrState& successor) const {
  const auto standing = current();
  struct Read {
    engine::RequestDescription description;
    engine::RequestEncoding encoding;
  };
  const auto read = [&](const CsrState& state) -> std::expected<Read, std::string> {
    const engine::Bytes& pem = state.object->spec->request;
    auto description = sources_.requests.describe(pem);
    if (!description)
      return std::unexpected("the request of " + state.object->meta.name +
                             " cannot be read: " + description.error());
    auto encoding = sources_.encoding(pem);
    if (!encoding)
      return std::unexpected("the request of " + state.object->meta.name +
                             " cannot be read: " + encoding.error());
    return Read{std::move(*description), std::move(*encoding)};
  };
  const auto before = read(predecessor);
  if (!before) return before.error();
  const auto after = read(successor);
  if (!after) return after.error();
  const RotationPolicy* policy = policy_of(*standing, predecessor);
  return engine::difference_of(
      {*predecessor.object->spec, before->description, before->encoding},
      {*successor.object->spec, after->description, after->encoding},
      {.mode = successor.on_behalf_of.empty() ? engine::RotationMode::rekey : engine::RotationMode::renew,
       .default_lifetime = given_by_default(predecessor, successor),
       .key_upgrade = policy ? policy->key_upgrade : Strings()});
}

engine::Duration RotationBook::longest_lifetime() const {
  return current()->longest_lifetime();
}

std::size_t RotationBook::size() const {
  return current()->policies.size();
}

std::shared_ptr<const RotationBook::Standing> RotationBook::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void RotationBook::publish(std::shared_ptr<const Standing> standing) {
  const std::lock_guard lock(mutex_);
  current_ = std::move(standing);
}

}  // namespace csrflow::policies
