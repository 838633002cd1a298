// The kinds of authorization.k8s.io/v1 besides SelfSubjectAccessReview, which they resemble.
#include "api/access_review.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view subject_schemas = R"json({
"io.k8s.api.authorization.v1.SubjectAccessReview": {
  "description": "Asks whether a user or group may do something.",
  "type": "object",
  "required": ["spec"],
  "properties": {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
    "spec": {"default": {}, "description": "The question, and whom it is about.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.SubjectAccessReviewSpec"}]},
    "status": {"default": {}, "description": "The server's answer.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.SubjectAccessReviewStatus"}]}
  },
  "x-kubernetes-group-version-kind": [{"group": "authorization.k8s.io", "kind": "SubjectAccessReview", "version": "v1"}]
},
"io.k8s.api.authorization.v1.SubjectAccessReviewSpec": {
  "type": "object",
  "properties": {
    "resourceAttributes": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.ResourceAttributes"}]},
    "nonResourceAttributes": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.NonResourceAttributes"}]},
    "user": {"type": "string"},
    "groups": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "uid": {"type": "string"},
    "extra": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string", "default": ""}}}
  }
}
})json";

constexpr std::string_view local_schemas = R"json({
"io.k8s.api.authorization.v1.LocalSubjectAccessReview": {
  "description": "Asks whether a user or group may do something in one namespace.",
  "type": "object",
  "required": ["spec"],
  "properties": {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
    "spec": {"default": {}, "description": "The question, and whom it is about; its namespace is that of the request.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.SubjectAccessReviewSpec"}]},
    "status": {"default": {}, "description": "The server's answer.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.SubjectAccessReviewStatus"}]}
  },
  "x-kubernetes-group-version-kind": [{"group": "authorization.k8s.io", "kind": "LocalSubjectAccessReview", "version": "v1"}]
}
})json";

constexpr std::string_view rules_schemas = R"json({
"io.k8s.api.authorization.v1.SelfSubjectRulesReview": {
  "description": "Asks for all that the client may do in a namespace, as far as rules can say it.",
  "type": "object",
  "required": ["spec"],
  "properties": {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
    "spec": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec"}]},
    "status": {"default": {}, "description": "The server's answer.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.SubjectRulesReviewStatus"}]}
  },
  "x-kubernetes-group-version-kind": [{"group": "authorization.k8s.io", "kind": "SelfSubjectRulesReview", "version": "v1"}]
},
"io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec": {
  "type": "object",
  "properties": {
    "namespace": {"type": "string"}
  }
},
"io.k8s.api.authorization.v1.SubjectRulesReviewStatus": {
  "type": "object",
  "required": ["resourceRules", "nonResourceRules", "incomplete"],
  "properties": {
    "resourceRules": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.ResourceRule"}]}, "x-kubernetes-list-type": "atomic"},
    "nonResourceRules": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.NonResourceRule"}]}, "x-kubernetes-list-type": "atomic"},
    "incomplete": {"type": "boolean", "default": false},
    "evaluationError": {"type": "string"}
  }
},
"io.k8s.api.authorization.v1.ResourceRule": {
  "type": "object",
  "required": ["verbs"],
  "properties": {
    "verbs": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "apiGroups": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "resources": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "resourceNames": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"}
  }
},
"io.k8s.api.authorization.v1.NonResourceRule": {
  "type": "object",
  "required": ["verbs"],
  "properties": {
    "verbs": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "nonResourceURLs": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"}
  }
}
})json";

Resource like_own_review(const std::string& kind, const std::string& plural, std::string_view schemas,
                         Scope scope = Scope::cluster) {
  Resource resource = self_subject_access_reviews();
  resource.kind = kind;
  resource.plural = plural;
  resource.singular = plural.substr(0, plural.size() - 1);
  resource.schema_name = "io.k8s.api.authorization.v1." + kind;
  resource.schemas = schemas;
  resource.scope = scope;
  return resource;
}

}  // namespace

const Resource& subject_access_reviews() {
  static const Resource resource =
      like_own_review("SubjectAccessReview", "subjectaccessreviews", subject_schemas);
  return resource;
}

const Resource& local_subject_access_reviews() {
  static const Resource resource = like_own_review("LocalSubjectAccessReview", "localsubjectaccessreviews",
                                                   local_schemas, Scope::namespaced);
  return resource;
}

const Resource& self_subject_rules_reviews() {
  static const Resource resource =
      like_own_review("SelfSubjectRulesReview", "selfsubjectrulesreviews", rules_schemas);
  return resource;
}

}  // namespace csrflow::api
