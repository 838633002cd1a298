#include "store/table_comparison.hpp"

#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <optional>
#include <variant>

#include "engine/types.hpp"

namespace csrflow::store {
namespace {

constexpr std::size_t shown_bytes = 200;

// Ordered as SQLite orders them: nothing, numbers, bytes.
using Cell = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Cell>;

Cell cell_of(const SQLite::Column& column) {
  if (column.isNull()) return std::monostate();
  if (column.isInteger()) return column.getInt64();
  return column.getString();
}

std::string shown(const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return "nothing";
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  const auto& text = std::get<std::string>(cell);
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20; }))
    return "x'" + engine::to_hex(std::string_view(text).substr(0, shown_bytes)) + '\'';
  if (text.size() <= shown_bytes) return '"' + text + '"';
  auto end = shown_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // whole characters
  return '"' + text.substr(0, end) + "…\"";
}

// Reads a table in the order of its key, whose columns come first.
class Cursor {
 public:
  Cursor(const ViewTable& table, SQLite::Database& db)
      : key_size_(table.key.size()), incidental_(table.incidental), query_(db, sql(table)) {
    next();
  }

  void next() {
    row_.reset();
    if (!query_.executeStep()) return;
    row_.emplace();
    for (int i = 0; i < query_.getColumnCount(); ++i)
      row_->push_back(column_name(static_cast<std::size_t>(i)) == incidental_ ? Cell()
                                                                              : cell_of(query_.getColumn(i)));
  }
  bool at_end() const { return !row_; }
  const Row& row() const { return *row_; }
  Row key() const { return {row_->begin(), row_->begin() + static_cast<std::ptrdiff_t>(key_size_)}; }
  std::string key_text() const {
    std::string text;
    for (const auto& cell : key()) {
      if (!text.empty()) text += ", ";
      const std::string one = shown(cell);
      text += one.starts_with('"') ? one.substr(1, one.size() - 2) : one;
    }
    return text;
  }
  std::string column_name(std::size_t index) const { return query_.getColumnName(static_cast<int>(index)); }

 private:
  static std::string sql(const ViewTable& table) {
    std::string key;
    for (const auto column : table.key) key.append(key.empty() ? "" : ", ").append(column);
    return "SELECT " + key + ", * FROM " + std::string(table.name) + " ORDER BY " + key;
  }
  std::size_t key_size_;
  std::string_view incidental_;
  SQLite::Statement query_;
  std::optional<Row> row_;
};

std::string first_difference(const Cursor& stored, const Cursor& folded) {
  for (std::size_t i = 0; i < folded.row().size(); ++i)
    if (stored.row()[i] != folded.row()[i])
      return folded.column_name(i) + ": views.db has " + shown(stored.row()[i]) + ", the log gives " +
             shown(folded.row()[i]);
  return "";
}

}  // namespace

TableReport compare(const ViewTable& table, SQLite::Database& stored_db, SQLite::Database& folded_db) {
  Cursor stored(table, stored_db);
  Cursor folded(table, folded_db);
  TableReport report{.table = std::string(table.name)};
  const auto tell = [&](const Cursor& where, std::string what) {
    ++report.differing;
    if (report.first.size() < differences_told) report.first.push_back({where.key_text(), std::move(what)});
  };
  while (!stored.at_end() || !folded.at_end()) {
    if (folded.at_end() || (!stored.at_end() && stored.key() < folded.key())) {
      tell(stored, "is in views.db only");
      stored.next();
      continue;
    }
    ++report.rows;
    if (stored.at_end() || folded.key() < stored.key()) {
      tell(folded, "is missing in views.db");
    } else {
      if (stored.row() != folded.row()) tell(folded, first_difference(stored, folded));
      stored.next();
    }
    folded.next();
  }
  return report;
}

}  // namespace csrflow::store
