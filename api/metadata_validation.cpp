// ObjectMeta (apimachinery pkg/api/validation/objectmeta.go, and what the core group adds for finalizers).
#include <algorithm>
#include <array>
#include <set>

#include "api/validation.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {

namespace {

using engine::ObjectMeta;
using engine::OwnerReference;

constexpr std::size_t max_annotation_bytes = 256 * 1024;

void check_labels(const ObjectMeta& meta, FieldErrors& errors) {
  for (const auto& [key, value] : meta.labels) {
    for (std::string& problem : check_qualified_name(key)) {
      errors.push_back(field::invalid("metadata.labels", key, std::move(problem)));
    }
    for (std::string& problem : check_label_value(value)) {
      errors.push_back(field::invalid("metadata.labels", value, std::move(problem)));
    }
  }
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void check_annotations(const ObjectMeta& meta, FieldErrors& errors) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : meta.annotations) {
    bytes += key.size() + value.size();
    for (std::string& problem : check_qualified_name(lower_case(key))) {
      errors.push_back(field::invalid("metadata.annotations", key, std::move(problem)));
    }
  }
  if (bytes > max_annotation_bytes)
    errors.push_back(field::too_long("metadata.annotations", max_annotation_bytes));
}

std::string printed(const OwnerReference& owner) {
  std::string out;
  {
    engine::JsonObject object(out);
    object.text("apiVersion", owner.api_version);
    object.text("kind", owner.kind);
    object.text("name", owner.name);
    object.text("uid", owner.uid);
    if (owner.controller) object.boolean("controller", *owner.controller);
    if (owner.block_owner_deletion) object.boolean("blockOwnerDeletion", *owner.block_owner_deletion);
  }
  return out;
}

std::string printed(const std::vector<OwnerReference>& owners) {
  std::string out = "[";
  for (const OwnerReference& owner : owners) out += (&owner == &owners.front() ? "" : ",") + printed(owner);
  return out + "]";
}

/// `v1`, `group/v1`, `/v1`; not `group/`, and none with two slashes.
bool has_version(const std::string& api_version) {
  return !api_version.empty() && !api_version.ends_with('/') && std::ranges::count(api_version, '/') <= 1;
}

void check_owners(const ObjectMeta& meta, FieldErrors& errors) {
  const std::string path = "metadata.ownerReferences";
  std::string controller;
  for (const OwnerReference& owner : meta.owner_references) {
    if (!has_version(owner.api_version)) {
      errors.push_back(field::invalid(path + ".apiVersion", owner.api_version, "version must not be empty"));
    }
    const auto required = [&](const char* name, const std::string& value) {
      if (value.empty()) errors.push_back(field::invalid(path + '.' + name, value, "must not be empty"));
    };
    required("kind", owner.kind);
    required("name", owner.name);
    required("uid", owner.uid);
    // Events come and go by the thousand; nothing may live as long as one.
    if ((owner.api_version == "v1" || owner.api_version == "/v1") && owner.kind == "Event") {
      errors.push_back(
          field::invalid_printed(path, printed(owner), "/v1, Kind=Event is disallowed from being an owner"));
    }
    if (!owner.controller.value_or(false)) continue;
    const std::string current = owner.kind + '/' + owner.name;
    if (controller.empty()) {
      controller = current;
    } else {
      errors.push_back(field::invalid_printed(
          path, printed(meta.owner_references),
          "Only one reference can have Controller set to true. Found \"true\" in references for " +
              controller + " and " + current));
    }
  }
}

void check_finalizers(const ObjectMeta& meta, FieldErrors& errors) {
  for (const std::string& finalizer : meta.finalizers) {
    for (std::string& problem : check_qualified_name(finalizer)) {
      errors.push_back(field::invalid("metadata.finalizers", finalizer, std::move(problem)));
    }
  }
  const auto has = [&](std::string_view name) {
    return std::ranges::find(meta.finalizers, name) != meta.finalizers.end();
  };
  if (has("orphan") && has("foregroundDeletion")) {
    std::string list = "[";
    for (const std::string& finalizer : meta.finalizers) {
      if (list.size() > 1) list += ',';
      engine::append_json_string(list, finalizer);
    }
    errors.push_back(field::invalid_printed("metadata.finalizers", list + "]",
                                            "finalizer orphan and foregroundDeletion cannot be both set"));
  }
}

void check_standard_finalizers(const ObjectMeta& meta, FieldErrors& errors) {
  static constexpr std::array<std::string_view, 3> standard = {"kubernetes", "orphan", "foregroundDeletion"};
  for (std::size_t i = 0; i < meta.finalizers.size(); ++i) {
    const std::string& finalizer = meta.finalizers[i];
    if (finalizer.find('/') != std::string::npos || std::ranges::find(standard, finalizer) != standard.end())
      continue;
    errors.push_back(field::invalid("metadata.finalizers[" + std::to_string(i) + "]", finalizer,
                                    "name is neither a standard finalizer name nor is it fully qualified"));
  }
}

void check_no_new_finalizers(const ObjectMeta& updated, const ObjectMeta& stored, FieldErrors& errors) {
  std::set<std::string> added(updated.finalizers.begin(), updated.finalizers.end());
  for (const std::string& finalizer : stored.finalizers) added.erase(finalizer);
  if (added.empty()) return;
  std::string list = "[]string{";
  for (const std::string& finalizer : added)
    list += (finalizer == *added.begin() ? "" : ", ") + go_quote(finalizer);
  errors.push_back(field::forbidden(
      "metadata.finalizers",
      "no new finalizers can be added if the object is being deleted, found new finalizers " + list + "}"));
}

std::string printed(const std::optional<engine::Timestamp>& time) {
  return time ? '"' + engine::rfc3339_seconds(*time) + '"' : "null";
}

}  // namespace

FieldErrors validate_metadata(const ObjectMeta& meta, bool indexed_finalizers, NameCheck check_name) {
  FieldErrors errors;
  const auto report = [&](const char* path, const std::string& name, std::vector<std::string> problems) {
    for (std::string& problem : problems) errors.push_back(field::invalid(path, name, std::move(problem)));
  };
  if (check_name) report("metadata.generateName", meta.generate_name, check_path_prefix(meta.generate_name));
  if (meta.name.empty()) {
    errors.push_back(field::required("metadata.name", "name or generateName is required"));
  } else if (check_name) {
    report("metadata.name", meta.name, check_name(meta.name));
  }
  if (meta.generation < 0) {
    errors.push_back(field::invalid_printed("metadata.generation", std::to_string(meta.generation),
                                            "must be greater than or equal to 0"));
  }
  check_labels(meta, errors);
  check_annotations(meta, errors);
  check_owners(meta, errors);
  check_finalizers(meta, errors);
  if (indexed_finalizers) check_standard_finalizers(meta, errors);
  return errors;
}

FieldErrors validate_metadata_update(const ObjectMeta& updated, const ObjectMeta& stored) {
  FieldErrors errors;
  if (stored.deletion) check_no_new_finalizers(updated, stored, errors);
  const std::string immutable = "field is immutable";
  if (updated.name != stored.name) errors.push_back(field::invalid("metadata.name", updated.name, immutable));
  if (updated.uid != stored.uid)
    errors.push_back(field::invalid("metadata.uid", updated.uid.text, immutable));
  if (updated.deletion != stored.deletion) {
    errors.push_back(
        field::invalid_printed("metadata.deletionTimestamp", printed(updated.deletion), immutable));
  }
  check_labels(updated, errors);
  check_annotations(updated, errors);
  check_owners(updated, errors);
  return errors;
}

}  // namespace csrflow::api
