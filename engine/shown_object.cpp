#include "engine/shown_object.hpp"

#include "engine/object_json.hpp"
#include "engine/overloaded.hpp"

namespace csrflow::engine {

const ObjectMeta* live_meta(const State& state) {
  const auto of = [](const auto& s) { return s.object ? &s.object->meta : nullptr; };
  return std::visit(overloaded{
                        [&](const CsrState& s) { return of(s); },
                        [&](const ConfigState& s) { return of(s); },
                        [](const auto&) -> const ObjectMeta* { return nullptr; },
                    },
                    state);
}

Position resource_version(const State& state) {
  return std::visit(overloaded{
                        [](const CsrState& s) { return s.resource_version; },
                        [](const ConfigState& s) { return s.resource_version; },
                        [](const auto&) { return Position{}; },
                    },
                    state);
}

std::string live_tail(const State& state, Position version) {
  return std::visit(overloaded{
                        [&](const CsrState& s) { return object_tail(*s.object, *s.spec_json, version); },
                        [&](const ConfigState& s) { return object_tail(*s.object, version); },
                        [](const auto&) { return std::string(); },
                    },
                    state);
}

bool shows_object(const Event& event) {
  if (const auto* csr = std::get_if<CsrEvent>(&event)) return shows_object(*csr);
  return std::holds_alternative<ConfigEvent>(event);
}

bool deletes_object(const Event& event) {
  return std::visit(overloaded{
                        [](const CsrEvent& e) { return std::holds_alternative<Deleted>(e); },
                        [](const ConfigEvent& e) { return std::holds_alternative<ConfigDeleted>(e); },
                        [](const auto&) { return false; },
                    },
                    event);
}

}  // namespace csrflow::engine
