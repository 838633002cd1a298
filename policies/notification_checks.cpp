// What the values of a notification sink's fields are, and what must hold between them.
#include "policies/notification_fields.hpp"
#include "policies/url.hpp"

namespace csrflow::policies {
namespace {

constexpr Duration least_wait = engine::seconds(1), longest_base = engine::seconds(86'400),
                   longest_cap = engine::seconds(31 * 86'400), longest_command = engine::seconds(600);
constexpr std::size_t max_argument_bytes = 8'192;
constexpr std::string_view secret_words[] = {"password",  "passwd",     "pwd",  "secret",
                                             "token",     "apikey",     "auth", "clientsecret",
                                             "authtoken", "accesstoken"};

bool absolute(std::string_view path) {
  return path.starts_with('/') && path.size() <= max_path_bytes && path.find('\0') == std::string_view::npos;
}
void check_path(const Reading& reading, const std::string& path, std::string_view field) {
  if (!path.empty() && !absolute(path))
    reading.fail("E14", "must be an absolute path, as /etc/csrflow/hook.key", field);
}

/// `access_token`, `--api-key`.
bool names_secret(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c == '-' || c == '_') continue;
    letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return std::ranges::find(secret_words, letters) != std::end(secret_words);
}

void check_address(const Reading& reading, const std::string& address, const std::string& field) {
  if (const auto canonical = engine::canonical_email(address); !canonical)
    reading.fail("E14", '"' + address + "\": " + canonical.error(), field);
}

/// Each protocol's own (RFC 6409, RFC 8314 7.3, RFC 5321 4.5.4.2).
std::string port_of(engine::Mail::Security security) {
  switch (security) {
    case engine::Mail::Security::start_tls:
      return ":587";
    case engine::Mail::Security::tls:
      return ":465";
    case engine::Mail::Security::none:
      return ":25";
  }
  return {};
}

void check_server(const Reading& reading, engine::Mail& mail) {
  const auto url = parse_url("smtp://" + mail.server);
  if (mail.server.empty() || !url || url->user_info || url->path != "/" || !url->parameters.empty() ||
      url->fragment || mail.server.ends_with('/'))
    return reading.fail("E14", "must be a host and its port, as smtp.example.com:587", ".server");
  if (url->port == 0) mail.server += port_of(mail.security);
}

}  // namespace

void check_webhook(const Reading& reading, const engine::Webhook& webhook) {
  check_path(reading, webhook.secret_file, ".secretFile");
  check_path(reading, webhook.ca_file, ".caFile");
  const auto url = parse_url(webhook.url);
  if (!url) return reading.fail("E14", url.error(), ".url");
  if (url->scheme != "https")
    reading.fail("E14", "must begin with https://: news of certificates are not sent in the clear", ".url");
  if (url->user_info)
    reading.fail("E14",
                 "has a user or a password, and a document is no place for secrets: put one into a file and "
                 "name it as secretFile",
                 ".url");
  for (const std::string& name : url->parameters) {
    if (names_secret(name))
      reading.fail("E14",
                   "has a secret, " + name +
                       ", and a document is no place for secrets: put one into a file and name it as "
                       "secretFile",
                   ".url");
  }
  if (url->fragment) reading.fail("E14", "has a fragment (#…), which no server gets", ".url");
}

void check_mail(const Reading& reading, engine::Mail& mail) {
  check_server(reading, mail);
  check_path(reading, mail.ca_file, ".caFile");
  check_path(reading, mail.password_file, ".passwordFile");
  if (mail.username.empty() != mail.password_file.empty())
    reading.fail("E07", "username and passwordFile belong together",
                 mail.username.empty() ? ".username" : ".passwordFile");
  if (mail.security == engine::Mail::Security::none && !mail.username.empty())
    reading.fail("E07", "none would show the password to everybody on the way; use startTLS or tls",
                 ".security");
  check_address(reading, mail.from, ".from");
  if (mail.to.empty()) reading.fail("E06", "nobody gets it; name one address at least", ".to");
  if (mail.to.size() > max_mail_receivers)
    reading.fail("E14", "more than " + std::to_string(max_mail_receivers) + " addresses", ".to");
  for (std::size_t i = 0; i < mail.to.size(); ++i)
    check_address(reading, mail.to[i], ".to[" + std::to_string(i) + ']');
}

void check_command(const Reading& reading, const engine::LocalCommand& command) {
  const auto& argv = command.argv;
  if (argv.empty() || !absolute(argv.front()))
    reading.fail("E14", "must begin with a program's absolute path, as /usr/local/bin/tell", ".argv");
  if (argv.size() > max_command_arguments)
    reading.fail("E14", "more than " + std::to_string(max_command_arguments) + " words", ".argv");
  for (std::size_t i = 1; i < argv.size(); ++i) {
    const std::string field = ".argv[" + std::to_string(i) + ']';
    if (argv[i].size() > max_argument_bytes || argv[i].find('\0') != std::string::npos)
      reading.fail("E14",
                   "must be at most " + std::to_string(max_argument_bytes) + " bytes, none of them zero",
                   field);
    if (argv[i].starts_with('-') && names_secret(std::string_view(argv[i]).substr(0, argv[i].find('='))))
      reading.fail("E14",
                   "looks like a secret, and a document is no place for secrets: let the program read it "
                   "from a file",
                   field);
  }
  if (command.time_limit < least_wait || command.time_limit > longest_command)
    reading.fail("E14", "must be 1s to 10m", ".timeLimit");
}

void check_sink_retry(const Reading& reading, const SinkRetry& retry) {
  if (retry.base < least_wait || retry.base > longest_base) reading.fail("E14", "must be 1s to 1d", ".base");
  if (retry.cap < retry.base || retry.cap > longest_cap) reading.fail("E07", "must be base to 31d", ".cap");
}

void check_sink(const Reading& reading, const SinkDocument& sink) {
  if (sink.description.size() > max_description_bytes)
    reading.fail("E14", "longer than " + std::to_string(max_description_bytes) + " bytes", ".description");
  if (sink.events && sink.events->empty())
    reading.fail("E06", "the empty list sends nothing; leave the field out for what is sent by default",
                 ".events");
  const int ways = int{sink.webhook.has_value()} + int{sink.smtp.has_value()} + int{sink.command.has_value()};
  if (ways != 1) reading.fail("E07", "must have one of webhook, smtp and command");
}

}  // namespace csrflow::policies
