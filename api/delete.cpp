// DELETE of one object and of a collection.
#include <atomic>
#include <mutex>

#include "api/found_object.hpp"
#include "api/kind.hpp"
#include "api/list_stream.hpp"
#include "api/snapshot.hpp"
#include "api/table.hpp"
#include "api/write_call.hpp"
#include "engine/deletion.hpp"
#include "engine/shown_object.hpp"

namespace csrflow::api {
namespace {

/// Others' writes go between; far fewer than the writer lets wait.
constexpr std::size_t deletions_at_once = 256;

/// Content-Type says something about a body that is there only.
std::optional<DecodedDeleteOptions> options_of(const CallPtr& call) {
  if (!body_fits(call)) return std::nullopt;
  std::optional<Format> format = Format::json;
  if (!call->request().body.empty()) format = sent_format(call);
  if (!format) return std::nullopt;
  auto options = decode_delete_options(*format, call->request().body, call->query);
  if (!options) {
    call->fail(options.error());
    return std::nullopt;
  }
  return std::move(*options);
}

/// As asked for, else as the object's finalizers say.
engine::Propagation propagation_of(const Call& call, const DecodedDeleteOptions& options,
                                   const std::optional<FoundObject>& found) {
  using engine::Propagation;
  if (options.propagation == "Background") return Propagation::background;
  if (options.propagation == "Foreground") return Propagation::foreground;
  if (options.propagation == "Orphan") return Propagation::orphan;
  if (!found || found->tail().find(R"("finalizers":[)") == std::string::npos) return Propagation::background;
  return engine::default_propagation(engine::live_meta(*found->state(*call.resource))->finalizers);
}

engine::Command command_of(const Call& call, const DecodedDeleteOptions& options,
                           const std::optional<FoundObject>& found) {
  engine::Delete command;
  if (options.uid) command.uid = engine::Uid{*options.uid};
  // A version that is no number is none that an object has.
  if (options.resource_version)
    command.resource_version = engine::Position{parse_uint(*options.resource_version).value_or(UINT64_MAX)};
  command.propagation = propagation_of(call, options, found);
  return kind_of(*call.resource).deletion(std::move(command));
}

void answer_deletion(const CallPtr& call, const engine::Outcome& outcome) {
  // It is being deleted already and waits for its finalizers.
  if (outcome.records.empty()) return answer_with_state(call, 200, *outcome.state);
  const auto& record = outcome.records.front();
  if (!engine::deletes_object(*record.event)) return answer_with_record(call, 200, record);
  const auto& uid = engine::live_meta(*record.before)->uid;
  call->send_status(status::deleted(call->resource_name(), call->target.name, uid), 200);
}

Status deletion_refused(const Call& call, const std::string& name, const DecodedDeleteOptions& options,
                        const engine::Refusal& refusal) {
  using Kind = engine::Refusal::Kind;
  const auto kind = call.resource->kind_name();
  if (refusal.kind == Kind::uid_mismatch)
    return status::uid_precondition(kind, name, options.uid.value_or(""), refusal.found);
  if (refusal.kind == Kind::version_mismatch)
    return status::version_precondition(kind, name, options.resource_version.value_or(""), refusal.found);
  return refused(call, refusal);
}

std::expected<void, Status> admit(const Call& call, const std::string& name) {
  const ConfigAdmission* admission = call.core.deps.config_admission;
  if (!admission || !call.resource->config) return {};
  return admission->admit_deletion(call.user(), *call.resource, name);
}

/// The deletion of many, a step at a time, answered by whoever finishes last. Like Kubernetes it ends at the
/// first that cannot be deleted, so with preconditions, which may not hold, it goes one by one.
struct Sweep : std::enable_shared_from_this<Sweep> {
  CallPtr call;
  DecodedDeleteOptions how;
  engine::ObjectList list;
  std::size_t next = 0;  ///< of the list; belongs to whoever starts a step
  bool selects = false;
  std::atomic<std::size_t> left;

  void step() {
    const bool conditional = how.uid || how.resource_version;
    const auto end = std::min(list.rows.size(), next + (conditional ? 1 : deletions_at_once));
    left = end - next + 1;
    for (; next < end; ++next) {
      const engine::ObjectRow& row = list.rows[next];
      submit(call, call->resource->stream_of(row.name), command_of(*call, how, FoundObject(row)), how.dry_run,
             nullptr,
             [self = shared_from_this(),
              name = row.name](const std::expected<engine::Outcome, engine::Refusal>& outcome) {
               // Whoever deleted it first did what was asked.
               if (!outcome && outcome.error().kind != engine::Refusal::Kind::not_found)
                 self->failed(deletion_refused(*self->call, name, self->how, outcome.error()));
               self->finished();
             });
    }
    finished();
  }

  void failed(Status why) {
    const std::lock_guard lock(mutex);
    if (!failure) failure = std::move(why);
  }

  void finished() {
    if (left.fetch_sub(1) != 1) return;
    if (failure) return call->fail(*failure);
    if (next < list.rows.size()) return on_worker(call, [self = shared_from_this()] { self->step(); });
    on_worker(call, [call = call, list = std::move(list), selects = selects] {
      call->send(200, list_document(*call->resource, call->form, IncludeObject::metadata, list.rows,
                                    meta_of(list, selects), call->core.deps.clock.now()));
    });
  }

  std::mutex mutex;
  std::optional<Status> failure;  ///< under `mutex`, until all of a step have finished
};

void sweep(const CallPtr& call, const WatchSelector& selector, const ListOptions& options,
           const DecodedDeleteOptions& how) {
  engine::ListQuery query{.resource = call->resource->plural,
                          .name_after = {},
                          .name = selector.fields.required_name(),
                          .matches = nullptr,
                          .limit = std::nullopt};
  if (options.limit) query.limit = static_cast<std::size_t>(*options.limit);
  const bool selects = !options.label_selector.empty() || !options.field_selector.empty();
  if (selects) query.matches = [&](const engine::ObjectRow& row) { return selector.matches(row); };
  const auto work = std::make_shared<Sweep>();
  work->call = call;
  work->how = how;
  work->list = call->core.deps.views.list(query);
  for (const engine::ObjectRow& row : work->list.rows)
    if (const auto admitted = admit(*call, row.name); !admitted) return call->fail(admitted.error());
  work->selects = selects;
  work->step();
}

void delete_found(const CallPtr& call, const DecodedDeleteOptions& options,
                  const std::optional<FoundObject>& found) {
  submit(call, call->resource->stream_of(call->target.name), command_of(*call, options, found),
         options.dry_run, nullptr,
         [call, options](const std::expected<engine::Outcome, engine::Refusal>& outcome) {
           if (outcome) {
             answer_deletion(call, *outcome);
           } else {
             call->fail(deletion_refused(*call, call->target.name, options, outcome.error()));
           }
         });
}

}  // namespace

void delete_object(const CallPtr& call) {
  if (!negotiate_write(call)) return;
  auto options = options_of(call);
  if (!options) return;
  if (const auto admitted = admit(*call, call->target.name); !admitted) return call->fail(admitted.error());
  if (!options->propagation.empty()) return delete_found(call, *options, std::nullopt);
  find_object(call, [call, options = std::move(*options)](const std::optional<FoundObject>& found) {
    delete_found(call, options, found);
  });
}

void delete_collection(const CallPtr& call) {
  if (!negotiate_write(call)) return;
  const auto options = list_options(call->query);
  if (!options) return call->fail(options.error());
  auto selector = selector_of(*call, *options);
  if (!selector) return call->fail(selector.error());
  auto how = options_of(call);
  if (!how) return;
  call->core.deps.views.when_reached(
      call->core.deps.writer.head(),
      [call, selector = std::move(*selector), options = *options, how = std::move(*how)] {
        on_worker(call, [call, selector, options, how] { sweep(call, selector, options, how); });
      });
}

}  // namespace csrflow::api
