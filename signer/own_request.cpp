#include "signer/own_request.hpp"

#include <algorithm>

#include "engine/dns_name.hpp"
#include "engine/email_name.hpp"
#include "engine/ip_address.hpp"
#include "engine/unicode.hpp"
#include "engine/uri_name.hpp"

namespace csrflow::signer {
namespace {

using Result = std::expected<std::string, std::string>;

/// Every label: no `--` in the third and fourth place but of an A-label (RFC 5891 4.2.3.1).
bool has_odd_hyphens(std::string_view name) {
  while (true) {
    const auto label = name.substr(0, name.find('.'));
    if (label.size() >= 4 && label.substr(2, 2) == "--" && !label.starts_with("xn")) return true;
    if (label.size() == name.size()) return false;
    name.remove_prefix(label.size() + 1);
  }
}

Result canonical_host(std::string_view name) {
  auto canonical = engine::canonical_dns(name);
  if (!canonical) return canonical;
  if (has_odd_hyphens(*canonical))
    return std::unexpected("two hyphens in the third and fourth place of a label");
  if (!engine::has_valid_a_labels(*canonical))
    return std::unexpected("an xn-- label that stands for no name of IDNA 2008");
  return canonical;
}

Result canonical_address(std::string_view bytes) {
  constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (bytes.size() == 16 && bytes.starts_with(mapped)) return std::string(bytes.substr(mapped.size()));
  if (bytes.size() != 4 && bytes.size() != 16) return std::unexpected("neither 4 nor 16 bytes");
  return std::string(bytes);
}

struct Kind {
  int type;
  const char* name;
  std::vector<std::string> AlternativeNames::*list;
  Result (*canonical)(std::string_view);
};
constexpr Kind kinds[] = {
    {GEN_DNS, "DNS name", &AlternativeNames::dns, canonical_host},
    {GEN_EMAIL, "e-mail name", &AlternativeNames::email,
     [](std::string_view text) { return engine::canonical_email(text); }},
    {GEN_URI, "URI", &AlternativeNames::uri,
     [](std::string_view text) { return engine::canonical_uri(text); }},
    {GEN_IPADD, "IP address", &AlternativeNames::ip, canonical_address},
};

}  // namespace

std::expected<OwnRequest, engine::FieldProblems> read_own_request(const engine::CsrSpec& spec) {
  const std::string path(request_path);
  auto request = parse_request_pem(spec.request);
  if (!request) return std::unexpected(engine::FieldProblems{{path, request.error()}});
  auto parts = read_parts(*request);
  if (!parts) return std::unexpected(engine::FieldProblems{{path, parts.error()}});
  AlternativeNames names;
  engine::FieldProblems problems;
  for (const RequestParts::Name& name : parts->names) {
    const auto kind = std::ranges::find(kinds, name.type, &Kind::type);
    if (kind == std::end(kinds)) continue;
    const auto canonical = kind->canonical(name.value);
    if (!canonical) {
      problems.push_back({path, std::string(kind->name) + ' ' + name.shown + ": " + canonical.error()});
    } else if (auto& list = names.*(kind->list); std::ranges::find(list, *canonical) == list.end()) {
      list.push_back(*canonical);
    }
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return OwnRequest{std::move(*request), std::move(*parts), std::move(names)};
}

}  // namespace csrflow::signer
