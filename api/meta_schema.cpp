// apimachinery's metadata.
#include "api/schemas.hpp"

namespace csrflow::api {

const std::string_view meta_schemas = R"json({
"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": {
  "description": "What every object has.",
  "type": "object",
  "properties": {
    "name": {"type": "string", "description": "The object's name; it never changes."},
    "generateName": {"type": "string", "description": "A prefix from which the server makes a name when none is given."},
    "namespace": {"type": "string"},
    "selfLink": {"type": "string"},
    "uid": {"type": "string", "description": "Names this incarnation of the object; set by the server."},
    "resourceVersion": {"type": "string", "description": "The object's version; set by the server. It is the position of the last event that changed the object."},
    "generation": {"type": "integer", "format": "int64"},
    "creationTimestamp": {"description": "When the object was created; set by the server.", "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}]},
    "deletionTimestamp": {"description": "When deletion was asked for; set by the server.", "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}]},
    "deletionGracePeriodSeconds": {"type": "integer", "format": "int64"},
    "labels": {"type": "object", "additionalProperties": {"type": "string", "default": ""}, "description": "Keys and values to select by."},
    "annotations": {"type": "object", "additionalProperties": {"type": "string", "default": ""}, "description": "Keys and values for tools."},
    "ownerReferences": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference"}]}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["uid"], "x-kubernetes-patch-merge-key": "uid", "x-kubernetes-patch-strategy": "merge"},
    "finalizers": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge", "description": "The object stays until this list is empty."},
    "managedFields": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry"}]}, "x-kubernetes-list-type": "atomic"}
  }
},
"io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta": {
  "description": "What every list has.",
  "type": "object",
  "properties": {
    "selfLink": {"type": "string"},
    "resourceVersion": {"type": "string"},
    "continue": {"type": "string"},
    "remainingItemCount": {"type": "integer", "format": "int64"}
  }
},
"io.k8s.apimachinery.pkg.apis.meta.v1.Time": {
  "description": "A time in RFC 3339 form.",
  "type": "string",
  "format": "date-time"
},
"io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference": {
  "type": "object",
  "required": ["apiVersion", "kind", "name", "uid"],
  "properties": {
    "apiVersion": {"type": "string", "default": ""},
    "kind": {"type": "string", "default": ""},
    "name": {"type": "string", "default": ""},
    "uid": {"type": "string", "default": ""},
    "controller": {"type": "boolean"},
    "blockOwnerDeletion": {"type": "boolean"}
  },
  "x-kubernetes-map-type": "atomic"
},
"io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry": {
  "type": "object",
  "properties": {
    "manager": {"type": "string"},
    "operation": {"type": "string"},
    "apiVersion": {"type": "string"},
    "time": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}]},
    "fieldsType": {"type": "string"},
    "fieldsV1": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1"}]},
    "subresource": {"type": "string"}
  }
},
"io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": {
  "type": "object"
}
})json";

}  // namespace csrflow::api
