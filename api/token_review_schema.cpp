#include "api/schemas.hpp"

namespace csrflow::api {

const std::string_view token_review_schemas = R"json({
"io.k8s.api.authentication.v1.TokenReview": {
  "description": "TokenReview attempts to authenticate a token to a known user. Note: TokenReview requests may be cached by the webhook token authenticator plugin in the kube-apiserver.",
  "type": "object",
  "required": ["spec"],
  "properties": {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "description": "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata", "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
    "spec": {"default": {}, "description": "Spec holds information about the request being evaluated", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authentication.v1.TokenReviewSpec"}]},
    "status": {"default": {}, "description": "Status is filled in by the server and indicates whether the request can be authenticated.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authentication.v1.TokenReviewStatus"}]}
  },
  "x-kubernetes-group-version-kind": [{"group": "authentication.k8s.io", "kind": "TokenReview", "version": "v1"}]
},
"io.k8s.api.authentication.v1.TokenReviewSpec": {
  "description": "TokenReviewSpec is a description of the token authentication request.",
  "type": "object",
  "properties": {
    "audiences": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic", "description": "Audiences is a list of the identifiers that the resource server presented with the token identifies as. Audience-aware token authenticators will verify that the token was intended for at least one of the audiences in this list. If no audiences are provided, the audience will default to the audience of the Kubernetes apiserver."},
    "token": {"type": "string", "description": "Token is the opaque bearer token."}
  }
},
"io.k8s.api.authentication.v1.TokenReviewStatus": {
  "description": "TokenReviewStatus is the result of the token authentication request.",
  "type": "object",
  "properties": {
    "audiences": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic", "description": "Audiences are audience identifiers chosen by the authenticator that are compatible with both the TokenReview and token. An identifier is any identifier in the intersection of the TokenReviewSpec audiences and the token's audiences. A client of the TokenReview API that sets the spec.audiences field should validate that a compatible audience identifier is returned in the status.audiences field to ensure that the TokenReview server is audience aware. If a TokenReview returns an empty status.audience field where status.authenticated is \"true\", the token is valid against the audience of the Kubernetes API server."},
    "authenticated": {"type": "boolean", "description": "Authenticated indicates that the token was associated with a known user."},
    "error": {"type": "string", "description": "Error indicates that the token couldn't be checked"},
    "user": {"default": {}, "description": "User is the UserInfo associated with the provided token.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.authentication.v1.UserInfo"}]}
  }
}
})json";

}  // namespace csrflow::api
