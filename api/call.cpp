#include "api/call.hpp"

#include "api/gzip.hpp"
#include "api/idempotency.hpp"
#include "engine/types.hpp"

namespace csrflow::api {
namespace {

constexpr std::size_t longest_audit_id = 256;
// kube-apiserver's own bytes: without a kind, and as text.
constexpr std::string_view timed_out_body =
    R"({"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted )"
    R"(timeout","reason":"Timeout","details":{},"code":504})"
    "\n";

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

/// Of a call whose time has passed.
class UnreadStream final : public Stream {
 public:
  bool write(SharedBytes) override { return true; }
  void close() override {}
  void break_off() override {}
  void on_writable(std::function<void()>) override {}
  void on_closed(std::function<void()> notice) override { notice(); }
};

/// A watch keeps its place among the watches as long as it is open.
class SeatedStream final : public Stream {
 public:
  SeatedStream(std::shared_ptr<const ApiCore> core, std::shared_ptr<Stream> stream, RequestGate::Seat seat)
      : place_(std::make_shared<Place>(Place{std::move(core), std::move(seat)})),
        stream_(std::move(stream)) {}
  bool write(SharedBytes bytes) override { return stream_->write(std::move(bytes)); }
  void close() override { stream_->close(); }
  void break_off() override { stream_->break_off(); }
  void on_writable(std::function<void()> notice) override { stream_->on_writable(std::move(notice)); }
  void on_closed(std::function<void()> notice) override {
    stream_->on_closed([place = place_, notice = std::move(notice)] {
      place->seat = RequestGate::Seat();
      notice();
    });
  }

 private:
  struct Place {
    std::shared_ptr<const ApiCore> core;  // the seat is its gate's
    RequestGate::Seat seat;
  };

  const std::shared_ptr<Place> place_;
  const std::shared_ptr<Stream> stream_;
};

}  // namespace

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

bool Call::claim_answer() {
  auto phase = Phase::open;
  if (phase_.compare_exchange_strong(phase, Phase::answered)) return true;
  if (phase == Phase::answered) throw std::logic_error("a call was answered twice");
  return false;
}

void Call::time_out() {
  auto phase = Phase::open;
  if (!phase_.compare_exchange_strong(phase, Phase::timed_out)) return;
  // Somebody else may be at work on everything that is not const here.
  count(504, true);
  exchange->answer({.status = 504,
                    .headers = {{"Audit-Id", audit_id},
                                {"Cache-Control", "no-cache, private"},
                                {"Content-Type", "text/plain; charset=utf-8"}},
                    .body = std::make_shared<const std::string>(timed_out_body)});
}

void Call::count(int code, bool whole) const {
  auto* meter = core.deps.meter;
  if (!meter) return;
  meter->answered(target.verb, target.resource, code);
  if (whole) meter->took(target.verb, std::chrono::steady_clock::now() - began_);
}

void Call::answer(Response response) {
  if (!claim_answer()) return;
  count(response.status, true);
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

void Call::refuse_busy(Lane lane) {
  if (core.deps.meter) core.deps.meter->refused(lane);
  Headers fields = headers("text/plain; charset=utf-8");
  fields.add("Retry-After", "1");
  fields.add("X-Content-Type-Options", "nosniff");
  answer({.status = 429,
          .headers = std::move(fields),
          .body = std::make_shared<const std::string>("Too many requests, please try again later.\n")});
}

std::shared_ptr<Stream> Call::stream(const Headers& more) {
  if (!claim_answer()) return std::make_shared<UnreadStream>();
  count(200, target.verb != "watch");
  auto fields = headers(form.stream_type());
  for (const auto& [name, value] : more) fields.add(name, value);
  auto stream = exchange->stream({.status = 200, .headers = std::move(fields), .body = nullptr});
  // Of a list, what is left to do follows its reader's pace: that takes nobody's seat.
  if (target.verb != "watch") seat = RequestGate::Seat();
  if (!seat.taken()) return stream;
  return std::make_shared<SeatedStream>(owned_core_, std::move(stream), std::move(seat));
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
    case Kind::already_replaced:
      return status::already_replaced(resource, name, refusal.message);
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
  if (!key.empty()) {
    context.command = keyed_command(call.user().user, call.request(), key);
    return context;
  }
  std::array<std::uint8_t, 16> id{};
  call.core.deps.random.fill(id);
  context.command.hex = engine::to_hex({reinterpret_cast<const char*>(id.data()), id.size()});
  return context;
}

}  // namespace csrflow::api
