// Shapes (meta.k8s.io/v1): Table
// {"kind","apiVersion","metadata","columnDefinitions":[…],"rows":[{"cells":[…], "object":…}]},
// PartialObjectMetadata {"kind","apiVersion","metadata"}, its list, and the resource's own list, whose items
// have no kind and apiVersion.
#include "api/table.hpp"

#include <utility>

#include "engine/json_writer.hpp"

namespace csrflow::api {

using engine::JsonObject;
using engine::ObjectRow;

namespace {

std::string meta_head(const char* kind, const Answer& answer) {
  return std::string(R"({"kind":")") + kind + R"(","apiVersion":"meta.k8s.io/)" + answer.version + "\",";
}

void append_partial(std::string& out, const Answer& answer, const ObjectRow& row) {
  out += meta_head("PartialObjectMetadata", answer);
  out += std::string_view(row.tail).substr(0, row.metadata_bytes);
  out += '}';
}

void append_object(std::string& out, const Resource& resource, const ObjectRow& row) {
  out += resource.object_head();
  out += row.tail;
}

void append_list_meta(std::string& out, const ListMeta& meta) {
  JsonObject object(out);
  object.text("resourceVersion", std::to_string(meta.resource_version.value));
  object.text_if("continue", meta.continue_token);
  if (meta.remaining) object.number("remainingItemCount", static_cast<std::int64_t>(*meta.remaining));
}

void append_columns(std::string& out, const Resource& resource) {
  out += '[';
  for (const Column& column : resource.columns) {
    if (&column != &resource.columns.front()) out += ',';
    JsonObject object(out);
    object.text("name", column.name);
    object.text("type", column.type);
    object.text("format", column.format);
    object.text("description", column.description);
    object.number("priority", column.priority);
  }
  out += ']';
}

/// Where the element of this number begins in a flat JSON array.
std::size_t element_at(std::string_view array, std::size_t index) {
  bool in_text = false;
  for (std::size_t i = 1; i < array.size(); ++i) {
    if (index == 0) return i;
    if (in_text) {
      if (array[i] == '\\')
        ++i;
      else if (array[i] == '"')
        in_text = false;
    } else if (array[i] == '"') {
      in_text = true;
    } else if (array[i] == ',') {
      --index;
    }
  }
  return array.size();
}

void append_cells(std::string& out, const Resource& resource, const ObjectRow& row, engine::Timestamp now) {
  constexpr std::string_view placeholder = "null";
  const std::size_t at = element_at(row.cells, resource.age_column);
  out += std::string_view(row.cells).substr(0, at);
  if (at + placeholder.size() > row.cells.size()) return;
  engine::append_json_string(out, age(row.creation, now));
  out += std::string_view(row.cells).substr(at + placeholder.size());
}

void append_row(std::string& out, const Resource& resource, const Answer& answer, IncludeObject include,
                const ObjectRow& row, engine::Timestamp now) {
  out += R"({"cells":)";
  append_cells(out, resource, row, now);
  out += R"(,"object":)";
  switch (include) {
    case IncludeObject::metadata:
      append_partial(out, answer, row);
      break;
    case IncludeObject::object:
      append_object(out, resource, row);
      break;
    case IncludeObject::none:
      out += "null";
      break;
  }
  out += '}';
}

/// One row; only the first Table of a watch says what the columns are.
std::string table_of_one(const Resource& resource, const Answer& answer, IncludeObject include,
                         const ObjectRow& row, bool columns, engine::Timestamp now) {
  std::string out = meta_head("Table", answer);
  out += R"("metadata":)";
  append_list_meta(out, {row.resource_version, {}, {}});
  out += R"(,"columnDefinitions":)";
  if (columns) {
    append_columns(out, resource);
  } else {
    out += "null";
  }
  out += R"(,"rows":[)";
  append_row(out, resource, answer, include, row, now);
  return out + "]}";
}

}  // namespace

std::string object_document(const Resource& resource, const Answer& answer, IncludeObject include,
                            const ObjectRow& row, engine::Timestamp now) {
  return event_object(resource, answer, include, row, true, now);
}

std::string event_object(const Resource& resource, const Answer& answer, IncludeObject include,
                         const ObjectRow& row, bool first, engine::Timestamp now) {
  std::string out;
  switch (answer.shape) {
    case Shape::table:
      return table_of_one(resource, answer, include, row, first, now);
    case Shape::metadata:
      append_partial(out, answer, row);
      break;
    case Shape::object:
      append_object(out, resource, row);
      break;
  }
  return out;
}

ListDocument::ListDocument(const Resource& resource, Answer answer, IncludeObject include,
                           engine::Timestamp now)
    : resource_(resource), answer_(std::move(answer)), include_(include), now_(now) {}

void ListDocument::begin(std::string& out, const std::optional<ListMeta>& meta) {
  switch (answer_.shape) {
    case Shape::table:
      out += meta_head("Table", answer_);
      break;
    case Shape::metadata:
      out += meta_head("PartialObjectMetadataList", answer_);
      break;
    case Shape::object:
      out += R"({"kind":")" + resource_.list_kind + R"(","apiVersion":")" + resource_.api_version() + "\",";
      break;
  }
  if (meta) {
    out += R"("metadata":)";
    append_list_meta(out, *meta);
    out += ',';
  }
  if (answer_.shape != Shape::table) {
    out += R"("items":[)";
    return;
  }
  out += R"("columnDefinitions":)";
  append_columns(out, resource_);
  out += R"(,"rows":[)";
}

void ListDocument::add(std::string& out, std::span<const ObjectRow> rows) {
  for (const ObjectRow& row : rows) {
    if (!std::exchange(first_, false)) out += ',';
    switch (answer_.shape) {
      case Shape::table:
        append_row(out, resource_, answer_, include_, row, now_);
        break;
      case Shape::metadata:
        append_partial(out, answer_, row);
        break;
      case Shape::object:
        out += '{';
        out += row.tail;
        break;
    }
  }
}

void ListDocument::end(std::string& out, const std::optional<ListMeta>& meta) {
  out += ']';
  if (meta) {
    out += R"(,"metadata":)";
    append_list_meta(out, *meta);
  }
  out += '}';
}

std::string list_document(const Resource& resource, const Answer& answer, IncludeObject include,
                          std::span<const ObjectRow> rows, const ListMeta& meta, engine::Timestamp now) {
  std::size_t bytes = 256;
  for (const ObjectRow& row : rows) bytes += row.tail.size() + 80;
  std::string out;
  out.reserve(bytes);
  ListDocument document(resource, answer, include, now);
  document.begin(out, meta);
  document.add(out, rows);
  document.end(out, {});
  return out;
}

std::string bookmark_object(const Resource& resource, const Answer& answer, engine::Position position,
                            bool initial_end) {
  std::string metadata = R"("metadata":{"resourceVersion":")" + std::to_string(position.value) + '"';
  if (initial_end) metadata += R"(,"annotations":{"k8s.io/initial-events-end":"true"})";
  metadata += '}';
  switch (answer.shape) {
    case Shape::table: {
      // A Table's own metadata has no annotations: the mark travels in a row without cells.
      std::string out = meta_head("Table", answer) + R"("metadata":{"resourceVersion":")" +
                        std::to_string(position.value) + R"("},"columnDefinitions":null,"rows":[)";
      if (initial_end) {
        out += R"({"cells":[],"object":)" + meta_head("PartialObjectMetadata", answer) + metadata + "}}";
      }
      return out + "]}";
    }
    case Shape::metadata:
      return meta_head("PartialObjectMetadata", answer) + metadata + '}';
    case Shape::object:
      break;
  }
  return resource.object_head() + metadata + ',' + resource.zero_members + '}';
}

std::string watch_event(std::string_view type, std::string_view object) {
  std::string out;
  out.reserve(object.size() + 40);
  out += R"({"type":")";
  out += type;
  out += R"(","object":)";
  out += object;
  out += "}\n";
  return out;
}

}  // namespace csrflow::api
