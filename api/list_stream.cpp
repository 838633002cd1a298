// A list with a limit that is longer than a page has its metadata at the end, since only then it is known
// where the next one goes on; JSON's members have no order.
#include "api/list_stream.hpp"

#include <atomic>
#include <chrono>

#include "api/continue_token.hpp"
#include "api/gzip.hpp"
#include "api/list_pages.hpp"

namespace csrflow::api {
namespace {

constexpr std::chrono::seconds longest_list{60};  // as kube-apiserver's --request-timeout

/// A long list on its way. Whoever runs step() has it alone.
class ListStream : public std::enable_shared_from_this<ListStream> {
 public:
  ListStream(CallPtr call, ListRequest request)
      : call_(std::move(call)),
        request_(std::move(request)),
        pages_(*call_->resource, call_->core.deps.views, call_->core.deps.log, request_.at, query()),
        document_(*call_->resource, call_->form, request_.include, call_->core.deps.clock.now()) {}

  void start() {
    const auto first = pages_.next();
    if (pages_.done()) return send_whole(first);
    const bool compressed = accepts_gzip(call_->request().headers.get("Accept-Encoding"));
    if (compressed) gzip_.emplace();
    stream_ = call_->stream(compressed ? Headers{{"Content-Encoding", "gzip"}, {"Vary", "Accept-Encoding"}}
                                       : Headers{});
    const auto self = shared_from_this();
    stream_->on_closed([self] { self->over_ = true; });
    stream_->on_writable([self] { self->go_on(); });
    std::string json;
    document_.begin(
        json, request_.limit ? std::nullopt : std::optional(ListMeta{.resource_version = first.position}));
    document_.add(json, first.rows);
    send(std::move(json), false);
  }

 private:
  engine::ListQuery query() const {
    engine::ListQuery query{.resource = call_->resource->plural,
                            .name_after = request_.name_after,
                            .name = request_.selector.fields.required_name(),
                            .matches = nullptr,
                            .limit = request_.limit};
    if (request_.selects)
      query.matches = [this](const engine::ObjectRow& row) { return request_.selector.matches(row); };
    return query;
  }

  void send_whole(const engine::ObjectList& list) {
    std::string json;
    document_.begin(json, meta_of(list, request_.selects));
    document_.add(json, list.rows);
    document_.end(json, {});
    call_->send(200, std::move(json));
  }

  void go_on() {
    on_worker(call_, [self = shared_from_this()] { self->step(); });
  }

  /// Sends what did not fit before, or the next page.
  void step() {
    if (over_) return finish();
    try {
      if (pending_) return offer();
      if (ended_) return finish();
      if (std::chrono::steady_clock::now() - begun_ > longest_list)
        throw std::runtime_error("the client takes too long to read its list");
      const auto list = pages_.next();
      std::string json;
      document_.add(json, list.rows);
      if (pages_.done())
        document_.end(json, request_.limit ? std::optional(meta_of(list, request_.selects)) : std::nullopt);
      send(std::move(json), pages_.done());
    } catch (const std::exception& failure) {
      call_->core.report(LogLevel::error,
                         call_->request().path + ": a list ends too early: " + failure.what());
      stream_->on_writable(nullptr);
      stream_->break_off();
    }
  }

  void send(std::string json, bool last) {
    ended_ = last;
    std::string text;
    if (call_->form.pretty) {
      indenter_.add(text, json);
    } else {
      text = std::move(json);
      if (last) text += '\n';
    }
    if (gzip_) text = gzip_->add(text, last);
    pending_ = std::make_shared<const std::string>(std::move(text));
    offer();
  }

  /// When the stream is full, it calls go_on() once there is room, perhaps while this still returns: nothing
  /// here is touched after a refusal.
  void offer() {
    const auto piece = std::exchange(pending_, nullptr);
    if (!piece->empty()) {
      pending_ = piece;
      if (!stream_->write(piece)) return;
      pending_ = nullptr;
    }
    go_on();
  }

  void finish() {
    stream_->on_writable(nullptr);
    stream_->close();
  }

  const CallPtr call_;
  const ListRequest request_;
  ListPages pages_;
  ListDocument document_;
  JsonIndenter indenter_;
  std::optional<GzipStream> gzip_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::shared_ptr<Stream> stream_;
  SharedBytes pending_;  // refused by the stream
  bool ended_ = false;   // the last page was made
  std::atomic<bool> over_{false};
};

}  // namespace

ListMeta meta_of(const engine::ObjectList& list, bool selects) {
  ListMeta meta{.resource_version = list.position};
  if (list.more && !list.rows.empty()) {
    meta.continue_token = continue_token({.position = list.position, .name = list.rows.back().name});
    if (!selects) meta.remaining = list.remaining;
  }
  return meta;
}

void answer_in_pages(const CallPtr& call, ListRequest request) {
  std::make_shared<ListStream>(call, std::move(request))->start();
}

}  // namespace csrflow::api
