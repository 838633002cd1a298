#include <algorithm>
#include <iostream>

#include "engine/json_writer.hpp"
#include "policies/cases.hpp"
#include "policies/diff.hpp"
#include "policies/explain.hpp"
#include "policies/lint.hpp"
#include "tools/colour.hpp"
#include "tools/policy_commands.hpp"
#include "tools/policy_files.hpp"

namespace csrflow::tools {
namespace {

using engine::JsonObject;
using policies::Problem;

template <class Act>
ExitCode told(Act act) {
  try {
    return act();
  } catch (const Unreadable& error) {
    std::cerr << "csrflow: " << error.what() << '\n';
    return ExitCode::not_found;
  }
}

template <class Write>
void print_json(Write write) {
  std::string line;
  {
    JsonObject object(line);
    write(object);
  }
  std::cout << line << '\n';
}

void print_problem(const std::string& file, const Problem& problem, Output output) {
  if (output == Output::table) {
    std::cout << file << ": "
              << coloured(policies::sentence(problem), problem.refuses() ? Colour::red : Colour::yellow)
              << '\n';
    return;
  }
  print_json([&](JsonObject& o) {
    o.text("file", file);
    o.text("policy", problem.policy);
    o.text("code", problem.code);
    o.text("severity", problem.refuses() ? "error" : "warning");
    o.text("path", problem.path);
    if (problem.line != 0) o.number("line", static_cast<std::int64_t>(problem.line));
    o.text("text", problem.text);
  });
}

/// The file that a policy came from.
const std::string& file_of(const std::vector<NamedPolicies>& files, const std::string& policy) {
  for (const NamedPolicies& file : files) {
    const auto& inside = file.content.policies;
    if (std::ranges::any_of(inside, [&](const auto& one) { return one->name == policy; })) return file.file;
  }
  return files.front().file;
}

void print_case(const policies::ApprovalPolicy& policy, const policies::CaseResult& one, Output output) {
  if (output == Output::json) {
    print_json([&](JsonObject& o) {
      o.text("policy", policy.name);
      o.text("case", one.name);
      o.boolean("passed", one.passed);
      o.text("expected", one.expected);
      o.text("got", one.got);
      o.text("reason", one.reason);
    });
  } else if (one.passed) {
    std::cout << coloured("passed", Colour::green) << ' ' << policy.name << ": " << one.name << '\n';
  } else {
    std::cout << coloured("FAILED", Colour::red) << ' ' << policy.name << ": " << one.name << ": expected "
              << one.expected << ", got " << one.got << ": " << one.reason << '\n';
  }
}

/// As cases expect it: a review, also one that is complete, is one.
std::string_view verdict_word(policies::Verdict verdict) {
  return verdict == policies::Verdict::waits ? "review"
                                             : policies::verdict_words[static_cast<std::size_t>(verdict)];
}

std::string decisive_of(const policies::Decision& decision) {
  const policies::Failure* decisive = decision.decisive();
  return decisive == nullptr ? "" : policies::constraint_name(*decisive);
}

void print_policy(const policies::PolicyResult& one, const policies::Facts& facts) {
  const std::string result(policies::result_words[static_cast<std::size_t>(one.result)]);
  std::cout << "  " << one.policy->name << " (" << one.policy->short_hash() << "): "
            << (one.policy->suspended ? "suspended, would say " + result
                : one.near_miss()     ? "misses"
                                      : result)
            << '\n';
  for (const policies::Failure& failure : one.failed) {
    std::cout << "    " << policies::constraint_name(failure) << ": "
              << policies::failure_text(*one.policy, facts, failure) << '\n';
  }
}

void print_obligations(const policies::Decision& decision) {
  const auto merged = policies::obligations(decision);
  if (merged.all.shorten_lifetime_to)
    std::cout << "  lifetime at most " << policies::duration_text(*merged.all.shorten_lifetime_to) << '\n';
  for (const auto& [key, value] : merged.all.labels) std::cout << "  label " << key << '=' << value << '\n';
  if (!merged.all.rotation_policy.empty())
    std::cout << "  rotation policy " << merged.all.rotation_policy << '\n';
  if (merged.all.require_rekey) std::cout << "  successors need a new key\n";
  for (const auto& one : merged.all.notify) std::cout << "  notify " << one << '\n';
  for (const auto& warning : merged.warnings)
    std::cout << coloured("  warning: " + warning.text, Colour::yellow) << '\n';
}

void write_obligations(JsonObject& o, const policies::MergedObligations& merged) {
  const policies::Obligations& all = merged.all;
  JsonObject object(o.key("obligations"));
  if (all.shorten_lifetime_to)
    object.text("shortenLifetimeTo", policies::duration_text(*all.shorten_lifetime_to));
  if (!all.labels.empty()) {
    JsonObject labels(object.key("labels"));
    for (const auto& [key, value] : all.labels) labels.text(key, value);
  }
  object.text_if("rotationPolicy", all.rotation_policy);
  if (!all.notify.empty()) object.texts("notify", all.notify);
  if (all.require_rekey) object.boolean("requireRekey", true);
  std::vector<std::string> warnings;
  for (const auto& warning : merged.warnings) warnings.push_back(warning.text);
  if (!warnings.empty()) object.texts("warnings", warnings);
}

Colour colour_of(policies::Verdict verdict) {
  switch (verdict) {
    case policies::Verdict::approve:
      return Colour::green;
    case policies::Verdict::deny:
      return Colour::red;
    case policies::Verdict::waits:
    case policies::Verdict::person:
      break;
  }
  return Colour::yellow;
}

void print_decision(const policies::PolicySet& set, const policies::Facts& facts, Output output) {
  const policies::Decision decision = policies::decide(set, facts);
  if (output == Output::json) {
    print_json([&](JsonObject& o) {
      o.text("verdict", verdict_word(decision.verdict));
      o.text("decisive", decisive_of(decision));
      o.text("sentence", policies::sentence(decision, facts));
      if (const auto next = policies::next_change(set, facts, decision))
        o.text("nextChange", engine::rfc3339_micro(*next));
      write_obligations(o, policies::obligations(decision));
      o.key("explanation") += policies::explanation_json(set, facts, decision);
    });
    return;
  }
  std::cout << coloured(verdict_word(decision.verdict), colour_of(decision.verdict)) << ": "
            << policies::sentence(decision, facts) << '\n';
  for (const policies::PolicyResult& one : decision.policies) print_policy(one, facts);
  print_obligations(decision);
  if (const auto next = policies::next_change(set, facts, decision))
    std::cout << "  may change at " << engine::rfc3339_seconds(*next) << '\n';
}

}  // namespace

ExitCode policy_lint(const PolicyFilesOptions& o) {
  return told([&] {
    const auto files = read_policy_files(o.files);
    bool refused = false, warned = false;
    for (const NamedPolicies& file : files) {
      for (const Problem& problem : file.content.problems)
        print_problem(file.file, problem, o.output), refused = true;
    }
    for (const Problem& problem : policies::lint(all_policies(files))) {
      print_problem(file_of(files, problem.policy), problem, o.output);
      (problem.refuses() ? refused : warned) = true;
    }
    return refused || (warned && o.strict) ? ExitCode::failed : ExitCode::done;
  });
}

ExitCode policy_test(const PolicyFilesOptions& o) {
  return told([&] {
    const auto files = read_policy_files(o.files);
    bool failed = report_problems(files);
    std::size_t count = 0;
    for (const auto& policy : all_policies(files)) {
      for (const policies::CaseResult& one : policies::run_cases(policy)) {
        print_case(*policy, one, o.output);
        failed = failed || !one.passed;
        ++count;
      }
    }
    if (o.output == Output::table && count == 0) std::cout << "no cases\n";
    return failed ? ExitCode::failed : ExitCode::done;
  });
}

ExitCode policy_eval(const PolicyEvalOptions& o) {
  return told([&] {
    const auto files = read_policy_files(o.policies);
    if (report_problems(files)) return ExitCode::failed;
    const auto all = all_policies(files);
    const auto facts =
        policies::read_request_yaml(read_input(o.request), all.empty() ? nullptr : all.front().get());
    if (!facts) {
      for (const Problem& problem : facts.error())
        std::cerr << "csrflow: " << o.request.string() << ": " << policies::sentence(problem) << '\n';
      return ExitCode::failed;
    }
    print_decision(policies::PolicySet(all), *facts, o.output);
    return ExitCode::done;
  });
}

ExitCode policy_diff(const PolicyDiffOptions& o) {
  return told([&] {
    const auto before = read_policy_files({o.before}), after = read_policy_files({o.after});
    const bool bad_before = report_problems(before), bad_after = report_problems(after);
    if (bad_before || bad_after) return ExitCode::failed;
    const auto differences =
        policies::diff(policies::PolicySet(all_policies(before)), policies::PolicySet(all_policies(after)));
    for (const policies::Difference& one : differences) {
      if (o.output == Output::json) {
        print_json([&](JsonObject& object) {
          object.text("before", one.before);
          object.text("after", one.after);
          object.text("beforeSentence", one.before_why);
          object.text("afterSentence", one.after_why);
          object.key("request") += one.request;
        });
      } else {
        std::cout << one.before << " -> " << one.after << '\n'
                  << "  request " << one.request << '\n'
                  << coloured("  - " + one.before_why, Colour::red) << '\n'
                  << coloured("  + " + one.after_why, Colour::green) << '\n';
      }
    }
    if (o.output == Output::table && differences.empty())
      std::cout << "no example was found on which they differ\n";
    return differences.empty() ? ExitCode::done : ExitCode::not_equal;
  });
}

}  // namespace csrflow::tools
