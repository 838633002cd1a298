// What the agent asks of the server. The real one is in server_client.hpp; tests have one of values.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "agent/https_connection.hpp"
#include "agent/request_object.hpp"

namespace csrflow::agent {

struct CallFailure {
  enum class Kind {
    unreachable,   ///< no connection, no answer, or not the server that is trusted
    unauthorized,  ///< 401: these credentials are nobody's
    forbidden,     ///< 403: somebody who may not do this
    not_found,     ///< 404
    conflict,      ///< 409: the name is taken, or the certificate has its successor
    refused,       ///< 400, 422: never like this
    gone,          ///< 410: the watch is to begin again with a list
    busy,          ///< 429, 5xx: later
    stopped        ///< the agent is ending
  };
  Kind kind = Kind::unreachable;
  std::string message;  ///< for people: the server's own words where it has some
  std::optional<engine::Duration> retry_after;
};
template <class Value>
using Answer = std::expected<Value, CallFailure>;

/// Changes of the requests, as they happen.
struct Watch {
  virtual ~Watch() = default;
  /// Nothing when `patience` has passed, or a stop is asked for. The failure `gone` also when the server has
  /// ended the watch in good order; begin again.
  virtual Answer<std::optional<RequestChange>> next(std::chrono::milliseconds patience) = 0;
};

/// As one caller; belongs to one thread.
struct Server {
  virtual ~Server() = default;
  virtual Answer<RequestObject> create(const NewRequest&) = 0;
  virtual Answer<RequestObject> get(const std::string& name) = 0;
  virtual Answer<RequestList> list(const std::string& host) = 0;
  /// Of this host's requests, after this version.
  virtual Answer<std::unique_ptr<Watch>> watch(const std::string& host, const std::string& version) = 0;
  virtual Answer<std::unique_ptr<Watch>> watch_one(const std::string& name, const std::string& version) = 0;
  virtual Answer<void> report(const std::string& name, const InstallationReport&) = 0;
  /// `name`: whose certificate has expired, and is the caller's.
  virtual Answer<RequestObject> rekey(const std::string& name, const RekeyRequest&) = 0;
  /// What certificates of this signer lead to (PEM); `not_found` where the server does not say.
  virtual Answer<engine::Bytes> authorities(const engine::SignerName&) = 0;
};
/// A server as somebody.
using Servers = std::function<std::unique_ptr<Server>(Credentials)>;

}  // namespace csrflow::agent
