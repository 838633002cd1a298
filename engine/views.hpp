// The port to the disposable views: what reads of the API need. The views follow the log; a reader first
// waits until they show what was committed when its request arrived.
#pragma once

#include <functional>

#include "engine/record.hpp"

namespace csrflow::engine {

/// An object as the views keep it: ready to be sent.
struct ObjectRow {
  std::string resource;  ///< `certificatesigningrequests`
  std::string name;
  Uid uid;
  Position resource_version;
  Timestamp creation;
  StringMap labels;
  StringMap fields;                ///< selectable: `spec.signerName`
  std::string cells;               ///< JSON array of the printed columns; the place of an age holds null
  std::string tail;                ///< object_json.hpp
  std::size_t metadata_bytes = 0;  ///< how much of the tail is `"metadata":{…}`
};

/// Turns a record into its row, for the resources that it knows; given to the views by the wiring. Pure.
struct ObjectPresenter {
  virtual ~ObjectPresenter() = default;
  /// Nothing when the record shows no object; a row with an empty tail when it deletes one.
  virtual std::optional<ObjectRow> row(const Record&) const = 0;
};

struct ListQuery {
  std::string resource;
  std::string name_after;                         ///< rows with a bytewise greater name
  std::optional<std::string> name;                ///< only this one
  std::function<bool(const ObjectRow&)> matches;  ///< null = all; shown rows without cells and tail
  std::optional<std::size_t> limit;
  std::size_t tail_bytes = SIZE_MAX;  ///< no further row once the tails have as many
  bool count = true;                  ///< wants to know `remaining`
};
struct ObjectList {
  Position position;  ///< what the list shows
  std::vector<ObjectRow> rows;
  bool more = false;
  std::string reached;          ///< with `more`: names up to this one are done with
  std::uint64_t remaining = 0;  ///< rows after the last one; counted only without `matches`, when wanted
};

/// Thread-safe.
struct ObjectViews {
  virtual ~ObjectViews() = default;
  virtual Position position() const = 0;
  /// Calls back once the views show `position`: at once on this thread, or later on the projector's. Must not
  /// block.
  virtual void when_reached(Position, std::move_only_function<void()>) = 0;
  // Each read is one transaction.
  virtual std::optional<ObjectRow> get(const std::string& resource, const std::string& name) = 0;
  virtual ObjectList list(const ListQuery&) = 0;
};

}  // namespace csrflow::engine
