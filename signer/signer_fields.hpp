// The fields of a Signer's spec, once: reading, the canonical form and the schema all come from here.
// Internal to signer_document.cpp and signer_fields.cpp.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace csrflow::signer {

using Texts = std::vector<std::string>;

/// A value's canonical text, or what is wrong with it.
using Canonical = std::expected<std::string, std::string> (*)(std::string_view);

/// One of these words; an error names the nearest.
struct Choices {
  std::span<const std::string_view> words;
};

/// A spec as it was written: what is absent has a default.
struct WrittenSpec {
  struct NameSet {
    std::optional<Texts> dns, ip, email, uri;
  };
  std::optional<Texts> permitted_usages, added_usages;
  std::optional<std::string> subject;
  std::optional<bool> dns, ip, email, uri;
  NameSet permitted, excluded;
  std::optional<Texts> algorithms, curves;
  std::optional<std::int64_t> min_rsa;
  std::optional<engine::Duration> default_lifetime, max_lifetime, backdate;
  std::optional<Texts> extensions;
  std::optional<bool> separate_from_requester;
  std::optional<engine::Duration> pending_timeout;
};

std::expected<std::string, std::string> leaf_usage(std::string_view);
std::expected<std::string, std::string> dns_constraint(std::string_view);
std::expected<std::string, std::string> ip_constraint(std::string_view);
std::expected<std::string, std::string> email_constraint(std::string_view);
std::expected<std::string, std::string> uri_constraint(std::string_view);
/// Dotted OID of an extension that a request may bring; names are OpenSSL's.
std::expected<std::string, std::string> requested_extension(std::string_view);

constexpr std::string_view subject_words[] = {"request", "drop"};
constexpr std::string_view algorithm_words[] = {"RSA", "ECDSA", "Ed25519"};
constexpr std::string_view curve_words[] = {"P-256", "P-384", "P-521"};
constexpr std::int64_t least_rsa = 2048, most_rsa = 8192;

template <class Visitor>
void visit_name_set(Visitor& v, WrittenSpec::NameSet& set) {
  v.texts("dns", set.dns, dns_constraint, "example.com: that name and every one below it");
  v.texts("ip", set.ip, ip_constraint, "10.0.0.0/8: addresses in that range");
  v.texts("email", set.email, email_constraint,
          "jane@example.com; example.com: every address at that host; .example.com: at hosts below it");
  v.texts("uri", set.uri, uri_constraint,
          "example.com: URIs of exactly that host; .example.com: of hosts below it");
}

template <class Visitor>
void visit_fields(Visitor& v, WrittenSpec& s) {
  v.object("usages", "Key usages and extended key usages, by Kubernetes' names", [&](Visitor& in) {
    in.texts("permitted", s.permitted_usages, leaf_usage,
             "Usages that a request may ask for; default: those of TLS servers and clients");
    in.texts("added", s.added_usages, leaf_usage,
             "Usages that every certificate has, asked for or not, where its key can serve them");
  });
  v.word(
      "subject", s.subject, Choices{subject_words},
      "request: the subject that the request asks for (default); drop: an empty one, names tell who it is");
  v.object("names", "Subject alternative names", [&](Visitor& in) {
    in.flag("dns", s.dns,
            "DNS names are taken. A kind that is not written is taken, unless another is written true");
    in.flag("ip", s.ip, "IP addresses are taken");
    in.flag("email", s.email, "E-mail addresses are taken");
    in.flag("uri", s.uri, "URIs are taken");
    in.object("constraints", "Which names are taken (RFC 5280 4.2.1.10)", [&](Visitor& constraints) {
      constraints.object("permitted", "A kind with entries here takes only names in one of them",
                         [&](Visitor& set) { visit_name_set(set, s.permitted); });
      constraints.object("excluded", "Names in one of these are never taken",
                         [&](Visitor& set) { visit_name_set(set, s.excluded); });
    });
  });
  v.object("keys", "Keys that are certified", [&](Visitor& in) {
    in.words("algorithms", s.algorithms, Choices{algorithm_words}, "Algorithms; default: all three");
    in.number("minRSA", s.min_rsa, least_rsa, most_rsa, "Bits of an RSA key at least; default: 2048");
    in.words("curves", s.curves, Choices{curve_words}, "Curves of ECDSA keys; default: all three");
  });
  v.object("lifetime", "How long certificates are valid, as 47d or 1d12h", [&](Visitor& in) {
    in.duration("default", s.default_lifetime,
                "Of a request that does not say how long; default: 90d, or max when that is less");
    in.duration("max", s.max_lifetime, "At most; default: 365d");
  });
  v.duration("backdate", s.backdate,
             "How long before its signing a certificate is valid already, for clocks that are slow; at most "
             "a tenth of "
             "the lifetime, and part of it; default: 60s");
  v.texts("extensions", s.extensions, requested_extension,
          "Requested extensions that are issued, by OID or name; others are left out");
  v.object("review", "What approvals need", [&](Visitor& in) {
    in.flag("separateFromRequester", s.separate_from_requester,
            "Who asks does not approve, where no policy decides; default: true");
    in.duration("pendingTimeout", s.pending_timeout,
                "A request that nobody decides for so long is denied; default: it waits for ever");
  });
  v.object("ca", "Where the certificates come from; empty: csrflow's CA", [](Visitor&) {});
}

}  // namespace csrflow::signer
