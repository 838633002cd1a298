#include "bench/report.hpp"

#include <array>
#include <charconv>

#include "engine/json_writer.hpp"
#include "tools/table_text.hpp"

namespace csrflow::bench {
namespace {

using engine::JsonObject;
using tools::TableText;

constexpr double kib_a_mib = 1024, bytes_a_mb = 1e6;

std::string fixed(double value, int decimals) {
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
  return {text.data(), end.ptr};
}

std::string mib(std::uint64_t kib) {
  return fixed(static_cast<double>(kib) / kib_a_mib, 1);
}

void number(JsonObject& object, std::string_view name, double value, int decimals) {
  object.key(name) += fixed(value, decimals);
}

std::string bound_table(const Bound& bound) {
  const bool with_echo = bound.echo.count() > 0;
  TableText rows({"PART", "", "MICROSECONDS", "A SECOND"});
  auto add = [&](const char* part, const char* symbol, Microseconds each) {
    rows.add({part, symbol, fixed(each.count(), 2), fixed(1e6 / each.count(), 0)});
  };
  add("P-256 verify, SHA-256 of 300 bytes", "v", bound.verify);
  add("P-256 sign, SHA-256 of 300 bytes", "s", bound.sign);
  add("append an event, 64 certificates a synced commit", "a", bound.append);
  if (with_echo) add("TLS round trip of 1.4 kB, both ends", "e", bound.echo);
  rows.add({"bound in-process", "1 / (v + s + 4a)", fixed(1e6 / bound.in_process(), 2),
            fixed(bound.in_process(), 0)});
  if (with_echo)
    rows.add(
        {"bound https", "1 / (v + s + 4a + 3e)", fixed(1e6 / bound.https(), 2), fixed(bound.https(), 0)});
  return "What one core can do, each part alone; the bounds are certificates if it did nothing else:\n\n" +
         rows.text();
}

}  // namespace

std::string table(const Bound& bound, const std::vector<Point>& points) {
  if (points.empty()) return bound_table(bound);
  TableText rows({"WAY", "AT ONCE", "CERTIFICATES/S", "P50 MS", "P99 MS", "% OF BOUND", "PER 1000 SIGNATURES",
                  "SIGNATURES/S", "COMMIT MS", "IDLE MIB", "AFTER MIB"});
  for (const Point& p : points)
    rows.add({p.way, std::to_string(p.clients), fixed(p.rate, 0), fixed(p.p50.count(), 1),
              fixed(p.p99.count(), 1), fixed(p.percent_of_bound(), 1), fixed(p.per_thousand_signatures(), 1),
              fixed(p.signatures, 0), fixed(p.commit.count(), 2), p.server ? mib(p.server->idle) : "",
              p.server ? mib(p.server->loaded) : ""});
  return bound_table(bound) +
         "\nCreate, approve, sign, certificate read; every event durable before its answer. Signatures: "
         "P-256 "
         "of one core,\naround each point. Commit: one event alone, before each point; a client alone waits "
         "for "
         "three.\n\n" +
         rows.text();
}

std::string table(const ReadingReport& report) {
  std::string out = std::to_string(report.stored) + " signed requests stored; ready after " +
                    fixed(report.start.count(), 0) + " ms with " + mib(report.idle_kib) + " MiB\n\n";
  TableText gets({"GET, AT ONCE", "A SECOND", "P50 MS", "P99 MS", "TLS ECHOES/S", "% OF ECHO"});
  for (const Point& p : report.gets)
    gets.add({std::to_string(p.clients), fixed(p.rate, 0), fixed(p.p50.count(), 2), fixed(p.p99.count(), 2),
              fixed(p.bound, 0), fixed(p.percent_of_bound(), 1)});
  TableText lists({"LIST AS", "ROWS", "MB", "FIRST BYTE MS", "WHOLE MS", "PEAK GREW BY MIB"});
  for (const ListPoint& p : report.lists)
    lists.add({p.form, p.rows > 0 ? std::to_string(p.rows) : "",
               fixed(static_cast<double>(p.bytes) / bytes_a_mb, 1), fixed(p.first_byte.count(), 1),
               fixed(p.took.count(), 1), mib(p.growth_kib)});
  return out + gets.text() + '\n' + lists.text();
}

std::string json(const Bound& bound, const std::vector<Point>& points) {
  std::string out;
  {
    JsonObject whole(out);
    whole.key("bound");
    {
      JsonObject parts(out);
      number(parts, "verifyMicroseconds", bound.verify.count(), 3);
      number(parts, "signMicroseconds", bound.sign.count(), 3);
      number(parts, "appendMicroseconds", bound.append.count(), 3);
      number(parts, "inProcessPerSecond", bound.in_process(), 1);
      if (bound.echo.count() > 0) {
        number(parts, "echoMicroseconds", bound.echo.count(), 3);
        number(parts, "httpsPerSecond", bound.https(), 1);
      }
    }
    whole.key("points") += '[';
    for (const Point& p : points) {
      if (&p != &points.front()) out += ',';
      JsonObject point(out);
      point.text("way", p.way);
      point.number("clients", p.clients);
      point.number("certificates", static_cast<std::int64_t>(p.certificates));
      number(point, "perSecond", p.rate, 1);
      number(point, "p50Milliseconds", p.p50.count(), 3);
      number(point, "p99Milliseconds", p.p99.count(), 3);
      number(point, "percentOfBound", p.percent_of_bound(), 2);
      number(point, "perThousandSignatures", p.per_thousand_signatures(), 2);
      number(point, "signaturesPerSecond", p.signatures, 0);
      number(point, "commitMilliseconds", p.commit.count(), 3);
      if (!p.server) continue;
      point.number("idleKib", static_cast<std::int64_t>(p.server->idle));
      point.number("loadedKib", static_cast<std::int64_t>(p.server->loaded));
    }
    out += ']';
  }
  return out + '\n';
}

}  // namespace csrflow::bench
