// GET of one object and of a list.
#include "api/continue_token.hpp"
#include "api/found_object.hpp"
#include "api/handlers.hpp"
#include "api/list_stream.hpp"
#include "api/listing.hpp"
#include "api/table.hpp"

namespace csrflow::api {
namespace {

/// Negotiates the answer's form; false when the call was refused.
bool negotiated(const CallPtr& call, Reading reading) {
  auto form = negotiate(call->request().headers.get("Accept"), reading, call->pretty);
  if (!form) {
    call->fail(form.error());
    return false;
  }
  call->form = std::move(*form);
  return true;
}

void answer_object(const CallPtr& call, IncludeObject include, const std::optional<FoundObject>& found) {
  if (!found) return call->fail(status::not_found(call->resource_name(), call->target.name));
  if (call->form.shape == Shape::object) return call->send(200, found->document(*call->resource));
  call->send(
      200, object_document(*call->resource, call->form, include, found->row(), call->core.deps.clock.now()));
}

/// What a list asks for, checked.
struct ListPlan {
  ListOptions options;
  WatchSelector selector;
  IncludeObject include = IncludeObject::metadata;
  std::optional<ContinueToken> token;

  bool selects() const { return !options.label_selector.empty() || !options.field_selector.empty(); }
  /// The position whose state is wanted; nothing: the newest.
  std::optional<engine::Position> exactly() const {
    if (token) return token->position;
    const auto version = options.resource_version;
    if (!version || version->value == 0) return std::nullopt;
    const bool exact = options.match == VersionMatch::exact ||
                       (options.match == VersionMatch::unset && options.limit.has_value());
    return exact ? version : std::nullopt;
  }
  ListWish wish() const {
    ListWish wish{.at = exactly(), .name_after = token ? token->name : "", .limit = std::nullopt};
    if (options.limit) wish.limit = static_cast<std::size_t>(*options.limit);
    return wish;
  }
};

std::expected<ListPlan, Status> plan_of(const Call& call) {
  ListPlan plan;
  auto options = list_options(call.query);
  if (!options) return std::unexpected(options.error());
  plan.options = std::move(*options);
  auto selector = selector_of(call, plan.options);
  if (!selector) return std::unexpected(selector.error());
  plan.selector = std::move(*selector);
  auto include = include_object(call.query);
  if (!include) return std::unexpected(include.error());
  plan.include = *include;
  if (!plan.options.continue_token.empty()) {
    auto token = parse_continue_token(plan.options.continue_token);
    if (!token)
      return std::unexpected(
          status::bad_request("invalid continue token: continue key is not valid: " + token.error()));
    plan.token = std::move(*token);
  }
  return plan;
}

void answer_list(const CallPtr& call, const ListPlan& plan) {
  if (call->form.format == Format::json && !is_derived(*call->resource)) {
    const auto wish = plan.wish();
    return answer_in_pages(call, {.at = wish.at,
                                  .name_after = wish.name_after,
                                  .limit = wish.limit,
                                  .selector = plan.selector,
                                  .selects = plan.selects(),
                                  .include = plan.include});
  }
  auto& deps = call->core.deps;
  const auto list = list_of(*call->resource, {deps.views, deps.log, deps.clock}, plan.selector, plan.wish());
  call->send(200, list_document(*call->resource, call->form, plan.include, list.rows,
                                meta_of(list, plan.selects()), deps.clock.now()));
}

}  // namespace

void once_committed(const CallPtr& call, std::optional<engine::Position> version,
                    std::move_only_function<void()> go_on) {
  auto& deps = call->core.deps;
  if (!version || *version <= deps.writer.head()) return go_on();
  deps.followers.heads.wait(
      *version, deps.limits.future_patience,
      [call, asked = *version, go_on = std::move(go_on)](bool reached) mutable {
        guarded(call, [&] {
          if (reached) return go_on();
          call->fail(status::too_large_resource_version(asked, call->core.deps.writer.head()));
        });
      });
}

std::expected<WatchSelector, Status> selector_of(const Call& call, const ListOptions& options) {
  auto labels = LabelSelector::parse(options.label_selector);
  if (!labels) return std::unexpected(labels.error());
  auto fields = FieldSelector::parse(options.field_selector, call.resource->selectable_fields);
  if (!fields) return std::unexpected(fields.error());
  const bool in_one_namespace =
      call.resource->scope == Scope::namespaced && !call.target.namespace_name.empty();
  if (in_one_namespace) fields->require("metadata.namespace", call.target.namespace_name);
  return WatchSelector{.labels = std::move(*labels), .fields = std::move(*fields)};
}

void get_object(const CallPtr& call) {
  if (!negotiated(call, Reading::one)) return;
  const auto include = include_object(call->query);
  if (!include) return call->fail(include.error());
  const auto version = get_version(call->query);
  if (!version) return call->fail(version.error());
  once_committed(call, *version, [call, include = *include] {
    find_object(call, [call, include](const std::optional<FoundObject>& found) {
      answer_object(call, include, found);
    });
  });
}

void list_objects(const CallPtr& call) {
  if (!negotiated(call, Reading::list)) return;
  auto made = plan_of(*call);
  if (!made) return call->fail(made.error());
  auto plan = std::make_shared<const ListPlan>(std::move(*made));
  const auto version = plan->token ? std::optional(plan->token->position) : plan->options.resource_version;
  once_committed(call, version, [call, plan] {
    call->core.deps.views.when_reached(call->core.deps.writer.head(), [call, plan] {
      on_worker(call, [call, plan] { answer_list(call, *plan); });
    });
  });
}

}  // namespace csrflow::api
