// What the agent remembers of one certificate beside its files: what it was asked by, how often it failed,
// and what the server has not been told yet. Losing it costs a repeated attempt, never a certificate.
#pragma once

#include <optional>

#include "agent/file_system.hpp"
#include "agent/request_object.hpp"

namespace csrflow::agent {

struct UnsentReport {
  std::string request;  ///< to which it belongs
  InstallationReport report;
  bool operator==(const UnsentReport&) const = default;
};

struct Notes {
  std::string serving_digest, pending_digest;
  std::int64_t generation = 0;  ///< how many requests were made
  std::uint32_t attempts = 0;
  engine::Timestamp failed_at;
  std::string problem;  ///< of the last attempt, for people; empty: it went well
  std::optional<UnsentReport> unsent;
  bool operator==(const Notes&) const = default;
};

std::string to_json(const Notes&);
/// A text that is none is none: no notes.
Notes parse_notes(std::string_view json);

/// STATE/.notes/NAME.json. Throws FileError.
class NoteBook {
 public:
  NoteBook(FileSystem&, const std::filesystem::path& state);
  Notes read(const std::string& name);
  /// Durable when it returns.
  void write(const std::string& name, const Notes&);

 private:
  FileSystem& files_;
  OpenFile folder_;
};

}  // namespace csrflow::agent
