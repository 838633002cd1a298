#include "engine/deletion.hpp"

#include <algorithm>
#include <functional>

namespace csrflow::engine {
namespace {

constexpr std::string_view foreground_finalizer = "foregroundDeletion";
constexpr std::string_view orphan_finalizer = "orphan";

bool is_collectors(const std::string& finalizer) {
  return finalizer == foreground_finalizer || finalizer == orphan_finalizer;
}

}  // namespace

Propagation default_propagation(const std::vector<std::string>& finalizers) {
  const auto first = std::ranges::find_if(finalizers, is_collectors);
  if (first == finalizers.end()) return Propagation::background;
  return *first == orphan_finalizer ? Propagation::orphan : Propagation::foreground;
}

DeletionSteps deletion_steps(const std::vector<std::string>& finalizers, Propagation propagation) {
  DeletionSteps steps;
  std::ranges::copy_if(finalizers, std::back_inserter(steps.left), std::not_fn(is_collectors));
  steps.marked = steps.left;
  if (propagation == Propagation::foreground) steps.marked.emplace_back(foreground_finalizer);
  if (propagation == Propagation::orphan) steps.marked.emplace_back(orphan_finalizer);
  if (same_finalizers(steps.marked, finalizers)) steps.marked = finalizers;
  return steps;
}

bool same_finalizers(std::vector<std::string> a, std::vector<std::string> b) {
  for (auto* list : {&a, &b}) {
    std::ranges::sort(*list);
    const auto repeated = std::ranges::unique(*list);
    list->erase(repeated.begin(), repeated.end());
  }
  return a == b;
}

}  // namespace csrflow::engine
