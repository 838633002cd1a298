// What the engine asks of the world. Each has one implementation for production and one for tests.
#pragma once

#include <functional>
#include <memory>

#include "engine/event.hpp"
#include "engine/hash_function.hpp"

namespace csrflow::engine {

struct Clock {
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

struct Random {
  virtual ~Random() = default;
  /// Fills from a cryptographic generator; throws when it fails. Thread-safe.
  virtual void fill(std::span<std::uint8_t>) = 0;
};

/// A row to append. Positions are given by the log.
struct NewEvent {
  StreamId stream;
  Version version;
  std::string type;
  std::uint32_t schema = 1;
  Timestamp recorded_at;
  Bytes context, data;
  std::array<std::uint8_t, 16> salt{};
};

/// The append was not done because a stream, or the head, is not where the writer thought.
struct AppendConflict {
  std::string message;
};

/// The log could not be written or read. `retry`: nothing was written and a later try may go through (disk
/// full); otherwise the process must end: what is durable is only known after a restart.
struct LogFailure : std::runtime_error {
  LogFailure(const std::string& message, bool retry_later)
      : std::runtime_error(message), retry(retry_later) {}
  bool retry;
};

/// Reads the log; belongs to one thread.
struct EventReader {
  virtual ~EventReader() = default;
  virtual Position head() = 0;
  /// At most `limit` events after `position`, in order.
  virtual std::vector<StoredEvent> after(Position position, std::size_t limit) = 0;
  /// The stream's events with version > `version`, in order.
  virtual std::vector<StoredEvent> stream(const StreamId&, Version version = {}) = 0;
  /// All events of the streams of a category, by stream and version; for categories that are few and small.
  virtual std::vector<StoredEvent> category(std::string_view category) = 0;
};

struct EventLog {
  virtual ~EventLog() = default;
  /// Appends all or nothing at `expected_head` + 1 …; durable when it returns. Throws LogFailure.
  virtual std::expected<void, AppendConflict> append(Position expected_head, std::span<const NewEvent>) = 0;
  /// Read-only, never blocks the writer; any thread may ask for one.
  virtual std::unique_ptr<EventReader> reader() const = 0;
  /// Nothing waits: a moment for housekeeping (a checkpoint of SQLite's WAL).
  virtual void idle() = 0;
};

/// Uses the CA's key; may be slow. Thread-safe. Returns the DER certificate over exactly these bytes.
struct CertificateSigner {
  virtual ~CertificateSigner() = default;
  virtual std::expected<Bytes, std::string> sign(const std::string& issuer_ski, const Bytes& tbs) = 0;
};

/// A certificate, made ready to be recorded.
struct IssuedCertificate {
  Bytes pem;
  std::string fingerprint;  ///< SHA-256 of the DER, lower-case hex
};

/// What the API must know of a PKCS#10 before it accepts a request.
struct RequestSubject {
  std::string common_name;
  std::vector<std::string> organizations;
};

/// The holder of a certificate wants one over another key.
struct RekeyClaim {
  Bytes certificate;  ///< DER
  Bytes request;      ///< PEM, over the new key
  Bytes signature;    ///< by the old key, over the request's DER
};

/// Reads PKIX structures; pure, thread-safe.
struct PkixInspector {
  virtual ~PkixInspector() = default;
  /// Verifies the PEM block CERTIFICATE REQUEST and its self-signature; else the text for the person, in
  /// Kubernetes' words where Kubernetes has them (`PEM block type must be CERTIFICATE REQUEST`).
  virtual std::expected<RequestSubject, std::string> verify_request(const Bytes& pem) const = 0;
  /// Checks status.certificate as Kubernetes does; facts of the leaf, or the detail for the person.
  virtual std::expected<CertificateFacts, std::string> check_certificate(const Bytes& pem) const = 0;
  /// Did the old key sign (ECDSA or RSA PKCS#1 v1.5 with SHA-256, SHA-384 or SHA-512, or Ed25519), and is the
  /// new one another? Else a sentence without its full stop.
  virtual std::expected<void, std::string> check_rekey(const RekeyClaim&) const = 0;
};

}  // namespace csrflow::engine
