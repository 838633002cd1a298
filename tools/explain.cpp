// `csrflow explain NAME`: why a request is where it is, from its events, read beside a running server.
#include <iostream>
#include <nlohmann/json.hpp>

#include "engine/csr.hpp"
#include "engine/streams.hpp"
#include "store/event_log.hpp"
#include "tools/commands.hpp"
#include "tools/data_there.hpp"

namespace csrflow::tools {
namespace {

using namespace engine;
using Json = nlohmann::ordered_json;

std::string facts_of(const CsrEvent& event) {
  if (const auto* e = std::get_if<Approved>(&event)) return e->judged.facts.text;
  if (const auto* e = std::get_if<Denied>(&event)) return e->judged.facts.text;
  if (const auto* e = std::get_if<Evaluated>(&event)) return e->facts.text;
  return {};
}

bool says_something(const CsrEvent& event) {
  return std::holds_alternative<Approved>(event) || std::holds_alternative<Denied>(event) ||
         std::holds_alternative<Evaluated>(event);
}

/// What decided, in one sentence; of a policy's decision the policy's own.
std::string sentence_of(const CsrEvent& event, const Identity& who) {
  // A veto and a signer's own denial name no policy, and are sentences of the policies' all the same.
  const auto ruled = [&](const auto& decision) {
    return who.by == Authentication::system && !decision.judged.facts.text.empty();
  };
  const auto by_person = [&](const char* verb, const std::string& reason, const std::string& message) {
    std::string text = std::string(verb) + " by " + who.user;
    if (!reason.empty()) text += " (" + reason + ')';
    return message.empty() ? text : text + ": " + message;
  };
  if (const auto* e = std::get_if<Approved>(&event)) {
    if (e->break_glass)
      return "approved by " + e->break_glass->user + " by break-glass: " + e->break_glass->reason +
             "; overridden: " + e->break_glass->overridden;
    return ruled(*e) ? e->message : by_person("approved", e->reason, e->message);
  }
  if (const auto* e = std::get_if<Denied>(&event))
    return ruled(*e) ? e->message : by_person("denied", e->reason, e->message);
  return std::get<Evaluated>(event).sentence;
}

std::string verdict_of(const CsrEvent& event) {
  if (std::holds_alternative<Approved>(event)) return "approve";
  if (std::holds_alternative<Denied>(event)) return "deny";
  return std::string(name_of(std::get<Evaluated>(event).verdict));
}

Json explanation_of(const StoredEvent& stored) {
  const Event event = decode(stored);
  const auto& csr = std::get<CsrEvent>(event);
  const std::string facts = facts_of(csr);
  Json explanation = Json::object();
  if (!facts.empty()) explanation = Json::parse(facts).value("explanation", Json::object());
  explanation["verdict"] = verdict_of(csr);
  explanation["sentence"] = sentence_of(csr, decode_context(stored.context).actor);
  explanation["position"] = stored.position.value;
  explanation["recordedAt"] = rfc3339_micro(stored.recorded_at);
  return explanation;
}

Json explain_stream(const std::vector<StoredEvent>& events, const CsrState& state) {
  for (auto event = events.rbegin(); event != events.rend() && event->type != "created"; ++event)
    if (says_something(std::get<CsrEvent>(decode(*event)))) return explanation_of(*event);
  const std::string signer = state.object ? state.object->spec->signer_name.text : "its signer";
  return {{"verdict", "person"},
          {"sentence", "no policy matches; a person with approve on " + signer + " decides"},
          {"policies", Json::array()}};
}

void print(const std::string& name, const Json& explanation) {
  std::cout << name << ": " << explanation.value("sentence", "") << '\n';
  for (const Json& policy : explanation.value("policies", Json::array())) {
    std::cout << "  policy " << policy.value("name", "") << ' ' << policy.value("hash", "").substr(0, 8)
              << ": " << (policy.contains("would") ? "suspended, would " : "")
              << policy.value(policy.contains("would") ? "would" : "result", "")
              << (policy.value("nearMiss", false) ? ", a near miss" : "") << '\n';
    for (const Json& failure : policy.value("failed", Json::array()))
      std::cout << "    " << failure.value("constraint", "") << ": " << failure.value("text", "") << '\n';
    for (const Json& demand : policy.value("demands", Json::array())) {
      std::cout << "    " << demand.value("count", 0) << " of";
      for (const char* kind : {"groups", "users"})
        for (const Json& who : demand.value(kind, Json::array())) std::cout << ' ' << who.get<std::string>();
      std::cout << ':';
      for (const Json& who : demand.value("has", Json::array())) std::cout << ' ' << who.get<std::string>();
      std::cout << '\n';
    }
  }
}

}  // namespace

ExitCode explain(const HistoryOptions& options) {
  if (!data_there(options.data)) return ExitCode::not_found;
  const auto reader = store::SqliteEventLog::open_reader(options.data);
  const StreamId stream = csr_stream(options.name);
  const std::vector<StoredEvent> events = reader->stream(stream);
  if (events.empty()) {
    tell_unknown_request(options.name);
    return ExitCode::not_found;
  }
  const State state = fold(stream, events);
  const Json explanation = explain_stream(events, std::get<CsrState>(state));
  if (options.output == Output::json)
    std::cout << explanation.dump() << '\n';
  else
    print(options.name, explanation);
  return ExitCode::done;
}

}  // namespace csrflow::tools
