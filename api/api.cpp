// The order of checks is kube-apiserver's (DefaultBuildHandlerChain): how long it may take (400), who (401),
// as whom (403), how many at a time (429), may they (403), is there such a thing (404, 405), and then what
// the verb says.
#include "api/api.hpp"

#include "api/access_review.hpp"
#include "api/expired_certificate.hpp"
#include "api/forecast_request.hpp"
#include "api/handlers.hpp"
#include "api/health.hpp"
#include "api/impersonation.hpp"
#include "api/installation_report.hpp"
#include "api/job_requests.hpp"
#include "api/namespaces.hpp"
#include "api/rekey.hpp"
#include "api/review_words.hpp"
#include "api/sink_requests.hpp"
#include "api/token_bounds.hpp"
#include "api/token_requests.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view page_not_found = "404 page not found\n";

bool is_write(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

/// system:masters and those who ask for the server's health never wait.
bool exempt(const Call& call) {
  return call.user().in_group(group::masters) ||
         (!call.target.is_resource && is_health_path(call.target.path));
}

Lane lane_of(const Call& call) {
  if (call.target.verb == "watch") return Lane::watch;
  return is_write(call.request().method) ? Lane::write : Lane::read;
}

void enter(const CallPtr& call, std::move_only_function<void()> go_on) {
  if (exempt(*call)) return go_on();
  const auto lane = lane_of(*call);
  call->core.gate.enter(lane, call->user().user,
                        [call, lane, go_on = std::move(go_on)](RequestGate::Seat seat) mutable {
                          guarded(call, [&] {
                            if (call->answered()) return;  // it waited for longer than it has time
                            if (!seat.taken()) return call->refuse_busy(lane);
                            call->seat = std::move(seat);
                            go_on();
                          });
                        });
}

/// The request goes on as whom its header fields name.
bool impersonate(const CallPtr& call) {
  auto found = impersonated(call->request().headers, call->identity, call->core.deps.authorizer);
  if (!found) {
    call->fail(found.error());
    return false;
  }
  if (*found) call->identity = std::move(*found);
  return true;
}

/// The time that the request has; nothing when its answer was refused. What runs until its client goes has
/// no end.
std::optional<Alarms::Instant> deadline_of(const CallPtr& call) {
  if (call->target.verb == "watch") return Alarms::Instant::max();
  const auto asked = request_timeout(call->query);
  if (!asked) {
    call->fail(asked.error());
    return std::nullopt;
  }
  std::chrono::microseconds time = call->core.deps.limits.request_time;
  if (*asked && (*asked)->microseconds > 0)
    time = std::min(time, std::chrono::microseconds((*asked)->microseconds));
  return std::chrono::steady_clock::now() + time;
}

/// Most requests are answered by now.
void keep_to(Alarms::Instant deadline, const CallPtr& call) {
  if (deadline == Alarms::Instant::max() || call->answered()) return;
  call->deadline = call->core.alarms.set(deadline, [weak = std::weak_ptr(call)] {
    if (const auto late = weak.lock()) late->time_out();
  });
}

bool authorize(const CallPtr& call) {
  const auto& authorizer = call->core.deps.authorizer;
  call->judged_at = authorizer.position();
  const auto decision = authorizer.decide(call->user(), call->target.attributes());
  if (decision.access != Access::denied) return true;
  if (is_installation_report(call->target) && call->user().by != engine::Authentication::anonymous) {
    call->forbidden_by_roles = forbidden(*call, decision);
    return true;
  }
  call->fail(forbidden(*call, decision));
  return false;
}

using Handler = void (*)(const CallPtr&);

Handler review_handler(const Resource& resource) {
  if (&resource == &self_subject_reviews()) return review_self;
  if (&resource == &self_subject_access_reviews() || &resource == &subject_access_reviews() ||
      &resource == &local_subject_access_reviews())
    return review_access;
  if (&resource == &self_subject_rules_reviews()) return review_rules;
  if (&resource == &token_reviews()) return review_token;
  return nullptr;
}

/// Null: the resource, or its subresource, does not know the verb.
Handler handler_of(const Call& call) {
  const auto& target = call.target;
  if (const auto review = review_handler(*call.resource))
    return target.verb == "create" && !target.named ? review : nullptr;
  const auto& verb = target.verb;
  if (target.subresource.empty() && !call.resource->has_verb(verb)) return nullptr;
  if (!target.subresource.empty() && verb != "get" && verb != "update" && verb != "patch") return nullptr;
  if (verb == "watch") return watch_objects;
  if (!target.named) {
    if (verb == "list") return list_objects;
    if (verb == "create") return create_object;
    return verb == "deletecollection" ? delete_collection : nullptr;
  }
  if (verb == "get") return get_object;
  if (verb == "update") return update_object;
  if (verb == "patch") return patch_object;
  return verb == "delete" ? delete_object : nullptr;
}

/// What is in namespaces may be listed over all of them, and is named in one. The path of a namespace itself
/// seems to be in it.
bool placed(const Target& target, const Resource& resource) {
  const bool in_namespace = !target.namespace_name.empty() && &resource != &namespaces();
  if (resource.scope == Scope::cluster) return !in_namespace;
  return in_namespace || !target.named;
}

void dispatch(const CallPtr& call) {
  const auto& target = call->target;
  if (!target.is_resource) return system_path(call);
  if (is_about_tokens(target)) return token_request(call);
  if (is_forecast(target)) return forecast_request(call);
  if (is_about_jobs(target)) return job_request(call);
  if (is_review_word(target)) return review_word(call);
  if (is_installation_report(target)) return installation_report(call);
  if (is_rekey(target)) return rekey(call);
  if (is_about_sinks(target)) return sink_request(call);
  call->resource = find_resource(target.group, target.version, target.resource);
  if (!call->resource && !known_group(target.group)) return call->send_text(404, std::string(page_not_found));
  const bool known = call->resource && !target.malformed &&
                     (target.subresource.empty() || call->resource->subresource(target.subresource)) &&
                     placed(target, *call->resource);
  if (!known) return call->fail(status::no_such_resource());
  const auto handler = call->request().method == "HEAD" ? nullptr : handler_of(*call);
  if (!handler) return call->fail(status::method_not_allowed());
  handler(call);
}

void proceed(const CallPtr& call, Verdict verdict) {
  if (verdict) {
    call->identity = std::move(verdict->identity);
    call->warnings = std::move(verdict->warnings);
  } else if (const auto& expired = verdict.error().expired) {
    call->identity = expired->identity;
    call->expired_at = expired->not_after;
  } else {
    return call->fail(status::unauthorized());
  }
  if (const auto expired = refused_as_expired(*call)) return call->fail(*expired);
  if (const auto used = refused_by_token(*call)) return call->fail(*used);
  if (!impersonate(call)) return;
  enter(call, [call] {
    if (authorize(call)) only_successors(call, [call] { dispatch(call); });
  });
}

}  // namespace

Api::Api(ApiDependencies deps) : core_(std::make_shared<ApiCore>(std::move(deps))) {}
Api::~Api() {
  core_->alarms.stop();
  core_->gate.close();
  core_->workers.stop();
}

void Api::handle(std::shared_ptr<Exchange> exchange) {
  try {
    const auto call = std::make_shared<Call>(core_, std::move(exchange));
    guarded(call, [&] {
      const auto deadline = deadline_of(call);
      if (!deadline) return;
      const std::shared_ptr<const Request> request(call, &call->request());
      authenticated(call, request, [call](Verdict verdict) { proceed(call, std::move(verdict)); });
      keep_to(*deadline, call);
    });
  } catch (const std::exception& failure) {
    // The exchange was dropped, which answers it.
    core_->report(LogLevel::error, std::string("a request could not be taken up: ") + failure.what());
  }
}

}  // namespace csrflow::api
