#include "engine/request_history.hpp"

#include <algorithm>

#include "engine/csr_events.hpp"

namespace csrflow::engine {
namespace {

std::vector<RequestGroup> groups_of(const CsrSpec& spec, const RequestDescription* description,
                                    NameForm form) {
  using Kind = RequestGroup::Kind;
  const std::string& signer = spec.signer_name.text;
  std::vector<RequestGroup> groups{{Kind::requester, signer, spec.username}, {Kind::signer, signer, {}}};
  if (description == nullptr) return groups;
  std::vector<std::string> forms;
  for (const auto& name : description->names) forms.push_back(form(name));
  std::ranges::sort(forms);
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
  for (std::string& one : forms) groups.push_back({Kind::name, signer, std::move(one)});
  return groups;
}

}  // namespace

RequestTrace trace_of(const Created& created, Position position, Timestamp recorded_at,
                      Authentication authenticated, const RequestDescription* description, NameForm form,
                      const std::function<Uid(const Uid&)>& lineage_of) {
  const CsrObject& object = created.object;
  const bool own = created.authenticated_by.value_or(authenticated) == Authentication::system;
  return {.use = {.position = position,
                  .recorded_at = recorded_at,
                  .user = object.spec->username,
                  .request = object.meta.name,
                  .uid = object.meta.uid,
                  .lineage = created.predecessor ? lineage_of(created.predecessor->uid) : object.meta.uid},
          .spki_sha256 = description ? description->key.spki_sha256 : std::string(),
          .groups = groups_of(*object.spec, description, form),
          .counted = !own};
}

}  // namespace csrflow::engine
