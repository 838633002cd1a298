// PUT and PATCH, of the object, its /approval and its /status: computed over the newest object, sent as a
// change to it, and computed again when the object has moved on meanwhile.
#include "api/csr_managed.hpp"
#include "api/kind.hpp"
#include "api/patch.hpp"
#include "api/write.hpp"
#include "api/write_call.hpp"
#include "engine/shown_object.hpp"

namespace csrflow::api {
namespace {

constexpr int most_attempts = 5;  // as kube-apiserver

/// A PUT holds the object that was sent, a PATCH the patch; an apply its configuration as well.
struct Update {
  CallPtr call;
  const Kind& kind;
  WriteOptions options;
  std::shared_ptr<const SentObject> sent;
  PatchType patch{};
  std::optional<Configuration> configuration = {};
  int attempt = 1;
};
using UpdatePtr = std::shared_ptr<Update>;

void attempt(const UpdatePtr&);

/// Server-side apply, to `stored` or to nothing.
std::expected<std::shared_ptr<SentObject>, Status> applied(const Update& update, const FoundObject* stored) {
  const auto& call = *update.call;
  const auto& configuration = *update.configuration;
  auto sent = update.kind.apply(call, stored, configuration.json, update.options.force.value_or(false));
  if (!sent) return sent;
  if (!configuration.duplicates.empty() && update.options.field_validation == FieldValidation::strict) {
    std::string lines;
    for (const std::string& duplicate : configuration.duplicates) lines += "\n  " + duplicate;
    return std::unexpected(status::bad_request(
        "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:" + lines));
  }
  const auto& uid = (*sent)->meta.uid.text;
  if (stored == nullptr && !uid.empty()) {
    return std::unexpected(status::conflict(
        call.resource_name(), call.target.name,
        "uid mismatch: the provided object specified uid " + uid + ", and no existing object was found"));
  }
  if (const auto named = check_url_name(**sent, call.target.name); !named)
    return std::unexpected(named.error());
  return sent;
}

/// What the object shall become, as if it had been sent whole.
std::expected<std::shared_ptr<const SentObject>, Status> wanted(const Update& update,
                                                                const FoundObject& stored) {
  if (update.sent) return update.sent;
  if (update.configuration) return applied(update, &stored);
  const auto patched = apply_patch(update.patch, stored.document(*update.call->resource),
                                   update.call->request().body, update.options.field_validation);
  if (!patched) return std::unexpected(patched.error());
  auto decoded = update.kind.decode_patched(*patched, update.options.field_validation);
  if (!decoded) return std::unexpected(decoded.error());
  if (const auto named = check_url_name(**decoded, update.call->target.name); !named)
    return std::unexpected(named.error());
  return std::move(*decoded);
}

/// The change as it was computed, and over which version.
struct Computed {
  std::shared_ptr<const engine::State> after;
  engine::Position base;
};

void answer_update(const UpdatePtr& update, const Computed& computed, const engine::Outcome& outcome) {
  const auto& call = update->call;
  if (outcome.records.empty()) return answer_with_state(call, 200, *outcome.state);
  const auto& record = outcome.records.front();
  // When the last finalizer went, and the object with it, it is shown without, under its old version.
  if (update->options.dry_run || engine::deletes_object(*record.event))
    return answer_with_object(call, 200, *computed.after, computed.base);
  answer_with_record(call, 200, record);
}

void update_refused(const UpdatePtr& update, const engine::Refusal& refusal) {
  const bool moved = refusal.kind == engine::Refusal::Kind::conflict;
  if (!moved || update->attempt == most_attempts) return update->call->fail(refused(*update->call, refusal));
  ++update->attempt;
  attempt(update);
}

/// What an apply does not find, it creates; other writes, and subresources, do not.
void without_object(const UpdatePtr& update) {
  const auto& call = update->call;
  if (!update->configuration || !call->target.subresource.empty())
    return call->fail(status::not_found(call->resource_name(), call->target.name));
  const auto sent = applied(*update, nullptr);
  if (!sent) return call->fail(sent.error());
  create_applied(call, **sent, update->options, [update] {
    if (update->attempt++ < most_attempts) return attempt(update);
    update->call->fail(status::modified(update->call->resource_name(), update->call->target.name));
  });
}

void submit_change(const UpdatePtr& update, const Computed& computed, PreparedChange change) {
  const auto& call = update->call;
  submit(call, call->resource->stream_of(call->target.name), std::move(*change.command),
         update->options.dry_run, std::move(change.admission),
         [update, computed](std::expected<engine::Outcome, engine::Refusal> outcome) {
           if (outcome) {
             answer_update(update, computed, *outcome);
           } else {
             update_refused(update, outcome.error());
           }
         });
}

void compute(const UpdatePtr& update, const std::optional<FoundObject>& found) {
  const auto& call = update->call;
  if (!found) return without_object(update);
  const auto sent = wanted(*update, *found);
  if (!sent) return call->fail(sent.error());
  if (update->attempt == 1) warn(*call, (*sent)->warnings);
  auto change = update->kind.change(*call, *found, **sent, !update->sent);
  if (!change) return call->fail(change.error());
  const Computed computed{std::move(change->after), found->version()};
  if (!change->command) return answer_with_object(call, 200, *computed.after, computed.base);
  // What was said of the first attempt is said.
  const Advice advice = update->attempt == 1 ? change->advice : Advice{};
  with_advice(call, advice, update->options.dry_run,
              [update, computed, change = std::move(*change)]() mutable {
                submit_change(update, computed, std::move(change));
              });
}

void attempt(const UpdatePtr& update) {
  find_object(update->call, [update](const std::optional<FoundObject>& found) { compute(update, found); });
}

}  // namespace

void update_object(const CallPtr& call) {
  const auto format = read_body_format(call);
  if (!format) return;
  const auto options = update_options(call->query);
  if (!options) return call->fail(options.error());
  const auto& kind = kind_of(*call->resource);
  auto sent = kind.decode(*format, call->request().body, options->field_validation);
  if (!sent) return call->fail(sent.error());
  if (const auto named = check_url_name(**sent, call->target.name); !named) return call->fail(named.error());
  attempt(std::make_shared<Update>(
      Update{.call = call, .kind = kind, .options = *options, .sent = std::move(*sent)}));
}

void patch_object(const CallPtr& call) {
  if (!negotiate_write(call)) return;
  const auto type = patch_type(call->request().headers.get("Content-Type"));
  if (!type) return call->fail(type.error());
  if (!body_fits(call)) return;
  const auto options = patch_options(call->query, *type == PatchType::apply);
  if (!options) return call->fail(options.error());
  std::optional<Configuration> configuration;
  if (*type == PatchType::apply) {
    auto read = read_configuration(call->request().body);
    if (!read) return call->fail(read.error());
    configuration = std::move(*read);
  }
  attempt(std::make_shared<Update>(Update{.call = call,
                                          .kind = kind_of(*call->resource),
                                          .options = *options,
                                          .sent = nullptr,
                                          .patch = *type,
                                          .configuration = std::move(configuration)}));
}

}  // namespace csrflow::api
