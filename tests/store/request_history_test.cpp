#include "store/request_history.hpp"

#include <algorithm>
#include <random>

#include "tests/catch.hpp"
#include "tests/store/views_fixture.hpp"

namespace csrflow::store {
namespace {

using namespace test;
using engine::Position;
using engine::RequestGroup;
using Kind = engine::RequestGroup::Kind;

struct Asked {
  std::string user = "jane";
  std::string signer = "example.com/web";
  std::string request = "spki=01 dns=a.example.com";
  engine::Authentication by = engine::Authentication::token;
  std::string predecessor = {};
};

engine::Created request(const std::string& name, const Asked& asked = {}) {
  auto event = created(name);
  engine::CsrSpec spec = *event.object.spec;
  spec.username = asked.user;
  spec.signer_name = {asked.signer};
  spec.request = asked.request;
  event.object.spec = std::make_shared<const engine::CsrSpec>(std::move(spec));
  event.authenticated_by = asked.by;
  if (!asked.predecessor.empty())
    event.predecessor = engine::Predecessor{.name = asked.predecessor,
                                            .uid = uid_of(asked.predecessor),
                                            .serial = some_serial,
                                            .base_name = asked.predecessor,
                                            .cause = {1}};
  return event;
}

/// An installation whose history hears of each commit, as the writer tells it, and whose views may be behind.
struct Past : Installation {
  std::optional<SqliteRequestHistory> history_of_requests;

  Past() {
    start();
    open();
  }
  void open() { history_of_requests.emplace(directory.files(), *views, sha256, paper_forms); }
  /// The views hear of it, too, and show it when this returns.
  Position shown(const std::string& name, const Asked& asked = {}) {
    return commit_request(name, asked, true);
  }
  /// The views do not show it (yet).
  Position unseen(const std::string& name, const Asked& asked = {}) {
    return commit_request(name, asked, false);
  }
  Position commit_request(const std::string& name, const Asked& asked, bool tell_views) {
    const auto batch = history.commit({on(name, request(name, asked))});
    history_of_requests->committed(batch);
    views->committed(batch);
    if (tell_views) wait_for(*views, history.head());
    return history.head();
  }
  void restart() {
    history_of_requests.reset();
    stop();
    start();
    open();
  }

  std::uint64_t count(const RequestGroup& group, engine::RequestSpan span) const {
    return history_of_requests->count(group, span);
  }
  std::uint64_t count(const RequestGroup& group) const {
    return count(group, {engine::everything, {0}, {INT64_MAX}});
  }
  std::string users(const std::string& key, Position before = engine::everything) const {
    std::string all;
    for (const auto& use : history_of_requests->key_uses(PaperRequests::spki(key), before))
      all += (all.empty() ? "" : " ") + use.user + '/' + use.request;
    return all;
  }
};

engine::Timestamp second(std::int64_t n) {
  return day_one + engine::seconds(n);  // History's first event is at second 1
}

const RequestGroup janes{Kind::requester, "example.com/web", "jane"};
const RequestGroup for_a{Kind::name, "example.com/web", "dns:a.example.com"};
const RequestGroup to_web{Kind::signer, "example.com/web", ""};

TEST_CASE("requests are counted by requester, name and signer") {
  Past it;
  it.shown("one");
  it.shown("two", {.user = "joe"});
  it.shown("three", {.request = "spki=02 dns=A.Example.com,b.example.com"});
  it.shown("four", {.signer = "example.com/mail"});
  it.shown("five", {.request = "not to be read"});
  CHECK(it.count(janes) == 3);
  CHECK(it.count(for_a) == 3);
  CHECK(it.count(to_web) == 4);
  CHECK(it.count({Kind::name, "example.com/web", "dns:b.example.com"}) == 1);
  CHECK(it.count({Kind::requester, "example.com/mail", "jane"}) == 1);
  CHECK(it.count({Kind::requester, "example.com/web", "nobody"}) == 0);
}

TEST_CASE("what csrflow asks itself is not counted, and uses its key all the same") {
  Past it;
  it.shown("web", {.by = engine::Authentication::system});
  CHECK(it.count(janes) == 0);
  CHECK(it.count(to_web) == 0);
  CHECK(it.users("01") == "jane/web");
}

TEST_CASE("a period begins after its first instant and ends with its last") {
  Past it;
  for (const char* name : {"one", "two", "three"}) it.shown(name);  // at seconds 1, 2 and 3
  CHECK(it.count(janes, {engine::everything, second(1), second(3)}) == 2);
  CHECK(it.count(janes, {engine::everything, second(0), second(2)}) == 2);
  CHECK(it.count(janes, {{3}, second(0), second(3)}) == 2);
  CHECK(it.count(janes, {engine::everything, second(3), second(9)}) == 0);
}

TEST_CASE("a name that a request has twice is counted once") {
  Past it;
  it.shown("one", {.request = "spki=01 dns=a.example.com,A.EXAMPLE.COM"});
  CHECK(it.count(for_a) == 1);
}

TEST_CASE("a key's uses: the first, the first by another, the first outside its lineage") {
  Past it;
  it.shown("web");
  CHECK(it.users("01") == "jane/web");
  it.shown("web.2", {.predecessor = "web"});
  CHECK(it.users("01") == "jane/web");
  it.shown("other");
  CHECK(it.users("01") == "jane/web jane/other");
  it.shown("third");
  CHECK(it.users("01") == "jane/web jane/other");
  it.shown("joes", {.user = "joe"});
  CHECK(it.users("01") == "jane/web jane/other joe/joes");
  it.shown("joes-second", {.user = "joe"});
  CHECK(it.users("01") == "jane/web jane/other joe/joes");
  CHECK(it.users("01", {5}) == "jane/web jane/other");
  CHECK(it.users("01", {1}).empty());
  CHECK(it.users("02").empty());

  const auto uses = it.history_of_requests->key_uses(PaperRequests::spki("01"), engine::everything);
  CHECK(uses.front() == engine::KeyUse{{1}, second(1), "jane", "web", uid_of("web"), uid_of("web")});
}

TEST_CASE("a lineage is named by the uid of its first request") {
  Past it;
  it.shown("web");
  it.shown("web.2", {.predecessor = "web"});
  it.unseen("web.3", {.predecessor = "web.2"});
  CHECK(it.history_of_requests->lineage_of(uid_of("web")) == uid_of("web"));
  CHECK(it.history_of_requests->lineage_of(uid_of("web.2")) == uid_of("web"));
  CHECK(it.history_of_requests->lineage_of(uid_of("web.3")) == uid_of("web"));
}

TEST_CASE("what the views do not show yet is answered from memory, and then forgotten there") {
  Past it;
  it.options.gather = std::chrono::minutes(10);  // the views stay behind unless somebody waits for them
  it.restart();
  it.shown("one");
  it.unseen("two");
  it.unseen("three", {.user = "joe"});
  CHECK(it.views->position() == Position{1});
  CHECK(it.history_of_requests->in_memory() == 2);
  CHECK(it.count(janes) == 2);
  CHECK(it.count(to_web) == 3);
  CHECK(it.users("01") == "jane/one jane/two joe/three");
  it.shown("four");
  it.shown("five");
  CHECK(it.history_of_requests->in_memory() <= 1);
  CHECK(it.count(to_web) == 5);
}

/// What the answers mean, said in the simplest way.
struct Reference {
  struct Request {
    Position position;
    engine::Timestamp at;
    Asked asked;
  };
  std::vector<Request> all;

  static bool counts(const RequestGroup& group, const Asked& asked) {
    if (asked.by == engine::Authentication::system || asked.signer != group.signer_name) return false;
    if (group.kind == Kind::requester) return asked.user == group.member;
    return group.kind == Kind::signer ||
           (asked.request + ',').find(group.member.substr(4) + ',') != std::string::npos;
  }
  std::uint64_t count(const RequestGroup& group, const engine::RequestSpan& span) const {
    return static_cast<std::uint64_t>(std::ranges::count_if(all, [&](const Request& r) {
      return counts(group, r.asked) && r.position < span.before && r.at > span.after && r.at <= span.until;
    }));
  }
  /// The first use by another than `user`, if there is one.
  std::string first_by_other(const std::string& key, const std::string& user, Position before) const {
    for (const auto& r : all)
      if (r.position < before && r.asked.request.starts_with("spki=" + key) && r.asked.user != user)
        return r.asked.user;
    return "";
  }
};

void check_agreement(const Past& it, const Reference& reference, Position before, std::mt19937& random) {
  const std::int64_t last = static_cast<std::int64_t>(it.history.head().value);
  std::uniform_int_distribution<std::int64_t> some_second(0, last);
  const engine::RequestSpan span{before, second(some_second(random)), second(some_second(random))};
  for (const char* signer : {"example.com/web", "example.com/mail"})
    for (const RequestGroup& group :
         {RequestGroup{Kind::signer, signer, ""}, RequestGroup{Kind::requester, signer, "jane"},
          RequestGroup{Kind::requester, signer, "joe"}, RequestGroup{Kind::name, signer, "dns:a.example.com"},
          RequestGroup{Kind::name, signer, "dns:b.example.com"}}) {
      CHECK(it.count(group, span) == reference.count(group, span));
      const engine::RequestSpan whole{before, {0}, {INT64_MAX}};
      CHECK(it.count(group, whole) == reference.count(group, whole));
    }
  for (const char* key : {"01", "02", "03"})
    for (const char* user : {"jane", "joe", "eve"}) {
      const auto uses = it.history_of_requests->key_uses(PaperRequests::spki(key), before);
      const auto other = std::ranges::find_if(uses, [&](const auto& use) { return use.user != user; });
      CHECK((other == uses.end() ? "" : other->user) == reference.first_by_other(key, user, before));
    }
}

TEST_CASE("views and memory agree with the log at every position, after a restart and a rebuild, too") {
  const auto seed = GENERATE(1u, 2u, 3u);
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto pick = [&](auto... options) {
    const std::array<std::string, sizeof...(options)> all{options...};
    return all[random() % all.size()];
  };
  Past it;
  it.options.gather = std::chrono::minutes(10);
  it.restart();
  Reference reference;
  for (int i = 1; i <= 60; ++i) {
    const Asked asked{
        .user = pick("jane", "joe", "eve"),
        .signer = pick("example.com/web", "example.com/mail"),
        .request = "spki=" + pick("01", "02", "03") +
                   " dns=" + pick("a.example.com", "b.example.com", "a.example.com,b.example.com"),
        .by = random() % 5 == 0 ? engine::Authentication::system : engine::Authentication::token};
    const auto position = it.commit_request("r" + std::to_string(i), asked, random() % 4 == 0);
    reference.all.push_back({position, second(i), asked});
    check_agreement(it, reference, engine::everything, random);
    check_agreement(it, reference, {1 + random() % position.value}, random);
  }
  it.restart();
  CHECK(it.history_of_requests->in_memory() == 0);
  CHECK(it.views->rebuilt_because().empty());
  for (std::uint64_t position = 1; position <= 60; ++position)
    check_agreement(it, reference, {position}, random);
  it.options.maker = "another csrflow";
  it.restart();
  CHECK_FALSE(it.views->rebuilt_because().empty());
  for (std::uint64_t position = 1; position <= 60; ++position)
    check_agreement(it, reference, {position}, random);
}

}  // namespace
}  // namespace csrflow::store
