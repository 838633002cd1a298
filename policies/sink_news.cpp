#include "policies/sink_news.hpp"

#include "engine/overloaded.hpp"

namespace csrflow::policies {
namespace {

using engine::Notable;

std::string sentence_of(std::string text) {
  if (text.empty()) return text;
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  if (!text.ends_with('.')) text += '.';
  return text;
}
void add(std::string& text, const std::string& sentence) {
  if (!sentence.empty()) text += (text.empty() ? "" : " ") + sentence_of(sentence);
}

/// The title of an alert about a request of this name, whose certificate it is about.
std::string alert_title(Notable kind, const std::string& name, const engine::LedgerEntry& held) {
  const std::string end = engine::rfc3339_seconds(held.not_after);
  switch (kind) {
    case Notable::expiring:
      return name + " expires " + end + " and has no successor";
    case Notable::rotation_overdue:
      return name + " should have been rotated by now; it expires " + end;
    case Notable::rotation_given_up:
      return name + " expired " + end + " and is no longer rotated";
    case Notable::rotation_impossible:
      return name + " needs a new key, and nobody is known who would make one; it expires " + end;
    case Notable::blackout_ignored:
      return name + " is rotated inside a blackout: there is no other moment";
    case Notable::agent_silent:
      return name + ": its host has not been heard of";
    case Notable::agent_back:
      return name + ": its host is back";
    case Notable::cap_too_low:
      return name + " may expire before its turn comes: the limits are too low";
    default:
      return name + ": " + std::string(engine::name_of(kind)) + "; it expires " + end;
  }
}

/// News of one request: what is the same in all of them.
class RequestNews {
 public:
  RequestNews(const engine::Record& record, const engine::CsrState& state)
      : name_(record.stamp.stream.name()), state_(state) {}

  News news(Notable kind, std::string title, const std::string& message,
            const engine::LedgerEntry* held = nullptr, std::vector<std::string> named = {}) const {
    News news{.kind = kind, .title = name_ + std::move(title), .request = &state_};
    add(news.text, message);
    add(news.text, whose());
    if (held)
      add(news.text, "the certificate has serial number " + held->serial.hex() + " and ends " +
                         engine::rfc3339_seconds(held->not_after));
    if (state_.object) add(news.text, "`kubectl describe csr " + name_ + "` shows it");
    news.named = std::move(named);
    const auto& wanted = state_.obligations.notify;
    news.named.insert(news.named.end(), wanted.begin(), wanted.end());
    return news;
  }
  News alert(const engine::Alerted& e) const {
    const engine::LedgerEntry* held = state_.certificate_of(e.uid);
    if (!held)
      return news(e.alert, ": " + std::string(engine::name_of(e.alert)), e.message, nullptr, e.notify);
    News made = news(e.alert, "", e.message, held, e.notify);
    made.title = alert_title(e.alert, name_, *held);
    return made;
  }
  const engine::LedgerEntry* certificate(const engine::Uid& uid) const { return state_.certificate_of(uid); }
  std::string end_of(const engine::Uid& uid) const {
    const engine::LedgerEntry* held = certificate(uid);
    return held ? "; it expires " + engine::rfc3339_seconds(held->not_after) : std::string();
  }

 private:
  std::string whose() const {
    if (!state_.object) return {};
    const engine::CsrSpec& spec = *state_.object->spec;
    return "the signer is " + spec.signer_name.text + ", the requester " + spec.username;
  }

  const std::string name_;
  const engine::CsrState& state_;
};

std::optional<News> of_request(const engine::Record& record, const engine::CsrEvent& event) {
  // What happened to an object that is gone with the event is told of as it was.
  const engine::CsrState& after = *record.csr_after();
  const RequestNews about(record, after.object ? after : *record.csr_before());
  return std::visit(
      engine::overloaded{
          [&](const engine::Alerted& e) -> std::optional<News> {
            if (e.summarised) return std::nullopt;
            return about.alert(e);
          },
          [&](const engine::Failed& e) -> std::optional<News> {
            return about.news(Notable::failed, " was refused by its signer", e.message);
          },
          [&](const engine::Denied& e) -> std::optional<News> {
            return about.news(Notable::denied, " was denied", e.message, nullptr,
                              e.judged.obligations.notify);
          },
          [&](const engine::RotationFailed& e) -> std::optional<News> {
            return about.news(
                Notable::rotation_failed,
                ": attempt " + std::to_string(e.attempt) + " to rotate it has failed" + about.end_of(e.uid),
                e.message, about.certificate(e.uid));
          },
          [&](const engine::InstallFailed& e) -> std::optional<News> {
            const std::string left = e.rolled_back ? "the certificate before it goes on serving"
                                                   : "what serves there is not known";
            return about.news(Notable::installation_failed, " could not be installed on " + e.host,
                              "at " + e.place + ", " + e.step + ": " + e.message + "; " + left,
                              about.certificate(e.uid));
          },
          [&](const engine::RotationDue& e) -> std::optional<News> {
            if (e.mode != engine::name_of(engine::RotationMode::announce)) return std::nullopt;
            return about.news(Notable::rotation_due, " is due for its rotation" + about.end_of(e.uid),
                              "policy " + e.policy + " leaves it to somebody else; the window ends " +
                                  engine::rfc3339_seconds(e.window_end),
                              about.certificate(e.uid));
          },
          [](const auto&) -> std::optional<News> { return std::nullopt; },
      },
      event);
}

std::optional<News> of_authority(const engine::RolloverDue& e) {
  News news{.kind = Notable::ca_ending,
            .title = "the CA's roll-over is due: " + std::string(engine::name_of(e.step))};
  add(news.text, e.message);
  return news;
}

std::optional<News> of_log(const engine::AlertsSummarised& e) {
  News news{.kind = e.alert,
            .title = std::to_string(e.count) + " certificates: " + std::string(engine::name_of(e.alert)) +
                     "; the first ends " + engine::rfc3339_seconds(e.nearest_end)};
  add(news.text, e.message);
  std::string examples;
  for (const std::string& stream : e.examples) examples += (examples.empty() ? "" : ", ") + stream;
  if (!examples.empty()) add(news.text, "among them " + examples);
  return news;
}

std::optional<News> of_job(const engine::StreamId& stream, const engine::JobPaused& e) {
  if (!e.user.empty()) return std::nullopt;
  News news{.kind = Notable::job_paused,
            .title = "the job " + std::string(stream.name()) + " has paused and asks"};
  add(news.text, e.reason);
  return news;
}

}  // namespace

std::optional<News> news_of(const engine::Record& record) {
  if (const auto* event = record.csr_event()) return of_request(record, *event);
  return std::visit(engine::overloaded{
                        [](const engine::AuthorityEvent& e) -> std::optional<News> {
                          const auto* due = std::get_if<engine::RolloverDue>(&e);
                          return due ? of_authority(*due) : std::nullopt;
                        },
                        [](const engine::LogEvent& e) -> std::optional<News> {
                          const auto* alerts = std::get_if<engine::AlertsSummarised>(&e);
                          return alerts ? of_log(*alerts) : std::nullopt;
                        },
                        [&](const engine::JobEvent& e) -> std::optional<News> {
                          const auto* paused = std::get_if<engine::JobPaused>(&e);
                          return paused ? of_job(record.stamp.stream, *paused) : std::nullopt;
                        },
                        [](const auto&) -> std::optional<News> { return std::nullopt; },
                    },
                    *record.event);
}

}  // namespace csrflow::policies
