// GET of events: a list, and one by its name.
#include "api/call.hpp"
#include "api/handlers.hpp"
#include "api/happenings.hpp"
#include "api/table.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view home = "default";  // the namespace of events about cluster-scoped objects

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

bool elsewhere(const Call& call) {
  return !call.target.namespace_name.empty() && call.target.namespace_name != home;
}

std::vector<engine::ObjectRow> found(const Call& call, const FieldSelector& fields) {
  if (elsewhere(call)) return {};
  const auto reader = call.core.deps.log.reader();
  const std::string member = call.resource->group.empty() ? "involvedObject.name" : "regarding.name";
  if (const auto request = fields.required(member)) return happenings_of(*call.resource, *reader, *request);
  return happenings_since(*call.resource, *reader, call.core.deps.clock.now() - recent_happenings);
}

}  // namespace

void list_happenings(const CallPtr& call) {
  if (!negotiated(call, Reading::list)) return;
  const auto options = list_options(call->query);
  if (!options) return call->fail(options.error());
  auto selector = selector_of(*call->resource, *options);
  if (!selector) return call->fail(selector.error());
  const auto include = include_object(call->query);
  if (!include) return call->fail(include.error());
  on_worker(call, [call, include = *include, selector = std::move(*selector)] {
    const ListMeta meta{
        .resource_version = call->core.deps.writer.head(), .continue_token = {}, .remaining = {}};
    auto rows = found(*call, selector.fields);
    std::erase_if(rows, [&](const engine::ObjectRow& row) { return !selector.matches(row); });
    call->send(200,
               list_document(*call->resource, call->form, include, rows, meta, call->core.deps.clock.now()));
  });
}

void get_happening(const CallPtr& call) {
  if (!negotiated(call, Reading::one)) return;
  const auto include = include_object(call->query);
  if (!include) return call->fail(include.error());
  on_worker(call, [call, include = *include] {
    const auto reader = call->core.deps.log.reader();
    const auto row =
        elsewhere(*call) ? std::nullopt : happening_named(*call->resource, *reader, call->target.name);
    if (!row) return call->fail(status::not_found(call->resource_name(), call->target.name));
    call->send(200, object_document(*call->resource, call->form, include, *row, call->core.deps.clock.now()));
  });
}

}  // namespace csrflow::api
