// What is sent: {"action":"withdraw|break-glass|confirm","message":…}. Answered is the request as it is then.
//
//   withdraw     takes back one's own approval while others are still waited for;
//                needs `approve` on the signer
//   break-glass  approves against or without the policies' word;
//                needs `break-glass` on the signer, and a message
//   confirm      stands by somebody else's break-glass; needs `approve` on the signer
#include "api/review_words.hpp"

#include <algorithm>
#include <array>

#include "api/found_object.hpp"
#include "api/tree_body.hpp"
#include "api/write_call.hpp"

namespace csrflow::api {
namespace {

constexpr std::size_t max_message_bytes = 1'024;

struct Action {
  std::string_view name;
  std::string_view verb;  ///< on the signer
  engine::CsrCommand (*command)(engine::Uid, std::string message);
};
constexpr std::array actions = {
    Action{"withdraw", "approve",
           [](engine::Uid uid, std::string message) {
             return engine::CsrCommand(engine::Withdraw{std::move(uid), std::move(message)});
           }},
    Action{"break-glass", "break-glass",
           [](engine::Uid uid, std::string message) {
             return engine::CsrCommand(engine::BreakGlassApproval{std::move(uid), std::move(message)});
           }},
    Action{"confirm", "approve", [](engine::Uid uid, std::string message) {
             return engine::CsrCommand(engine::ConfirmBreakGlass{std::move(uid), std::move(message)});
           }}};

struct Said {
  const Action* action = nullptr;
  std::string message;
};

std::expected<Said, Status> read_word(Format format, std::string_view body) {
  if (format == Format::protobuf) return std::unexpected(status::unsupported_media_type());
  const auto tree = parse_body(format, body);
  if (!tree) return std::unexpected(unrecognized(body, tree.error(), "Review"));
  std::string action;
  Said said;
  try {
    FieldReader reader("Review");
    reader.object(tree->value, "", [&](const std::string& key, const JsonValue& field) {
      if (key == "action") action = reader.text(field, key);
      if (key == "message") said.message = reader.text(field, key);
      return true;
    });
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(
        status::bad_request("Review in version \"v1\" cannot be handled as a Review: " + mismatch.message));
  }
  const auto* const known = std::ranges::find(actions, action, &Action::name);
  if (known == actions.end())
    return std::unexpected(
        status::bad_request("`action` is \"" + action + "\", it must be withdraw, break-glass or confirm"));
  if (said.message.size() > max_message_bytes)
    return std::unexpected(status::bad_request("`message` has more than 1024 bytes"));
  if (known->name == "break-glass" && said.message.empty())
    return std::unexpected(status::bad_request("breaking the glass needs a reason in `message`"));
  said.action = known;
  return said;
}

void say(const CallPtr& call, const Said& said, bool dry_run, const FoundObject& found) {
  const auto state = found.state(*call->resource);
  const auto& object = *std::get<engine::CsrState>(*state).object;
  const auto permitted = [&call = *call, verb = std::string(said.action->verb),
                          signer = object.spec->signer_name.text]() -> std::expected<void, Status> {
    if (permitted_on_signer(call.core.deps.authorizer, call.user(), verb, signer)) return {};
    return std::unexpected(
        status::forbidden(call.resource_name(), call.target.name,
                          "user not permitted to " + verb + " requests with signerName \"" + signer + '"'));
  };
  if (const auto now = permitted(); !now) return call->fail(now.error());
  submit(call, engine::csr_stream(object.meta.name),
         engine::Command(said.action->command(object.meta.uid, said.message)), dry_run, permitted,
         [call](std::expected<engine::Outcome, engine::Refusal> outcome) {
           if (!outcome) return call->fail(refused(*call, outcome.error()));
           answer_with_state(call, 201, *outcome->state);
         });
}

}  // namespace

bool is_review_word(const Target& target) {
  const Resource& requests = certificate_signing_requests();
  return target.is_resource && target.group == requests.group && target.version == requests.version &&
         target.resource == requests.plural && target.subresource == "review" &&
         target.namespace_name.empty();
}

void review_word(const CallPtr& call) {
  const auto& target = call->target;
  if (target.malformed || !target.named) return call->fail(status::no_such_resource());
  if (target.verb != "create") return call->fail(status::method_not_allowed());
  call->resource = &certificate_signing_requests();
  const auto format = read_body_format(call);
  if (!format) return;
  const auto options = create_options(call->query);
  if (!options) return call->fail(options.error());
  const auto said = read_word(*format, call->request().body);
  if (!said) return call->fail(said.error());
  find_object(call, [call, said = *said, dry_run = options->dry_run](std::optional<FoundObject> found) {
    if (!found) return call->fail(status::not_found(call->resource_name(), call->target.name));
    say(call, said, dry_run, *found);
  });
}

}  // namespace csrflow::api
