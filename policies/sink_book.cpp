#include "policies/sink_book.hpp"

#include "policies/certificate_facts.hpp"
#include "policies/sink_news.hpp"
#include "policies/stored_document.hpp"

namespace csrflow::policies {
namespace {

engine::QueueDelivery queued(const NotificationSink& sink, const News& news, const engine::Stamp& stamp) {
  return {.sink = sink.name,
          .notification = {.id = sink.name + '/' + std::to_string(stamp.position.value),
                           .kind = news.kind,
                           .at = stamp.recorded_at,
                           .position = stamp.position,
                           .stream = stamp.stream.text,
                           .title = news.title,
                           .text = news.text},
          .base = sink.retry.base,
          .cap = sink.retry.cap,
          .attempts = sink.retry.attempts};
}

}  // namespace

SinkBook::SinkBook(engine::EventReader& log, const engine::RequestReader& requests) : requests_(requests) {
  auto sinks = std::make_shared<Sinks>();
  for (const engine::StoredEvent& stored : log.category(engine::sink_category)) {
    const engine::Event event = engine::decode(stored);
    if (const auto* config = std::get_if<engine::ConfigEvent>(&event)) take(*sinks, stored.stream, *config);
  }
  current_ = std::move(sinks);
}

void SinkBook::take(Sinks& sinks, const engine::StreamId& stream, const engine::ConfigEvent& event) {
  const auto* applied = std::get_if<engine::Applied>(&event);
  if (applied == nullptr) {
    sinks.erase(std::string(stream.name()));
    return;
  }
  auto sink = read_notification_sink_json(document_of(applied->object, "NotificationSink"));
  if (!sink)
    throw engine::UnreadableEvent("the notification sink " + std::string(stream.name()) +
                                  " cannot be read by this program, and its receivers would wait in vain: " +
                                  sentence(sink.error().front()) + "; use a newer csrflow");
  sinks.insert_or_assign(std::string(stream.name()), std::move(*sink));
}

void SinkBook::committed(const std::shared_ptr<const engine::Batch>& batch) {
  std::shared_ptr<Sinks> changed;
  for (const engine::Record& record : *batch) {
    if (record.stamp.stream.category() != engine::sink_category) continue;
    const auto* event = std::get_if<engine::ConfigEvent>(record.event.get());
    if (event == nullptr) continue;
    if (changed == nullptr) changed = std::make_shared<Sinks>(*current());
    take(*changed, record.stamp.stream, *event);
  }
  if (changed == nullptr) return;
  const std::lock_guard lock(mutex_);
  current_ = std::move(changed);
}

std::vector<engine::QueueDelivery> SinkBook::wanted(const engine::Record& record) const {
  const auto sinks = current();
  if (sinks->empty()) return {};
  const auto news = news_of(record);
  if (!news) return {};
  const bool about_request = news->request != nullptr && news->request->object;
  std::optional<Facts> facts;
  const auto covered = [&](const NotificationSink& sink) {
    if (!sink.match || !about_request) return true;
    if (!facts) facts = certificate_facts(*news->request, &requests_);
    return covers(*sink.match, *facts);
  };
  std::vector<engine::QueueDelivery> all;
  for (const auto& [name, sink] : *sinks) {
    const bool named = std::ranges::find(news->named, name) != news->named.end();
    if (named || (sink->wants(news->kind) && covered(*sink)))
      all.push_back(queued(*sink, *news, record.stamp));
  }
  return all;
}

std::optional<engine::Destination> SinkBook::destination_of(const std::string& name) const {
  const auto sinks = current();
  const auto found = sinks->find(name);
  if (found == sinks->end()) return std::nullopt;
  return found->second->destination;
}

std::size_t SinkBook::size() const {
  return current()->size();
}

std::shared_ptr<const SinkBook::Sinks> SinkBook::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace csrflow::policies
