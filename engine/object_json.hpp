// The object's JSON: the same shape in an event's `object` member and on Kubernetes' wire. Written by
// appending to one string, since it is on the path of every request.
#pragma once

#include "engine/config.hpp"
#include "engine/json_reader.hpp"
#include "engine/object.hpp"

namespace csrflow::engine {

/// `{"request":…,"signerName":…,…}`: keys in the order that kube-apiserver writes them.
std::string spec_json(const CsrSpec&);
/// `{…}` of metav1.ObjectMeta; `resource_version` 0 leaves it out.
void append_metadata_json(std::string& out, const ObjectMeta&, Position resource_version);
/// `{}` when empty.
void append_status_json(std::string& out, const CsrStatus&);
/// `"metadata":{…},"spec":{…},"status":{…}}`: what follows the head `{"kind":…,"apiVersion":…,`; a list's
/// item is
/// `{` and this.
std::string object_tail(const CsrObject&, Position resource_version);
/// The same over a spec that was rendered before (CsrState keeps it).
std::string object_tail(const CsrObject&, std::string_view spec_json, Position resource_version);
/// The same of a configuration object: `"metadata":{…},` and the members of its body.
std::string object_tail(const ConfigObject&, Position resource_version);
constexpr std::string_view csr_object_head =
    R"({"kind":"CertificateSigningRequest","apiVersion":"certificates.k8s.io/v1",)";

/// `{"metadata":{…},"status":{…}}` as an RFC 7396 merge patch.
void append_change_json(std::string& out, const ObjectChange&);

// Reading back what was stored; each takes one value off the reader and throws MalformedJson on another
// shape. Times are whole seconds there, as Kubernetes has them.
CsrObject object_from_json(JsonReader&);
ObjectChange change_from_json(JsonReader&);
/// Its body keeps the members that are there, in their order.
ConfigObject config_object_from_json(JsonReader&);

}  // namespace csrflow::engine
