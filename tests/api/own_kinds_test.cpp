// What lists show of csrflow's own documents, and what is wrong with those that are refused.
#include "api/own_kinds.hpp"

#include <algorithm>

#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

engine::ConfigObject document(const std::string& spec, const std::string& name = "web") {
  engine::ConfigObject object;
  object.meta.name = name;
  object.body = std::make_shared<const std::string>(R"({"spec":)" + spec + "}");
  return object;
}
std::string row(const Resource& resource, const std::string& spec) {
  return resource.config->cells(document(spec));
}
std::vector<std::string> faults(const Resource& resource, const engine::ConfigObject& object) {
  std::vector<std::string> fields;
  for (const FieldError& error : resource.config->check(object)) fields.push_back(error.field);
  return fields;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a list of rotation policies says mode, window, approval and matches") {
  const std::string web =
      row(rotation_policies(), R"({"mode":"renew","match":{"signerNames":["example.com/web"],)"
                               R"("dns":["*.example.com"]},"description":"shops",)"
                               R"("when":{"fraction":{"from":0.5,"to":0.625}}})");
  CHECK_THAT(web, Catch::StartsWith(R"(["web","renew","50-62.5%","policy","example.com/web +names",")"));
  CHECK_THAT(web, Catch::EndsWith(R"(","shops",null])"));
  const std::string before =
      row(rotation_policies(), R"({"approval":"inherit","match":{"labels":{"matchLabels":)"
                               R"({"tier":"web"}}},)"
                               R"("when":{"beforeExpiry":{"from":"30d","to":"20d"}}})");
  CHECK_THAT(before,
             Catch::StartsWith(R"(["web","announce","30d-20d before expiry","inherit","* +labels",")"));
}

TEST_CASE("a list of sinks says where to and of what, and not a webhook's path") {
  CHECK_THAT(row(notification_sinks(), R"({"webhook":{"url":"https://hooks.example.com/services/T00/B00"}})"),
             Catch::StartsWith(R"(["web","https://hooks.example.com","default","*",")"));
  CHECK_THAT(
      row(notification_sinks(),
          R"({"events":["denied","expiring"],"match":{"signerNames":["example.com/*"]},)"
          R"("smtp":{"server":"localhost","security":"none","from":"a@example.com",)"
          R"("to":["jane@example.com","ops@example.com"]}})"),
      Catch::StartsWith(R"(["web","jane@example.com,ops@example.com","expiring,denied","example.com/*",")"));
  CHECK_THAT(row(notification_sinks(), R"({"command":{"argv":["/usr/local/bin/tell","ops"]}})"),
             Catch::StartsWith(R"(["web","/usr/local/bin/tell","default","*",")"));
}

TEST_CASE("rows have as many cells as their kind has columns, also of documents that cannot be read") {
  for (const Resource* resource : {&approval_policies(), &notification_sinks(), &rotation_policies()}) {
    INFO(resource->kind);
    const std::string cells = row(*resource, R"({"surprise":1})");
    CHECK(static_cast<std::size_t>(std::ranges::count(cells, ',')) + 1 == resource->columns.size());
    CHECK(resource->columns.size() == resource->age_column + 1);
  }
}

TEST_CASE("all that is wrong with a document is told at once, and a bad name once") {
  CHECK(faults(rotation_policies(), document(R"({"mode":"fast","surprise":1})")) ==
        Texts{"spec.mode", "spec.surprise"});
  CHECK(faults(rotation_policies(), document("{}")).empty());
  CHECK(faults(rotation_policies(), document("{}", "a.b")) == Texts{"metadata.name"});
  CHECK(faults(notification_sinks(), document(R"({"webhook":{"url":"ftp://example.com/","caFile":"ca"}})")) ==
        Texts{"spec.webhook.caFile", "spec.webhook.url"});
  CHECK(faults(notification_sinks(), document("{}")) == Texts{"spec"});
}

TEST_CASE("versions of a document are told apart by what they mean") {
  const auto hash = [](const std::string& spec) { return rotation_policies().config->hash(document(spec)); };
  CHECK(hash("{}") == hash(R"({"mode":"announce"})"));
  CHECK(hash("{}") != hash(R"({"mode":"renew"})"));
}

}  // namespace csrflow::api
