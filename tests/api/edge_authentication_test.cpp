#include "api/authentication.hpp"
#include "tests/api/edge_pki.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

struct FixedClock : engine::Clock {
  engine::Timestamp time{engine::from_seconds(std::time(nullptr))};
  engine::Timestamp now() const override { return time; }
};

std::shared_ptr<const TokenFile> two_tokens() {
  return TokenFile::parse("t-jane,jane,uid-jane\nt-admin,admin,,\"system:masters,ops\"\n").value();
}

struct Door {
  Verdict knock(const std::string& authorization, const test::Credential* certificate = nullptr) {
    Request request;
    if (!authorization.empty()) request.headers.add("authorization", authorization);
    Peer peer;
    if (certificate) peer.certificates = std::make_shared<PeerCertificates>(certificate->presented());
    request.peer = std::make_shared<Peer>(std::move(peer));
    return Authenticators(certificates, tokens).authenticate(request);
  }
  std::string user(const std::string& authorization, const test::Credential* certificate = nullptr) {
    const auto found = knock(authorization, certificate);
    return found ? found->identity->user : "401";
  }

  FixedClock clock;
  test::Authority authority;
  std::shared_ptr<ClientCertificates> certificates =
      std::make_shared<ClientCertificates>(authority.pem(), clock);
  std::shared_ptr<const TokenFile> tokens = two_tokens();
};

using Groups = std::vector<std::string>;

TEST_CASE("a bearer token names a user with groups") {
  Door door;
  const auto admin = door.knock("Bearer t-admin");
  REQUIRE(admin);
  CHECK(admin->identity->user == "admin");
  CHECK(admin->identity->uid.empty());
  CHECK(admin->identity->groups == Groups{"system:masters", "ops", "system:authenticated"});
  CHECK(admin->identity->by == engine::Authentication::token);
  CHECK(admin->identity->credential.empty());
  CHECK(door.user("bearer t-jane") == "jane");
  CHECK(door.user("Bearer t-jane trailing") == "jane");
}

TEST_CASE("no credential is anonymous, a wrong one is a 401 (recorded: auth/bad-token, auth/bad-scheme)") {
  Door door;
  CHECK(door.user("") == "system:anonymous");
  CHECK(door.user("Basic YTpi") == "system:anonymous");
  CHECK(door.user("Bearer") == "system:anonymous");
  CHECK(door.user("Bearer ") == "system:anonymous");
  CHECK(door.user("Bearer nope") == "401");
  CHECK(door.knock("")->identity->groups == Groups{"system:unauthenticated"});
  CHECK(door.knock("")->warnings.empty());
  const auto spaced = door.knock("Bearer  t-jane");
  REQUIRE(spaced);
  CHECK(spaced->identity->user == "system:anonymous");
  CHECK(
      spaced->warnings ==
      Groups{
          "the provided Authorization header contains extra space before the bearer token, and is ignored"});
}

TEST_CASE("a client certificate names the user by CN and the groups by O, in its order") {
  Door door;
  const auto jane = door.authority.issue(
      test::client({.common_name = "jane", .organizations = {"ops", "devs"}, .uid = "u-1"}));
  const auto found = door.knock("", &jane);
  REQUIRE(found);
  CHECK(found->identity->user == "jane");
  CHECK(found->identity->uid == "u-1");
  CHECK(found->identity->groups == Groups{"ops", "devs", "system:authenticated"});
  CHECK(found->identity->by == engine::Authentication::x509);
  CHECK(found->identity->extra == engine::StringLists{{"authentication.kubernetes.io/credential-id",
                                                       {"X509SHA256=" + sha256_hex(jane.der)}}});
  CHECK(door.user("Bearer nope", &jane) == "jane");
}

TEST_CASE("a certificate of another authority, out of its time or for another purpose is a 401") {
  Door door;
  const auto foreign = test::Authority("another CA").issue(test::client({.common_name = "jane"}));
  CHECK(door.user("", &foreign) == "401");
  const auto expired =
      door.authority.issue({.subject = {.common_name = "jane"}, .not_before = -7200, .not_after = -3600});
  CHECK(door.user("", &expired) == "401");
  const auto future = door.authority.issue({.subject = {.common_name = "jane"}, .not_before = 600});
  CHECK(door.user("", &future) == "401");
  const auto of_server = door.authority.issue(test::server());
  CHECK(door.user("", &of_server) == "401");
  CHECK(door.user("Bearer t-jane", &foreign) == "jane");
}

TEST_CASE("any purpose, or none named, is good for a client") {
  Door door;
  const auto any = door.authority.issue({.subject = {.common_name = "a"}, .usage = "anyExtendedKeyUsage"});
  CHECK(door.user("", &any) == "a");
  const auto none = door.authority.issue({.subject = {.common_name = "b"}, .usage = ""});
  CHECK(door.user("", &none) == "b");
}

TEST_CASE("a certificate without a name says nothing, and the token counts") {
  Door door;
  const auto nameless = door.authority.issue(test::client({.organizations = {"devs"}}));
  CHECK(door.user("", &nameless) == "system:anonymous");
  CHECK(door.user("Bearer t-jane", &nameless) == "jane");
}

TEST_CASE("a remembered certificate still ends with its validity") {
  Door door;
  const auto jane = door.authority.issue({.subject = {.common_name = "jane"}, .not_after = 60});
  CHECK(door.user("", &jane) == "jane");
  door.clock.time = door.clock.time + engine::seconds(120);
  CHECK(door.user("", &jane) == "401");
}

TEST_CASE("the token file is read as Kubernetes reads it") {
  const auto file = TokenFile::parse(
      "t1,u1,id1\n\n"
      "t2,u2,id2,\"a,b\"\r\n"
      "t3,u3,,\n"
      ",nobody,x\n"
      "t1,u1-again,id1,g,ignored\n"
      "\"t,4\",\"quoted \"\"name\"\"\",x");
  REQUIRE(file);
  CHECK((*file)->size() == 4);
  CHECK((*file)->identify("t1")->user == "u1-again");
  CHECK((*file)->identify("t1")->groups == Groups{"g", "system:authenticated"});
  CHECK((*file)->identify("t2")->groups == Groups{"a", "b", "system:authenticated"});
  CHECK((*file)->identify("t3")->groups == Groups{"", "system:authenticated"});
  CHECK((*file)->identify("t,4")->user == "quoted \"name\"");
  CHECK((*file)->identify("") == nullptr);
}

TEST_CASE("a token file from another system's editor is the same file") {
  const auto file = TokenFile::parse("\xef\xbb\xbf\"t1\",u1,id1,\"a,b\"\r\n\r\nt2,u2,id2\r\n");
  REQUIRE(file);
  CHECK((*file)->size() == 2);
  CHECK((*file)->identify("t1")->user == "u1");
  CHECK((*file)->identify("t1")->groups == Groups{"a", "b", "system:authenticated"});
  CHECK((*file)->identify("t2")->uid == "id2");
  CHECK((*file)->identify("t2")->groups == Groups{"system:authenticated"});
  CHECK((*TokenFile::parse("\xef\xbb\xbf"))->size() == 0);
}

TEST_CASE("who is a member of system:authenticated already is so once") {
  const auto file = TokenFile::parse("t1,u1,id1,\"system:authenticated,a\"");
  CHECK((*file)->identify("t1")->groups == Groups{"system:authenticated", "a"});
  Door door;
  const auto jane = door.authority.issue(
      test::client({.common_name = "jane", .organizations = {"system:authenticated", "devs"}}));
  CHECK(door.knock("", &jane)->identity->groups == Groups{"system:authenticated", "devs"});
}

TEST_CASE("further authorities let in whom they certified, each for itself") {
  FixedClock clock;
  const test::Authority own("own CA"), further("further CA"), unknown("unknown CA");
  const auto certificates = std::make_shared<ClientCertificates>(own.pem() + further.pem(), clock);
  const Authenticators door(certificates, nullptr), strict(certificates, nullptr, {}, Anonymous::refused);
  const auto knock = [](const Authenticators& at, const test::Credential* as) -> std::string {
    Request request;
    Peer peer;
    if (as) peer.certificates = std::make_shared<PeerCertificates>(as->presented());
    request.peer = std::make_shared<Peer>(std::move(peer));
    const auto found = at.authenticate(request);
    return found ? found->identity->user : "401";
  };
  const auto mine = own.issue(test::client({.common_name = "jane"}));
  const auto theirs = further.issue(test::client({.common_name = "bob"}));
  const auto nobodys = unknown.issue(test::client({.common_name = "mallory"}));
  const auto expired =
      further.issue({.subject = {.common_name = "bob"}, .not_before = -7200, .not_after = -1});
  const auto of_server = further.issue({.subject = {.common_name = "bob"}, .usage = "serverAuth"});
  for (const auto* at : {&door, &strict}) {
    CHECK(knock(*at, &mine) == "jane");
    CHECK(knock(*at, &theirs) == "bob");
    for (const auto* bad : {&nobodys, &expired, &of_server}) CHECK(knock(*at, bad) == "401");
  }
  CHECK(knock(door, nullptr) == "system:anonymous");
  CHECK(knock(strict, nullptr) == "401");
}

TEST_CASE("a token file that cannot be read says where and shows no token") {
  CHECK(TokenFile::parse("t1,u1,id\nsecret,u2\n").error() ==
        "line 2: at least 3 columns are needed (token, user name, user uid), found 2");
  CHECK(TokenFile::parse("sec\"ret,u,x").error() == "line 1: a quote inside a bare field");
  CHECK(TokenFile::parse("\"secret,u,x").error() == "line 1: a quoted field does not end as it should");
}

}  // namespace
}  // namespace csrflow::api
