// GET of a collection with `watch`, and the old form /watch/….
#include "api/handlers.hpp"
#include "api/watch_frame.hpp"

namespace csrflow::api {
namespace {

constexpr std::chrono::seconds shortest_default{1800}, longest_default{3600};  // as kube-apiserver
constexpr std::chrono::seconds longest{24 * 3600};

/// Clients that name no time are spread, so that they do not come back together.
std::chrono::seconds default_timeout(engine::Random& random) {
  std::array<std::uint8_t, 2> bytes{};
  random.fill(bytes);
  const auto span = (longest_default - shortest_default).count();
  return shortest_default + std::chrono::seconds((bytes[0] * 256 + bytes[1]) * span / 65536);
}

WatchStart start_of(const ListOptions& options) {
  const bool from_now = !options.resource_version || options.resource_version->value == 0;
  if (options.send_initial_events) {
    const bool initial = *options.send_initial_events;
    return {.after = from_now ? std::nullopt : options.resource_version,
            .initial = initial,
            .initial_bookmark = initial && options.allow_bookmarks};
  }
  return {.after = options.resource_version, .initial = from_now, .initial_bookmark = false};
}

}  // namespace

void watch_objects(const CallPtr& call) {
  auto form = negotiate(call->request().headers.get("Accept"), Reading::watch, call->pretty,
                        has_protobuf_form(call->resource->kind));
  if (!form) return call->fail(form.error());
  call->form = std::move(*form);
  auto options = list_options(call->query);
  if (!options) return call->fail(options.error());
  // The old form names the object in its path.
  if (call->target.named) options->field_selector = "metadata.name=" + call->target.name;
  auto selector = selector_of(*call, *options);
  if (!selector) return call->fail(selector.error());
  const auto include = include_object(call->query);
  if (!include) return call->fail(include.error());
  auto& deps = call->core.deps;
  const auto asked = std::chrono::seconds(std::min<std::uint64_t>(
      options->timeout_seconds.value_or(0), static_cast<std::uint64_t>(longest.count())));
  WatchRequest request{.form = {.resource = call->resource, .answer = call->form, .include = *include},
                       .selector = std::move(*selector),
                       .start = start_of(*options),
                       .bookmarks = options->allow_bookmarks,
                       .timeout = asked.count() > 0 ? asked : default_timeout(deps.random)};
  // Initial events at a version from the future wait for it, as a list does.
  const auto needed = request.start.initial ? request.start.after : std::nullopt;
  auto shared = std::make_shared<WatchRequest>(std::move(request));
  once_committed(call, needed, [call, shared] {
    shared->start.opened = call->core.deps.writer.head();
    call->core.deps.followers.watches.open(call->stream(), std::move(*shared));
  });
}

}  // namespace csrflow::api
