#include "engine/catalogue.hpp"

#include "engine/event_members.hpp"

namespace csrflow::engine {
namespace {

struct MemberNames {
  std::vector<std::string> names;
  void operator()(std::string_view name, const auto&) { names.emplace_back(name); }
};

/// No two events share a place in the catalogue.
constexpr bool entries_are_unique() {
  return !any_event([]<class FamilyA, class A>(type_tag<FamilyA>, type_tag<A> a) {
    int found = 0;
    any_event([&]<class FamilyB, class B>(type_tag<FamilyB>, type_tag<B> b) {
      found += entry_of(a) == entry_of(b) ? 1 : 0;
      return false;
    });
    return found != 1;
  });
}
static_assert(entries_are_unique());

}  // namespace

std::vector<CataloguedEvent> catalogue() {
  std::vector<CataloguedEvent> events;
  any_event([&]<class Family, class E>(type_tag<Family>, type_tag<E> tag) {
    const CatalogueEntry entry = entry_of(tag);
    MemberNames names;
    const E event{};
    members(names, event);
    if constexpr (std::same_as<Family, ConfigEvent>) {
      for (const std::string_view category : config_categories)
        events.push_back({category, entry.type, entry.schema, names.names});
    } else {
      events.push_back({entry.category, entry.type, entry.schema, std::move(names.names)});
    }
    return false;
  });
  return events;
}

std::string catalogue_text() {
  std::string text;
  for (const CataloguedEvent& event : catalogue()) {
    text += event.category;
    text += ' ';
    text += event.type;
    text += ' ' + std::to_string(event.schema) + ':';
    for (const std::string& member : event.members) text += ' ' + member;
    text += '\n';
  }
  return text;
}

}  // namespace csrflow::engine
