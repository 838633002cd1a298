// The notification sinks that are in force, as the log has them: who hears of which event.
#pragma once

#include <map>
#include <mutex>

#include "engine/ports.hpp"
#include "engine/request_description.hpp"
#include "engine/subscriptions.hpp"
#include "policies/notification_sink.hpp"

namespace csrflow::policies {

class SinkBook : public engine::Subscriptions, public engine::Follower {
 public:
  /// With what the log holds now. `requests` outlives it; it is asked only for sinks that match by subject or
  /// names. Throws engine::UnreadableEvent when a sink there is none for this program: somebody would wait
  /// for news in vain.
  SinkBook(engine::EventReader&, const engine::RequestReader& requests);

  void committed(const std::shared_ptr<const engine::Batch>&) override;
  std::vector<engine::QueueDelivery> wanted(const engine::Record&) const override;

  /// Any thread. Nothing: there is no such sink any more.
  std::optional<engine::Destination> destination_of(const std::string& name) const;
  /// How many sinks are in force.
  std::size_t size() const;

 private:
  using Sinks = std::map<std::string, NotificationSinkPtr, std::less<>>;  // by name
  static void take(Sinks&, const engine::StreamId&, const engine::ConfigEvent&);
  std::shared_ptr<const Sinks> current() const;

  const engine::RequestReader& requests_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Sinks> current_;  // guarded by mutex_; replaced by the writer's thread
};

}  // namespace csrflow::policies
