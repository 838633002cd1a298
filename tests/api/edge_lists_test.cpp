// Lists that are longer than a page: they come in pieces, and are one list all the same.
#include <zlib.h>

#include "api/gzip.hpp"
#include "api/list_pages.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

using namespace csrflow;
using namespace csrflow::api;
using namespace csrflow::api::test;

namespace {

constexpr std::size_t many = 2 * page_rows + 100;

std::string name_of(std::size_t number) {
  const std::string digits = std::to_string(number);
  return "r-" + std::string(6 - digits.size(), '0') + digits;
}

/// A GET whose answer comes through a stream.
class StreamedGet final : public Exchange {
 public:
  StreamedGet(const std::string& query, Headers headers, std::size_t room)
      : stream_(std::make_shared<MemoryStream>(room)) {
    request_.method = "GET";
    request_.path = collection;
    request_.query = query;
    request_.target = collection + '?' + query;
    request_.headers = std::move(headers);
    request_.headers.add("Authorization", "Bearer admin");
    request_.peer = std::make_shared<Peer>(Peer{.address = "192.0.2.1", .certificates = nullptr});
  }
  const Request& request() const override { return request_; }
  void answer(Response) override {
    head_.set_exception(std::make_exception_ptr(std::runtime_error("no stream")));
  }
  std::shared_ptr<Stream> stream(Response head) override {
    head_.set_value(std::move(head));
    return stream_;
  }

  Response head() { return head_.get_future().get(); }
  MemoryStream& pieces() { return *stream_; }
  /// All that comes from now on.
  std::string rest() {
    std::string all;
    while (const auto piece = stream_->next_bytes()) all += *piece;
    return all;
  }

 private:
  Request request_;
  std::promise<Response> head_;
  const std::shared_ptr<MemoryStream> stream_;
};

struct Crowd : World {
  Crowd() {
    for (std::size_t i = 0; i < many; ++i)
      create(name_of(i), "admin", {{"metadata", {{"labels", {{"odd", i % 2 ? "yes" : "no"}}}}}});
  }
  std::shared_ptr<StreamedGet> list(const std::string& query, Headers headers = {}, std::size_t room = 100) {
    auto exchange = std::make_shared<StreamedGet>(query, std::move(headers), room);
    api->handle(exchange);
    return exchange;
  }
};

std::vector<std::string> names(const Json& list) {
  std::vector<std::string> all;
  for (const auto& item : list.at("items")) all.push_back(item.at("metadata").at("name"));
  return all;
}

std::string unzipped(const std::string& bytes) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string in = bytes, out(64 * 1024 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("a long list comes in pieces, in every form") {
  Crowd world;
  const auto position = world.log.reader()->head();

  SECTION("as JSON, each object once and in order") {
    const auto got = world.list("");
    CHECK(got->head().status == 200);
    const auto list = Json::parse(got->rest());
    const auto found = names(list);
    REQUIRE(found.size() == many);
    CHECK(std::ranges::is_sorted(found));
    CHECK(list["kind"] == "CertificateSigningRequestList");
    CHECK(list["metadata"] == Json{{"resourceVersion", std::to_string(position.value)}});
  }
  SECTION("as a Table") {
    const auto list =
        Json::parse(world.list("", {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}})->rest());
    CHECK(list["rows"].size() == many);
    CHECK(list["columnDefinitions"].size() == 6);
  }
  SECTION("indented as a short one is") {
    const auto text = world.list("pretty=true")->rest();
    CHECK(text == indent_json(world.list("")->rest()));
  }
  SECTION("compressed") {
    const auto got = world.list("", {{"Accept-Encoding", "gzip"}});
    CHECK(got->head().headers.get("Content-Encoding") == "gzip");
    CHECK(unzipped(got->rest()) == world.list("")->rest());
  }
  SECTION("chosen by label") {
    CHECK(names(Json::parse(world.list("labelSelector=odd%3Dyes")->rest())).size() == many / 2);
  }
}

TEST_CASE("a long list with a limit says where the next one goes on") {
  Crowd world;
  constexpr std::size_t limit = page_rows + 50;
  const auto first = Json::parse(world.list("limit=" + std::to_string(limit))->rest());
  CHECK(names(first).size() == limit);
  CHECK(first["metadata"]["remainingItemCount"] == many - limit);
  const std::string token = first["metadata"]["continue"];
  const auto next = world.get(collection + "?limit=10&continue=" + token).json();
  CHECK(names(next).front() == name_of(limit));
}

TEST_CASE("what changes while a long list is read does not show in it") {
  Crowd world;
  const auto before = Json::parse(world.list("")->rest());
  const auto slow = world.list("", {}, 1);
  auto text = *slow->pieces().next_bytes();

  world.ask({.method = "DELETE", .target = collection + '/' + name_of(many - 1)});
  world.ask({.method = "DELETE", .target = collection + '/' + name_of(many - 50)});
  world.approve(name_of(many - 2));
  world.create("zz-later");

  text += slow->rest();
  CHECK(Json::parse(text) == before);
}

TEST_CASE("whoever leaves in the middle of a long list takes its memory along") {
  Crowd world;
  std::weak_ptr<StreamedGet> left;
  {
    const auto slow = world.list("", {}, 1);
    left = slow;
    slow->pieces().next_bytes();
    slow->pieces().leave();
    while (slow->pieces().next_bytes()) {
    }
  }
  // Each of these waits behind what the workers have to do.
  for (int turn = 0; turn < 1000 && !left.expired(); ++turn) world.get(collection + "?limit=1");
  CHECK(left.expired());
}

TEST_CASE("pieces are compressed to what the whole is") {
  GzipStream stream;
  std::string zipped, plain;
  for (int i = 0; i < 300; ++i) {
    const std::string piece(static_cast<std::size_t>(i) * 17, static_cast<char>('a' + i % 26));
    zipped += stream.add(piece, false);
    plain += piece;
  }
  zipped += stream.add("", true);
  CHECK(unzipped(zipped) == plain);
}
