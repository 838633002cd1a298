#include "tools/job_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/colour.hpp"
#include "tools/event_words.hpp"
#include "tools/table_text.hpp"

namespace csrflow::tools {
namespace {

using Json = nlohmann::json;

constexpr std::size_t plot_rows = 20, plot_width = 50;

std::string text(const Json& object, const char* member) {
  return object.value(member, std::string());
}
std::uint64_t number(const Json& object, const char* member) {
  return object.value(member, std::uint64_t{0});
}
std::string count(const Json& object, const char* member) {
  return std::to_string(number(object, member));
}

/// `24 certificates`.
std::string certificates(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " certificate" : " certificates");
}

std::string stages_text(const Json& status) {
  TableText table({"STAGE", "CERTIFICATES", "PER HOUR", "BEGINS", "ENDS"});
  std::size_t i = 0;
  for (const Json& stage : status["stages"])
    table.add({std::to_string(++i), count(stage, "count"), count(stage, "perHour"), text(stage, "start"),
               text(stage, "end")});
  return table.text();
}

std::string bar(std::uint64_t value, std::uint64_t most, std::string_view mark) {
  std::string drawn;
  if (value == 0 || most == 0) return drawn;
  for (std::uint64_t i = 0; i < std::max<std::uint64_t>(1, value * plot_width / most); ++i) drawn += mark;
  return drawn;
}

/// `+0:05`, hours and minutes after the start.
std::string after(std::uint64_t seconds) {
  const std::string minutes = std::to_string(seconds / 60 % 60);
  return '+' + std::to_string(seconds / 3600) + ':' + (minutes.size() < 2 ? "0" : "") + minutes;
}

struct Bucket {
  std::uint64_t job = 0, steady = 0;
};

std::string load_text(const Json& load) {
  const auto job = load["job"].get<std::vector<std::uint64_t>>();
  const auto steady = load["steady"].get<std::vector<std::uint64_t>>();
  const std::size_t each = std::max<std::size_t>(1, (job.size() + plot_rows - 1) / plot_rows);
  std::vector<Bucket> rows((job.size() + each - 1) / each);
  for (std::size_t i = 0; i < job.size(); ++i) {
    rows[i / each].job += job[i];
    rows[i / each].steady += i < steady.size() ? steady[i] : 0;
  }
  std::uint64_t most = 0;
  for (const Bucket& row : rows) most = std::max(most, row.job + row.steady);
  if (most == 0) return {};
  const std::uint64_t seconds = number(load, "bucketSeconds") * each;
  std::string drawn = "\nsigner's load by " + std::to_string(seconds / 60) +
                      " min: " + coloured("█", Colour::green) + " this job, " +
                      coloured("▒", Colour::yellow) + " what rotates anyway\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string start = after(i * seconds);
    start.resize(std::max<std::size_t>(8, start.size()), ' ');
    drawn += start + coloured(bar(rows[i].job, most, "█"), Colour::green) +
             coloured(bar(rows[i].steady, most, "▒"), Colour::yellow);
    if (rows[i].job + rows[i].steady > 0) drawn += ' ' + std::to_string(rows[i].job + rows[i].steady);
    drawn.erase(drawn.find_last_not_of(' ') + 1);
    drawn += '\n';
  }
  return drawn;
}

std::string hindered_text(const Json& status) {
  std::string out;
  for (const Json& reason : status["hindered"]) {
    out +=
        coloured(certificates(number(reason, "count")), Colour::red) + ": " + text(reason, "reason") + " (";
    std::string names;
    for (const Json& name : reason["names"])
      names += (names.empty() ? "" : ", ") + printable(name.get<std::string>());
    out += names + (number(reason, "count") > reason["names"].size() ? ", …" : "") + ")\n";
  }
  return out;
}

std::string caps_text(const Json& status) {
  std::string out;
  for (const Json& signer : status["signers"])
    if (signer.value("binds", false))
      out += coloured("the cap of " + printable(text(signer, "name")) + ", " + text(signer, "limit") +
                          ", is too low",
                      Colour::red) +
             ": " + count(signer, "neededPerHour") + " an hour would keep a tenth of the time in reserve\n";
  return out;
}

std::string state_of(const Json& job) {
  const Json& status = job["status"];
  std::string state = text(status, "phase");
  if (state == "running" || state == "between-stages")
    state += ", stage " + std::to_string(number(status, "stage") + 1) + " of " +
             std::to_string(status["stages"].size());
  return state;
}

}  // namespace

std::string plan_text(const Json& job) {
  const Json& status = job["status"];
  const Json& spec = job["spec"];
  std::string out = certificates(number(status, "count")) + " of " + count(status, "selected") +
                    " selected, mode " + text(spec, "mode") + ", from " + text(status, "start") + " to " +
                    text(status, "end") + "; deadline " + text(spec, "deadline") + '\n';
  if (!status.value("fits", true))
    out += coloured("the job does not fit into the time until its deadline", Colour::red) + '\n';
  out += caps_text(status) + hindered_text(status);
  if (number(status, "expireFirst") > 0)
    out += coloured(certificates(number(status, "expireFirst")) + " will expire before their turn",
                    Colour::red) +
           '\n';
  if (number(status, "cut") > 0)
    out += certificates(number(status, "cut")) + " will be shorter, since their CA ends\n";
  if (number(status, "count") == 0) return out;
  out += "the old certificates are not revoked\n\n";
  return out + stages_text(status) + load_text(status["load"]);
}

std::string progress_line(const Json& job) {
  const Json& status = job["status"];
  std::string line = text(job["metadata"], "name") + ": " + state_of(job) + "; " + count(status, "done") +
                     " of " + count(status, "count") + " done";
  if (number(status, "failed") > 0) line += ", " + count(status, "failed") + " failed";
  if (number(status, "gone") > 0) line += ", " + count(status, "gone") + " deleted meanwhile";
  if (const std::string why = text(status, "message"); !why.empty()) line += "; " + printable(why);
  return line;
}

std::string job_text(const Json& job) {
  const Json& status = job["status"];
  const Json& spec = job["spec"];
  std::string out = progress_line(job) + "\nasked by " + printable(text(status, "plannedBy")) + ": " +
                    text(spec, "kind") + ", mode " + text(spec, "mode") + ", reason " +
                    printable(text(spec, "reason")) + ", deadline " + text(spec, "deadline") + '\n';
  if (status.contains("pausedBy")) out += "paused by " + printable(text(status, "pausedBy")) + '\n';
  if (status.contains("missing")) {
    out += "not done:";
    for (const Json& name : status["missing"]) out += ' ' + printable(name.get<std::string>());
    out += '\n';
  }
  TableText table({"STAGE", "CERTIFICATES", "DONE", "FAILED", "DELETED", "OPEN"});
  std::size_t i = 0;
  for (const Json& stage : status["stages"])
    table.add({std::to_string(++i), count(stage, "count"), count(stage, "done"), count(stage, "failed"),
               count(stage, "gone"), count(stage, "open")});
  // Of a finished job only the totals are kept.
  return text(status, "phase") == "finished" ? out : out + '\n' + table.text();
}

std::string jobs_table(const Json& list) {
  TableText table({"NAME", "STATE", "DONE", "FAILED", "CERTIFICATES", "DEADLINE", "REASON"});
  for (const Json& job : list["items"]) {
    const Json& status = job["status"];
    table.add({text(job["metadata"], "name"), state_of(job), count(status, "done"), count(status, "failed"),
               count(status, "count"), text(job["spec"], "deadline"),
               printable(text(job["spec"], "reason"))});
  }
  return table.text();
}

}  // namespace csrflow::tools
