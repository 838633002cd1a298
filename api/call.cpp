#include "api/call.hpp"

#include "api/gzip.hpp"
#include "api/openssl_handles.hpp"
#include "engine/types.hpp"

namespace csrflow::api {
namespace {

constexpr std::size_t longest_audit_id = 256;

std::string new_audit_id(engine::Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return engine::make_uid(bytes).text;
}

/// RFC 7234 5.5's quoted text.
std::string warning_header(std::string_view text) {
  std::string header = "299 - \"";
  for (const char c : text) {
    if (c == '"' || c == '\\') header += '\\';
    header += c;
  }
  return header + '"';
}

}  // namespace

InFlight::InFlight(std::atomic<std::size_t>& count, std::size_t limit) {
  if (count.fetch_add(1) >= limit) {
    count.fetch_sub(1);
  } else {
    count_ = &count;
  }
}

Call::Call(std::shared_ptr<ApiCore> the_core, std::shared_ptr<Exchange> the_exchange)
    : owned_core_(std::move(the_core)),
      core(*owned_core_),
      exchange(std::move(the_exchange)),
      query(exchange->request().query),
      target(target_of(exchange->request(), query)) {
  const auto sent = request().headers.get("Audit-ID");
  audit_id =
      sent.empty() || sent.size() > longest_audit_id ? new_audit_id(core.deps.random) : std::string(sent);
  pretty = wants_pretty(query.first("pretty"), request().headers.get("User-Agent"));
  form.pretty = pretty;
}

Headers Call::headers(std::string_view content_type) const {
  Headers headers{{"Audit-Id", audit_id},
                  {"Cache-Control", "no-cache, private"},
                  {"Content-Type", std::string(content_type)}};
  for (const auto& warning : warnings) headers.add("Warning", warning_header(warning));
  return headers;
}

void Call::answer(Response response) {
  answered_ = true;
  if (request().method == "GET" && response.body && response.body->size() >= smallest_compressed &&
      accepts_gzip(request().headers.get("Accept-Encoding"))) {
    response.body = std::make_shared<const std::string>(gzip(*response.body));
    response.headers.add("Content-Encoding", "gzip");
    response.headers.add("Vary", "Accept-Encoding");
  }
  exchange->answer(std::move(response));
}

void Call::send(int code, std::string json) {
  auto rendered = render(form, std::move(json));
  answer({.status = code,
          .headers = headers(rendered.content_type),
          .body = std::make_shared<const std::string>(std::move(rendered.body))});
}

void Call::send_status(const Status& what, int code) {
  // A Status is never a Table; it has the form that was asked for, also when that is none for the object, and
  // who asked for an unknown form gets JSON.
  const auto asked = negotiate(request().headers.get("Accept"), Reading::one, pretty);
  const Answer plain{.format = asked ? asked->format : Format::json, .pretty = pretty || what.code == 406};
  auto rendered = render(plain, what.json());
  Headers fields = headers(rendered.content_type);
  if (what.code == 403) fields.add("X-Content-Type-Options", "nosniff");
  const int wait = what.details ? what.details->retry_after_seconds : 0;
  if (code == 429 || code == 503 || wait > 0) fields.add("Retry-After", std::to_string(std::max(1, wait)));
  answer({.status = code,
          .headers = std::move(fields),
          .body = std::make_shared<const std::string>(std::move(rendered.body))});
}

void Call::fail(const Status& what) {
  send_status(what, what.code);
}

void Call::send_text(int code, std::string text) {
  Headers fields = headers("text/plain; charset=utf-8");
  fields.add("X-Content-Type-Options", "nosniff");
  answer({.status = code,
          .headers = std::move(fields),
          .body = std::make_shared<const std::string>(std::move(text))});
}

std::shared_ptr<Stream> Call::stream() {
  answered_ = true;
  return exchange->stream({.status = 200, .headers = headers(form.stream_type()), .body = nullptr});
}

void authenticated(const CallPtr& call, std::shared_ptr<const Request> request,
                   std::move_only_function<void(Verdict)> then) {
  const auto& authenticator = call->core.deps.authenticator;
  auto verdict = authenticator.authenticate(*request);
  if (verdict || !verdict.error().wait) return then(std::move(verdict));
  verdict.error().wait(
      [call, &authenticator, request = std::move(request), then = std::move(then)]() mutable {
        on_worker(call, [&authenticator, request = std::move(request), then = std::move(then)]() mutable {
          then(authenticator.authenticate(*request));
        });
      });
}

Status forbidden(const Call& call, const AccessDecision& decision) {
  const auto& asked = call.target;
  if (!asked.is_resource)
    return status::forbidden_path(call.user().user, asked.verb, asked.path, decision.reason);
  return status::forbidden_resource(call.resource_name(), asked.subresource, asked.name, asked.namespace_name,
                                    call.user().user, asked.verb, decision.reason);
}

Status refused(const Call& call, const engine::Refusal& refusal) {
  using Kind = engine::Refusal::Kind;
  const auto& name = call.target.name;
  const auto resource = call.resource_name();
  switch (refusal.kind) {
    case Kind::not_found:
      return status::not_found(resource, name);
    case Kind::already_exists:
      return refusal.terminating ? status::still_terminating(resource, name)
                                 : status::already_exists(resource, name);
    case Kind::conflict:
      return status::modified(resource, name);
    case Kind::uid_mismatch:
      return status::uid_precondition(call.resource->kind_name(), name, {}, refusal.found);
    case Kind::version_mismatch:
      return status::version_precondition(call.resource->kind_name(), name, {}, refusal.found);
    case Kind::already_decided:
    case Kind::already_signed:
    case Kind::issuing:
      return status::conflict(resource, name, refusal.message);
    case Kind::not_permitted:
      return status::forbidden(resource, name, refusal.message);
    case Kind::name_too_long:
      return status::invalid(call.resource->kind_name(), name,
                             {{FieldErrorType::too_long, "metadata.name", {}, refusal.message}});
    case Kind::disk_full:
      return status::disk_full(refusal.message);
    case Kind::unavailable:
      return status::unavailable(refusal.message);
  }
  return status::internal(refusal.message);
}

engine::Context context_of(const Call& call) {
  engine::Context context{.actor = call.user(),
                          .source = {.address = call.request().peer ? call.request().peer->address : "",
                                     .agent = std::string(call.request().headers.get("User-Agent"))}};
  const auto key = call.request().headers.get("Idempotency-Key");
  std::array<std::uint8_t, 16> id{};
  if (key.empty()) {
    call.core.deps.random.fill(id);
  } else {
    // SHA-256(user 0 method 0 path 0 SHA-256(body) 0 key)[:16]: the same request under the same key is the
    // same command.
    const auto body = sha256(call.request().body);
    std::string text = call.user().user + '\0' + call.request().method + '\0' + call.request().path + '\0';
    text.append(reinterpret_cast<const char*>(body.data()), body.size());
    const auto digest = sha256((text + '\0').append(key));
    std::copy_n(digest.begin(), id.size(), id.begin());
  }
  context.command.hex = engine::to_hex({reinterpret_cast<const char*>(id.data()), id.size()});
  return context;
}

}  // namespace csrflow::api
