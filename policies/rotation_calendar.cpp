// Maintenance and blackout windows in documents: weekly, dated, or two instants.
#include "engine/overloaded.hpp"
#include "policies/rotation_fields.hpp"

namespace csrflow::policies {
namespace {

using engine::CalendarWindow;

/// `Mon-Fri`; also as `Mon..Fri`.
std::string days_text(const std::optional<Strings>& days) {
  if (!days) return {};
  std::string text;
  for (std::string day : *days) {
    if (const auto dots = day.find(".."); dots != std::string::npos) day.replace(dots, 2, "-");
    text += (text.empty() ? "" : ",") + day;
  }
  return text + ' ';
}

std::optional<CalendarWindow> weekly(const Reading& reading, const CalendarDocument& document) {
  if (!document.from || !document.to) {
    reading.fail("E08", "a weekly window needs from and to, as 08:00 and 18:00");
    return std::nullopt;
  }
  const std::string text = days_text(document.days) + *document.from + '-' + *document.to;
  const auto window = engine::parse_time_window(text);
  if (!window) {
    reading.fail("E08", text + ": " + window.error());
    return std::nullopt;
  }
  if (!document.zone) {
    reading.fail("E08", "a time zone is needed, as Europe/Berlin", ".timeZone");
    return std::nullopt;
  }
  return engine::WeeklyWindow{*document.zone, *window};
}

std::optional<CalendarWindow> instants(const Reading& reading, const CalendarDocument& document) {
  const auto start = engine::parse_rfc3339(*document.start), end = engine::parse_rfc3339(*document.end);
  constexpr auto form = "must be a day, as 2026-12-20, or an instant, as 2026-12-20T18:00:00Z";
  if (!start) reading.fail("E08", *document.start + ": " + form, ".start");
  if (!end) reading.fail("E08", *document.end + ": " + form + ", as start is", ".end");
  if (!start || !end) return std::nullopt;
  if (*end <= *start) {
    reading.fail("E07", "end must be after start");
    return std::nullopt;
  }
  return engine::Interval{*start, *end};
}

std::optional<CalendarWindow> dated(const Reading& reading, const CalendarDocument& document) {
  if (!document.start || !document.end) {
    reading.fail("E08", "start and end belong together");
    return std::nullopt;
  }
  const auto first = engine::parse_day(*document.start), last = engine::parse_day(*document.end);
  if (!first || !last) return instants(reading, document);
  if (*last < *first) {
    reading.fail("E07", "end must not be before start");
    return std::nullopt;
  }
  if (!document.zone) {
    reading.fail("E08", "a time zone is needed, as Europe/Berlin", ".timeZone");
    return std::nullopt;
  }
  return engine::DatedWindow{*document.zone, *first, *last};
}

}  // namespace

std::optional<CalendarWindow> Codec<CalendarWindow>::parse(Reading& reading, const Tree& tree) {
  CalendarDocument document;
  const std::size_t before = reading.failures();
  Codec<CalendarDocument>::read(reading, tree, document);
  if (reading.failures() != before) return std::nullopt;
  const bool by_dates = document.start || document.end;
  if (!by_dates) return weekly(reading, document);
  if (document.days || document.from || document.to) {
    reading.fail("E07", "has either days, from and to, or start and end");
    return std::nullopt;
  }
  return dated(reading, document);
}

Tree Codec<CalendarWindow>::write(const CalendarWindow& window) {
  CalendarDocument document;
  std::visit(engine::overloaded{
                 [&](const engine::WeeklyWindow& weekly) {
                   const std::string text = engine::time_window_text(weekly.window);
                   const auto blank = text.rfind(' ');
                   const std::string times = text.substr(blank == std::string::npos ? 0 : blank + 1);
                   if (blank != std::string::npos) document.days = Strings{text.substr(0, blank)};
                   document.from = times.substr(0, 5);
                   document.to = times.substr(6);
                   document.zone = weekly.zone;
                 },
                 [&](const engine::DatedWindow& dated) {
                   document.start = engine::day_text(dated.first);
                   document.end = engine::day_text(dated.last);
                   document.zone = dated.zone;
                 },
                 [&](const engine::Interval& instants) {
                   document.start = engine::rfc3339_micro(instants.from);
                   document.end = engine::rfc3339_micro(instants.to);
                 },
             },
             window);
  return Codec<CalendarDocument>::write(document);
}

}  // namespace csrflow::policies
