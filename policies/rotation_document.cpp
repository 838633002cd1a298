#include "engine/overloaded.hpp"
#include "policies/digest.hpp"
#include "policies/envelope.hpp"
#include "policies/rotation_fields.hpp"

namespace csrflow::policies {

void Codec<engine::RotationTime>::read(Reading& reading, const Tree& tree, engine::RotationTime& value) {
  WhenDocument document;
  Codec<WhenDocument>::read(reading, tree, document);
  if (tree.kind != Tree::Kind::object) return;
  const int given = int{document.fraction.has_value()} + int{document.before_expiry.has_value()} +
                    int{document.window.has_value()};
  if (given != 1) return reading.fail("E07", "must have one of fraction, beforeExpiry and window");
  if (document.fraction) value = *document.fraction;
  if (document.before_expiry) value = *document.before_expiry;
  if (document.window) value = *document.window;
}

Tree Codec<engine::RotationTime>::write(const engine::RotationTime& value) {
  WhenDocument document;
  std::visit(engine::overloaded{
                 [&](const engine::WindowRule& rule) { document.fraction = rule; },
                 [&](const engine::BeforeExpiry& before) { document.before_expiry = before; },
                 [&](const engine::Window& window) { document.window = window; },
             },
             value);
  return Codec<WhenDocument>::write(document);
}

namespace {

/// An object whose members are references.
template <class Document>
void read_object(Reading& reading, const Tree& tree, Document& document) {
  if (tree.kind != Tree::Kind::object) return reading.wrong_kind(tree, "an object");
  FieldReader fields(reading, tree);
  visit_fields(fields, document);
  fields.finish();
}
template <class Document>
Tree write_object(Document& document) {
  FieldWriter fields;
  visit_fields(fields, document);
  return std::move(fields.tree);
}
template <class Document>
void describe_object(FieldDescription& field, Document& document) {
  field.type = "object";
  FieldDescriber fields;
  visit_fields(fields, document);
  field.fields = std::move(fields.fields);
}

}  // namespace

void Codec<CanaryDocument>::read(Reading& reading, const Tree& tree, CanaryDocument document) {
  read_object(reading, tree, document);
}
Tree Codec<CanaryDocument>::write(CanaryDocument document) {
  return write_object(document);
}
void Codec<CanaryDocument>::describe(FieldDescription& field) {
  LabelSelector labels;
  std::int32_t lead = 0;
  CanaryDocument document{labels, lead};
  describe_object(field, document);
}

void Codec<GraceDocument>::read(Reading& reading, const Tree& tree, GraceDocument document) {
  read_object(reading, tree, document);
}
Tree Codec<GraceDocument>::write(GraceDocument document) {
  return write_object(document);
}
void Codec<GraceDocument>::describe(FieldDescription& field) {
  bool enabled = true;
  Duration grace;
  GraceDocument document{enabled, grace};
  describe_object(field, document);
}

namespace {

constexpr auto kind = "RotationPolicy";

std::expected<RotationPolicyPtr, Problems> read_policy(const FileDocuments::Document& document) {
  Problems problems;
  Reading reading(problems);
  auto policy = std::make_shared<RotationPolicy>();
  policy->name = read_envelope(reading, document.tree, document.bytes, kind, [&](const Tree& spec) {
    Codec<RotationPolicy>::read(reading, spec, *policy);
  });
  if (!problems.empty()) {
    for (Problem& problem : problems) problem.policy = policy->name;
    return std::unexpected(std::move(problems));
  }
  policy->canonical = canonical_document(kind, policy->name, Codec<RotationPolicy>::write(*policy));
  policy->hash = sha256_hex(policy->canonical);
  return policy;
}

}  // namespace

std::expected<RotationPolicyPtr, Problems> read_rotation_policy_json(std::string_view json) {
  FileDocuments file = read_json_file(json);
  if (!file.problems.empty()) return std::unexpected(std::move(file.problems));
  return read_policy(file.documents.front());
}

RotationPolicyFile read_rotation_policy_yaml(std::string_view yaml) {
  return read_documents<RotationPolicyFile>(yaml, &RotationPolicyFile::policies, read_policy);
}

std::vector<FieldDescription> describe_rotation_spec() {
  FieldDescription spec;
  Codec<RotationPolicy>::describe(spec);
  return std::move(spec.fields);
}

}  // namespace csrflow::policies
