// What was requested, said and decided, in a compact form: what a replay under other policies reads instead
// of the log's JSON and of each PKCS#10.
#pragma once

#include "engine/ports.hpp"
#include "engine/record.hpp"
#include "engine/request_history.hpp"

namespace csrflow::engine {

/// Goes up when RequestReader, a NameForm or the bytes below give something else for the same request: views
/// that were made before are made anew.
constexpr int past_version = 2;

/// What counts requests of a group: its SHA-256's first bytes.
using GroupKey = std::array<std::uint8_t, 16>;
GroupKey key_of(const RequestGroup&, HashFunction);

/// A request as its `created` made it.
struct MadeRequest {
  Position position;
  Timestamp recorded_at;
  std::string name;
  Uid uid, lineage;
  CsrSpec spec;  ///< without `request`
  StringMap labels;
  std::optional<Duration> lifetime;
  std::optional<Predecessor> predecessor;
  std::string predecessor_named;  ///< also where only the annotation csrflow.io/predecessor says so
  std::string on_behalf_of;
  Authentication authenticated_by{};
  std::string credential;
  std::string source;  ///< address
  /// An error when the request could not be read.
  std::expected<RequestDescription, std::string> description;
};
/// The state right after it, as far as it is judged: without the bytes of the
/// request, further annotations, finalizers and spec_json.
CsrState state_of(const MadeRequest&);

/// What happened to a request while it was undecided, and its end.
struct RequestStep {
  enum class Kind : std::uint8_t {
    word,
    evaluated,
    approved,
    denied,
    ended  ///< deleted, or signed elsewhere without a decision
  };
  Position position, request;  ///< `request`: position of its `created`
  Timestamp recorded_at;
  Kind kind{};
  engine::Word word;  ///< of `word`, also withdrawn and lapsed ones
  // Of the others.
  engine::Verdict verdict{};
  std::string reason, sentence;
  Deciding deciding;
  std::string actor;
  bool by_csrflow = false;  ///< the actor is csrflow itself
  bool break_glass = false;
};

/// As stored: `request` is `position` for a MadeRequest.
struct PastRow {
  Position position, request;
  Timestamp recorded_at;
  Bytes data;

  bool is_made() const { return position == request; }
};

/// Nothing for an event that is no part of this.
std::optional<PastRow> past_row(const Record&, const std::expected<RequestDescription, std::string>&,
                                const RequestTrace&, HashFunction);
std::optional<PastRow> past_row(const Record&);

// These throw UnreadableEvent when the bytes are damaged.
MadeRequest made_request(const PastRow&);
RequestStep request_step(const PastRow&);
RequestStep::Kind kind_of(const PastRow& step);
/// The part that counting needs, at little cost.
struct Counted {
  bool counted = true;           ///< as in RequestTrace
  std::vector<GroupKey> groups;  ///< requester, signer, then its names in the order of their forms
  Bytes spki_sha256;             ///< 32 bytes, or empty
  KeyUse use;
  std::string signer_name;
  std::string predecessor;  ///< its name; empty: the request names none
};
Counted counted(const PastRow&);

/// Where the past is read. Belongs to one thread.
struct PastSource {
  struct Certificate {
    LedgerEntry entry;
    Position signed_at;
  };
  virtual ~PastSource() = default;
  /// To the beginning.
  virtual void rewind() = 0;
  /// The next rows in the log's order, at most `limit`; empty at the end.
  virtual std::vector<PastRow> next(std::size_t limit) = 0;
  /// Up to where it is read: what comes later is not in the rows.
  virtual Position head() const = 0;
  virtual std::optional<Certificate> certificate(const std::string& request, const Uid&) = 0;
};

}  // namespace csrflow::engine
