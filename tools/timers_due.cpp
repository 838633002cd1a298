// `csrflow timers due`: the window and the instant of any certificate, as a server would compute them.
#include <algorithm>
#include <cstdio>
#include <iostream>

#include "engine/json_writer.hpp"
#include "engine/rotation_plan.hpp"
#include "policies/rotation_policy.hpp"
#include "store/sha256.hpp"
#include "tools/policy_files.hpp"
#include "tools/table_text.hpp"
#include "tools/timer_commands.hpp"

namespace csrflow::tools {
namespace {

using namespace engine;

struct Wrong {
  ExitCode code;
  std::string text;
};

Timestamp time_of(const char* option, const std::string& text) {
  const auto time = parse_rfc3339(text);
  if (!time)
    throw Wrong{ExitCode::usage,
                std::string(option) + ": `" + text + "` is no time: write 2026-01-31T12:00:00Z"};
  return *time;
}

/// OpenSSL prints `7F:01`, csrflow `7f01`.
Serial serial_of(std::string text) {
  std::erase(text, ':');
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c; });
  auto content = from_hex(text);
  if (!content || content->empty())
    throw Wrong{ExitCode::usage, "--serial: write the content bytes in hex, as 00a1b2"};
  return {std::move(*content)};
}

Validity validity_of(const TimersDueOptions& o) {
  Timestamp begin = time_of("--not-before", o.not_before).cut_to_seconds();
  if (!o.issued_at.empty()) begin = std::max(begin, time_of("--issued-at", o.issued_at).cut_to_seconds());
  const Timestamp not_after = time_of("--not-after", o.not_after).cut_to_seconds();
  if (not_after < begin)
    throw Wrong{ExitCode::usage,
                "the certificate ends before it begins: compare --not-before, --issued-at and "
                "--not-after"};
  return {begin, not_after};
}

policies::RotationPolicyPtr policy_in(const std::filesystem::path& path) {
  const auto file = policies::read_rotation_policy_yaml(read_input(path));
  std::string text;
  for (const auto& problem : file.problems)
    text += (text.empty() ? "" : "\n") + path.string() + ": " + policies::sentence(problem);
  if (!text.empty()) throw Wrong{ExitCode::failed, std::move(text)};
  if (file.policies.size() != 1)
    throw Wrong{ExitCode::failed, path.string() + ": has " + std::to_string(file.policies.size()) +
                                      " rotation policies; it must be one"};
  return file.policies.front();
}

/// With a fraction of a second only where there is one.
std::string short_time(Timestamp t) {
  return t == t.cut_to_seconds() ? rfc3339_seconds(t) : rfc3339_micro(t);
}

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

void print_json(const Rotatable& r, const RotationPlan& plan, const policies::RotationPolicy* policy) {
  std::string out;
  {
    JsonObject object(out);
    object.text("stream", r.stream.text);
    object.text("serial", r.serial.hex());
    object.text("begin", short_time(r.validity.begin));
    object.text("notAfter", short_time(r.validity.not_after));
    object.text("h", hex(rotation_jitter(r.stream, r.serial, store::sha256)));
    object.text("windowStart", short_time(plan.window.start));
    object.text("windowEnd", short_time(plan.window.end));
    object.text("due", short_time(plan.due));
    object.text("how", name_of(plan.placement));
    if (plan.belated) object.boolean("belated", true);
    if (plan.fraction_instead) object.boolean("fractionInstead", true);
    object.text("atRisk", short_time(plan.at_risk));
    if (policy != nullptr) {
      object.text("mode", name_of(policy->rules.mode));
      object.text("policy", policy->name);
      object.text("policyHash", policy->hash);
      object.text("timeZones", time_zone_version());
    }
  }
  std::cout << out << '\n';
}

void print_table(const RotationPlan& plan) {
  TableText table({"WINDOW START", "WINDOW END", "DUE", "HOW", "AT RISK"});
  table.add({short_time(plan.window.start), short_time(plan.window.end), short_time(plan.due),
             std::string(name_of(plan.placement)), short_time(plan.at_risk)});
  std::cout << table.text();
  if (plan.belated)
    std::cout << "The window had begun when it became known, so that this one is what is left.\n";
  if (plan.fraction_instead)
    std::cout << "It lives no longer than the policy's beforeExpiry.from, so that 60 to 75 % of its lifetime "
                 "hold.\n";
}

}  // namespace

ExitCode timers_due(const TimersDueOptions& o) {
  try {
    Rotatable r{.stream = {o.stream},
                .serial = serial_of(o.serial),
                .validity = validity_of(o),
                .bulk = o.bulk,
                .canary = o.canary};
    if (!o.known_since.empty()) r.known_since = time_of("--known-since", o.known_since);
    const auto policy = o.policy ? policy_in(*o.policy) : nullptr;
    const RotationPlan plan = plan_rotation(policy ? policy->rules : RotationRules{}, r, store::sha256);
    o.output == Output::json ? print_json(r, plan, policy.get()) : print_table(plan);
    return ExitCode::done;
  } catch (const Wrong& wrong) {
    std::cerr << "csrflow: " << wrong.text << '\n';
    return wrong.code;
  } catch (const Unreadable& error) {
    std::cerr << "csrflow: " << error.what() << '\n';
    return ExitCode::not_found;
  }
}

}  // namespace csrflow::tools
