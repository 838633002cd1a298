// CertificateSigningRequests (kubernetes pkg/apis/certificates/validation): the order of the checks is the
// order of the causes in the answer.
#include "api/validation.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/json_writer.hpp"

namespace csrflow::api {

namespace {

using engine::Condition;
using engine::CsrObject;
using engine::CsrSpec;
using engine::CsrStatus;

constexpr std::size_t max_signer_domain_bytes = 253;
constexpr std::size_t max_signer_name_bytes = 571;  // 253 + 1 + 63 + 1 + 253
constexpr std::int32_t min_expiration_seconds = 600;
constexpr std::array decisions = {engine::condition::approved, engine::condition::denied};
constexpr std::array lasting = {engine::condition::approved, engine::condition::denied,
                                engine::condition::failed};

void append(FieldErrors& errors, FieldErrors more) {
  errors.insert(errors.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The first bad label only: more would be noise.
void check_labels(const std::string& part, std::vector<std::string> (*check)(std::string_view),
                  FieldErrors& errors) {
  for (const std::string& label : split(part, '.')) {
    const std::vector<std::string> problems = check(label);
    for (const std::string& problem : problems) {
      errors.push_back(
          field::invalid("spec.signerName", part, "validating label " + go_quote(label) + ": " + problem));
    }
    if (!problems.empty()) return;
  }
}

void check_usages(const CsrSpec& spec, FieldErrors& errors) {
  if (spec.usages.empty()) errors.push_back(field::required("spec.usages"));
  const auto path = [](std::size_t i) { return "spec.usages[" + std::to_string(i) + "]"; };
  const std::vector<std::string>& supported = supported_usages();
  for (std::size_t i = 0; i < spec.usages.size(); ++i) {
    if (!std::ranges::binary_search(supported, spec.usages[i])) {
      errors.push_back(field::not_supported(path(i), go_quote(spec.usages[i]), supported));
    }
  }
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < spec.usages.size(); ++i) {
    if (!seen.insert(spec.usages[i]).second) errors.push_back(field::duplicate(path(i), spec.usages[i]));
  }
}

std::string printed_request(const CsrSpec& spec, bool present) {
  if (!present) return "null";
  std::string out;
  engine::append_json_base64(out, spec.request);
  return out;
}

std::size_t count(const CsrStatus& status, std::string_view type) {
  return static_cast<std::size_t>(std::ranges::count(status.conditions, type, &Condition::type));
}

bool has_both_decisions(const CsrStatus& status) {
  return status.has(engine::condition::approved) && status.has(engine::condition::denied);
}

bool has_duplicates(const CsrStatus& status) {
  std::set<std::string_view> seen;
  return std::ranges::any_of(status.conditions,
                             [&](const Condition& c) { return !seen.insert(c.type).second; });
}

void check_condition_status(const Condition& condition, const std::string& path, FieldErrors& errors) {
  static const std::vector<std::string> only_true = {"True"};
  static const std::vector<std::string> any = {"False", "True", "Unknown"};
  const bool is_lasting = std::ranges::find(lasting, condition.type) != lasting.end();
  const std::vector<std::string>& supported = is_lasting ? only_true : any;
  if (condition.status.empty()) {
    errors.push_back(field::required(path + ".status"));
  } else if (std::ranges::find(supported, condition.status) == supported.end()) {
    errors.push_back(field::not_supported(path + ".status", go_quote(condition.status), supported));
  }
}

/// None of Approved, Denied and Failed goes away; through /status the first two do not come either.
void check_transitions(Endpoint endpoint, const CsrStatus& stored, const CsrStatus& updated,
                       FieldErrors& errors) {
  const auto refuse = [&](const char* what, std::string_view type) {
    errors.push_back(field::forbidden("status.conditions", std::string("updates may not ") + what +
                                                               " a condition of type " + go_quote(type)));
  };
  for (const std::string_view type : lasting) {
    if (count(updated, type) < count(stored, type)) refuse("remove", type);
  }
  if (endpoint == Endpoint::approval) return;
  for (const std::string_view type : decisions) {
    if (count(updated, type) > count(stored, type)) refuse("add", type);
  }
}

}  // namespace

const std::vector<std::string>& supported_usages() {
  static const std::vector<std::string> usages = {"any",
                                                  "cert sign",
                                                  "client auth",
                                                  "code signing",
                                                  "content commitment",
                                                  "crl sign",
                                                  "data encipherment",
                                                  "decipher only",
                                                  "digital signature",
                                                  "email protection",
                                                  "encipher only",
                                                  "ipsec end system",
                                                  "ipsec tunnel",
                                                  "ipsec user",
                                                  "key agreement",
                                                  "key encipherment",
                                                  "microsoft sgc",
                                                  "netscape sgc",
                                                  "ocsp signing",
                                                  "s/mime",
                                                  "server auth",
                                                  "signing",
                                                  "timestamping"};
  return usages;
}

FieldErrors validate_signer_name(const engine::SignerName& name) {
  const std::string path = "spec.signerName";
  if (name.text.empty()) return {field::required(path)};
  const std::vector<std::string> segments = split(name.text, '/');
  if (segments.size() != 2) {
    return {field::invalid(
        path, name.text, "must be a fully qualified domain and path of the form 'example.com/signer-name'")};
  }
  FieldErrors errors;
  const std::string& domain = segments.front();
  if (domain.size() > max_signer_domain_bytes)
    errors.push_back(field::too_long(path, max_signer_domain_bytes));
  check_labels(domain, check_dns_label, errors);
  if (domain.find('.') == std::string::npos) {
    errors.push_back(
        field::invalid(path, domain, "should be a domain with at least two segments separated by dots"));
  }
  check_labels(segments.back(), check_dns_subdomain, errors);
  if (name.text.size() > max_signer_name_bytes)
    errors.push_back(field::too_long(path, max_signer_name_bytes));
  return errors;
}

FieldErrors validate_conditions(const CsrStatus& status, const CsrStatus* stored) {
  FieldErrors errors;
  const bool both_tolerated = stored && has_both_decisions(*stored);
  const bool duplicates_tolerated = stored && has_duplicates(*stored);
  bool approved = false;
  bool denied = false;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < status.conditions.size(); ++i) {
    const Condition& condition = status.conditions[i];
    const std::string path = "status.conditions[" + std::to_string(i) + "]";
    if (condition.type.empty()) errors.push_back(field::required(path + ".type"));
    check_condition_status(condition, path, errors);
    approved = approved || condition.type == engine::condition::approved;
    denied = denied || condition.type == engine::condition::denied;
    if (std::ranges::find(decisions, condition.type) != decisions.end() && approved && denied &&
        !both_tolerated) {
      errors.push_back(field::invalid("status.conditions", condition.type,
                                      "Approved and Denied conditions are mutually exclusive"));
    }
    if (!seen.insert(condition.type).second && !duplicates_tolerated) {
      errors.push_back(field::duplicate(path + ".type", condition.type));
    }
  }
  return errors;
}

CreateCheck validate_create(const CsrObject& object, bool request_present,
                            const engine::PkixInspector& inspector) {
  CreateCheck check;
  const CsrSpec& spec = *object.spec;
  check.errors = validate_metadata(object.meta, true);
  if (auto subject = inspector.verify_request(spec.request)) {
    check.subject = std::move(*subject);
  } else {
    check.errors.push_back(
        field::invalid_printed("spec.request", printed_request(spec, request_present), subject.error()));
  }
  check_usages(spec, check.errors);
  if (spec.signer_name.text == "kubernetes.io/legacy-unknown") {
    check.errors.push_back(field::invalid("spec.signerName", spec.signer_name.text,
                                          "the legacy signerName is not allowed via this API version"));
  } else {
    append(check.errors, validate_signer_name(spec.signer_name));
  }
  if (spec.expiration_seconds && *spec.expiration_seconds < min_expiration_seconds) {
    check.errors.push_back(
        field::invalid_printed("spec.expirationSeconds", std::to_string(*spec.expiration_seconds),
                               "may not specify a duration less than 600 seconds (10 minutes)"));
  }
  append(check.errors, validate_conditions(object.status, nullptr));
  if (!check.errors.empty()) return check;
  // The second stage: what a path of a URL cannot hold.
  for (std::string& problem : check_path_prefix(object.meta.generate_name))
    check.errors.push_back(
        field::invalid("metadata.generateName", object.meta.generate_name, std::move(problem)));
  for (std::string& problem : check_path_segment(object.meta.name))
    check.errors.push_back(field::invalid("metadata.name", object.meta.name, std::move(problem)));
  return check;
}

std::expected<void, Status> restrict_subject(const CsrObject& object, const engine::RequestSubject& subject) {
  if (object.spec->signer_name.text != "kubernetes.io/kube-apiserver-client") return {};
  if (std::ranges::find(subject.organizations, "system:masters") == subject.organizations.end()) return {};
  return std::unexpected(status::forbidden(
      {"certificates.k8s.io", "certificatesigningrequests"}, object.meta.name,
      "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed"));
}

namespace {

/// What a request follows is judged once, and must stay what it was.
void check_predecessor(const engine::ObjectMeta& updated, const engine::ObjectMeta& stored,
                       FieldErrors& errors) {
  const auto named = [](const engine::ObjectMeta& meta) {
    const auto found = meta.annotations.find(std::string(engine::annotation::predecessor));
    return found == meta.annotations.end() ? std::string() : found->second;
  };
  if (const std::string is = named(updated); is != named(stored))
    errors.push_back(
        field::invalid("metadata.annotations[csrflow.io/predecessor]", is, "field is immutable"));
}

}  // namespace

UpdateCheck validate_update(Endpoint endpoint, const CsrObject& stored, const CsrObject& updated,
                            const engine::PkixInspector& inspector) {
  UpdateCheck check;
  // kube-apiserver checks metadata in its generic part and again in the resource's: the causes come twice.
  append(check.errors, validate_metadata(updated.meta, false));
  append(check.errors, validate_metadata_update(updated.meta, stored.meta));
  append(check.errors, validate_metadata(updated.meta, true));
  append(check.errors, validate_conditions(updated.status, &stored.status));
  const bool certificate_changes = updated.status.certificate != stored.status.certificate;
  if (certificate_changes && !updated.status.certificate.empty()) {
    if (auto facts = inspector.check_certificate(updated.status.certificate)) {
      check.certificate = std::move(*facts);
    } else {
      check.errors.push_back(field::invalid("status.certificate", "<certificate data>", facts.error()));
    }
  }
  check_transitions(endpoint, stored.status, updated.status, check.errors);
  if (certificate_changes && !stored.status.certificate.empty()) {
    check.errors.push_back(
        field::forbidden("status.certificate", "updates may not modify existing certificate content"));
  }
  append(check.errors, validate_metadata_update(updated.meta, stored.meta));
  check_predecessor(updated.meta, stored.meta, check.errors);
  return check;
}

}  // namespace csrflow::api
