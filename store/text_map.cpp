#include "store/text_map.hpp"

#include <nlohmann/json.hpp>

#include "engine/json_writer.hpp"
#include "store/error.hpp"

namespace csrflow::store {

std::string to_text(const engine::StringMap& map) {
  std::string out;
  {
    engine::JsonObject object(out);
    for (const auto& [key, value] : map) object.text(key, value);
  }
  return out;
}

engine::StringMap map_from_text(const std::string& text) {
  if (text == "{}") return {};
  try {
    return nlohmann::json::parse(text).get<engine::StringMap>();
  } catch (const nlohmann::json::exception& e) {
    throw StoreError(std::string("views.db is damaged: ") + e.what());
  }
}

}  // namespace csrflow::store
