// The fields of a notification sink's spec, once: reading, the canonical form and the schema all come from
// here. Internal to notification_document.cpp.
#pragma once

#include "policies/certificate_match_fields.hpp"
#include "policies/notification_sink.hpp"

namespace csrflow::policies {

constexpr std::int64_t max_delivery_attempts = 1'000;

template <>
struct Words<engine::Notable> {
  static constexpr std::span<const std::string_view> words = engine::notable_words;
};
template <>
struct Words<engine::Mail::Security> {
  static constexpr std::string_view words[] = {"startTLS", "tls", "none"};
};

void check_webhook(const Reading&, const engine::Webhook&);
void check_mail(const Reading&, engine::Mail&);  ///< and adds the port to a server without one
void check_command(const Reading&, const engine::LocalCommand&);
void check_sink_retry(const Reading&, const SinkRetry&);

template <class Visitor>
void visit_fields(Visitor&& v, engine::Webhook& w) {
  v("url", w.url, "Gets a POST with the news as JSON, as https://hooks.example.com/csrflow");
  v("secretFile", w.secret_file,
    "File on the server's host whose bytes sign each POST by HMAC-SHA256; absent: it is not signed");
  v("caFile", w.ca_file, "PEM file with what the receiver must chain to; absent: what the host trusts");
  v.check([&](const Reading& reading) { check_webhook(reading, w); });
}
template <class Visitor>
void visit_fields(Visitor&& v, engine::Mail& m) {
  v("server", m.server, "Host and port, as smtp.example.com:587, which is the port of startTLS; tls: 465");
  v("security", m.security, "startTLS: the connection must become TLS. none: for a relay on the same host");
  v("caFile", m.ca_file, "PEM file with what the server must chain to; absent: what the host trusts");
  v("username", m.username, "Who logs in; absent: nobody does");
  v("passwordFile", m.password_file, "File on the server's host with the password, its first line");
  v("from", m.from, "The sender's address");
  v("to", m.to, "The receivers' addresses");
  v.check([&](const Reading& reading) { check_mail(reading, m); });
}
template <class Visitor>
void visit_fields(Visitor&& v, engine::LocalCommand& c) {
  v("argv", c.argv, "A program's path and its arguments; no shell. The news is its standard input, as JSON");
  v("timeLimit", c.time_limit, "When it is ended");
  v.check([&](const Reading& reading) { check_command(reading, c); });
}
template <class Visitor>
void visit_fields(Visitor&& v, SinkRetry& r) {
  v("base", r.base, "The wait after the first failure; each further one is twice as long");
  v("cap", r.cap, "No wait is longer");
  v("attempts", Bounded{r.attempts, 1, max_delivery_attempts},
    "After so many it is kept as dead, until a person sends it again");
  v.check([&](const Reading& reading) { check_sink_retry(reading, r); });
}

/// The spec as it stands in the document.
struct SinkDocument {
  std::string description;
  std::optional<std::vector<engine::Notable>> events;
  std::optional<CertificateMatch> match;
  std::optional<engine::Webhook> webhook;
  std::optional<engine::Mail> smtp;
  std::optional<engine::LocalCommand> command;
  SinkRetry retry;
};
void check_sink(const Reading&, const SinkDocument&);

template <class Visitor>
void visit_fields(Visitor&& v, SinkDocument& s) {
  v("description", s.description, "One line for people");
  v("events", s.events,
    "What is sent; absent: all but rotation-due, blackout-ignored and agent-back. What a rotation policy or "
    "an approval policy sends here by name comes, too");
  v("match", s.match,
    "Of which certificates; all that is given must hold. News of a CA, a job or the limits always come");
  v("webhook", s.webhook, "An HTTPS address");
  v("smtp", s.smtp, "Mail");
  v("command", s.command, "A program on the server's host");
  v("retry", s.retry, "How long to wait after failures");
  v.check([&](const Reading& reading) { check_sink(reading, s); });
}

}  // namespace csrflow::policies
