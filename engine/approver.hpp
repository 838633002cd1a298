// The port through which the engine asks the approval policies. What they answer depends on the question and
// on what is committed; never on a clock.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "engine/ruling.hpp"

namespace csrflow::engine {

struct CsrState;
struct Record;

struct Question {
  const CsrState& state;  ///< with a live, undecided object
  Timestamp now;          ///< of what led to the question: a creation, a word, another policy, a timer
  std::span<const Word> words;
  /// Another request's state; null when there never was one.
  const std::function<std::shared_ptr<const CsrState>(std::string_view name)>& request;
  /// The `created` events of this transaction that are not yet in the log, oldest first.
  const std::function<std::vector<const Record*>()>& uncommitted;
};

struct Approver {
  virtual ~Approver() = default;
  /// Total and deterministic. Called on the writer's thread, after the followers have heard of everything
  /// before; must not block.
  virtual Ruling judge(const Question&) const = 0;
  /// Empty: what the request was approved by still holds (its policy is unchanged, its people may still
  /// approve), so that a successor may inherit it. Else why not.
  virtual std::string why_not_inherited(const CsrState&) const = 0;
};

}  // namespace csrflow::engine
