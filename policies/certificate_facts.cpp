#include "policies/certificate_facts.hpp"

namespace csrflow::policies {

Requester requester_of(const engine::CsrState& state) {
  const engine::CsrSpec& spec = *state.object->spec;
  Requester who;
  who.user = spec.username;
  who.uid = spec.uid;
  who.groups = spec.groups;
  who.by = state.authenticated_by.value_or(engine::Authentication::token);
  who.on_behalf_of = state.on_behalf_of;
  who.credential = state.credential;
  return who;
}

NameKind name_kind(std::string_view kind) {
  if (kind == "dns") return NameKind::dns;
  if (kind == "ip") return NameKind::ip;
  if (kind == "email") return NameKind::email;
  if (kind == "uri") return NameKind::uri;
  if (kind == "directory") return NameKind::directory;
  return kind == "registeredID" ? NameKind::registered_id : NameKind::other;
}

void add_description(Facts& facts, const engine::RequestDescription& description) {
  for (const auto& attribute : description.subject) facts.subject.push_back({attribute.oid, attribute.value});
  for (const auto& name : description.names) facts.names.push_back(name_of(name_kind(name.kind), name.value));
}

Facts certificate_facts(const engine::CsrState& state, const engine::RequestReader* reader) {
  Facts facts;
  facts.requester = requester_of(state);
  facts.signer_name = state.object->spec->signer_name.text;
  facts.labels = state.labels_at_creation;
  if (reader != nullptr) {
    if (const auto description = reader->describe(state.object->spec->request))
      add_description(facts, *description);
  }
  return facts;
}

}  // namespace csrflow::policies
