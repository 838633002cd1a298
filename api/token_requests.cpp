// What is sent and answered:
//
//   POST   {"spec":{"user":…,"uid":…,"groups":[…],"ttlSeconds":86400,"description":…,"bootstrap":false,
//                   "singleUse":false,"names":["web-1-*"],"signers":[…]}}
//          201 with the object below and, this once, "token" in its status
//   GET    {"kind":"TokenList",…,"items":[…]}, or one object
//   DELETE 200 with a Status; the token stays in history
//
//   {"kind":"Token","apiVersion":"csrflow.io/v1","metadata":{"name":"<id>","creationTimestamp":…},
//    "spec":{"user":…,"uid":…,"groups":[…],"expirationTimestamp":…,"bootstrap":…,"description":…,
//            "singleUse":…,"names":[…],"signers":[…]},
//    "status":{"state":"active|used|expired|revoked","request":…,"token":…}}
//
// ttlSeconds 0 is a token that does not expire; left out, it is a day. A token with `names` or `signers`
// makes requests of these names (one star stands for any text) and to these signers only. One for a single
// use makes one request (`request` in its status); until it expires, a day at most, it still shows that one,
// so that whoever was interrupted between asking and fetching can fetch.
#include "api/token_requests.hpp"

#include <algorithm>

#include "api/impersonation.hpp"
#include "api/openssl_handles.hpp"
#include "api/tree_body.hpp"
#include "api/write_call.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

using engine::JsonObject;

constexpr std::string_view tokens_group = "csrflow.io";
constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t id_size = 8, secret_size = 50;  // the secret has 258 bits
constexpr std::size_t bootstrap_id_size = 6, bootstrap_secret_size = 16;
constexpr std::string_view bootstrappers = "system:bootstrappers";
constexpr std::int64_t default_ttl_seconds = 86'400;
constexpr std::int64_t longest_ttl_seconds = 3'660LL * 86'400;
constexpr std::int64_t longest_single_use_seconds = 86'400;
constexpr std::size_t max_user_bytes = 1'024, max_groups = 256, max_description_bytes = 1'024;
constexpr std::size_t max_bounds = 16, max_name_bytes = 253, max_signer_bytes = 571;

struct Wish {
  std::string user, uid, description;
  std::vector<std::string> groups;
  std::int64_t ttl_seconds = default_ttl_seconds;
  bool bootstrap = false, single_use = false;
  std::vector<std::string> names, signers;
};

GroupName kind_name() {
  return {std::string(tokens_group), "Token"};
}

std::string random_text(engine::Random& random, std::size_t size) {
  // Bytes beyond the last whole alphabet would favour its beginning.
  constexpr auto bound = static_cast<std::uint8_t>(256 / alphabet.size() * alphabet.size());
  std::string text;
  while (text.size() < size) {
    std::array<std::uint8_t, 64> bytes{};
    random.fill(bytes);
    for (const auto byte : bytes)
      if (byte < bound && text.size() < size) text += alphabet[byte % alphabet.size()];
  }
  return text;
}

std::expected<Wish, Status> read_wish(Format format, std::string_view body) {
  if (format == Format::protobuf) return std::unexpected(status::unsupported_media_type());
  const auto tree = parse_body(format, body);
  if (!tree) return std::unexpected(unrecognized(body, tree.error(), "Token"));
  try {
    Wish wish;
    FieldReader reader("Token");
    reader.object(tree->value, "", [&](const std::string& name, const JsonValue& value) {
      if (name != "spec") return true;
      reader.object(value, name, [&](const std::string& key, const JsonValue& field) {
        if (key == "user") wish.user = reader.text(field, key);
        if (key == "uid") wish.uid = reader.text(field, key);
        if (key == "description") wish.description = reader.text(field, key);
        if (key == "groups") wish.groups = reader.texts(field, key);
        if (key == "bootstrap") wish.bootstrap = reader.boolean(field, key).value_or(false);
        if (key == "singleUse") wish.single_use = reader.boolean(field, key).value_or(false);
        if (key == "names") wish.names = reader.texts(field, key);
        if (key == "signers") wish.signers = reader.texts(field, key);
        if (key == "ttlSeconds")
          wish.ttl_seconds =
              reader.integer(field, key, INT64_MIN, INT64_MAX, "int64").value_or(default_ttl_seconds);
        return true;
      });
      return true;
    });
    return wish;
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(
        status::bad_request("Token in version \"v1\" cannot be handled as a Token: " + mismatch.message));
  }
}

/// `system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]`, as Kubernetes has it.
bool is_bootstrap_group(std::string_view text) {
  constexpr std::size_t longest_rest = 256;
  if (!text.starts_with(bootstrappers)) return false;
  text.remove_prefix(bootstrappers.size());
  if (text.size() < 2 || text.front() != ':' || text.size() - 1 > longest_rest) return false;
  const auto plain = [](char c) { return alphabet.find(c) != std::string_view::npos; };
  return plain(text.back()) &&
         std::ranges::all_of(text, [&](char c) { return plain(c) || c == ':' || c == '-'; });
}

void check_bounds(FieldErrors& errors, const Wish& wish) {
  const auto check = [&](const std::string& path, const std::vector<std::string>& texts, std::size_t longest,
                         const char* form, bool (*good)(const std::string&)) {
    if (texts.size() > max_bounds) errors.push_back(field::forbidden(path, "at most 16 are possible"));
    for (std::size_t i = 0; i < std::min(texts.size(), max_bounds); ++i) {
      const auto at = path + '[' + std::to_string(i) + ']';
      if (texts[i].size() > longest) errors.push_back(field::too_long(at, longest));
      if (!good(texts[i])) errors.push_back(field::invalid(at, texts[i].substr(0, longest), form));
    }
  };
  check("spec.names", wish.names, max_name_bytes, "must be a name, in which one star stands for any text",
        [](const std::string& name) { return !name.empty() && std::ranges::count(name, '*') <= 1; });
  check("spec.signers", wish.signers, max_signer_bytes, "must be a signer's name: example.com/web",
        [](const std::string& signer) {
          const auto slash = signer.find('/');
          return slash != std::string::npos && slash > 0 && slash + 1 < signer.size();
        });
  if (wish.single_use && (wish.ttl_seconds < 1 || wish.ttl_seconds > longest_single_use_seconds))
    errors.push_back(field::invalid_printed("spec.ttlSeconds", std::to_string(wish.ttl_seconds),
                                            "a token for a single use lives for a day at most"));
}

FieldErrors problems_of(const Wish& wish) {
  FieldErrors errors;
  check_bounds(errors, wish);
  if (wish.bootstrap) {
    if (!wish.user.empty())
      errors.push_back(field::forbidden("spec.user", "a bootstrap token's user follows from its id"));
    if (!wish.uid.empty()) errors.push_back(field::forbidden("spec.uid", "a bootstrap token has none"));
  } else if (wish.user.empty()) {
    errors.push_back(field::required("spec.user"));
  }
  if (wish.user.size() > max_user_bytes) errors.push_back(field::too_long("spec.user", max_user_bytes));
  if (wish.uid.size() > max_user_bytes) errors.push_back(field::too_long("spec.uid", max_user_bytes));
  if (wish.description.size() > max_description_bytes)
    errors.push_back(field::too_long("spec.description", max_description_bytes));
  if (wish.groups.size() > max_groups)
    errors.push_back(field::forbidden("spec.groups", "at most 256 are possible"));
  for (std::size_t i = 0; i < std::min(wish.groups.size(), max_groups); ++i) {
    const auto path = "spec.groups[" + std::to_string(i) + ']';
    if (wish.bootstrap && !is_bootstrap_group(wish.groups[i]))
      errors.push_back(field::invalid(path, wish.groups[i],
                                      "must match \\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\\z"));
    if (wish.groups[i].size() > max_user_bytes) errors.push_back(field::too_long(path, max_user_bytes));
  }
  if (wish.ttl_seconds < 0 || wish.ttl_seconds > longest_ttl_seconds)
    errors.push_back(
        field::invalid_printed("spec.ttlSeconds", std::to_string(wish.ttl_seconds),
                               "must be 0 (never expires) to " + std::to_string(longest_ttl_seconds)));
  return errors;
}

engine::CreateToken token_of(const Wish& wish, std::string id, std::string_view secret,
                             engine::Timestamp now) {
  engine::CreateToken token{.id = std::move(id),
                            .sha256 = sha256_hex(secret),
                            .user = wish.user,
                            .uid = wish.uid,
                            .groups = wish.groups,
                            .bootstrap = wish.bootstrap,
                            .description = wish.description,
                            .single_use = wish.single_use,
                            .names = wish.names,
                            .signers = wish.signers};
  if (wish.bootstrap) {
    token.user = "system:bootstrap:" + token.id;
    token.groups.insert(token.groups.begin(), std::string(bootstrappers));
  }
  if (wish.ttl_seconds > 0) token.expires_at = now + engine::seconds(wish.ttl_seconds);
  return token;
}

/// A token is a way to act as somebody: that must be permitted.
std::expected<void, Status> may_speak_for(const Call& call, const engine::CreateToken& token) {
  Headers as{{"Impersonate-User", token.user}};
  for (const auto& group : token.groups) as.add("Impersonate-Group", group);
  if (!token.uid.empty()) as.add("Impersonate-Uid", token.uid);
  const auto found = impersonated(as, call.identity, call.core.deps.authorizer);
  if (!found) return std::unexpected(found.error());
  return {};
}

std::string_view state_word(const engine::TokenState& state, engine::Timestamp now) {
  if (state.revoked) return "revoked";
  if (!state.good_at(now)) return "expired";
  return state.used_for.empty() ? "active" : "used";
}

/// The members after the head; `secret` only when it is shown.
void append_members(std::string& out, const engine::TokenState& state, engine::Timestamp now,
                    const std::string& secret) {
  const auto& token = *state.token;
  out += R"("metadata":)";
  {
    JsonObject metadata(out);
    metadata.text("name", token.id);
    metadata.text("creationTimestamp", engine::rfc3339_seconds(state.created_at));
  }
  out += R"(,"spec":)";
  {
    JsonObject spec(out);
    spec.text("user", token.user);
    spec.text_if("uid", token.uid);
    if (!token.groups.empty()) spec.texts("groups", token.groups);
    if (token.expires_at) spec.text("expirationTimestamp", engine::rfc3339_seconds(*token.expires_at));
    if (token.bootstrap) spec.boolean("bootstrap", true);
    spec.text_if("description", token.description);
    if (token.single_use) spec.boolean("singleUse", true);
    if (!token.names.empty()) spec.texts("names", token.names);
    if (!token.signers.empty()) spec.texts("signers", token.signers);
  }
  out += R"(,"status":)";
  {
    JsonObject status(out);
    status.text("state", state_word(state, now));
    status.text_if("request", state.used_for);
    status.text_if("token", secret);
  }
  out += '}';
}

std::string token_json(const engine::TokenState& state, engine::Timestamp now,
                       const std::string& secret = {}) {
  std::string out = R"({"kind":"Token","apiVersion":"csrflow.io/v1",)";
  append_members(out, state, now, secret);
  return out;
}

void submit(const CallPtr& call, std::string_view id, engine::TokenCommand command, Admission admission,
            std::move_only_function<void(const engine::TokenState&)> done) {
  submit(call, engine::stream_of("token", id), engine::Command(std::move(command)), false,
         std::move(admission),
         [call, done = std::move(done)](std::expected<engine::Outcome, engine::Refusal> outcome) mutable {
           if (!outcome) return call->fail(refused(*call, outcome.error()));
           done(std::get<engine::TokenState>(*outcome->state));
         });
}

void create_token(const CallPtr& call) {
  const auto format = read_body_format(call);
  if (!format) return;
  call->form = {.format = call->form.format, .pretty = call->form.pretty};
  const auto wish = read_wish(*format, call->request().body);
  if (!wish) return call->fail(wish.error());
  const auto problems = problems_of(*wish);
  if (!problems.empty()) return call->fail(status::invalid(kind_name(), "", problems));
  auto& deps = call->core.deps;
  if (deps.followers.tokens.size() >= max_tokens)
    return call->fail(status::forbidden(call->resource_name(), "", "there are as many tokens as can be"));
  auto id = random_text(deps.random, wish->bootstrap ? bootstrap_id_size : id_size);
  const auto secret = random_text(deps.random, wish->bootstrap ? bootstrap_secret_size : secret_size);
  auto shown = (wish->bootstrap ? "" : "csrflow.") + id + '.' + secret;
  auto token = token_of(*wish, std::move(id), secret, deps.clock.now());
  const auto permitted = [&call = *call, token] { return may_speak_for(call, token); };
  if (const auto now = permitted(); !now) return call->fail(now.error());
  const auto stream_name = token.id;
  submit(call, stream_name, std::move(token), permitted,
         [call, shown = std::move(shown)](const engine::TokenState& state) {
           call->send(201, token_json(state, call->core.deps.clock.now(), shown));
         });
}

bool negotiate_read(const CallPtr& call) {
  if (!negotiate_write(call)) return false;
  call->form = {.format = call->form.format, .pretty = call->form.pretty};
  return true;
}

void list_tokens(const CallPtr& call) {
  if (!negotiate_read(call)) return;
  const auto now = call->core.deps.clock.now();
  std::string out = R"({"kind":"TokenList","apiVersion":"csrflow.io/v1","metadata":{},"items":[)";
  bool first = true;
  for (const auto& state : call->core.deps.followers.tokens.all()) {
    out += first ? "{" : ",{";
    first = false;
    append_members(out, *state, now, {});
  }
  call->send(200, out + "]}");
}

void show_token(const CallPtr& call) {
  if (!negotiate_read(call)) return;
  const auto state = call->core.deps.followers.tokens.find(call->target.name);
  if (!state) return call->fail(status::not_found(call->resource_name(), call->target.name));
  call->send(200, token_json(*state, call->core.deps.clock.now()));
}

void revoke_token(const CallPtr& call) {
  if (!negotiate_read(call)) return;
  const auto& id = call->target.name;
  if (!call->core.deps.followers.tokens.find(id))
    return call->fail(status::not_found(call->resource_name(), id));
  submit(call, id, engine::RevokeToken{id}, nullptr, [call](const engine::TokenState&) {
    call->send_status(status::deleted(call->resource_name(), call->target.name, {}), 200);
  });
}

}  // namespace

bool is_about_tokens(const Target& target) {
  return target.is_resource && target.group == tokens_group && target.version == "v1" &&
         target.resource == "tokens" && target.namespace_name.empty();
}

void token_request(const CallPtr& call) {
  const auto& target = call->target;
  if (target.malformed || !target.subresource.empty()) return call->fail(status::no_such_resource());
  if (target.verb == "create" && !target.named) return create_token(call);
  if (target.verb == "list" && !target.named) return list_tokens(call);
  if (target.verb == "get" && target.named && call->request().method == "GET") return show_token(call);
  if (target.verb == "delete" && target.named) return revoke_token(call);
  call->fail(status::method_not_allowed());
}

}  // namespace csrflow::api
