// The Accept and Content-Type headers, read (RFC 9110 12.5.1).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::api {

struct AcceptClause {
  std::string type;  // `application/json`
  double quality = 1;
  std::map<std::string, std::string> parameters;
};

AcceptClause parse_media_type(std::string_view text);
/// Best first: by quality, then the more specific type. Clauses beyond a bound are not looked at.
std::vector<AcceptClause> parse_accept(std::string_view header);

}  // namespace csrflow::api
