// Requests that need no PKCS#10: `spki=01 dns=a.example.com,b.example.com`.
#pragma once

#include <sstream>

#include "store/past_projection.hpp"

namespace csrflow::store::test {

struct PaperRequests final : engine::RequestReader {
  std::expected<engine::RequestDescription, std::string> describe(const engine::Bytes& text) const override {
    if (!text.starts_with("spki=")) return std::unexpected("it is no paper request");
    engine::RequestDescription description;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
      const std::string value = word.substr(word.find('=') + 1);
      if (word.starts_with("spki=")) {
        description.key = {.algorithm = "ECDSA", .bits = 256, .curve = "P-256", .spki_sha256 = spki(value)};
      } else {
        std::istringstream names(value);
        for (std::string name; std::getline(names, name, ',');) description.names.push_back({"dns", name});
      }
    }
    return description;
  }
  /// The hash of the key that is called so: two hex digits.
  static std::string spki(const std::string& digits) {
    std::string hex;
    for (int i = 0; i < 32; ++i) hex += digits;
    return hex;
  }
};

/// Without regard to case.
inline std::string paper_form(const engine::RequestDescription::Name& name) {
  std::string form = name.kind + ':' + name.value;
  for (char& c : form)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return form;
}

inline const PaperRequests paper_requests;
inline const RequestForms paper_forms{&paper_requests, paper_form};

}  // namespace csrflow::store::test
