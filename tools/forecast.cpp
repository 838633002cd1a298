// `csrflow forecast`: what ends and rotates by day, as a table and drawn.
#include "engine/forecast.hpp"

#include <algorithm>
#include <iostream>

#include "store/forecast_source.hpp"
#include "tools/colour.hpp"
#include "tools/data_there.hpp"
#include "tools/insight_commands.hpp"
#include "tools/system_clock.hpp"
#include "tools/table_text.hpp"

namespace csrflow::tools {
namespace {

using engine::Forecast;
using engine::ForecastDay;

constexpr std::size_t plot_rows = 26;   // at most: a year is drawn by fortnights
constexpr std::size_t plot_width = 50;  // of the longest bar
constexpr std::size_t table_rows = 31;  // days that are listed

std::string day_text(const ForecastDay& day) {
  return rfc3339_seconds(day.begin).substr(0, 10);
}

bool empty(const ForecastDay& day) {
  return day.rotations + day.expiring == 0;
}

/// Days beside each other as one.
std::vector<ForecastDay> gathered(const std::vector<ForecastDay>& days, std::size_t each) {
  std::vector<ForecastDay> sums;
  for (std::size_t i = 0; i < days.size(); ++i) {
    if (i % each == 0) sums.push_back({.begin = days[i].begin});
    sums.back().rotations += days[i].rotations;
    sums.back().expiring += days[i].expiring;
    sums.back().unattended += days[i].unattended;
  }
  return sums;
}

std::string bar(std::uint64_t value, std::uint64_t most, std::string_view mark) {
  if (value == 0 || most == 0) return {};
  std::string text;
  const auto share = static_cast<double>(value) / static_cast<double>(most) * plot_width;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, static_cast<std::size_t>(share)); ++i) text += mark;
  return text;
}

void draw(const Forecast& forecast) {
  const std::size_t each = (forecast.days.size() + plot_rows - 1) / plot_rows;
  const auto sums = gathered(forecast.days, each);
  std::uint64_t most = 0;
  for (const ForecastDay& sum : sums) most = std::max({most, sum.rotations, sum.unattended});
  if (most == 0) return;
  std::cout << '\n'
            << (each == 1 ? "by day" : "by " + std::to_string(each) + " days") << ": "
            << coloured("█", Colour::green) << " rotations, " << coloured("▒", Colour::red)
            << " expiring without rotation\n";
  for (const ForecastDay& sum : sums) {
    std::cout << day_text(sum);
    if (sum.rotations > 0)
      std::cout << ' ' << coloured(bar(sum.rotations, most, "█"), Colour::green) << ' ' << sum.rotations;
    std::cout << '\n';
    if (sum.unattended > 0)
      std::cout << "           " << coloured(bar(sum.unattended, most, "▒"), Colour::red) << ' '
                << sum.unattended << '\n';
  }
}

void list(const Forecast& forecast) {
  TableText table({"DAY", "ROTATIONS", "EXPIRING", "WITHOUT ROTATION"});
  std::size_t left = table_rows, more = 0;
  for (const ForecastDay& day : forecast.days) {
    if (empty(day)) continue;
    if (left == 0) {
      ++more;
      continue;
    }
    --left;
    table.add({day_text(day), std::to_string(day.rotations), std::to_string(day.expiring),
               std::to_string(day.unattended)});
  }
  if (left == table_rows) {
    std::cout << "nothing expires and nothing rotates in this time\n";
    return;
  }
  std::cout << table.text();
  if (more > 0) std::cout << "and " << more << " further days (all of them: --output json)\n";
}

/// A signature a second, in thousandths: `0.016`.
std::string a_second(std::uint64_t in_a_minute) {
  const std::uint64_t thousandths = (in_a_minute * 1000 + 59) / 60;
  std::string fraction = std::to_string(thousandths % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::to_string(thousandths / 1000) + '.' + fraction;
}

void list_signers(const Forecast& forecast) {
  TableText table({"SIGNER", "CERTIFICATES", "WITHOUT ROTATION", "ROTATIONS", "BUSIEST DAY", "PEAK/S"});
  for (const auto& [name, signer] : forecast.signers)
    table.add({name, std::to_string(signer.certificates), std::to_string(signer.unattended),
               std::to_string(signer.all_rotations()), std::to_string(std::ranges::max(signer.rotations)),
               a_second(signer.busiest_minute)});
  if (!forecast.signers.empty()) std::cout << table.text() << '\n';
}

void summarize(const Forecast& forecast) {
  std::cout << forecast.certificates << " certificates without a successor are valid";
  if (forecast.unattended > 0)
    std::cout << ", "
              << coloured(std::to_string(forecast.unattended) + " of them without rotation", Colour::red);
  std::cout << "\nthere are " << forecast.rotations() << " rotations to sign in " << forecast.days.size()
            << (forecast.days.size() == 1 ? " day" : " days");
  if (const auto* busiest = forecast.busiest())
    std::cout << ", " << busiest->rotations << " on the busiest, " << day_text(*busiest);
  std::cout << "\n\n";
  if (forecast.timers_pending)
    std::cerr << "csrflow: policies have changed, and the server is still computing timers: ask again in a "
                 "while\n";
}

}  // namespace

ExitCode forecast(const ForecastOptions& options) {
  if (!data_there(options.data)) return ExitCode::not_found;
  const Forecast made =
      store::read_forecast(store::existing_data_files(options.data), SystemClock().now(), options.days);
  if (options.output == Output::json) {
    std::cout << forecast_json(made) << '\n';
    return ExitCode::done;
  }
  summarize(made);
  list_signers(made);
  list(made);
  draw(made);
  return ExitCode::done;
}

}  // namespace csrflow::tools
