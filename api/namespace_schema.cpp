// Namespaces of core/v1.
#include "api/schemas.hpp"

namespace csrflow::api {

const std::string_view namespace_schemas = R"json({
"io.k8s.api.core.v1.Namespace": {
  "description": "Namespace provides a scope for Names. Use of multiple namespaces is optional.",
  "type": "object",
  "x-kubernetes-group-version-kind": [{"group": "", "kind": "Namespace", "version": "v1"}],
  "properties": {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}], "description": "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"},
    "spec": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.NamespaceSpec"}], "description": "Spec defines the behavior of the Namespace. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status"},
    "status": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.NamespaceStatus"}], "description": "Status describes the current status of a Namespace. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status"}
  }
},
"io.k8s.api.core.v1.NamespaceCondition": {
  "description": "NamespaceCondition contains details about state of namespace.",
  "type": "object",
  "required": ["type", "status"],
  "properties": {
    "lastTransitionTime": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}], "description": "Last time the condition transitioned from one status to another."},
    "message": {"type": "string", "description": "Human-readable message indicating details about last transition."},
    "reason": {"type": "string", "description": "Unique, one-word, CamelCase reason for the condition's last transition."},
    "status": {"type": "string", "default": "", "description": "Status of the condition, one of True, False, Unknown."},
    "type": {"type": "string", "default": "", "description": "Type of namespace controller condition."}
  }
},
"io.k8s.api.core.v1.NamespaceList": {
  "description": "NamespaceList is a list of Namespaces.",
  "type": "object",
  "required": ["items"],
  "x-kubernetes-group-version-kind": [{"group": "", "kind": "NamespaceList", "version": "v1"}],
  "properties": {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "items": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.Namespace"}]}, "description": "Items is the list of Namespace objects in the list. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"}], "description": "Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"}
  }
},
"io.k8s.api.core.v1.NamespaceSpec": {
  "description": "NamespaceSpec describes the attributes on a Namespace.",
  "type": "object",
  "properties": {
    "finalizers": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic", "description": "Finalizers is an opaque list of values that must be empty to permanently remove object from storage. More info: https://kubernetes.io/docs/tasks/administer-cluster/namespaces/"}
  }
},
"io.k8s.api.core.v1.NamespaceStatus": {
  "description": "NamespaceStatus is information about the current status of a Namespace.",
  "type": "object",
  "properties": {
    "conditions": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.NamespaceCondition"}]}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"], "x-kubernetes-patch-merge-key": "type", "x-kubernetes-patch-strategy": "merge", "description": "Represents the latest available observations of a namespace's current state."},
    "phase": {"type": "string", "description": "Phase is the current lifecycle phase of the namespace. More info: https://kubernetes.io/docs/tasks/administer-cluster/namespaces/"}
  }
}
})json";

}  // namespace csrflow::api
