#include "engine/ruling.hpp"

#include <algorithm>

namespace csrflow::engine {
namespace {

template <class Enum>
struct Named {
  Enum value;
  std::string_view name;
};
constexpr Named<Verdict> verdicts[] = {{Verdict::person, "person"},
                                       {Verdict::waits, "waits"},
                                       {Verdict::approve, "approve"},
                                       {Verdict::deny, "deny"}};
constexpr Named<Word::Say> says[] = {{Word::Say::approve, "approve"},
                                     {Word::Say::deny, "deny"},
                                     {Word::Say::withdrawn, "withdrawn"},
                                     {Word::Say::lapsed, "lapsed"}};

template <class Enum>
std::string_view name_in(std::span<const Named<Enum>> names, Enum value) {
  return std::ranges::find(names, value, &Named<Enum>::value)->name;
}

template <class Enum>
std::expected<Enum, std::string> value_in(std::span<const Named<Enum>> names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &Named<Enum>::name);
  if (found == names.end()) return std::unexpected("`" + std::string(name) + "` is no known word here");
  return found->value;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  return name_in<Verdict>(verdicts, verdict);
}
std::expected<Verdict, std::string> verdict_of(std::string_view name) {
  return value_in<Verdict>(verdicts, name);
}
std::string_view name_of(Word::Say say) {
  return name_in<Word::Say>(says, say);
}
std::expected<Word::Say, std::string> say_of(std::string_view name) {
  return value_in<Word::Say>(says, name);
}

}  // namespace csrflow::engine
