// CertificateSigningRequest, for `kubectl explain` and for patches made on the client's side.
#include "api/schemas.hpp"

namespace csrflow::api {

const std::string_view csr_schemas = R"json({
"io.k8s.api.certificates.v1.CertificateSigningRequest": {
  "description": "A request that a signer make an X.509 certificate for a key and a subject. It is approved or denied through /approval, and its certificate appears in status.certificate.",
  "type": "object",
  "required": ["spec"],
  "properties": {
    "apiVersion": {"type": "string", "description": "Version of this representation of the object."},
    "kind": {"type": "string", "description": "The REST resource that this object represents."},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
    "spec": {"default": {}, "description": "The request itself; it never changes.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.certificates.v1.CertificateSigningRequestSpec"}]},
    "status": {"default": {}, "description": "Whether the request was approved or denied, and the certificate.", "allOf": [{"$ref": "#/components/schemas/io.k8s.api.certificates.v1.CertificateSigningRequestStatus"}]}
  },
  "x-kubernetes-group-version-kind": [{"group": "certificates.k8s.io", "kind": "CertificateSigningRequest", "version": "v1"}]
},
"io.k8s.api.certificates.v1.CertificateSigningRequestSpec": {
  "description": "What is asked for, and by whom.",
  "type": "object",
  "required": ["request", "signerName"],
  "properties": {
    "request": {"type": "string", "format": "byte", "x-kubernetes-list-type": "atomic", "description": "The PKCS#10 request in one PEM block CERTIFICATE REQUEST."},
    "signerName": {"type": "string", "default": "", "description": "The signer that shall sign, as <domain>/<path>."},
    "expirationSeconds": {"type": "integer", "format": "int32", "description": "How long the certificate should be valid, in seconds, at least 600. The signer may choose otherwise."},
    "usages": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic", "description": "Key usages that the certificate shall have, such as: digital signature, key encipherment, client auth, server auth."},
    "username": {"type": "string", "description": "Who made the request; set by the server."},
    "uid": {"type": "string", "description": "The uid of the user who made the request; set by the server."},
    "groups": {"type": "array", "items": {"type": "string", "default": ""}, "x-kubernetes-list-type": "atomic", "description": "The groups of the user who made the request; set by the server."},
    "extra": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string", "default": ""}}, "description": "What else is known of the user who made the request; set by the server."}
  }
},
"io.k8s.api.certificates.v1.CertificateSigningRequestStatus": {
  "description": "What became of the request.",
  "type": "object",
  "properties": {
    "certificate": {"type": "string", "format": "byte", "x-kubernetes-list-type": "atomic", "description": "The issued certificate in PEM, leaf first; set once by the signer."},
    "conditions": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.certificates.v1.CertificateSigningRequestCondition"}]}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"], "description": "Approved, Denied, Failed and conditions of other controllers."}
  }
},
"io.k8s.api.certificates.v1.CertificateSigningRequestCondition": {
  "description": "One thing that is true, false or unknown of a request.",
  "type": "object",
  "required": ["type", "status"],
  "properties": {
    "type": {"type": "string", "default": "", "description": "Approved, Denied, Failed, or another controller's name. None of the first three goes away."},
    "status": {"type": "string", "default": "", "description": "True, False or Unknown; Approved, Denied and Failed are always True."},
    "reason": {"type": "string", "description": "Why, in one word for programs."},
    "message": {"type": "string", "description": "Why, in a sentence for people."},
    "lastUpdateTime": {"description": "When the condition was last written.", "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}]},
    "lastTransitionTime": {"description": "When the status last changed.", "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}]}
  }
},
"io.k8s.api.certificates.v1.CertificateSigningRequestList": {
  "description": "Several requests.",
  "type": "object",
  "required": ["items"],
  "properties": {
    "apiVersion": {"type": "string", "description": "Version of this representation of the object."},
    "kind": {"type": "string", "description": "The REST resource that this object represents."},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"}]},
    "items": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.certificates.v1.CertificateSigningRequest"}]}, "description": "The requests."}
  },
  "x-kubernetes-group-version-kind": [{"group": "certificates.k8s.io", "kind": "CertificateSigningRequestList", "version": "v1"}]
}
})json";

}  // namespace csrflow::api
