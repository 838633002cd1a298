// The questions of authorization.k8s.io/v1: may I, may they, may they here, and what may I. Nothing is
// stored; the answer repeats the question.
#pragma once

#include "api/authorization.hpp"
#include "api/body.hpp"

namespace csrflow::api {

const Resource& subject_access_reviews();
const Resource& local_subject_access_reviews();
const Resource& self_subject_rules_reviews();

/// A selector that the asked request would carry; repeated in the answer, of no meaning for RBAC.
struct AskedSelector {
  struct Requirement {
    std::string key, op;
    std::vector<std::string> values;
  };
  std::string raw;
  std::vector<Requirement> requirements;
};
struct AskedResource {
  std::string namespace_name, verb, group, version, resource, subresource, name;
  std::optional<AskedSelector> fields, labels;
};
struct AskedPath {
  std::string path, verb;
};

/// SelfSubjectAccessReview, SubjectAccessReview and LocalSubjectAccessReview, decoded and valid.
struct AccessReview {
  std::string namespace_name;  ///< of a LocalSubjectAccessReview
  std::optional<AskedResource> resource;
  std::optional<AskedPath> path;
  // Whom it is about; empty in a SelfSubjectAccessReview.
  std::string user, uid;
  std::vector<std::string> groups;
  engine::StringLists extra;

  Attributes attributes() const;
  engine::Identity subject() const;
};

/// One as it came, before it is checked. Nothing should be in its metadata but a namespace.
struct SentAccessReview : SentObject {
  AccessReview review;
};

/// `kind` is one of the three resources. 400.
std::expected<SentAccessReview, Status> decode_access_review(const Resource& kind, Format,
                                                             std::string_view body, FieldValidation);
/// `url_namespace` is that of the request's path. 400 or 422.
std::expected<AccessReview, Status> check_access_review(const Resource& kind,
                                                        const std::string& url_namespace, SentAccessReview);
std::string access_review_json(const Resource& kind, const AccessReview&, const AccessDecision&);

struct SentRulesReview : SentObject {
  std::string namespace_name;  ///< asked about
};
std::expected<SentRulesReview, Status> decode_rules_review(Format, std::string_view body, FieldValidation);
/// 400 when it names no namespace.
std::expected<void, Status> check_rules_review(const SentRulesReview&);
std::string rules_review_json(const RulesOfUser&);

}  // namespace csrflow::api
