// ClusterRole, ClusterRoleBinding, their lists and what they are made of.
#include "api/schemas.hpp"

namespace csrflow::api {

const std::string_view rbac_schemas = R"json({
"io.k8s.api.rbac.v1.ClusterRole": {
  "description": "ClusterRole is a cluster level, logical grouping of PolicyRules that can be referenced as a unit by a RoleBinding or ClusterRoleBinding.",
  "type": "object",
  "properties": {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "description": "Standard object's metadata.", "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
    "rules": {"type": "array", "description": "Rules holds all the PolicyRules for this ClusterRole", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.rbac.v1.PolicyRule"}]}, "x-kubernetes-list-type": "atomic"},
    "aggregationRule": {"description": "AggregationRule is an optional field that describes how to build the Rules for this ClusterRole. If AggregationRule is set, then the Rules are controller managed and direct changes to Rules will be stomped by the controller.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.rbac.v1.AggregationRule"}]}
  },
  "x-kubernetes-group-version-kind": [{"group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "version": "v1"}]
},
"io.k8s.api.rbac.v1.AggregationRule": {
  "description": "AggregationRule describes how to locate ClusterRoles to aggregate into the ClusterRole",
  "type": "object",
  "properties": {
    "clusterRoleSelectors": {"type": "array", "description": "ClusterRoleSelectors holds a list of selectors which will be used to find ClusterRoles and create the rules. If any of the selectors match, then the ClusterRole's permissions will be added", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"}]}, "x-kubernetes-list-type": "atomic"}
  }
},
"io.k8s.api.rbac.v1.PolicyRule": {
  "description": "PolicyRule holds information that describes a policy rule, but does not contain information about who the rule applies to or which namespace the rule applies to.",
  "type": "object",
  "required": ["verbs"],
  "properties": {
    "verbs": {"type": "array", "description": "Verbs is a list of Verbs that apply to ALL the ResourceKinds contained in this rule. '*' represents all verbs.", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "apiGroups": {"type": "array", "description": "APIGroups is the name of the APIGroup that contains the resources.  If multiple API groups are specified, any action requested against one of the enumerated resources in any API group will be allowed. \"\" represents the core API group and \"*\" represents all API groups.", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "resources": {"type": "array", "description": "Resources is a list of resources this rule applies to. '*' represents all resources.", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "resourceNames": {"type": "array", "description": "ResourceNames is an optional white list of names that the rule applies to.  An empty set means that everything is allowed.", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"},
    "nonResourceURLs": {"type": "array", "description": "NonResourceURLs is a set of partial urls that a user should have access to.  *s are allowed, but only as the full, final step in the path Since non-resource URLs are not namespaced, this field is only applicable for ClusterRoles referenced from a ClusterRoleBinding. Rules can either apply to API resources (such as \"pods\" or \"secrets\") or non-resource URL paths (such as \"/api\"),  but not both.", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"}
  }
},
"io.k8s.api.rbac.v1.ClusterRoleList": {
  "description": "ClusterRoleList is a collection of ClusterRoles",
  "type": "object",
  "required": ["items"],
  "properties": {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "description": "Standard object's metadata.", "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"}]},
    "items": {"type": "array", "description": "Items is a list of ClusterRoles", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.rbac.v1.ClusterRole"}]}}
  },
  "x-kubernetes-group-version-kind": [{"group": "rbac.authorization.k8s.io", "kind": "ClusterRoleList", "version": "v1"}]
},
"io.k8s.api.rbac.v1.ClusterRoleBinding": {
  "description": "ClusterRoleBinding references a ClusterRole, but not contain it.  It can reference a ClusterRole in the global namespace, and adds who information via Subject.",
  "type": "object",
  "required": ["roleRef"],
  "properties": {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "description": "Standard object's metadata.", "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
    "subjects": {"type": "array", "description": "Subjects holds references to the objects the role applies to.", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.rbac.v1.Subject"}]}, "x-kubernetes-list-type": "atomic"},
    "roleRef": {"default": {}, "description": "RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error. This field is immutable.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.rbac.v1.RoleRef"}]}
  },
  "x-kubernetes-group-version-kind": [{"group": "rbac.authorization.k8s.io", "kind": "ClusterRoleBinding", "version": "v1"}]
},
"io.k8s.api.rbac.v1.Subject": {
  "description": "Subject contains a reference to the object or user identities a role binding applies to.  This can either hold a direct API object reference, or a value for non-objects such as user and group names.",
  "type": "object",
  "required": ["kind", "name"],
  "properties": {
    "kind": {"type": "string", "default": "", "description": "Kind of object being referenced. Values defined by this API group are \"User\", \"Group\", and \"ServiceAccount\". If the Authorizer does not recognized the kind value, the Authorizer should report an error."},
    "apiGroup": {"type": "string", "description": "APIGroup holds the API group of the referenced subject. Defaults to \"\" for ServiceAccount subjects. Defaults to \"rbac.authorization.k8s.io\" for User and Group subjects."},
    "name": {"type": "string", "default": "", "description": "Name of the object being referenced."},
    "namespace": {"type": "string", "description": "Namespace of the referenced object.  If the object kind is non-namespace, such as \"User\" or \"Group\", and this value is not empty the Authorizer should report an error."}
  },
  "x-kubernetes-map-type": "atomic"
},
"io.k8s.api.rbac.v1.RoleRef": {
  "description": "RoleRef contains information that points to the role being used",
  "type": "object",
  "required": ["kind", "name"],
  "properties": {
    "apiGroup": {"type": "string", "default": "", "description": "APIGroup is the group for the resource being referenced"},
    "kind": {"type": "string", "default": "", "description": "Kind is the type of resource being referenced"},
    "name": {"type": "string", "default": "", "description": "Name is the name of resource being referenced"}
  },
  "x-kubernetes-map-type": "atomic"
},
"io.k8s.api.rbac.v1.ClusterRoleBindingList": {
  "description": "ClusterRoleBindingList is a collection of ClusterRoleBindings",
  "type": "object",
  "required": ["items"],
  "properties": {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "description": "Standard object's metadata.", "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"}]},
    "items": {"type": "array", "description": "Items is a list of ClusterRoleBindings", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.rbac.v1.ClusterRoleBinding"}]}}
  },
  "x-kubernetes-group-version-kind": [{"group": "rbac.authorization.k8s.io", "kind": "ClusterRoleBindingList", "version": "v1"}]
},
"io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector": {
  "description": "A label selector is a label query over a set of resources. The result of matchLabels and matchExpressions are ANDed. An empty label selector matches all objects. A null label selector matches no objects.",
  "type": "object",
  "properties": {
    "matchLabels": {"type": "object", "description": "matchLabels is a map of {key,value} pairs. A single {key,value} in the matchLabels map is equivalent to an element of matchExpressions, whose key field is \"key\", the operator is \"In\", and the values array contains only \"value\". The requirements are ANDed.", "additionalProperties": {"type": "string", "default": ""}},
    "matchExpressions": {"type": "array", "description": "matchExpressions is a list of label selector requirements. The requirements are ANDed.", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement"}]}, "x-kubernetes-list-type": "atomic"}
  },
  "x-kubernetes-map-type": "atomic"
},
"io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": {
  "description": "A label selector requirement is a selector that contains values, a key, and an operator that relates the key and values.",
  "type": "object",
  "required": ["key", "operator"],
  "properties": {
    "key": {"type": "string", "default": "", "description": "key is the label key that the selector applies to."},
    "operator": {"type": "string", "default": "", "description": "operator represents a key's relationship to a set of values. Valid operators are In, NotIn, Exists and DoesNotExist."},
    "values": {"type": "array", "description": "values is an array of string values. If the operator is In or NotIn, the values array must be non-empty. If the operator is Exists or DoesNotExist, the values array must be empty. This array is replaced during a strategic merge patch.", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic"}
  }
}
})json";

}  // namespace csrflow::api
