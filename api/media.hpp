// What a client wants to read and what it sends: Accept, Content-Type, pretty.
#pragma once

#include <expected>

#include "api/status.hpp"

namespace csrflow::api {

enum class Format { json, yaml, protobuf };
enum class Shape { object, table, metadata };

/// The form of an answer.
struct Answer {
  Format format = Format::json;
  Shape shape = Shape::object;
  std::string version = "v1";  ///< of meta.k8s.io: `v1` or `v1beta1`
  bool pretty = false;

  std::string_view content_type() const;
  /// Of a watch: JSON's is the same, protobuf's says that it is a stream.
  std::string_view stream_type() const;
};

enum class Reading { one, list, watch };

/// Chooses by the Accept header (absent or empty = JSON), or answers 406. A 406 is always written indented.
/// `streams_protobuf`: the watched kind has a protobuf form; without it a watch is JSON, which clients that
/// know protobuf name as their second choice.
std::expected<Answer, Status> negotiate(std::string_view accept, Reading, bool pretty,
                                        bool streams_protobuf = true);

/// `pretty` is the query's value when present; without it curl, wget and browsers get indented JSON.
bool wants_pretty(std::optional<std::string> pretty, std::string_view user_agent);

/// The body's form (absent = JSON), or 415.
std::expected<Format, Status> body_format(std::optional<std::string_view> content_type);

enum class PatchType { json, merge, strategic, apply };
/// The patch's kind, or 415.
std::expected<PatchType, Status> patch_type(std::string_view content_type);

struct Rendered {
  std::string body;
  std::string_view content_type;
};
/// JSON text as an answer of this form. A kind that has no protobuf form here goes out as JSON, which every
/// client accepts as its second choice.
Rendered render(const Answer&, std::string json);
/// Indents JSON that comes piece by piece with two blanks.
class JsonIndenter {
 public:
  void add(std::string& out, std::string_view json);

 private:
  void line(std::string& out) const;

  std::size_t depth_ = 0;
  bool in_text_ = false;
  bool escaped_ = false;
  bool opened_ = false;  ///< the last character opened an object or list
};
/// JSON with two blanks of indentation, members in their order.
std::string indent_json(std::string_view json);
/// JSON as YAML, keys sorted (sigs.k8s.io/yaml).
std::string yaml_of_json(std::string_view json);

}  // namespace csrflow::api
