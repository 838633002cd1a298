#include "api/csr_presenter.hpp"

#include "api/resource.hpp"
#include "api/table.hpp"
#include "engine/json_writer.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {

namespace {

using engine::ObjectRow;

std::string cells_of(const engine::CsrState& state) {
  const engine::CsrObject& object = *state.object;
  const engine::CsrSpec& spec = *object.spec;
  std::string cells = "[";
  engine::append_json_string(cells, object.meta.name);
  cells += ",null,";  // the age
  engine::append_json_string(cells, spec.signer_name.text.empty() ? "<none>" : spec.signer_name.text);
  cells += ',';
  engine::append_json_string(cells, spec.username);
  cells += ',';
  engine::append_json_string(
      cells, spec.expiration_seconds ? human_duration(engine::seconds(*spec.expiration_seconds)) : "<none>");
  cells += ',';
  engine::append_json_string(
      cells, condition_cell(object.status, state.standing ? state.standing->places : engine::Places{}));
  return cells + "]";
}

}  // namespace

std::size_t metadata_length(std::string_view tail) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < tail.size(); ++i) {
    const char c = tail[i];
    if (in_text) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_text = false;
      }
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return tail.size();
}

std::string condition_cell(const engine::CsrStatus& status, engine::Places places) {
  // Denied wins: it is checked last in Kubernetes' printer.
  std::string cell = status.has(engine::condition::denied)     ? "Denied"
                     : status.has(engine::condition::approved) ? "Approved"
                                                               : "Pending";
  if (cell == "Pending" && places.all > 0)
    cell += " (" + std::to_string(places.filled) + '/' + std::to_string(places.all) + ')';
  if (status.has(engine::condition::failed)) cell += ",Failed";
  if (!status.certificate.empty()) cell += ",Issued";
  return cell;
}

ObjectRow csr_row(const engine::CsrState& state, engine::Position resource_version, std::string tail) {
  const engine::CsrObject& object = *state.object;
  ObjectRow row;
  row.resource = certificate_signing_requests().plural;
  row.name = object.meta.name;
  row.uid = object.meta.uid;
  row.resource_version = resource_version;
  row.creation = object.meta.creation;
  row.labels = object.meta.labels;
  row.fields = {{"spec.signerName", object.spec->signer_name.text}};
  row.cells = cells_of(state);
  row.metadata_bytes = metadata_length(tail);
  row.tail = std::move(tail);
  return row;
}

}  // namespace csrflow::api
