// The body: {"spec":{"signerName":…,"trustBundle":…}}; trustBundle is PEM as plain text.
#include "api/trust_bundles.hpp"

#include <algorithm>
#include <set>

#include "api/columns.hpp"
#include "api/schemas.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

// Kubernetes' own words: clients show them.
constexpr const char* signer_description =
    "signerName indicates the associated signer, if any.\n"
    "\n"
    "In order to create or update a ClusterTrustBundle that sets signerName, you must have the following "
    "cluster-scoped permission: group=certificates.k8s.io resource=signers resourceName=<the signer name> "
    "verb=attest.\n"
    "\n"
    "If signerName is not empty, then the ClusterTrustBundle object must be named with the signer name as a "
    "prefix (translating slashes to colons). For example, for the signer name `example.com/foo`, valid "
    "ClusterTrustBundle object names include `example.com:foo:abc` and `example.com:foo:v1`.\n"
    "\n"
    "If signerName is empty, then the ClusterTrustBundle object's name must not have such a prefix.\n"
    "\n"
    "List/watch requests for ClusterTrustBundles can filter on this field using a "
    "`spec.signerName=NAME` field selector.";

struct BundleSpec {
  std::string signer_name, trust_bundle;
};

engine::ConfigBody body_of(const BundleSpec& spec) {
  std::string out;
  {
    engine::JsonObject body(out);
    engine::JsonObject inner(body.key("spec"));
    inner.text_if("signerName", spec.signer_name);
    inner.text("trustBundle", spec.trust_bundle);
  }
  return std::make_shared<const std::string>(std::move(out));
}

class SpecReader final : public BodyReader {
 public:
  bool member(FieldReader& reader, const std::string& key, const JsonValue& value) override {
    if (key != "spec") return false;
    reader.object(value, key, [&](const std::string& name, const JsonValue& field) {
      if (name == "signerName") return spec_.signer_name = reader.text(field, name), true;
      if (name == "trustBundle") return spec_.trust_bundle = reader.text(field, name), true;
      return false;
    });
    return true;
  }
  engine::ConfigBody finish() override { return body_of(spec_); }

 private:
  BundleSpec spec_;
};

std::string signer_of(const engine::ConfigObject& object) {
  const auto body = parse_json(*object.body);
  const JsonValue* spec = body ? body->find("spec") : nullptr;
  const JsonValue* signer = spec ? spec->find("signerName") : nullptr;
  return signer ? signer->text : std::string();
}

std::string cells_of(const engine::ConfigObject& object) {
  const std::string signer = signer_of(object);
  std::string out = "[";
  engine::append_json_string(out, object.meta.name);
  out += ',';
  engine::append_json_string(out, signer.empty() ? "<none>" : signer);
  return out + ']';
}

engine::StringMap fields_of(const engine::ConfigObject& object) {
  return {{"spec.signerName", signer_of(object)}};
}

Resource describe() {
  return {.group = "certificates.k8s.io",
          .version = "v1",
          .kind = "ClusterTrustBundle",
          .list_kind = "ClusterTrustBundleList",
          .plural = "clustertrustbundles",
          .singular = "clustertrustbundle",
          .short_names = {},
          .scope = Scope::cluster,
          .verbs = {"get", "list", "watch"},
          .subresources = {},
          .columns = {{"Name", "name", column::name}, {"SignerName", "", signer_description}},
          .age_column = 2,
          .selectable_fields = {"spec.signerName"},
          .stream_category = "trust/clustertrustbundles",
          .storage_version_hash = storage_version_hash("certificates.k8s.io", "v1", "ClusterTrustBundle"),
          .schema_name = "io.k8s.api.certificates.v1.ClusterTrustBundle",
          .schemas = trust_bundle_schemas,
          .zero_members = R"("spec":{"trustBundle":""})",
          .config = &cluster_trust_bundle_format};
}

}  // namespace

// Only csrflow itself writes bundles: there is nothing to check.
const ConfigFormat cluster_trust_bundle_format = {
    .reader = []() -> std::unique_ptr<BodyReader> { return std::make_unique<SpecReader>(); },
    .check = [](const engine::ConfigObject&) { return FieldErrors{}; },
    .check_change = [](const engine::ConfigObject&, const engine::ConfigObject&) { return FieldErrors{}; },
    .cells = cells_of,
    .fields = fields_of};

const Resource& cluster_trust_bundles() {
  static const Resource resource = describe();
  return resource;
}

std::string trust_bundle_name(const engine::SignerName& signer) {
  std::string name = signer.text;
  std::ranges::replace(name, '/', ':');
  return name + ":csrflow";
}

engine::ConfigBody trust_bundle_body(const engine::SignerName& signer,
                                     std::span<const std::string> certificates) {
  const std::set<std::string> each_once(certificates.begin(), certificates.end());
  BundleSpec spec{.signer_name = signer.text, .trust_bundle = {}};
  for (const std::string& pem : each_once) spec.trust_bundle += pem;
  return body_of(spec);
}

}  // namespace csrflow::api
