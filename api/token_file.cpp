#include "api/token_file.hpp"

#include "api/authentication.hpp"
#include "api/openssl_handles.hpp"

namespace csrflow::api {
namespace {

constexpr std::size_t least_columns = 3;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // some editors write it; no token begins so

/// RFC 4180 records as Go reads them: empty lines are skipped, a quote inside a bare field is an error.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  /// The next record; empty at the end.
  std::expected<std::vector<std::string>, std::string> next() {
    while (skip_line_end()) {
    }
    record_line_ = line_;
    std::vector<std::string> fields;
    while (at_ < text_.size()) {
      auto field = text_[at_] == '"' ? quoted() : bare();
      if (!field) return std::unexpected(field.error());
      fields.push_back(std::move(*field));
      if (at_ == text_.size() || skip_line_end()) break;
      ++at_;  // the comma
      if (at_ == text_.size()) fields.emplace_back();
    }
    return fields;
  }
  std::size_t record_line() const { return record_line_; }

 private:
  bool at_line_end() const {
    return text_.substr(at_).starts_with('\n') || text_.substr(at_).starts_with("\r\n");
  }
  bool skip_line_end() {
    if (!at_line_end()) return false;
    at_ += text_[at_] == '\r' ? 2 : 1;
    ++line_;
    return true;
  }
  std::expected<std::string, std::string> bare() {
    std::string field;
    for (; at_ < text_.size() && text_[at_] != ',' && !at_line_end(); ++at_) {
      if (text_[at_] == '"')
        return std::unexpected("line " + std::to_string(line_) + ": a quote inside a bare field");
      field += text_[at_];
    }
    return field;
  }
  std::expected<std::string, std::string> quoted() {
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        field += text_[at_];
        continue;
      }
      ++at_;
      if (at_ == text_.size() || text_[at_] == ',' || at_line_end()) return field;
      if (text_[at_] != '"') break;
      field += '"';
    }
    return std::unexpected("line " + std::to_string(line_) + ": a quoted field does not end as it should");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t record_line_ = 1;
};

std::vector<std::string> split_groups(std::string_view text) {
  std::vector<std::string> groups;
  for (;;) {
    const auto comma = text.find(',');
    groups.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return groups;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::expected<std::shared_ptr<const TokenFile>, std::string> TokenFile::parse(std::string_view csv) {
  const auto file = std::make_shared<TokenFile>();
  if (csv.starts_with(byte_order_mark)) csv.remove_prefix(byte_order_mark.size());
  CsvReader reader(csv);
  for (;;) {
    auto record = reader.next();
    if (!record) return std::unexpected(record.error());
    if (record->empty()) return file;
    if (record->size() < least_columns) {
      return std::unexpected("line " + std::to_string(reader.record_line()) +
                             ": at least 3 columns are needed (token, user name, user uid), found " +
                             std::to_string(record->size()));
    }
    if (record->front().empty()) continue;
    engine::Identity identity{.user = (*record)[1], .uid = (*record)[2], .by = engine::Authentication::token};
    if (record->size() > least_columns) identity.groups = split_groups((*record)[least_columns]);
    if (!identity.in_group(group::authenticated)) identity.groups.emplace_back(group::authenticated);
    // No credential in the log: people choose such tokens, and a hash would let them be guessed.
    file->users_[sha256_hex(record->front())] = std::make_shared<const engine::Identity>(std::move(identity));
  }
}

std::shared_ptr<const engine::Identity> TokenFile::identify(std::string_view token) const {
  const auto found = users_.find(sha256_hex(token));
  return found == users_.end() ? nullptr : found->second;
}

}  // namespace csrflow::api
