// Columns as kubectl prints them: three blanks between, nothing after the last.
#pragma once

#include <string>
#include <vector>

namespace csrflow::tools {

class TableText {
 public:
  explicit TableText(std::vector<std::string> header) { add(std::move(header)); }
  void add(std::vector<std::string> row);
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

}  // namespace csrflow::tools
