#include "api/managed_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/field_owners.hpp"
#include "api/field_schema.hpp"
#include "api/typed_value.hpp"
#include "api/utf8.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;

constexpr std::size_t max_manager_bytes = 128;
constexpr std::string_view before_first_apply = "before-first-apply";
constexpr std::string_view old_updates = "ancient-changes";
constexpr std::string_view kubectl = "kubectl";
constexpr const char* last_applied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::size_t max_annotation_bytes = 256 * 1024;

// ---- fields that nobody owns --------------------------------------------------------------------

/// Of `status.conditions`.
FieldPath field_path(std::string_view text) {
  FieldPath path;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find('.', from), text.size());
    path.push_back(PathElement::field(std::string(text.substr(from, end - from))));
    from = end + 1;
  }
  return path;
}

FieldSet set_of(std::initializer_list<std::string_view> paths) {
  FieldSet set;
  for (const std::string_view path : paths) set.insert(field_path(path));
  return set;
}

/// What the server sets, or what names the object.
const FieldSet& of_the_server() {
  static const FieldSet set =
      set_of({"apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace",
              "metadata.creationTimestamp", "metadata.selfLink", "metadata.uid", "metadata.clusterName",
              "metadata.generation", "metadata.managedFields", "metadata.resourceVersion"});
  return set;
}

/// What a write of this endpoint does not change, whatever it says.
FieldSet reset_by(const FieldWrite& write) {
  FieldSet set;
  const Subresource* subresource = write.resource.subresource(write.subresource);
  const auto& paths = subresource ? subresource->reset_fields : write.resource.reset_fields;
  for (const std::string& path : paths) set.insert(field_path(path));
  return set;
}

FieldChanges changes_of(const FieldWrite& write, const json& live, const json& updated) {
  const FieldSet reset = reset_by(write);
  FieldChanges changes = compare_fields(field_type(write.resource), live, updated);
  return {.added = changes.added.without_below(reset),
          .modified = changes.modified.without_below(reset),
          .removed = changes.removed.without_below(reset)};
}

// ---- updates ------------------------------------------------------------------------------------

FieldOwner owner_of(const FieldWrite& write, std::string_view manager, bool applied) {
  return {.manager = std::string(manager.empty() ? "unknown" : manager),
          .applied = applied,
          .api_version = write.resource.api_version(),
          .subresource = write.subresource,
          .time = std::nullopt,
          .fields = {}};
}

/// Fields of versions that are not served cannot be compared.
void forget_other_versions(const FieldWrite& write, FieldOwners& owners) {
  std::erase_if(owners,
                [&](const auto& owner) { return owner.second.api_version != write.resource.api_version(); });
}

/// Takes from everybody but `self` what changed.
void take_from_others(FieldOwners& owners, const std::string& self, const FieldChanges& changes) {
  const FieldSet taken = changes.modified.united(changes.added).united(changes.removed);
  for (auto& [identifier, owner] : owners)
    if (identifier != self) owner.fields = owner.fields.without(taken);
  std::erase_if(owners, [](const auto& owner) { return owner.second.fields.empty(); });
}

/// Puts the oldest of too many updaters together, those of a version in one entry.
void cap_updaters(FieldOwners& owners) {
  std::vector<std::string> updaters;
  for (const auto& [identifier, owner] : owners)
    if (!owner.applied) updaters.push_back(identifier);
  if (updaters.size() <= max_update_managers) return;
  std::ranges::stable_sort(updaters, {}, [&](const std::string& identifier) {
    const auto& time = owners.at(identifier).time;
    return time ? time->whole_seconds() : 0;
  });
  std::size_t left = updaters.size();
  std::map<std::string, std::string> first_of_version;
  for (const std::string& identifier : updaters) {
    if (left <= max_update_managers) return;
    const FieldOwner owner = owners.at(identifier);
    const auto [first, is_first] = first_of_version.try_emplace(owner.api_version, identifier);
    if (is_first) continue;
    FieldOwner bucket{.manager = std::string(old_updates),
                      .applied = false,
                      .api_version = owner.api_version,
                      .subresource = {},
                      .time = owner.time,
                      .fields = {}};
    const std::string bucket_identifier = bucket.identifier();
    auto there = owners.find(bucket_identifier);
    if (there == owners.end()) {
      bucket.fields = owners.at(first->second).fields;
      owners.erase(first->second);
      there = owners.emplace(bucket_identifier, std::move(bucket)).first;
    }
    there->second.fields = there->second.fields.united(owner.fields);
    there->second.time = owner.time;
    if (identifier != bucket_identifier) owners.erase(identifier);
    --left;
  }
}

void update_owners(const FieldWrite& write, std::string_view manager, const json& live, const json& updated,
                   FieldOwners& owners) {
  forget_other_versions(write, owners);
  const FieldChanges changes = changes_of(write, live, updated);
  FieldOwner owner = owner_of(write, manager, false);
  // The manager loses like everybody what changed, and gets it back as part of this operation.
  take_from_others(owners, {}, changes);
  owner.fields = changes.modified.united(changes.added).without(of_the_server());
  if (!owner.fields.empty()) {
    const std::string identifier = owner.identifier();
    if (const auto before = owners.find(identifier); before != owners.end())
      owner.fields = owner.fields.united(before->second.fields);
    owner.time = write.now.cut_to_seconds();
    owners.insert_or_assign(identifier, std::move(owner));
  }
  cap_updaters(owners);
}

/// What a write begins with: the client's own managedFields when it sent some on the object itself, else
/// those of the live object; none when they cannot be read.
FieldOwners owners_before(const FieldWrite& write, std::string_view live_fields,
                          std::string_view sent_fields) {
  if (write.subresource.empty() && !sent_fields.empty()) {
    if (clears_managed_fields(sent_fields)) return {};
    if (auto sent = read_owners(sent_fields); sent && !sent->empty()) return std::move(*sent);
  }
  return read_owners(live_fields).value_or(FieldOwners{});
}

// ---- apply --------------------------------------------------------------------------------------

/// What the last apply of this manager had and this one has not goes, unless somebody else owns it too.
json without_dropped(const FieldType& type, const json& merged, const FieldOwners& owners,
                     const FieldSet& last) {
  if (last.empty()) return merged;
  const auto declared = [&](const FieldSet& set) { return with_declared_fields(&type, set); };
  FieldSet owned;
  for (const auto& [identifier, owner] : owners) owned = owned.united(owner.fields);
  const FieldSet dropped = declared(last);
  const FieldSet all = declared(mentioned_fields(type, merged));
  const json bare = remove_fields(type, merged, dropped);
  const FieldSet keep = declared(mentioned_fields(type, bare)).united(declared(owned));
  const json owned_again = remove_fields(type, merged, all.without(keep));
  const FieldSet gone = all.without(declared(mentioned_fields(type, owned_again)));
  return remove_fields(type, merged, gone.common(dropped));
}

struct Application {
  std::optional<json> object;  ///< nothing: the live one
  FieldOwners owners;
};
struct Conflict {
  const FieldOwner* owner;
  FieldPath path;
};

Status conflict_status(const std::vector<Conflict>& conflicts) {
  StatusDetails details;
  std::string message = "Apply failed with " + std::to_string(conflicts.size());
  for (const Conflict& conflict : conflicts)
    details.causes.push_back(
        {"FieldManagerConflict", "conflict with " + conflict.owner->text(), path_text(conflict.path)});
  if (conflicts.size() == 1) {
    message += " conflict: conflict with " + conflicts[0].owner->text() + ": " + path_text(conflicts[0].path);
  } else {
    message += " conflicts: ";
    const FieldOwner* last = nullptr;
    for (const Conflict& conflict : conflicts) {
      if (conflict.owner != last)
        message += (last ? "\n" : "") + ("conflicts with " + conflict.owner->text()) + ':';
      message += "\n- " + path_text(conflict.path);
      last = conflict.owner;
    }
  }
  return {409, "Conflict", std::move(message), std::move(details)};
}

/// Fields that this apply would change and others own, but for those that are `allowed`.
std::expected<void, Status> refuse_conflicts(const FieldOwners& owners, const std::string& self,
                                             const FieldChanges& changes, const FieldSet& allowed) {
  const FieldSet changed = changes.modified.united(changes.added);
  std::vector<Conflict> conflicts;
  for (const auto& [identifier, owner] : owners) {
    if (identifier == self) continue;
    owner.fields.common(changed).for_each([&](const FieldPath& path) {
      if (!allowed.has(path)) conflicts.push_back({&owner, path});
    });
  }
  if (conflicts.empty()) return {};
  return std::unexpected(conflict_status(conflicts));
}

json empty_object(const Resource& resource) {
  std::string text = resource.object_head() + R"("metadata":{})";
  if (!resource.zero_members.empty()) text += ',' + resource.zero_members;
  return json::parse(text + '}');
}

std::string text_member(const json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::string metadata_text(const json& object, const char* name) {
  const auto metadata = object.find("metadata");
  return metadata != object.end() && metadata->is_object() ? text_member(*metadata, name) : std::string();
}

/// `certificates.k8s.io/v1, Kind=CertificateSigningRequest`.
std::string kind_text(const json& object) {
  std::string version = text_member(object, "apiVersion");
  std::string kind = text_member(object, "kind");
  if (std::ranges::count(version, '/') > 1) version = kind = "";
  if (version.find('/') == std::string::npos) version.insert(0, "/");
  return version + ", Kind=" + kind;
}

std::expected<void, Status> check_configuration(const FieldWrite& write, const json& configuration) {
  const auto metadata = configuration.find("metadata");
  if (metadata != configuration.end() && metadata->is_object()) {
    const auto fields = metadata->find("managedFields");
    if (fields != metadata->end() && fields->is_array())
      return std::unexpected(status::bad_request("metadata.managedFields must be nil"));
  }
  const auto checked = check_typed(field_type(write.resource), configuration, Duplicates::refused);
  if (checked) return {};
  return std::unexpected(status::plain_error(
      "failed to create typed patch object (" + metadata_text(configuration, "namespace") + '/' +
      metadata_text(configuration, "name") + "; " + kind_text(configuration) + "): " + checked.error()));
}

/// `allowed`: what may be taken from others; nothing: everything.
std::expected<Application, Status> apply_once(const FieldWrite& write, const json& live, FieldOwners owners,
                                              const json& configuration,
                                              const std::optional<FieldSet>& allowed) {
  const FieldType& type = field_type(write.resource);
  if (owners.empty()) update_owners(write, before_first_apply, empty_object(write.resource), live, owners);
  forget_other_versions(write, owners);
  FieldOwner applier = owner_of(write, write.manager, true);
  const std::string self = applier.identifier();
  FieldSet last;
  if (const auto before = owners.find(self); before != owners.end()) {
    last = before->second.fields;
    applier.time = before->second.time;
  }
  applier.fields = mentioned_fields(type, configuration).without_below(reset_by(write));
  owners.insert_or_assign(self, std::move(applier));

  json merged = without_dropped(type, merge_fields(type, live, configuration), owners, last);
  const FieldChanges changes = changes_of(write, live, merged);
  if (allowed) {
    if (const auto free = refuse_conflicts(owners, self, changes, *allowed); !free)
      return std::unexpected(free.error());
  }
  take_from_others(owners, self, changes);
  Application done;
  if (merged != live) done.object = std::move(merged);
  if (const auto owner = owners.find(self); owner != owners.end()) {
    owner->second.fields = owner->second.fields.without(of_the_server());
    if (done.object) owner->second.time = write.now.cut_to_seconds();
    if (owner->second.fields.empty()) owners.erase(owner);
  }
  done.owners = std::move(owners);
  return done;
}

// ---- from client-side apply to server-side apply ------------------------------------------------

const json* last_applied_of(const json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return nullptr;
  const auto annotations = metadata->find("annotations");
  if (annotations == metadata->end() || !annotations->is_object()) return nullptr;
  const auto text = annotations->find(last_applied);
  return text == annotations->end() || !text->is_string() || text->get_ref<const std::string&>().empty()
             ? nullptr
             : &*text;
}

/// Fields that the annotation of client-side apply has with the values that the live object has.
FieldSet set_by_client_side_apply(const FieldWrite& write, const json& live) {
  const FieldType& type = field_type(write.resource);
  const json* text = last_applied_of(live);
  if (text == nullptr) return {};
  const json applied = json::parse(text->get_ref<const std::string&>(), nullptr, /*allow_exceptions=*/false);
  if (!applied.is_object() || text_member(applied, "apiVersion") != write.resource.api_version()) return {};
  if (!check_typed(type, live, Duplicates::refused) || !check_typed(type, applied, Duplicates::refused))
    return {};
  const FieldChanges changes = compare_fields(type, applied, live);
  return mentioned_fields(type, applied)
      .without(changes.modified)
      .without(changes.added)
      .without(changes.removed);
}

std::string escaped_for_html(const std::string& json_text) {
  std::string out;
  for (const char c : json_text) {
    if (c == '<') {
      out += "\\u003c";
    } else if (c == '>') {
      out += "\\u003e";
    } else if (c == '&') {
      out += "\\u0026";
    } else {
      out += c;
    }
  }
  return out;
}

/// kubectl's annotation of client-side apply follows what it applies on the server's side.
void refresh_last_applied(json& object, json configuration) {
  json& metadata = configuration["metadata"];
  if (metadata.is_object() && metadata.contains("annotations") && metadata["annotations"].is_object())
    metadata["annotations"].erase(last_applied);
  json& annotations = object["metadata"]["annotations"];
  annotations[last_applied] = escaped_for_html(configuration.dump()) + '\n';
  std::size_t bytes = 0;
  for (const auto& [key, value] : annotations.items())
    bytes += key.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 0);
  if (bytes > max_annotation_bytes) annotations.erase(last_applied);
}

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

bool can_be_printed(std::string_view character) {
  return character == "\"" || character == "\\" || go_quote(character).size() == character.size() + 2;
}

}  // namespace

std::string manager_name(const std::string& field_manager, std::string_view user_agent) {
  if (!field_manager.empty()) return field_manager;
  const std::string_view agent = user_agent.substr(0, user_agent.find('/'));
  std::string name;
  for (std::size_t at = 0; at < agent.size();) {
    const Rune rune = next_rune(agent.substr(at));
    const std::string_view character = rune.valid ? agent.substr(at, rune.bytes) : replacement_character;
    at += rune.bytes;
    if (!can_be_printed(character)) continue;
    if (name.size() + character.size() > max_manager_bytes) break;
    name += character;
  }
  return name;
}

bool clears_managed_fields(std::string_view sent_fields) {
  return sent_fields == "[]" || sent_fields == "[{}]";
}

std::string fields_after_create(const FieldWrite& write, const json& object, std::string_view sent_fields) {
  FieldOwners owners = owners_before(write, {}, sent_fields);
  update_owners(write, write.manager, empty_object(write.resource), object, owners);
  return owners_json(owners);
}

bool tracks_fields(const FieldWrite& write, std::string_view live_fields, std::string_view sent_fields) {
  if (live_fields.empty() && sent_fields.empty()) return false;
  return !owners_before(write, live_fields, sent_fields).empty();
}

std::string fields_after_update(const FieldWrite& write, const json& live, std::string_view live_fields,
                                const json& updated, std::string_view sent_fields) {
  FieldOwners owners = owners_before(write, live_fields, sent_fields);
  update_owners(write, write.manager, live, updated, owners);
  return owners_json(owners);
}

bool same_but_for_times(std::string_view left_fields, std::string_view right_fields) {
  const auto without_times = [](std::string_view text) {
    json entries = text.empty() ? json::array() : json::parse(text);
    for (json& entry : entries) entry.erase("time");
    return entries;
  };
  return without_times(left_fields) == without_times(right_fields);
}

std::expected<Applied, Status> apply_configuration(const FieldWrite& write, const std::optional<json>& live,
                                                   std::string_view live_fields, const json& configuration,
                                                   bool force) {
  const std::string kind = kind_text(configuration);
  if (kind != kind_text(empty_object(write.resource)))
    return std::unexpected(status::bad_request("invalid object type: " + kind));
  if (const auto checked = check_configuration(write, configuration); !checked)
    return std::unexpected(checked.error());
  const json before = live ? *live : empty_object(write.resource);
  const FieldOwners owners = read_owners(live_fields).value_or(FieldOwners{});
  const auto attempt = [&](const std::optional<FieldSet>& allowed) {
    return apply_once(write, before, owners, configuration, allowed);
  };
  auto done = attempt(force ? std::nullopt : std::optional(FieldSet{}));
  if (!done && write.manager == kubectl) done = attempt(set_by_client_side_apply(write, before));
  if (!done) return std::unexpected(done.error());
  if (write.manager == kubectl && last_applied_of(done->object ? *done->object : before)) {
    if (!done->object) done->object = before;
    refresh_last_applied(*done->object, configuration);
  }
  return Applied{
      done->object ? done->object->dump(-1, ' ', false, json::error_handler_t::replace) : std::string(),
      owners_json(done->owners)};
}

}  // namespace csrflow::api
