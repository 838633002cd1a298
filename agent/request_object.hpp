// CertificateSigningRequests as the server's API writes and reads them (certificates.k8s.io/v1), as far as a
// host needs them, and csrflow's own documents beside them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace csrflow::agent {

constexpr std::string_view agent_label = "csrflow.io/agent";
constexpr std::string_view predecessor_annotation = "csrflow.io/predecessor";

/// What is created.
struct NewRequest {
  std::string name;
  engine::SignerName signer;
  engine::Bytes request;  ///< PKCS#10 in PEM
  std::vector<std::string> usages;
  std::optional<engine::Duration> lifetime;
  engine::StringMap labels;
  std::string host;         ///< the label csrflow.io/agent; empty: none
  std::string predecessor;  ///< the request whose certificate it is to replace; empty: none
};

/// What the server says of a request.
struct RequestObject {
  std::string name;
  std::string version;  ///< metadata.resourceVersion
  engine::Bytes request;
  bool approved = false;
  std::optional<std::string> denied, failed;  ///< the reason and message
  bool rotation_due = false;                  ///< condition RotationDue
  engine::Bytes certificate;                  ///< PEM; empty: not signed yet
  std::optional<engine::Timestamp> issued_at;
};

/// One line of a watch.
struct RequestChange {
  enum class Kind { changed, deleted, bookmark, error };
  Kind kind = Kind::changed;
  RequestObject object;
  unsigned code = 0;    ///< of an error: an HTTP status; 410: the version is too old
  std::string message;  ///< of an error
};

struct RequestList {
  std::vector<RequestObject> items;
  std::string version;
};

struct InstallationReport {
  enum class Outcome : std::uint8_t { installed, failed, rolled_back };
  engine::Serial serial;
  std::string host, place;
  Outcome outcome = Outcome::installed;
  std::string step;     ///< `check`, `write`, `hook` or `probe`; empty when it was installed
  std::string message;  ///< for people; at most max_report_message
  engine::Timestamp at;
  bool operator==(const InstallationReport&) const = default;
};
/// `installed`, `failed`, `rolled-back`.
std::string_view name_of(InstallationReport::Outcome);
constexpr std::size_t max_report_message = 1'024;  // bytes

/// A successor under the grace of an expired certificate: signed by the old key, too.
struct RekeyRequest {
  std::string name;  ///< the successor's
  engine::Bytes request;
  engine::Bytes signature;  ///< of the old key over the DER of the new PKCS#10
};

std::string json_of(const NewRequest&);
std::string json_of(const InstallationReport&);
std::string json_of(const RekeyRequest&);

/// The errors are sentences.
std::expected<RequestObject, std::string> read_request_object(std::string_view json);
std::expected<RequestList, std::string> read_request_list(std::string_view json);
std::expected<RequestChange, std::string> read_request_change(std::string_view line);
/// The `message` of a Status (Kubernetes' form of an error); empty when it is none.
std::string status_message(std::string_view json);
/// The PEM of a list of ClusterTrustBundles.
std::expected<engine::Bytes, std::string> read_trust_bundles(std::string_view json);

}  // namespace csrflow::agent
