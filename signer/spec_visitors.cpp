#include "signer/spec_visitors.hpp"

#include "engine/json_writer.hpp"

namespace csrflow::signer {

std::string_view kind_name(engine::JsonReader::Kind kind) {
  using Kind = engine::JsonReader::Kind;
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
    case Kind::number:
      return "a number";
    case Kind::text:
      return "a string";
    case Kind::array:
      return "a list";
    case Kind::object:
      return "an object";
  }
  return "";
}

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

std::string FieldWriter::json() const {
  std::string out;
  {
    engine::JsonObject object(out);
    for (const auto& [name, json] : fields_) object.key(name) += json;
  }
  return out;
}

void FieldWriter::append_text(std::string& out, std::string_view text) {
  engine::append_json_string(out, text);
}

void FieldWriter::list(std::string_view name, const std::optional<Texts>& value) {
  if (!value) return;
  std::string& out = fields_[std::string(name)];
  for (const std::string& text : *value) {
    out += out.empty() ? '[' : ',';
    append_text(out, text);
  }
  out += out.empty() ? "[]" : "]";
}

}  // namespace csrflow::signer
