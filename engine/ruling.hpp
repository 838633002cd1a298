// What the approval policies say of a request, as a value: events store it, and `decide` acts on it.
#pragma once

#include <optional>

#include "engine/types.hpp"

namespace csrflow::engine {

/// One JSON value without blanks, kept as it was written.
struct JsonText {
  std::string text;
  bool operator==(const JsonText&) const = default;
};

/// What all policies together come to.
enum class Verdict {
  person,  ///< no policy decides: whoever may approve for the signer does, alone
  waits,   ///< several named people must speak, and have not yet
  approve,
  deny
};
/// `person`, `waits`, `approve`, `deny`.
std::string_view name_of(Verdict);
std::expected<Verdict, std::string> verdict_of(std::string_view name);

/// What an approval brings with it.
struct Obligations {
  std::optional<Duration> shorten_lifetime_to;
  StringMap labels;
  std::string rotation_policy;
  std::vector<std::string> notify;  ///< groups or sinks
  bool require_rekey = false;       ///< successors must have another key

  bool operator==(const Obligations&) const = default;
  bool empty() const { return *this == Obligations{}; }
};

/// One person's say on a request that several must approve. Each person has one word at a time.
struct Word {
  enum class Say { approve, deny, withdrawn, lapsed };
  std::string user;
  std::vector<std::string> groups;
  std::string credential;  ///< as in Identity: the same key or account under two names is one person
  Say say{};
  std::string message;
  Timestamp at;
  bool operator==(const Word&) const = default;
};
/// `approve`, `deny`, `withdrawn`, `lapsed`.
std::string_view name_of(Word::Say);
std::expected<Word::Say, std::string> say_of(std::string_view name);

/// Which policy, in which version, decided by which part of it. All empty: no policy.
struct Deciding {
  std::string policy;
  std::string hash;  ///< SHA-256 of the policy's canonical form, lower-case hex
  std::string rule;  ///< the constraint that was decisive, as `lifetime.max`; empty: all of it held
  bool operator==(const Deciding&) const = default;
};

/// Places that people have to fill before a request is approved.
struct Places {
  std::uint32_t filled = 0, all = 0;
  bool operator==(const Places&) const = default;
};

struct Ruling {
  Verdict verdict = Verdict::person;
  /// No policy matches and nothing waits: not worth an event.
  bool silent = true;
  std::string reason;    ///< of the condition: `PolicyApproved`, `ReviewTimeout` …; empty when undecided
  std::string sentence;  ///< why, for a person
  Deciding deciding;
  Obligations obligations;
  Places places;
  /// When the ruling may change by itself: a window, a lapse, the end of patience.
  std::optional<Timestamp> next;
  std::vector<std::string> lapsed;  ///< users whose words no longer count
  StringMap not_counted;            ///< user → why the word counts nothing
  JsonText facts;                   ///< all that was judged, and each policy's result
};

}  // namespace csrflow::engine
