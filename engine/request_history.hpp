// The past as policies ask for it: how many requests there were before one, and who used its key. What counts
// is what was requested, never what became of it, so that another verdict of a policy changes no answer.
#pragma once

#include <functional>
#include <optional>

#include "engine/identity.hpp"
#include "engine/request_description.hpp"

namespace csrflow::engine {

struct Created;

/// The form in which a name is counted: requests for names of the same form are requests for one name. Pure.
using NameForm = std::string (*)(const RequestDescription::Name&);

/// Requests to one signer that are counted together.
struct RequestGroup {
  enum class Kind : std::uint8_t { requester, name, signer };
  Kind kind{};
  std::string signer_name;
  std::string member;  ///< the user, or a name's form; empty for `signer`
  bool operator==(const RequestGroup&) const = default;
};

/// Before `before` in the log's order (`everything`: no matter where), recorded in (after, until].
struct RequestSpan {
  Position before;
  Timestamp after, until;
};
constexpr Position everything{~std::uint64_t{0}};

/// A request that used a key.
struct KeyUse {
  Position position;  ///< of its `created`
  Timestamp recorded_at;
  std::string user;
  std::string request;  ///< its name
  Uid uid;
  Uid lineage;  ///< uid of the request that its lineage began with; its own where it began one
  bool operator==(const KeyUse&) const = default;
};

/// Belongs to the writer's thread; exact as of the last commit. What is decided in the same transaction
/// (Question::uncommitted) comes on top: recent_requests.hpp. Throws std::exception when the views have
/// failed.
struct RequestHistory {
  virtual ~RequestHistory() = default;

  /// How many requests, those that csrflow made itself left out. Takes the same time for any number.
  virtual std::uint64_t count(const RequestGroup&, const RequestSpan&) const = 0;

  /// The first use of the key in the whole log, the first by another user than that one, and the first
  /// outside that one's lineage: at most three, in the log's order. They are enough to tell when the key was
  /// first seen, and the first use by another user than any given one or outside any given lineage.
  /// `spki_sha256`: lower-case hex.
  virtual std::vector<KeyUse> key_uses(const std::string& spki_sha256, Position before) const = 0;

  /// The uid of the request that the lineage of this one began with; of an unknown one its own.
  virtual Uid lineage_of(const Uid& request) const = 0;
};

/// What one request leaves behind for those after it.
struct RequestTrace {
  KeyUse use;
  std::string spki_sha256;           ///< empty: the request cannot be read
  std::vector<RequestGroup> groups;  ///< requester, signer, then its names in the order of their forms
  bool counted = true;               ///< in its groups; false: csrflow made it itself
};

/// `authenticated` is how the event's actor proved who they are, for events that do not say it themselves.
/// `description`: null when the request cannot be read. `lineage_of`: as RequestHistory's.
RequestTrace trace_of(const Created&, Position, Timestamp recorded_at, Authentication authenticated,
                      const RequestDescription* description, NameForm,
                      const std::function<Uid(const Uid&)>& lineage_of);

}  // namespace csrflow::engine
