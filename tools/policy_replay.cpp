// `csrflow policy replay`: what recorded history would have become under other policies.
#include <chrono>
#include <iomanip>
#include <iostream>
#include <thread>

#include "api/role_history.hpp"
#include "engine/json_writer.hpp"
#include "policies/facts.hpp"
#include "policies/policy_history.hpp"
#include "policies/replay.hpp"
#include "store/event_log.hpp"
#include "store/past_source.hpp"
#include "tools/data_there.hpp"
#include "tools/event_words.hpp"
#include "tools/instant.hpp"
#include "tools/past_commands.hpp"
#include "tools/policy_files.hpp"
#include "tools/progress.hpp"
#include "tools/signer_files.hpp"
#include "tools/system_clock.hpp"
#include "tools/table_text.hpp"

namespace csrflow::tools {
namespace {

using policies::Recorded;
using policies::Replayed;
using policies::ReplayedRequest;
using policies::ReplayResult;

constexpr std::size_t examples_shown = 20;
/// As for what is not found: scripts that replay tell them apart by standard error.
constexpr ExitCode not_reproduced{3};

template <class Act>
void for_each_cell(const ReplayResult& result, Act act) {
  for (std::size_t r = 0; r < std::size(policies::recorded_words); ++r)
    for (std::size_t p = 0; p < std::size(policies::replayed_words); ++p)
      act(static_cast<Recorded>(r), static_cast<Replayed>(p), result.cells[r][p]);
}
std::string_view word(Recorded r) {
  return policies::recorded_words[static_cast<std::size_t>(r)];
}
std::string_view word(Replayed r) {
  return policies::replayed_words[static_cast<std::size_t>(r)];
}

// ---- for programs -------------------------------------------------------------------------------

void add(engine::JsonObject& object, const ReplayedRequest& one) {
  object.number("position", static_cast<std::int64_t>(one.position.value));
  object.text("request", one.request);
  object.text("uid", one.uid.text);
  object.text("signerName", one.signer_name);
  object.text("user", one.user);
  object.text("then", one.recorded);
  object.text("now", one.replayed);
}

template <class Write>
void json_line(const char* kind, Write write) {
  std::string out;
  {
    engine::JsonObject object(out);
    object.text("kind", kind);
    write(object);
  }
  std::cout << out << '\n';
}

void print_json(const ReplayResult& result) {
  for (const ReplayedRequest& one : result.live_denied_examples)
    json_line("liveDenied", [&](engine::JsonObject& object) { add(object, one); });
  for_each_cell(result, [](Recorded recorded, Replayed replayed, const policies::ReplayCell& cell) {
    if (cell.count == 0) return;
    json_line("cell", [&](engine::JsonObject& object) {
      object.text("recorded", word(recorded));
      object.text("replayed", word(replayed));
      object.number("count", static_cast<std::int64_t>(cell.count));
      object.boolean("agrees", policies::agrees(recorded, replayed));
    });
    for (const ReplayedRequest& one : cell.examples)
      json_line("example", [&](engine::JsonObject& object) {
        object.text("recorded", word(recorded));
        object.text("replayed", word(replayed));
        add(object, one);
      });
  });
  for (const ReplayedRequest& one : result.not_reproduced_examples)
    json_line("notReproduced", [&](engine::JsonObject& object) { add(object, one); });
  json_line("summary", [&](engine::JsonObject& object) {
    const policies::Versions versions = policies::versions();
    object.number("requests", static_cast<std::int64_t>(result.requests));
    object.number("differing", static_cast<std::int64_t>(result.differing()));
    object.number("liveDenied", static_cast<std::int64_t>(result.live_denied));
    object.number("unreadable", static_cast<std::int64_t>(result.unreadable));
    object.number("decisions", static_cast<std::int64_t>(result.decisions));
    object.number("tested", static_cast<std::int64_t>(result.tested));
    object.number("notReproduced", static_cast<std::int64_t>(result.not_reproduced));
    object.boolean("complete", result.complete);
    object.text("evaluator", versions.evaluator);
    object.text("timeZones", versions.time_zones);
    object.text("regex", versions.regex);
    object.text("unicode", versions.unicode);
    object.number("requestReader", engine::past_version);
  });
}

// ---- for people ---------------------------------------------------------------------------------

void print_examples(const std::vector<ReplayedRequest>& examples, std::uint64_t count) {
  std::size_t shown = 0;
  for (const ReplayedRequest& one : examples) {
    if (shown++ == examples_shown) break;
    std::cout << "  " << printable(one.request) << " (position " << one.position.value << ", "
              << printable(one.signer_name) << ", " << printable(one.user)
              << ")\n    then: " << printable(one.recorded) << "\n    now:  " << printable(one.replayed)
              << '\n';
  }
  if (count > shown) std::cout << "  … and " << count - std::min(count, std::uint64_t{shown}) << " more\n";
}

void print_matrix(const ReplayResult& result) {
  std::vector<std::string> header{"RECORDED"};
  for (const std::string_view replayed : policies::replayed_words) header.emplace_back(replayed);
  TableText table(std::move(header));
  for (std::size_t r = 0; r < result.cells.size(); ++r) {
    std::vector<std::string> row{std::string(policies::recorded_words[r])};
    for (const policies::ReplayCell& cell : result.cells[r]) row.push_back(std::to_string(cell.count));
    table.add(std::move(row));
  }
  std::cout << table.text();
}

void print_words(const ReplayResult& result, double seconds) {
  if (result.live_denied > 0) {
    std::cout << result.live_denied << " valid certificate" << (result.live_denied == 1 ? "" : "s")
              << " would have been denied:\n";
    print_examples(result.live_denied_examples, result.live_denied);
    std::cout << '\n';
  }
  print_matrix(result);
  for_each_cell(result, [](Recorded recorded, Replayed replayed, const policies::ReplayCell& cell) {
    if (cell.count == 0 || policies::agrees(recorded, replayed)) return;
    std::cout << '\n' << word(recorded) << ", now " << word(replayed) << ": " << cell.count << '\n';
    print_examples(cell.examples, cell.count);
  });
  std::cout << '\n'
            << result.differing() << " of " << result.requests << " requests differ; " << result.decisions
            << " decisions in " << std::fixed << std::setprecision(3) << seconds << " s\n";
  if (result.unreadable > 0)
    std::cout << result.unreadable << " requests cannot be read and are left to people\n";
  std::cout << result.tested << " decisions of policies were made again under the policies of their time: ";
  if (result.not_reproduced == 0) {
    std::cout << "all are the same\n";
  } else {
    std::cout << result.not_reproduced << " came out DIFFERENTLY, so nothing above can be trusted\n";
    print_examples(result.not_reproduced_examples, result.not_reproduced);
  }
}

// ---- what is asked ------------------------------------------------------------------------------

std::optional<engine::Timestamp> instant(const char* option, const std::string& text, DayEdge edge) {
  if (text.empty()) return std::nullopt;
  auto parsed = parse_instant(text, edge);
  if (!parsed) throw std::invalid_argument(std::string(option) + ": " + parsed.error());
  return *parsed;
}

policies::ReplayOptions asked(const PolicyReplayOptions& o) {
  policies::ReplayOptions options;
  options.only = o.only;
  options.cascade = o.cascade;
  options.signer_name = o.signer;
  options.since = instant("--since", o.since, DayEdge::begin);
  options.until = instant("--until", o.until, DayEdge::end);
  options.threads = o.threads > 0 ? o.threads : std::max(1u, std::thread::hardware_concurrency());
  options.examples = examples_shown;
  options.now = SystemClock().now();
  return options;
}

}  // namespace

ExitCode policy_replay(const PolicyReplayOptions& o) {
  if (!data_there(o.data)) return ExitCode::not_found;
  policies::ReplayOptions options;
  try {
    options = asked(o);
  } catch (const std::invalid_argument& wrong) {
    std::cerr << "csrflow: " << wrong.what() << '\n';
    return ExitCode::usage;
  }
  const auto files = read_policy_files(o.policies);
  if (report_problems(files)) return ExitCode::failed;
  options.policies = all_policies(files);
  const auto signers = read_signer_files(o.signers);
  options.lifetime = [&](const engine::CsrSpec& spec) -> std::optional<engine::Duration> {
    const auto other = signers.find(spec.signer_name.text);
    if (other == signers.end()) return std::nullopt;
    return signer::resolved_lifetime(other->second, spec.expiration_seconds);
  };

  const auto log = store::SqliteEventLog::open_reader(o.data);
  store::SqlitePastSource source(store::existing_data_files(o.data));
  const auto changes = policies::policy_history(*log, source.head());
  const api::RoleHistory roles(*log);
  options.may_approve = [&](const engine::Word& word, const engine::SignerName& signer,
                            engine::Position position) {
    engine::Identity who;
    who.user = word.user;
    who.groups = word.groups;
    return api::may(*roles.before(position), who, "approve", signer.text);
  };
  Progress bar("replaying");
  options.progress = [&](engine::Position done, engine::Position head) { bar.show(done.value, head.value); };
  const auto begun = std::chrono::steady_clock::now();
  const ReplayResult result = policies::replay(source, changes, options);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  bar.end();
  o.output == Output::json ? print_json(result) : print_words(result, taken.count());
  return result.not_reproduced == 0 ? ExitCode::done : not_reproduced;
}

}  // namespace csrflow::tools
