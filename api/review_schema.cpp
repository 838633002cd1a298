// The review kinds' fields.
#include "api/schemas.hpp"

namespace csrflow::api {

const std::string_view self_subject_review_schemas = R"json({
"io.k8s.api.authentication.v1.SelfSubjectReview": {
  "description": "Asks the server who it takes the client for.",
  "type": "object",
  "properties": {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
    "status": {"default": {}, "description": "The server's answer.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authentication.v1.SelfSubjectReviewStatus"}]}
  },
  "x-kubernetes-group-version-kind": [{"group": "authentication.k8s.io", "kind": "SelfSubjectReview", "version": "v1"}]
},
"io.k8s.api.authentication.v1.SelfSubjectReviewStatus": {
  "type": "object",
  "properties": {
    "userInfo": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authentication.v1.UserInfo"}]}
  }
},
"io.k8s.api.authentication.v1.UserInfo": {
  "type": "object",
  "properties": {
    "username": {"type": "string"},
    "uid": {"type": "string"},
    "groups": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "extra": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string", "default": ""}}}
  }
}
})json";

const std::string_view self_subject_access_review_schemas = R"json({
"io.k8s.api.authorization.v1.SelfSubjectAccessReview": {
  "description": "Asks whether the client may do something.",
  "type": "object",
  "required": ["spec"],
  "properties": {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
    "spec": {"default": {}, "description": "The question: exactly one of the two.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec"}]},
    "status": {"default": {}, "description": "The server's answer.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.SubjectAccessReviewStatus"}]}
  },
  "x-kubernetes-group-version-kind": [{"group": "authorization.k8s.io", "kind": "SelfSubjectAccessReview", "version": "v1"}]
},
"io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec": {
  "type": "object",
  "properties": {
    "resourceAttributes": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.ResourceAttributes"}]},
    "nonResourceAttributes": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.authorization.v1.NonResourceAttributes"}]}
  }
},
"io.k8s.api.authorization.v1.ResourceAttributes": {
  "type": "object",
  "properties": {
    "namespace": {"type": "string"},
    "verb": {"type": "string"},
    "group": {"type": "string"},
    "version": {"type": "string"},
    "resource": {"type": "string"},
    "subresource": {"type": "string"},
    "name": {"type": "string"}
  }
},
"io.k8s.api.authorization.v1.NonResourceAttributes": {
  "type": "object",
  "properties": {
    "path": {"type": "string"},
    "verb": {"type": "string"}
  }
},
"io.k8s.api.authorization.v1.SubjectAccessReviewStatus": {
  "type": "object",
  "required": ["allowed"],
  "properties": {
    "allowed": {"type": "boolean", "default": false},
    "denied": {"type": "boolean"},
    "reason": {"type": "string"},
    "evaluationError": {"type": "string"}
  }
}
})json";

}  // namespace csrflow::api
