#include "engine/config.hpp"

#include "engine/deletion.hpp"
#include "engine/overloaded.hpp"

namespace csrflow::engine {
namespace {

using Answer = std::expected<std::vector<ConfigEvent>, Refusal>;
using Kind = Refusal::Kind;

std::unexpected<Refusal> refuse(Kind kind, std::string message, std::string found = {}) {
  return std::unexpected(Refusal{.kind = kind, .message = std::move(message), .found = std::move(found)});
}

Answer put(const ConfigState& state, const PutConfig& c, const Facts& facts) {
  if (!c.base) {
    if (state.object)
      return std::unexpected(Refusal{.kind = Kind::already_exists,
                                     .message = "an object of this name exists",
                                     .terminating = state.object->meta.deletion.has_value()});
    Applied event{c.kind, c.hash, c.object};
    event.object.meta.creation = facts.now.cut_to_seconds();
    return std::vector<ConfigEvent>{std::move(event)};
  }
  if (!state.object) return refuse(Kind::not_found, "no object of this name");
  if (*c.base != state.resource_version) return refuse(Kind::conflict, "the object has been modified");
  const ObjectMeta& before = state.object->meta;
  Applied event{c.kind, c.hash, c.object};
  ObjectMeta& after = event.object.meta;
  after.name = before.name;
  after.uid = before.uid;
  after.creation = before.creation;
  if (event.object == *state.object) return std::vector<ConfigEvent>{};
  if (before.deletion && !before.finalizers.empty() && after.finalizers.empty())
    return std::vector<ConfigEvent>{ConfigDeleted{state.kind, before.uid}};
  return std::vector<ConfigEvent>{std::move(event)};
}

Answer remove(const ConfigState& state, const Delete& c, const Facts& facts) {
  if (!state.object) return refuse(Kind::not_found, "no object of this name");
  const ObjectMeta& meta = state.object->meta;
  if (c.uid && *c.uid != meta.uid)
    return refuse(Kind::uid_mismatch, "another object has this name now", meta.uid.text);
  if (c.resource_version && *c.resource_version != state.resource_version)
    return refuse(Kind::version_mismatch, "the object has been modified",
                  std::to_string(state.resource_version.value));
  const DeletionSteps steps = deletion_steps(meta.finalizers, c.propagation);
  std::vector<ConfigEvent> events;
  Applied marked{state.kind, state.hash, *state.object};
  ObjectMeta& after = marked.object.meta;
  if (!steps.marked.empty()) {
    if (!after.deletion) after.deletion = facts.now.cut_to_seconds();
    after.finalizers = steps.marked;
    if (after != meta) events.emplace_back(marked);
  }
  after.finalizers = steps.left;
  if (steps.left.empty()) {
    events.emplace_back(ConfigDeleted{state.kind, meta.uid});
  } else if (steps.left != steps.marked) {
    events.emplace_back(std::move(marked));
  }
  return events;
}

}  // namespace

bool operator==(const ConfigObject& a, const ConfigObject& b) {
  return a.meta == b.meta && (a.body == b.body || *a.body == *b.body);
}

Answer decide(const StreamId&, const ConfigState& state, const ConfigCommand& command, const Facts& facts) {
  return std::visit(overloaded{
                        [&](const PutConfig& c) { return put(state, c, facts); },
                        [&](const Delete& c) { return remove(state, c, facts); },
                    },
                    command);
}

ConfigState evolve(ConfigState s, const ConfigEvent& event, const Stamp& stamp) {
  s.version = stamp.version;
  std::visit(overloaded{
                 [&](const Applied& e) {
                   s.object = e.object;
                   s.kind = e.kind;
                   s.hash = e.hash;
                   s.resource_version = stamp.position;
                 },
                 [&](const ConfigDeleted&) { s.object.reset(); },
             },
             event);
  return s;
}

}  // namespace csrflow::engine
