// How the verbs read, prepare and store the objects of a resource. There are two: requests, which have a
// workflow, and configuration objects, which differ only in their format.
#pragma once

#include "api/body.hpp"
#include "api/call.hpp"
#include "api/found_object.hpp"
#include "api/validation.hpp"

namespace csrflow::api {

/// The question that admission answered with yes, to be put again when roles have changed. Lives no longer
/// than the call. Null: there was none.
using Admission = std::function<std::expected<void, Status>()>;
/// Warnings for whoever writes. May take seconds. Null: there are none.
using Advice = std::function<std::vector<std::string>(bool dry_run)>;

/// What a creation sends; the server may have to try another name than the first one.
struct PreparedCreation {
  engine::ObjectMeta meta;
  std::function<engine::Command(const std::string& name)> command;
  Admission admission;
  Advice advice = {};
};

/// What a PUT or PATCH makes of the stored object.
struct PreparedChange {
  /// Computed over the version that was found; nothing when nothing changes.
  std::optional<engine::Command> command;
  /// The object after it.
  std::shared_ptr<const engine::State> after;
  Admission admission;
  Advice advice = {};
};

class Kind {
 public:
  virtual ~Kind() = default;

  /// Of a POST or PUT; of what a patch made of the stored object. 400, or 422 for a patch's unknown fields.
  virtual std::expected<std::shared_ptr<SentObject>, Status> decode(Format, std::string_view body,
                                                                    FieldValidation) const = 0;
  virtual std::expected<std::shared_ptr<SentObject>, Status> decode_patched(const Patched&,
                                                                            FieldValidation) const = 0;
  /// Defaults, admission and validation. `sent` gives its content away.
  virtual std::expected<PreparedCreation, Status> create(const Call&, SentObject& sent) const = 0;
  virtual std::expected<PreparedChange, Status> change(const Call&, const FoundObject& stored,
                                                       const SentObject& sent, bool patch) const = 0;
  /// Server-side apply of a configuration (JSON) to the stored object, or to nothing when there is none yet.
  /// What results is as if it had been sent whole.
  virtual std::expected<std::shared_ptr<SentObject>, Status> apply(const Call&, const FoundObject* stored,
                                                                   const std::string& configuration,
                                                                   bool force) const = 0;
  virtual engine::Command deletion(engine::Delete) const = 0;
};

/// The resource must be a stored one.
const Kind& kind_of(const Resource&);

/// 16 bytes for a uid or a generated name.
std::array<std::uint8_t, 16> random_bytes(engine::Random&);

// The parts, for kind_of.
std::unique_ptr<const Kind> csr_kind();
std::unique_ptr<const Kind> config_kind(const Resource&);

}  // namespace csrflow::api
