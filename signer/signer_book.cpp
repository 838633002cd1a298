#include "signer/signer_book.hpp"

#include <algorithm>
#include <ranges>

#include "engine/event.hpp"
#include "engine/overloaded.hpp"
#include "signer/signer_name.hpp"

namespace csrflow::signer {
namespace {

bool is_of_signers(const engine::StreamId& stream) {
  return stream.category() == engine::signer_category;
}

}  // namespace

SignerHistory::SignerHistory(engine::EventReader& reader) {
  std::vector<engine::StoredEvent> events = reader.category(engine::signer_category);
  for (const engine::StoredEvent& stored : events) {
    const engine::Event event = engine::decode(stored);
    if (const auto* config = std::get_if<engine::ConfigEvent>(&event))
      add(stored.stream, stored.position, *config);
  }
}

void SignerHistory::add(const engine::StreamId& stream, engine::Position position,
                        const engine::ConfigEvent& event) {
  const auto name = parse_signer_name(stream.name());
  if (!name) return;
  auto& changes = changes_[name->text];
  std::visit(engine::overloaded{
                 [&](const engine::Applied& applied) {
                   const auto& uid = applied.object.meta.uid;
                   const SignerProfilePtr before = changes.empty() ? nullptr : changes.back().profile;
                   const bool same_object = before && uids_[name->text] == uid;
                   uids_[name->text] = uid;
                   auto spec = read_signer_body(*applied.object.body);
                   if (!spec) return changes.push_back({position, nullptr});
                   std::string hash = hash_of(*spec);
                   changes.push_back({position, std::make_shared<const SignerProfile>(SignerProfile{
                                                    *name, std::move(*spec), std::move(hash),
                                                    same_object ? before->since : position, position})});
                 },
                 [&](const engine::ConfigDeleted&) {
                   changes.push_back({position, nullptr});
                 },
             },
             event);
}

SignerProfilePtr SignerHistory::at(const engine::SignerName& name, engine::Position position) const {
  const auto changes = changes_.find(name.text);
  if (changes == changes_.end()) return nullptr;
  const auto later = std::ranges::upper_bound(changes->second, position, {}, &Change::position);
  return later == changes->second.begin() ? nullptr : std::prev(later)->profile;
}

SignerProfilePtr SignerHistory::now(const engine::SignerName& name) const {
  const auto changes = changes_.find(name.text);
  return changes == changes_.end() ? nullptr : changes->second.back().profile;
}

std::vector<SignerProfilePtr> SignerHistory::all() const {
  std::vector<SignerProfilePtr> profiles;
  for (const auto& changes : changes_ | std::views::values)
    if (changes.back().profile) profiles.push_back(changes.back().profile);
  return profiles;
}

SignerBook::SignerBook(engine::EventReader& reader) : history_(reader) {}

void SignerBook::committed(const std::shared_ptr<const engine::Batch>& batch) {
  for (const engine::Record& record : *batch) {
    if (!is_of_signers(record.stamp.stream)) continue;
    const auto* event = std::get_if<engine::ConfigEvent>(record.event.get());
    if (event == nullptr) continue;
    const std::unique_lock lock(mutex_);
    history_.add(record.stamp.stream, record.stamp.position, *event);
  }
}

SignerProfilePtr SignerBook::find(const engine::SignerName& name) const {
  const std::shared_lock lock(mutex_);
  return history_.now(name);
}

SignerProfilePtr SignerBook::find_at(const engine::SignerName& name, engine::Position position) const {
  const std::shared_lock lock(mutex_);
  return history_.at(name, position);
}

std::vector<SignerProfilePtr> SignerBook::all() const {
  const std::shared_lock lock(mutex_);
  return history_.all();
}

}  // namespace csrflow::signer
