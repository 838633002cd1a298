// Who said it, from where, and why: the envelope of an event, and the format of its `context` bytes.
#pragma once

#include <memory>
#include <optional>

#include "engine/types.hpp"

namespace csrflow::engine {

/// How somebody proved who they are.
enum class Authentication { system, x509, token, oidc, anonymous };
/// `system`, `x509`, `token`, `oidc`, `anonymous`.
std::string_view name_of(Authentication);
std::expected<Authentication, std::string> authentication_of(std::string_view name);

/// A user as Kubernetes knows one.
struct Identity {
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  StringLists extra;
  Authentication by = Authentication::anonymous;
  /// Fingerprint of the credential, never the credential: `sha256:<hex>`, `token:<id>` for a token of
  /// csrflow's own; empty when there is none.
  std::string credential;
  /// Who acts as this user (Kubernetes' impersonation), and whose credential it is; null: the user itself.
  std::shared_ptr<const Identity> impersonator;

  bool in_group(std::string_view group) const;
};

/// `csrflow:<name>`: signer, scheduler, rotation, setup, approver, policy, policy:<name>, cleaner,
/// aggregation.
Identity system_actor(std::string_view name);

/// Where a command came from; both empty for csrflow itself.
struct Source {
  std::string address;
  std::string agent;
};

/// 128 bits that name a command, in lower-case hex.
struct CommandId {
  std::string hex;
  auto operator<=>(const CommandId&) const = default;
};

/// The envelope that is stored beside each event's data.
struct Context {
  Identity actor;
  Source source;
  CommandId command;
  /// `<stream>@<version>` of the event that led to this one; empty for a person's request.
  std::string cause;
  /// `<stream>@<version>` of the first event of the chain; empty in that first event.
  std::string correlation;
  /// `csrflow 0.1.0`.
  std::string program;
};

std::string event_reference(const StreamId&, Version);

/// One line of JSON, members in the order of the catalogue, absent when unknown.
Bytes encode_context(const Context&);
/// Throws UnreadableEvent when the bytes are not a context.
Context decode_context(std::string_view json);

}  // namespace csrflow::engine
