// What is sent, with the certificate of the request NAME as the client certificate:
//
//   {"apiVersion":"csrflow.io/v1","kind":"Rekey",
//    "spec":{"name":"<the successor's>","request":"<base64 of the PEM>","signature":"<base64>","labels":{}}}
//
// `signature` is by the old key over the DER of the new PKCS#10: ECDSA or RSA PKCS#1 v1.5 with SHA-256, or
// Ed25519. The successor has the predecessor's signer, usages, expirationSeconds and labels, and names it by
// csrflow.io/predecessor. Answered is the successor, 201; sent again, the same.
//
//   401  the certificate is no credential, or has expired and is used for something else
//   403  it is not that of NAME, its grace is over, or the policy does not renew expired ones
//   404  there is no request NAME, or it has no certificate
//   409  NAME has a successor (AlreadyReplaced), or the name is taken (AlreadyExists)
//   422  the request, its name or the signature is not as it must be
#include "api/rekey.hpp"

#include "api/csr_managed.hpp"
#include "api/own_document.hpp"
#include "api/whole_request.hpp"
#include "api/write_call.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view kind = "Rekey";
constexpr std::size_t max_signature_bytes = 2'048;

struct Wish {
  std::string name;
  engine::Bytes request, signature;
  engine::StringMap labels;
  bool dry_run = false;
};

using Predecessor = std::shared_ptr<const engine::CsrState>;

bool read_wish(const CallPtr& call, Wish& wish) {
  return read_own_document(call, kind,
                           [&](FieldReader& reader, const std::string& key, const JsonValue& value) {
                             if (key == "name") return wish.name = reader.text(value, key), true;
                             if (key == "request")
                               return wish.request = reader.base64(value, key).value_or(""), true;
                             if (key == "signature")
                               return wish.signature = reader.base64(value, key).value_or(""), true;
                             if (key == "labels") return wish.labels = reader.text_map(value, key), true;
                             return false;
                           });
}

FieldErrors problems_of(const Wish& wish, const engine::StringMap& labels_before) {
  FieldErrors errors;
  if (wish.name.empty()) errors.push_back(field::required("spec.name", "the successor's name"));
  if (wish.request.empty()) errors.push_back(field::required("spec.request"));
  if (wish.signature.empty()) errors.push_back(field::required("spec.signature"));
  if (wish.signature.size() > max_signature_bytes)
    errors.push_back(field::too_long("spec.signature", max_signature_bytes));
  const std::string agent(engine::label::agent);
  const auto sent = wish.labels.find(agent), before = labels_before.find(agent);
  if (sent != wish.labels.end() && (before == labels_before.end() || before->second != sent->second))
    errors.push_back(field::invalid(
        "spec.labels[" + agent + ']', sent->second,
        "the host is that of the predecessor: " + (before == labels_before.end() ? "none" : before->second)));
  return errors;
}

Status invalid(const Call& call, const FieldErrors& errors) {
  return status::invalid({"csrflow.io", std::string(kind)}, call.target.name, errors);
}

/// As if the client had sent the whole object.
DecodedCsr successor(const Call& call, const Wish& wish, const engine::CsrObject& before) {
  DecodedCsr sent;
  sent.meta.name = wish.name;
  sent.meta.labels = before.meta.labels;
  for (const auto& [key, value] : wish.labels) sent.meta.labels[key] = value;
  const std::string rotation(engine::annotation::rotation);
  if (const auto mode = before.meta.annotations.find(rotation); mode != before.meta.annotations.end())
    sent.meta.annotations.insert(*mode);
  sent.meta.annotations[std::string(engine::annotation::predecessor)] = before.meta.name;
  sent.spec = *before.spec;
  sent.spec.request = wish.request;
  sent.request_present = true;
  FieldWrite write = field_write(call);
  write.subresource.clear();
  engine::CsrObject object;
  object.meta = sent.meta;
  sent.applied_fields = managed_on_create(write, object, {});
  return sent;
}

/// Is the request that holds the name this very one, made before?
bool made_before(const engine::CsrState& found, const Wish& wish, const engine::LedgerEntry& held) {
  return found.object && found.predecessor && !found.predecessor->claim &&
         found.predecessor->uid == held.uid && found.predecessor->serial == held.serial &&
         found.object->spec->request == wish.request;
}

void name_is_taken(const CallPtr& call, const Wish& wish, const Predecessor& before) {
  with_whole_request(call, wish.name, [call, wish, before](auto found) {
    if (!found || !made_before(*found, wish, *live_certificate(*before)))
      return call->fail(status::already_exists(call->resource_name(), wish.name));
    answer_with_state(call, 201, engine::State(*found));
  });
}

void answer(const CallPtr& call, const Wish& wish, const engine::Record& made) {
  if (!wish.dry_run) return answer_with_record(call, 201, made);
  answer_with_object(call, 201, *made.after, {});
}

void create(const CallPtr& call, const Wish& wish, const Predecessor& before) {
  DecodedCsr sent = successor(*call, wish, *before->object);
  const auto prepared = kind_of(*call->resource).create(*call, sent);
  if (!prepared) return call->fail(prepared.error());
  auto command = prepared->command(wish.name);
  std::get<engine::Create>(std::get<engine::CsrCommand>(command)).proven_predecessor =
      live_certificate(*before)->serial;
  submit(call, engine::csr_stream(wish.name), std::move(command), wish.dry_run, prepared->admission,
         [call, wish, before](std::expected<engine::Outcome, engine::Refusal> outcome) {
           if (outcome) return answer(call, wish, outcome->records.front());
           if (outcome.error().kind == engine::Refusal::Kind::already_exists)
             return name_is_taken(call, wish, before);
           call->fail(refused(*call, outcome.error()));
         });
}

void take(const CallPtr& call, const Wish& wish, const Predecessor& before) {
  const auto& name = call->target.name;
  if (!before || !before->object) return call->fail(status::not_found(call->resource_name(), name));
  const auto* held = live_certificate(*before);
  if (!held) {
    Status none = status::not_found(call->resource_name(), name);
    none.message = name + " has no certificate: there is nothing to rekey";
    return call->fail(none);
  }
  if (!presents(call->user(), *held))
    return call->fail(status::forbidden(call->resource_name(), name,
                                        "the client certificate of this connection is not that of " + name +
                                            ", whose serial number is " + held->serial.hex()));
  FieldErrors errors = problems_of(wish, before->object->meta.labels);
  if (errors.empty()) {
    const auto& peer = *call->request().peer->certificates;
    if (const auto proven =
            call->core.deps.pkix.check_rekey({peer.chain.front(), wish.request, wish.signature});
        !proven)
      errors.push_back(field::forbidden("spec.signature", proven.error()));
  }
  if (!errors.empty()) return call->fail(invalid(*call, errors));
  create(call, wish, before);
}

}  // namespace

bool is_rekey(const Target& target) {
  return is_of_requests(target, "rekey");
}

void rekey(const CallPtr& call) {
  const auto& target = call->target;
  if (target.malformed || !target.named) return call->fail(status::no_such_resource());
  if (target.verb != "create") return call->fail(status::method_not_allowed());
  call->resource = &certificate_signing_requests();
  if (call->user().by != engine::Authentication::x509 || call->user().impersonator)
    return call->fail(status::forbidden(call->resource_name(), target.name,
                                        "a rekey is asked for with the client certificate that it replaces"));
  Wish wish;
  if (!read_wish(call, wish)) return;
  const auto options = create_options(call->query);
  if (!options) return call->fail(options.error());
  wish.dry_run = options->dry_run;
  with_whole_request(call, target.name, [call, wish = std::move(wish)](auto before) {
    // Signatures are verified on a worker.
    on_worker(call, [call, wish, before] { take(call, wish, before); });
  });
}

}  // namespace csrflow::api
