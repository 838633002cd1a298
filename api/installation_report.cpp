// What is sent:
//
//   {"apiVersion":"csrflow.io/v1","kind":"InstallationReport",
//    "spec":{"serial":"7f01…","host":"web-1.example.com","place":"/var/lib/csrflow-agent/web-1/current",
//            "outcome":"installed|failed|rolled-back","step":"check|write|hook|probe","message":…,
//            "at":"2026-03-01T12:00:00Z"}}
//
// `serial` is hex of the INTEGER's content bytes; a leading 00 may be missing, as in OpenSSL's output. `step`
// and `message` are of a failure. Answered is the request as it is then, 201; a report that says again what
// was said before is answered likewise and is no event.
#include "api/installation_report.hpp"

#include <algorithm>
#include <array>

#include "api/own_document.hpp"
#include "api/whole_request.hpp"
#include "api/write_call.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view kind = "InstallationReport";
constexpr std::size_t max_serial_digits = 64, max_host_bytes = 253, max_place_bytes = 1'024,
                      max_message_bytes = 4'096;
/// Hosts and places of one certificate; more than these are not kept.
constexpr std::size_t max_places = 256;
const std::vector<std::string> outcomes = {"installed", "failed", "rolled-back"};
const std::vector<std::string> steps = {"check", "write", "hook", "probe"};

struct Report {
  std::string serial, host, place, outcome, step, message, at;
};

bool read_report(const CallPtr& call, Report& report) {
  return read_own_document(call, kind,
                           [&](FieldReader& reader, const std::string& key, const JsonValue& value) {
                             using Member = std::pair<std::string_view, std::string*>;
                             const std::array<Member, 7> members = {Member{"serial", &report.serial},
                                                                    {"host", &report.host},
                                                                    {"place", &report.place},
                                                                    {"outcome", &report.outcome},
                                                                    {"step", &report.step},
                                                                    {"message", &report.message},
                                                                    {"at", &report.at}};
                             const auto* const member = std::ranges::find(members, key, &Member::first);
                             if (member == members.end()) return false;
                             *member->second = reader.text(value, key);
                             return true;
                           });
}

bool one_of(const std::vector<std::string>& words, const std::string& text) {
  return std::ranges::find(words, text) != words.end();
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool is_host(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

void check_text(FieldErrors& errors, const std::string& path, const std::string& text, std::size_t longest) {
  if (text.empty()) errors.push_back(field::required(path));
  if (text.size() > longest) errors.push_back(field::too_long(path, longest));
}

void check_failure(FieldErrors& errors, const Report& report) {
  if (report.outcome == "installed") {
    if (!report.step.empty()) errors.push_back(field::forbidden("spec.step", "it belongs to a failure"));
  } else if (report.step.empty()) {
    errors.push_back(field::required("spec.step", "a failure says where it happened"));
  }
  if (!report.step.empty() && !one_of(steps, report.step))
    errors.push_back(field::not_supported("spec.step", go_quote(report.step), steps));
}

FieldErrors problems_of(const Report& report) {
  FieldErrors errors;
  check_text(errors, "spec.serial", report.serial, max_serial_digits);
  if (!is_hex(report.serial) || report.serial.size() % 2 != 0)
    errors.push_back(field::invalid("spec.serial", report.serial.substr(0, max_serial_digits),
                                    "must be whole bytes in hexadecimal"));
  check_text(errors, "spec.host", report.host, max_host_bytes);
  if (!is_host(report.host))
    errors.push_back(field::invalid("spec.host", report.host.substr(0, max_host_bytes),
                                    "must be a host's name: letters, digits, '.', '-', '_' and ':'"));
  check_text(errors, "spec.place", report.place, max_place_bytes);
  if (report.message.size() > max_message_bytes)
    errors.push_back(field::too_long("spec.message", max_message_bytes));
  if (report.outcome.empty()) {
    errors.push_back(field::required("spec.outcome"));
  } else if (!one_of(outcomes, report.outcome)) {
    errors.push_back(field::not_supported("spec.outcome", go_quote(report.outcome), outcomes));
  } else {
    check_failure(errors, report);
  }
  if (!report.at.empty())
    if (const auto at = engine::parse_rfc3339(report.at); !at)
      errors.push_back(field::invalid("spec.at", report.at.substr(0, max_host_bytes), at.error()));
  return errors;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool is_serial_of(const engine::LedgerEntry& held, const std::string& sent) {
  const std::string known = held.serial.hex(), given = lower_case(sent);
  return known == given || known == "00" + given;
}

engine::ReportInstallation command_of(const Report& report, const engine::Serial& serial) {
  const bool installed = report.outcome == "installed";
  engine::ReportInstallation command{.serial = serial,
                                     .host = report.host,
                                     .place = report.place,
                                     .at = std::nullopt,
                                     .installed = installed,
                                     .step = installed ? "" : report.step,
                                     .message = installed ? "" : report.message,
                                     .rolled_back = report.outcome == "rolled-back"};
  if (!report.at.empty()) command.at = engine::parse_rfc3339(report.at).value();
  return command;
}

void record(const CallPtr& call, const Report& report, const engine::Serial& serial, bool dry_run) {
  submit(call, engine::csr_stream(call->target.name),
         engine::Command(engine::CsrCommand(command_of(report, serial))), dry_run, nullptr,
         [call](std::expected<engine::Outcome, engine::Refusal> outcome) {
           if (!outcome) return call->fail(refused(*call, outcome.error()));
           answer_with_state(call, 201, *outcome->state);
         });
}

/// Whoever made a request looks after what comes of it.
bool is_requester(const engine::Identity& caller, const engine::CsrState& state) {
  const engine::CsrSpec& spec = *state.object->spec;
  return caller.by != engine::Authentication::anonymous && caller.user == spec.username &&
         caller.uid == spec.uid;
}

/// Goes on when roles, the request itself or a certificate permit it; else 403.
void if_permitted(const CallPtr& call, const std::shared_ptr<const engine::CsrState>& state,
                  const engine::LedgerEntry& held, std::move_only_function<void()> go_on) {
  if (!call->forbidden_by_roles || is_requester(call->user(), *state) || presents(call->user(), held))
    return go_on();
  const auto& before = state->predecessor;
  if (!before || before->claim) return call->fail(*call->forbidden_by_roles);
  with_whole_request(call, before->name,
                     [call, uid = before->uid, go_on = std::move(go_on)](auto old) mutable {
                       const auto* certificate = old ? old->certificate_of(uid) : nullptr;
                       if (!certificate || !presents(call->user(), *certificate))
                         return call->fail(*call->forbidden_by_roles);
                       go_on();
                     });
}

void take(const CallPtr& call, const Report& report, bool dry_run,
          const std::shared_ptr<const engine::CsrState>& state) {
  const auto& name = call->target.name;
  // Whom roles do not permit learns nothing of what there is.
  const Status unknown = call->forbidden_by_roles.value_or(status::not_found(call->resource_name(), name));
  if (!state || !state->object) return call->fail(unknown);
  const auto* held = live_certificate(*state);
  if (!held) {
    if (call->forbidden_by_roles && !is_requester(call->user(), *state)) return call->fail(unknown);
    return call->fail(status::conflict(call->resource_name(), name, "the request has no certificate yet"));
  }
  if_permitted(call, state, *held, [call, report, dry_run, state, held] {
    if (!is_serial_of(*held, report.serial)) {
      Status absent = status::not_found(call->resource_name(), call->target.name);
      absent.message = call->target.name + " has no certificate with serial number " +
                       lower_case(report.serial) + "; that of its certificate is " + held->serial.hex();
      return call->fail(absent);
    }
    if (held->installations.size() >= max_places &&
        !held->installations.contains(report.host + ' ' + report.place))
      return call->fail(status::forbidden(call->resource_name(), call->target.name,
                                          std::to_string(max_places) +
                                              " places have reported this certificate, and more are not "
                                              "kept"));
    record(call, report, held->serial, dry_run);
  });
}

}  // namespace

bool is_installation_report(const Target& target) {
  return is_of_requests(target, "installed");
}

void installation_report(const CallPtr& call) {
  const auto& target = call->target;
  if (target.malformed || !target.named) return call->fail(status::no_such_resource());
  if (target.verb != "create") return call->fail(status::method_not_allowed());
  call->resource = &certificate_signing_requests();
  Report report;
  if (!read_report(call, report)) return;
  const auto options = create_options(call->query);
  if (!options) return call->fail(options.error());
  if (const auto problems = problems_of(report); !problems.empty())
    return call->fail(status::invalid({"csrflow.io", std::string(kind)}, target.name, problems));
  with_whole_request(call, target.name,
                     [call, report = std::move(report), dry_run = options->dry_run](auto state) {
                       take(call, report, dry_run, state);
                     });
}

}  // namespace csrflow::api
