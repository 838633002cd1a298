#include "policies/notification_sink.hpp"

#include "tests/catch.hpp"

using namespace csrflow;
using namespace csrflow::policies;
using engine::Notable;
using engine::seconds;

namespace {

std::string document(const std::string& spec) {
  return "apiVersion: csrflow.io/v1\nkind: NotificationSink\nmetadata: { name: ops }\nspec: " + spec + "\n";
}
NotificationSinkPtr sink(const std::string& spec) {
  NotificationSinkFile file = read_notification_sink_yaml(document(spec));
  for (const Problem& problem : file.problems) FAIL(sentence(problem));
  return file.sinks.at(0);
}
/// `spec.webhook.url E14`
std::vector<std::string> faults(const std::string& spec) {
  std::vector<std::string> found;
  for (const Problem& problem : read_notification_sink_yaml(document(spec)).problems)
    found.push_back(problem.path + ' ' + problem.code);
  return found;
}
std::string first_fault(const std::string& spec) {
  return read_notification_sink_yaml(document(spec)).problems.at(0).text;
}
using Texts = std::vector<std::string>;

constexpr auto hook = "webhook: { url: 'https://hooks.example.com/csrflow' }";

}  // namespace

TEST_CASE("a webhook is the shortest sink, and what is not written has its default") {
  const auto ops = sink(std::string("{ ") + hook + " }");
  CHECK(ops->name == "ops");
  CHECK(ops->events == default_news());
  CHECK(ops->wants(Notable::expiring));
  CHECK(ops->wants(Notable::ca_ending));
  CHECK_FALSE(ops->wants(Notable::rotation_due));
  CHECK_FALSE(ops->wants(Notable::agent_back));
  CHECK_FALSE(ops->match);
  CHECK(std::get<engine::Webhook>(ops->destination) ==
        engine::Webhook{"https://hooks.example.com/csrflow", "", ""});
  CHECK(ops->retry == SinkRetry{seconds(10), seconds(3'600), 20});
  CHECK_FALSE(ops->touches_host());
}

TEST_CASE("a sink is read with every field") {
  const auto mail = sink(
      "{ description: on call, events: [denied, expiring, expiring],"
      " match: { signerNames: [example.com/*], dns: ['*.shop.example.com'] },"
      " smtp: { server: smtp.example.com, security: tls, caFile: /etc/csrflow/mail-ca.pem, username: csrflow,"
      " passwordFile: /etc/csrflow/mail.password, from: csrflow@example.com,"
      " to: [ops@example.com, jane@example.com] }, retry: { base: 1m, cap: 2h, attempts: 5 } }");
  CHECK(mail->description == "on call");
  CHECK(mail->events == std::vector{Notable::expiring, Notable::denied});
  REQUIRE(mail->match);
  CHECK(mail->match->signer_names->at(0).text == "example.com/*");
  const auto& way = std::get<engine::Mail>(mail->destination);
  CHECK(way.server == "smtp.example.com:465");
  CHECK(way.security == engine::Mail::Security::tls);
  CHECK(way.password_file == "/etc/csrflow/mail.password");
  CHECK(way.to == Texts{"ops@example.com", "jane@example.com"});
  CHECK(mail->retry == SinkRetry{seconds(60), seconds(7'200), 5});
  CHECK(mail->touches_host());

  const auto command = sink("{ command: { argv: [/usr/local/bin/tell, --room, ops], timeLimit: 5s } }");
  CHECK(std::get<engine::LocalCommand>(command->destination) ==
        engine::LocalCommand{{"/usr/local/bin/tell", "--room", "ops"}, seconds(5)});
  CHECK(command->touches_host());
}

TEST_CASE("a mail server without a port gets the one of its security") {
  const auto server = [](const std::string& fields) {
    return std::get<engine::Mail>(
               sink("{ smtp: { " + fields + ", from: a@example.com, to: [b@example.com] } }")->destination)
        .server;
  };
  CHECK(server("server: mail.example.com") == "mail.example.com:587");
  CHECK(server("server: localhost, security: none") == "localhost:25");
  CHECK(server("server: 'mail.example.com:2525'") == "mail.example.com:2525");
  CHECK(server("server: '[::1]', security: none") == "[::1]:25");
}

TEST_CASE("all errors of a sink are found at once, each with its path") {
  CHECK(faults("{ events: [expire], webhook: { url: 'http://hooks.example.com/', secretFile: hook.key },"
               " retry: { base: 1h, cap: 1m, attempts: 0 }, surprise: 1 }") ==
        Texts{"spec.events[0] E14", "spec.webhook.secretFile E14", "spec.webhook.url E14",
              "spec.retry.attempts E14", "spec.retry.cap E07", "spec.surprise E01"});
  CHECK(faults("{}") == Texts{"spec E07"});
  CHECK(faults(std::string("{ ") + hook + ", command: { argv: [/bin/true] } }") == Texts{"spec E07"});
  CHECK(faults(std::string("{ events: [], ") + hook + " }") == Texts{"spec.events E06"});
  CHECK(faults("{ smtp: {} }") == Texts{"spec.smtp.server E14", "spec.smtp.from E14", "spec.smtp.to E06"});
  CHECK(faults("{ smtp: { server: 'smtp.example.com:587/x', username: csrflow, from: csrflow,"
               " to: ['jane@example.com', 'Jane <jane@example.com>'] } }") ==
        Texts{"spec.smtp.server E14", "spec.smtp.passwordFile E07", "spec.smtp.from E14",
              "spec.smtp.to[1] E14"});
  CHECK(faults("{ command: { argv: [tell], timeLimit: 1h } }") ==
        Texts{"spec.command.argv E14", "spec.command.timeLimit E14"});
  CHECK(faults("{ command: { argv: [] } }") == Texts{"spec.command.argv E14"});
  CHECK(faults(std::string("{ match: { dns: [] }, ") + hook + " }") == Texts{"spec.match.dns E06"});
}

TEST_CASE("a secret in the document is refused, and the sentence does not repeat it") {
  for (const std::string url :
       {"https://csrflow:hunter2@hooks.example.com/", "https://hooks.example.com/?access_token=hunter2",
        "https://hooks.example.com/?room=ops&API-Key=hunter2"}) {
    INFO(url);
    const std::string text = first_fault("{ webhook: { url: '" + url + "' } }");
    CHECK(text.find("no place for secrets") != std::string::npos);
    CHECK(text.find("hunter2") == std::string::npos);
  }
  CHECK(faults("{ command: { argv: [/bin/tell, --password=hunter2] } }") ==
        Texts{"spec.command.argv[1] E14"});
  CHECK(faults("{ command: { argv: [/bin/tell, --password-file, /etc/secret] } }").empty());
  CHECK(faults("{ smtp: { server: localhost, security: none, username: csrflow, passwordFile: /etc/p,"
               " from: a@example.com, to: [b@example.com] } }") == Texts{"spec.smtp.security E07"});
}

TEST_CASE("the hash follows what a sink means, not how it is written") {
  const auto short_form = sink(std::string("{ ") + hook + " }");
  const auto long_form =
      sink(std::string("{ retry: { attempts: 20, cap: 60m }, events: [job-paused, ca-ending,"
                       " installation-failed, agent-silent, denied, failed, cap-too-low,"
                       " rotation-impossible, rotation-given-up, rotation-failed,"
                       " rotation-overdue, expiring], ") +
           hook + " }");
  CHECK(short_form->canonical == long_form->canonical);
  CHECK(short_form->hash == long_form->hash);
  CHECK(short_form->hash != sink(std::string("{ events: [denied], ") + hook + " }")->hash);
}

TEST_CASE("every field of a sink is described, with the words that it may have") {
  const auto fields = describe_notification_spec();
  Texts names;
  for (const auto& field : fields) {
    names.push_back(field.name);
    CHECK_FALSE(field.description.empty());
  }
  CHECK(names == Texts{"description", "events", "match", "webhook", "smtp", "command", "retry"});
  CHECK(fields.at(1).choices.size() == std::size(engine::notable_words));
  CHECK(fields.at(4).fields.at(1).choices == Texts{"startTLS", "tls", "none"});
}
