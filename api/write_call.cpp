#include "api/write_call.hpp"

#include "api/presenter.hpp"
#include "api/table.hpp"
#include "engine/shown_object.hpp"

namespace csrflow::api {

bool negotiate_write(const CallPtr& call) {
  auto form = negotiate(call->request().headers.get("Accept"), Reading::one, call->pretty);
  if (!form) {
    call->fail(form.error());
    return false;
  }
  call->form = std::move(*form);
  return true;
}

bool body_fits(const CallPtr& call) {
  if (call->request().body_too_large) call->fail(status::too_large(max_body_bytes));
  return !call->request().body_too_large;
}

std::optional<Format> sent_format(const CallPtr& call) {
  const auto* type = call->request().headers.find("Content-Type");
  const auto format = body_format(type ? std::optional<std::string_view>(*type) : std::nullopt);
  if (!format) {
    call->fail(format.error());
    return std::nullopt;
  }
  return *format;
}

std::optional<Format> read_body_format(const CallPtr& call) {
  if (!negotiate_write(call)) return std::nullopt;
  const auto format = sent_format(call);
  if (!format || !body_fits(call)) return std::nullopt;
  return format;
}

FieldWrite field_write(const Call& call) {
  return {.resource = *call.resource,
          .subresource = call.target.subresource,
          .manager = manager_name(call.query.first("fieldManager").value_or(""),
                                  call.request().headers.get("User-Agent")),
          .now = call.core.deps.clock.now()};
}

void warn(Call& call, const std::vector<std::string>& warnings) {
  call.warnings.insert(call.warnings.end(), warnings.begin(), warnings.end());
}

void with_advice(const CallPtr& call, const Advice& advice, bool dry_run,
                 std::move_only_function<void()> go_on) {
  if (!advice) return go_on();
  on_worker(call, [call, advice, dry_run, go_on = std::move(go_on)]() mutable {
    warn(*call, advice(dry_run));
    go_on();
  });
}

namespace {

/// What authorisation and admission say of the call by now: nothing, or why it is refused.
std::optional<Status> lost_permission(const Call& call, const Admission& admission) {
  if (!call.forbidden_by_roles) {
    const auto decision = call.core.deps.authorizer.decide(call.user(), call.target.attributes());
    if (decision.access == Access::denied) return forbidden(call, decision);
  }
  if (!admission) return std::nullopt;
  auto admitted = admission();
  return admitted ? std::nullopt : std::optional(std::move(admitted.error()));
}

}  // namespace

void submit(const CallPtr& call, const engine::StreamId& stream, engine::Command command, bool dry_run,
            Admission admission,
            std::move_only_function<void(std::expected<engine::Outcome, engine::Refusal>)> done,
            std::optional<engine::Companion> with) {
  // JSON of an object is a concatenation; Tables, YAML and indentation take longer than the writer should
  // wait.
  const bool quick =
      call->form.format == Format::json && call->form.shape == Shape::object && !call->form.pretty;
  engine::Submission submission{.stream = stream,
                                .command = std::move(command),
                                .context = context_of(*call),
                                .dry_run = dry_run,
                                .done = nullptr};
  submission.with = std::move(with);
  // Both run on the writer's thread, one after the other.
  const auto lost = std::make_shared<std::optional<Status>>();
  submission.judgement = {.at = call->judged_at, .again = [call, lost, admission = std::move(admission)] {
                            *lost = lost_permission(*call, admission);
                            return !lost->has_value();
                          }};
  submission.done = [call, quick, lost, done = std::move(done)](
                        std::expected<engine::Outcome, engine::Refusal> outcome) mutable {
    if (*lost) return on_worker(call, [call, lost] { call->fail(**lost); });
    const bool here = quick && outcome.has_value();
    auto act = [done = std::move(done), outcome = std::move(outcome)]() mutable { done(std::move(outcome)); };
    if (here) {
      guarded(call, std::move(act));
    } else {
      on_worker(call, std::move(act));
    }
  };
  call->core.deps.writer.submit(std::move(submission));
}

namespace {

void answer_with_tail(const CallPtr& call, int code, const engine::State& state, engine::Position version,
                      std::string tail) {
  if (call->form.shape == Shape::object) return call->send(code, call->resource->object_head() + tail);
  const auto include = include_object(call->query);
  if (!include) return call->fail(include.error());
  call->send(code, object_document(*call->resource, call->form, *include,
                                   object_row(state, version, std::move(tail)), call->core.deps.clock.now()));
}

}  // namespace

void answer_with_object(const CallPtr& call, int code, const engine::State& state, engine::Position version) {
  answer_with_tail(call, code, state, version, engine::live_tail(state, version));
}

void answer_with_record(const CallPtr& call, int code, const engine::Record& record) {
  answer_with_tail(call, code, *record.after, record.stamp.position, *record.tail);
}

void answer_with_state(const CallPtr& call, int code, const engine::State& state) {
  answer_with_object(call, code, state, engine::resource_version(state));
}

}  // namespace csrflow::api
