// `csrflow replay`: folds the whole log again and compares with the live views.
#include "store/replay.hpp"

#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "api/presenter.hpp"
#include "engine/json_writer.hpp"
#include "store/sha256.hpp"
#include "tools/commands.hpp"
#include "tools/data_there.hpp"
#include "tools/decision_rules.hpp"
#include "tools/progress.hpp"
#include "tools/rules_at.hpp"

namespace csrflow::tools {
namespace {

using store::ReplayReport;

std::string seconds_text(std::chrono::microseconds taken) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(taken.count()) / 1e6);
  return text;
}

void print_json(const ReplayReport& report) {
  std::string out;
  {
    engine::JsonObject object(out);
    object.boolean("equal", report.equal());
    object.number("events", static_cast<std::int64_t>(report.events));
    object.number("position", static_cast<std::int64_t>(report.position.value));
    object.number("head", static_cast<std::int64_t>(report.head.value));
    object.boolean("timersPending", report.timers_pending);
    object.key("seconds") += seconds_text(report.taken);
    std::string& tables = object.key("tables");
    tables += '[';
    for (const auto& table : report.tables) {
      if (tables.back() != '[') tables += ',';
      engine::JsonObject one(tables);
      one.text("table", table.table);
      one.number("rows", static_cast<std::int64_t>(table.rows));
      one.number("differing", static_cast<std::int64_t>(table.differing));
    }
    tables += ']';
  }
  std::cout << out << '\n';
}

void print_words(const ReplayReport& report) {
  std::uint64_t rows = 0;
  for (const auto& table : report.tables) {
    rows += table.rows;
    for (const auto& difference : table.first)
      std::cout << table.table << " (" << difference.key << "): " << difference.what << '\n';
    if (table.differing > table.first.size())
      std::cout << table.table << ": " << table.differing - table.first.size() << " more rows differ\n";
  }
  std::cout << report.events << " events folded into " << rows << " rows of " << report.tables.size()
            << " views in " << seconds_text(report.taken) << " s, up to position " << report.position.value
            << ": " << (report.equal() ? "all views are equal" : "the views are NOT equal to the log")
            << '\n';
  if (report.timers_pending)
    std::cout << "a rotation policy, a sink or a signer has changed and the timers are still being computed "
                 "anew by the server: they were not compared; ask again in a while\n";
  if (report.position < report.head)
    std::cout << "the views stand at " << report.position.value << " of " << report.head.value
              << ": a server catches up when it starts\n";
}

}  // namespace

ExitCode replay(const ReplayOptions& options) {
  if (!data_there(options.data)) return ExitCode::not_found;
  api::Presenter presenter;
  Progress bar("replaying");
  ReplayReport report = store::replay(
      options.data, presenter, store::sha256, request_forms(),
      [&](engine::Position done, engine::Position total) { bar.show(done.value, total.value); },
      rules_at(options.data));
  bar.end();
  options.output == Output::json ? print_json(report) : print_words(report);
  return report.equal() ? ExitCode::done : ExitCode::not_equal;
}

}  // namespace csrflow::tools
