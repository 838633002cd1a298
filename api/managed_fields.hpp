// Who manages which fields of an object: metadata.managedFields, and server-side apply (apimachinery
// pkg/util/managedfields). Functions of JSON values and times; nothing is kept.
#pragma once

#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "api/resource.hpp"

namespace csrflow::api {

/// Entries of Update operations that are kept apart; the oldest of more are put together.
constexpr std::size_t max_update_managers = 10;

/// One write to an object, as far as the ownership of fields is concerned.
struct FieldWrite {
  const Resource& resource;
  std::string subresource;  ///< empty: the object itself
  std::string manager;      ///< empty: `unknown`
  engine::Timestamp now;
};

/// The `fieldManager` that was given, else the User-Agent up to its first `/`, without what cannot be
/// printed, at most 128 bytes.
std::string manager_name(const std::string& field_manager, std::string_view user_agent);

// All `…_fields` are JSON arrays as text, as metadata.managedFields has them; empty: there is none.

/// What a client's managedFields ask for: an empty list, or one with an empty entry, clears what is recorded.
bool clears_managed_fields(std::string_view sent_fields);

/// managedFields of an object that is created (POST). `object` is the object as sent; `sent_fields` what its
/// client sent as managedFields.
std::string fields_after_create(const FieldWrite&, const nlohmann::json& object,
                                std::string_view sent_fields);

/// Does a PUT or a patch keep managedFields? Fields that nobody began to track stay so.
bool tracks_fields(const FieldWrite&, std::string_view live_fields, std::string_view sent_fields);
/// managedFields after a PUT or a patch that is no apply, of an object that is tracked.
std::string fields_after_update(const FieldWrite&, const nlohmann::json& live, std::string_view live_fields,
                                const nlohmann::json& updated, std::string_view sent_fields);

/// Are these the same but for their times? A write that changes nothing else is none.
bool same_but_for_times(std::string_view left_fields, std::string_view right_fields);

struct Applied {
  std::string object;  ///< JSON; empty when nothing but managedFields may have changed
  std::string managed_fields;
};
/// Server-side apply. `live` is the object without managedFields, nothing when there is none yet. 400 for
/// another kind, 500 for a configuration that does not fit the schema, 409 for fields that others manage with
/// other values (unless `force`). As in Kubernetes, `kubectl` may take what its client-side apply set.
std::expected<Applied, Status> apply_configuration(const FieldWrite&,
                                                   const std::optional<nlohmann::json>& live,
                                                   std::string_view live_fields,
                                                   const nlohmann::json& configuration, bool force);

}  // namespace csrflow::api
