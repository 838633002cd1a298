// Kubernetes' pkg/controller/certificates/approver/sarapprove.go, in its order and with its words.
#include "api/node_approver.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "api/digest.hpp"
#include "engine/request_pages.hpp"
#include "engine/streams.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view resource = "certificatesigningrequests";
constexpr std::string_view kubelet_signer = "kubernetes.io/kube-apiserver-client-kubelet";
constexpr std::string_view signer_field = "spec.signerName";

struct Recogniser {
  std::string_view permission;  ///< the virtual subresource that the requester must be allowed to create
  bool own_name;                ///< the certificate's name must be the requester's
  std::string_view message;
};
constexpr std::array recognisers = {
    Recogniser{"selfnodeclient", true,
               "Auto approving self kubelet client certificate after SubjectAccessReview."},
    Recogniser{"nodeclient", false, "Auto approving kubelet client certificate after SubjectAccessReview."}};

bool concerns_us(const engine::CsrState& state) {
  return engine::undecided(state) && state.object->spec->signer_name.text == kubelet_signer;
}

engine::Identity requester(const engine::CsrSpec& spec) {
  engine::Identity who;
  who.user = spec.username;
  who.uid = spec.uid;
  who.groups = spec.groups;
  who.extra = spec.extra;
  return who;
}

/// The same for every try on one version of the request.
engine::CommandId command_id(const engine::StreamId& stream, const engine::CsrState& state) {
  const auto digest = sha256_bytes("approve-node\n" + stream.text + '\n' + state.object->meta.uid.text +
                                   '\n' + std::to_string(state.resource_version.value));
  return {engine::to_hex(digest.substr(0, 16))};
}

std::chrono::microseconds microseconds(engine::Duration duration) {
  return std::chrono::microseconds(duration.microseconds);
}

}  // namespace

NodeApprover::NodeApprover(engine::ObjectViews& views, const engine::EventLog& log,
                           const engine::Issuer& issuer, const engine::PkixInspector& pkix,
                           const engine::Clock& clock, Submit submit, Complain complain,
                           NodeApproverLimits limits)
    : views_(views),
      log_(log),
      issuer_(issuer),
      pkix_(pkix),
      clock_(clock),
      submit_(std::move(submit)),
      complain_(std::move(complain)),
      limits_(limits),
      waiting_(std::make_shared<Waiting>()) {}

NodeApprover::~NodeApprover() {
  stop();
}

void NodeApprover::start(const Authorizer& authorizer) {
  thread_ = std::jthread([this, &authorizer](std::stop_token stop) { run(std::move(stop), authorizer); });
}

void NodeApprover::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

// ---- what waits ---------------------------------------------------------------------------------

void NodeApprover::committed(const std::shared_ptr<const engine::Batch>& batch) {
  std::vector<std::string> names;
  bool roles_changed = false;
  for (const auto& record : *batch) {
    const auto* state = record.csr_after();
    if (!state) {
      roles_changed = roles_changed || record.stamp.stream.category() == "rbac";
    } else if (record.tail && concerns_us(*state)) {
      names.push_back(state->object->meta.name);
    }
  }
  if (names.empty() && !roles_changed) return;
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(waiting_->mutex);
  if (roles_changed) {
    for (auto& [name, pending] : waiting_->requests) pending = {.failures = 0, .due = now};
  }
  for (auto& name : names) {
    if (waiting_->requests.size() >= limits_.waiting) {
      waiting_->look_at_everything = true;
      break;
    }
    waiting_->requests[std::move(name)] = {.failures = 0, .due = now};
  }
  waiting_->wake.notify_one();
}

void NodeApprover::run(std::stop_token stop, const Authorizer& authorizer) {
  while (!stop.stop_requested()) {
    try {
      scan(stop);
      while (auto name = next(stop)) consider(*name, authorizer);
    } catch (const std::exception& failure) {
      complain_(std::string("requests of kubelets wait for their approval: ") + failure.what());
      std::unique_lock lock(waiting_->mutex);
      waiting_->look_at_everything = true;
      waiting_->wake.wait_for(lock, stop, microseconds(limits_.longest_delay) / 100, [] { return false; });
    }
  }
}

/// The next request that is due, once there is one. Nothing: everything must be looked at, or it ends.
std::optional<std::string> NodeApprover::next(std::stop_token stop) {
  std::unique_lock lock(waiting_->mutex);
  for (;;) {
    if (stop.stop_requested()) return std::nullopt;
    const auto first =
        std::ranges::min_element(waiting_->requests, {}, [](const auto& entry) { return entry.second.due; });
    const auto now = std::chrono::steady_clock::now();
    if (first == waiting_->requests.end()) {
      if (waiting_->look_at_everything) return std::nullopt;
      waiting_->wake.wait(lock, stop,
                          [&] { return !waiting_->requests.empty() || waiting_->look_at_everything; });
    } else if (first->second.due <= now) {
      // Until the writer has answered, or its answer is given up.
      first->second.due = now + microseconds(limits_.answer_patience);
      return first->first;
    } else {
      const auto due = first->second.due;
      waiting_->wake.wait_until(lock, stop, due, [&] {
        return std::ranges::any_of(waiting_->requests,
                                   [&](const auto& entry) { return entry.second.due < due; });
      });
    }
  }
}

/// What was pending before the start, or found no place in the queue.
void NodeApprover::scan(std::stop_token stop) {
  {
    const std::lock_guard lock(waiting_->mutex);
    if (!std::exchange(waiting_->look_at_everything, false)) return;
  }
  engine::ListQuery query{.resource = std::string(resource),
                          .name_after = {},
                          .name = std::nullopt,
                          .matches =
                              [](const engine::ObjectRow& row) {
                                const auto signer = row.fields.find(std::string(signer_field));
                                return signer != row.fields.end() && signer->second == kubelet_signer;
                              },
                          .limit = limits_.page};
  for (bool more = true; more && !stop.stop_requested();) {
    const auto list = views_.list(query);
    more = list.more && !list.rows.empty();
    if (more) query.name_after = list.rows.back().name;
    const std::lock_guard lock(waiting_->mutex);
    for (const auto& row : list.rows) {
      if (!engine::looks_undecided(row)) continue;
      if (waiting_->requests.size() >= limits_.waiting) {
        waiting_->look_at_everything = true;
        return;
      }
      waiting_->requests.try_emplace(row.name,
                                     Pending{.failures = 0, .due = std::chrono::steady_clock::now()});
    }
  }
}

void NodeApprover::later(const std::string& name) {
  const std::lock_guard lock(waiting_->mutex);
  const auto found = waiting_->requests.find(name);
  if (found == waiting_->requests.end()) return;
  auto& pending = found->second;
  engine::Duration delay = limits_.first_delay;
  for (unsigned i = 0; i < pending.failures && delay < limits_.longest_delay; ++i) delay = delay + delay;
  ++pending.failures;
  pending.due = std::chrono::steady_clock::now() + microseconds(std::min(delay, limits_.longest_delay));
}

void NodeApprover::settled(const std::string& name) {
  const std::lock_guard lock(waiting_->mutex);
  waiting_->requests.erase(name);
}

// ---- one request --------------------------------------------------------------------------------

void NodeApprover::consider(const std::string& name, const Authorizer& authorizer) {
  const auto stream = engine::stream_of("csr", name);
  const auto reader = log_.reader();
  const auto folded = engine::fold(stream, reader->stream(stream));
  const auto* state = std::get_if<engine::CsrState>(&folded);
  auto judged = state && concerns_us(*state) ? judge(*state, authorizer) : Judgement{};
  switch (judged.verdict) {
    case Verdict::settled:
      return settled(name);
    case Verdict::not_permitted:
      return later(name);
    case Verdict::approve:
      return approve(stream, *state, std::move(judged));
  }
}

NodeApprover::Judgement NodeApprover::judge(const engine::CsrState& state,
                                            const Authorizer& authorizer) const {
  const auto& spec = *state.object->spec;
  const auto drafted = issuer_.draft(spec, clock_.now(), std::array<std::uint8_t, 16>{});
  if (std::holds_alternative<engine::Unfit>(drafted)) return {};
  const auto subject = pkix_.verify_request(spec.request);
  if (!subject) return {};
  const auto who = requester(spec);
  const auto judged_at = authorizer.position();
  for (const auto& recogniser : recognisers) {
    if (recogniser.own_name && subject->common_name != spec.username) continue;
    const Attributes wanted{.verb = "create",
                            .group = "certificates.k8s.io",
                            .resource = std::string(resource),
                            .subresource = std::string(recogniser.permission),
                            .name = {},
                            .namespace_name = {},
                            .path = {}};
    const auto permitted = [&authorizer, who, wanted] {
      return authorizer.decide(who, wanted).access == Access::allowed;
    };
    if (permitted())
      return {.verdict = Verdict::approve,
              .message = std::string(recogniser.message),
              .permission = {.at = judged_at, .again = permitted}};
  }
  return {.verdict = Verdict::not_permitted, .message = {}, .permission = {}};
}

void NodeApprover::approve(const engine::StreamId& stream, const engine::CsrState& state, Judgement judged) {
  const auto now = clock_.now().cut_to_seconds();
  auto conditions = state.object->status.conditions;
  conditions.push_back({.type = std::string(engine::condition::approved),
                        .status = "True",
                        .reason = "AutoApproved",
                        .message = std::move(judged.message),
                        .last_update = now,
                        .last_transition = now});
  engine::Change change{.base = state.resource_version, .change = {}, .certificate = std::nullopt};
  change.change.conditions = std::move(conditions);
  engine::Submission submission;
  submission.stream = stream;
  submission.command = engine::CsrCommand(std::move(change));
  submission.context.actor = engine::system_actor("approver");
  submission.context.command = command_id(stream, state);
  submission.context.cause = engine::event_reference(stream, state.version);
  submission.context.correlation = state.correlation;
  submission.judgement = std::move(judged.permission);
  submission.done = [waiting = waiting_, name = state.object->meta.name,
                     complain = complain_](std::expected<engine::Outcome, engine::Refusal> outcome) {
    const std::lock_guard lock(waiting->mutex);
    if (outcome) {
      waiting->requests.erase(name);
      return;
    }
    // Most often it has changed meanwhile; it is looked at again.
    if (const auto found = waiting->requests.find(name); found != waiting->requests.end())
      found->second.due = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    waiting->wake.notify_one();
    const auto kind = outcome.error().kind;
    const bool moved =
        kind == engine::Refusal::Kind::conflict || kind == engine::Refusal::Kind::not_permitted;
    if (!moved) complain("the request " + name + " could not be approved: " + outcome.error().message);
  };
  submit_(std::move(submission));
}

}  // namespace csrflow::api
