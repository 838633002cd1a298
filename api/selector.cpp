// Grammar (k8s.io/apimachinery/pkg/labels): requirement { "," requirement }; a requirement is `[!] key`, `key
// op value` with = == != > <, or `key in|notin ( value { "," value } )`.
#include "api/selector.hpp"

#include <algorithm>
#include <charconv>

#include "api/validation.hpp"

namespace csrflow::api {

namespace {

struct Token {
  enum class Kind { end, word, in, not_in, symbol };
  Kind kind = Kind::end;
  std::string text;
};

bool is_symbol(char c) {
  return std::string_view("=!(),><").find(c) != std::string_view::npos;
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_blank(text[i])) {
      ++i;
      continue;
    }
    Token token;
    if (is_symbol(text[i])) {
      token.kind = Token::Kind::symbol;
      // The longest symbol that exists: `==`, `!=`, else one character.
      token.text = text[i];
      if (i + 1 < text.size() && text[i + 1] == '=' && (text[i] == '=' || text[i] == '!')) token.text += '=';
      i += token.text.size();
    } else {
      const std::size_t begin = i;
      while (i < text.size() && !is_symbol(text[i]) && !is_blank(text[i])) ++i;
      token.text = std::string(text.substr(begin, i - begin));
      token.kind = token.text == "in"      ? Token::Kind::in
                   : token.text == "notin" ? Token::Kind::not_in
                                           : Token::Kind::word;
    }
    tokens.push_back(std::move(token));
  }
  tokens.push_back({});
  return tokens;
}

/// What a 400 says.
struct SyntaxError {
  std::string message;
};

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

/// Throws SyntaxError.
class LabelParser {
 public:
  using Requirement = LabelSelector::Requirement;
  using Operator = LabelSelector::Operator;

  explicit LabelParser(std::string_view text) : tokens_(tokens_of(text)) {}

  std::vector<Requirement> parse() {
    std::vector<Requirement> requirements;
    while (true) {
      const Token& token = peek();
      if (token.kind == Token::Kind::end) return requirements;
      if (!is_word(token) && token.text != "!") {
        throw SyntaxError{"found '" + token.text + "', expected: !, identifier, or 'end of string'"};
      }
      try {
        requirements.push_back(requirement());
      } catch (const SyntaxError& problem) {
        throw SyntaxError{"unable to parse requirement: " + problem.message};
      }
      const Token separator = next();
      if (separator.kind == Token::Kind::end) return requirements;
      if (separator.text != ",")
        throw SyntaxError{"found '" + separator.text + "', expected: ',' or 'end of string'"};
      if (!is_word(peek()) && peek().text != "!") {
        throw SyntaxError{"found '" + peek().text + "', expected: identifier after ','"};
      }
    }
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  Token next() { return at_ + 1 < tokens_.size() ? tokens_[at_++] : tokens_.back(); }
  /// `in` and `notin` are words where no operator can stand.
  static bool is_word(const Token& token) {
    return token.kind != Token::Kind::end && token.kind != Token::Kind::symbol;
  }

  Requirement requirement() {
    bool negated = false;
    if (peek().text == "!") {
      negated = true;
      next();
    }
    const Token key = next();
    if (!is_word(key)) throw SyntaxError{"found '" + key.text + "', expected: identifier"};
    if (const auto problems = check_qualified_name(key.text); !problems.empty()) {
      throw SyntaxError{"key: Invalid value: " + go_quote(key.text) + ": " + problems.front()};
    }
    if (negated) return {key.text, Operator::not_exists, {}};
    if (peek().kind == Token::Kind::end || peek().text == ",") return {key.text, Operator::exists, {}};
    return compared(key.text);
  }

  Requirement compared(const std::string& key) {
    const Token op = next();
    Requirement found{key, Operator::in, {}};
    if (op.kind == Token::Kind::in || op.kind == Token::Kind::not_in) {
      found.op = op.kind == Token::Kind::in ? Operator::in : Operator::not_in;
      found.values = set_values();
    } else if (op.text == "=" || op.text == "==") {
      found.values = {exact_value()};
    } else if (op.text == "!=") {
      found.op = Operator::not_in;
      found.values = {exact_value()};
    } else if (op.text == ">" || op.text == "<") {
      found.op = op.text == ">" ? Operator::greater : Operator::less;
      found.values = {exact_value()};
      if (!number(found.values.front())) {
        throw SyntaxError{"values[0]: Invalid value: " + go_quote(found.values.front()) +
                          ": for 'Gt', 'Lt' operators, the value must be an integer"};
      }
    } else {
      throw SyntaxError{"found '" + op.text + "', expected: in, notin, =, ==, !=, gt, lt"};
    }
    check_values(found);
    return found;
  }

  static void check_values(const Requirement& found) {
    for (std::size_t i = 0; i < found.values.size(); ++i) {
      if (const auto problems = check_label_value(found.values[i]); !problems.empty()) {
        throw SyntaxError{"values[" + std::to_string(i) + "][" + found.key +
                          "]: Invalid value: " + go_quote(found.values[i]) + ": " + problems.front()};
      }
    }
  }

  std::string exact_value() {
    if (peek().kind == Token::Kind::end || peek().text == ",") return {};
    const Token value = next();
    if (!is_word(value)) throw SyntaxError{"found '" + value.text + "', expected: identifier"};
    return value.text;
  }

  std::vector<std::string> set_values() {
    if (const Token open = next(); open.text != "(")
      throw SyntaxError{"found '" + open.text + "' expected: '('"};
    std::vector<std::string> values;
    bool expect_value = true;
    while (true) {
      const Token token = next();
      if (is_word(token) && expect_value) {
        values.push_back(token.text);
        expect_value = false;
      } else if (token.text == "," || token.text == ")") {
        if (expect_value) values.emplace_back();  // `(a,)` names the empty value, as in Kubernetes
        expect_value = true;
        if (token.text == ")") break;
      } else if (expect_value) {
        throw SyntaxError{"found '" + token.text + "', expected: ',', ')' or identifier"};
      } else {
        throw SyntaxError{"found '" + token.text + "', expected: ',' or ')'"};
      }
    }
    std::ranges::sort(values);
    const auto repeated = std::ranges::unique(values);
    values.erase(repeated.begin(), repeated.end());
    return values;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

std::expected<LabelSelector, Status> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  try {
    selector.requirements_ = LabelParser(text).parse();
  } catch (const SyntaxError& problem) {
    return std::unexpected(status::bad_request(problem.message));
  }
  return selector;
}

bool LabelSelector::matches(const engine::StringMap& labels) const {
  return std::ranges::all_of(requirements_, [&](const Requirement& requirement) {
    const auto found = labels.find(requirement.key);
    const bool present = found != labels.end();
    const auto listed = [&] { return std::ranges::binary_search(requirement.values, found->second); };
    switch (requirement.op) {
      case Operator::exists:
        return present;
      case Operator::not_exists:
        return !present;
      case Operator::in:
        return present && listed();
      case Operator::not_in:
        return !present || !listed();
      case Operator::greater:
      case Operator::less: {
        const auto value = present ? number(found->second) : std::nullopt;
        const auto bound = number(requirement.values.front());
        if (!value || !bound) return false;
        return requirement.op == Operator::greater ? *value > *bound : *value < *bound;
      }
    }
    return false;
  });
}

// ---- fields -------------------------------------------------------------------------------------

namespace {

/// Splits at commas that no backslash escapes.
std::vector<std::string> terms_of(std::string_view text) {
  std::vector<std::string> terms;
  std::string term;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      term += text[i];
      term += text[++i];
    } else if (text[i] == ',') {
      terms.push_back(std::move(term));
      term.clear();
    } else {
      term += text[i];
    }
  }
  terms.push_back(std::move(term));
  return terms;
}

std::expected<std::string, std::string> unescaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\') {
      if (i + 1 >= value.size() || std::string_view("\\,=").find(value[i + 1]) == std::string_view::npos) {
        return std::unexpected("invalid field selector: invalid escape sequence: " +
                               std::string(value.substr(i, 2)));
      }
      out += value[++i];
    } else if (value[i] == '=' || value[i] == ',') {
      return std::unexpected("invalid field selector: unescaped character in value: " +
                             std::string(1, value[i]));
    } else {
      out += value[i];
    }
  }
  return out;
}

}  // namespace

std::expected<FieldSelector, Status> FieldSelector::parse(std::string_view text,
                                                          std::span<const std::string> selectable) {
  FieldSelector selector;
  for (const std::string& part : terms_of(text)) {
    if (part.empty()) continue;
    // The first operator counts; `!=` and `==` before `=`.
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) {
      return std::unexpected(status::bad_request("invalid selector: '" + std::string(text) +
                                                 "'; can't understand '" + part + "'"));
    }
    Term term;
    std::size_t key_end = equals;
    std::size_t value_begin = equals + 1;
    if (equals > 0 && part[equals - 1] == '!') {
      term.equal = false;
      --key_end;
    } else if (part.substr(value_begin).starts_with('=')) {
      ++value_begin;
    }
    term.field = part.substr(0, key_end);
    const auto value = unescaped(std::string_view(part).substr(value_begin));
    if (!value) return std::unexpected(status::bad_request(value.error()));
    term.value = *value;
    if (term.field != "metadata.name" && std::ranges::find(selectable, term.field) == selectable.end()) {
      return std::unexpected(status::bad_request("field label not supported: " + term.field));
    }
    selector.terms_.push_back(std::move(term));
  }
  return selector;
}

bool FieldSelector::matches(const std::string& name, const engine::StringMap& fields) const {
  return std::ranges::all_of(terms_, [&](const Term& term) {
    if (term.field == "metadata.name") return (name == term.value) == term.equal;
    const auto found = fields.find(term.field);
    return (found != fields.end() && found->second == term.value) == term.equal;
  });
}

void FieldSelector::require(std::string field, std::string value) {
  terms_.push_back({.field = std::move(field), .value = std::move(value), .equal = true});
}

std::optional<std::string> FieldSelector::required(std::string_view field) const {
  const auto found =
      std::ranges::find_if(terms_, [&](const Term& term) { return term.equal && term.field == field; });
  if (found == terms_.end()) return std::nullopt;
  return found->value;
}

}  // namespace csrflow::api
