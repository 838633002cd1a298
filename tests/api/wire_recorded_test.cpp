// Plays what a real kube-apiserver was asked, and compares what it answered (recorded/README.md).
#include <fstream>
#include <nlohmann/json.hpp>

#include "api/patch.hpp"
#include "api/write.hpp"
#include "engine/object_json.hpp"
#include "tests/catch.hpp"

using namespace csrflow::api;
using csrflow::engine::CsrObject;
using csrflow::engine::Position;
using nlohmann::json;
namespace engine = csrflow::engine;

namespace {

const engine::Timestamp now = *engine::parse_rfc3339("2026-01-02T03:04:05Z");
const engine::Uid stored_uid{"aaaaaaaa-1111-4111-8111-000000000001"};
const GroupName resource{"certificates.k8s.io", "certificatesigningrequests"};

/// Knows the texts that stand for requests and certificates.
struct RecordedInspector final : engine::PkixInspector {
  std::expected<engine::RequestSubject, std::string> verify_request(const engine::Bytes& pem) const override {
    if (pem == "good:masters") return engine::RequestSubject{"x", {"system:masters"}};
    if (pem.starts_with("good:")) return engine::RequestSubject{"jane", {}};
    return std::unexpected(pem.starts_with("bad:") ? pem.substr(4)
                                                   : "PEM block type must be CERTIFICATE REQUEST");
  }
  std::expected<engine::CertificateFacts, std::string> check_certificate(
      const engine::Bytes& pem) const override {
    if (pem.starts_with("good:")) return engine::CertificateFacts{};
    return std::unexpected(pem.substr(4));
  }
  std::expected<void, std::string> check_rekey(const engine::RekeyClaim&) const override {
    return std::unexpected("nothing is rekeyed here");
  }
};

struct Reply {
  int code = 0;
  std::string body;
  std::vector<std::string> warnings;
};

Reply reply(const Status& status, std::vector<std::string> warnings = {}) {
  return {status.code, status.json(), std::move(warnings)};
}

/// One object and its version: as much of a server as the recorded cases need.
class OneObjectServer {
 public:
  Reply handle(const json& step) {
    const std::string method = step["method"];
    if (method == "POST") return create(step);
    if (method == "GET")
      return object_ ? shown(200, *object_, version_) : reply(status::not_found(resource, "kit-1"));
    return update(step, method == "PATCH");
  }

 private:
  static std::string body_of(const json& step) {
    std::string body = step["body"];
    const std::size_t at = body.find("${repeat:x:");
    if (at != std::string::npos) {
      const std::size_t end = body.find('}', at);
      body.replace(at, end - at + 1, std::string(std::stoul(body.substr(at + 11, end - at - 11)), 'x'));
    }
    if (!step.contains("latin1")) return body;
    std::string bytes;
    for (std::size_t i = 0; i < body.size(); ++i) {
      const auto c = static_cast<unsigned char>(body[i]);
      bytes += c < 0x80 ? body[i]
                        : static_cast<char>((c & 3) << 6 | (static_cast<unsigned char>(body[++i]) & 0x3F));
    }
    return bytes;
  }

  static Reply shown(int code, const CsrObject& object, Position version,
                     std::vector<std::string> warnings = {}) {
    return {code, std::string(engine::csr_object_head) + engine::object_tail(object, version),
            std::move(warnings)};
  }

  Reply create(const json& step) {
    const auto options = create_options(Query(std::string(step["query"])));
    if (!options) return reply(options.error());
    const auto format = body_format(std::string_view(step["type"].get_ref<const std::string&>()));
    if (!format) return reply(format.error());
    auto sent = decode_csr(*format, body_of(step), options->field_validation);
    if (!sent) return reply(sent.error());
    engine::Identity admin{"admin", "uid-admin", {"system:masters", "system:authenticated"}, {}, {}, {}};
    CsrObject object = prepare_create(*sent, admin, stored_uid, now, random_);
    if (const auto good = check_create(object, *sent, inspector_); !good)
      return reply(good.error(), sent->warnings);
    if (object_ && object_->meta.name == object.meta.name) {
      return reply(status::already_exists(resource, object.meta.name), sent->warnings);
    }
    if (options->dry_run) return shown(201, object, {}, sent->warnings);
    object_ = object;
    ++version_.value;
    return shown(201, object, version_, sent->warnings);
  }

  std::expected<DecodedCsr, Status> sent_of(const json& step, bool patch, FieldValidation validation) {
    if (!patch) {
      const auto format = body_format(std::string_view(step["type"].get_ref<const std::string&>()));
      if (!format) return std::unexpected(format.error());
      return decode_csr(*format, body_of(step), validation);
    }
    const auto type = patch_type(std::string(step["type"]));
    if (!type) return std::unexpected(type.error());
    const auto patched = apply_patch(*type, shown(200, *object_, version_).body, body_of(step), validation);
    if (!patched) return std::unexpected(patched.error());
    return decode_patched_csr(*patched, validation);
  }

  Reply update(const json& step, bool patch) {
    const Query query{std::string(step["query"])};
    const auto options = patch ? patch_options(query) : update_options(query);
    if (!options) return reply(options.error());
    const std::string path = step["path"];
    const std::string name = *unescape_path(path.substr(1, path.find('/', 1) - 1));
    const Endpoint endpoint = path.ends_with("/approval") ? Endpoint::approval
                              : path.ends_with("/status") ? Endpoint::status
                                                          : Endpoint::main;
    if (patch && !object_) return reply(status::not_found(resource, name));
    const auto sent = sent_of(step, patch, options->field_validation);
    if (!sent) return reply(sent.error());
    if (const auto same = check_url_name(*sent, name); !same) return reply(same.error(), sent->warnings);
    if (!object_) return reply(status::not_found(resource, name), sent->warnings);
    const auto prepared = prepare_update(endpoint, *object_, version_, *sent, patch, now, inspector_);
    if (!prepared) return reply(prepared.error(), sent->warnings);
    if (options->dry_run) return shown(200, prepared->object, version_, sent->warnings);
    if (!prepared->change.empty()) {
      engine::apply(*object_, prepared->change);
      ++version_.value;
    }
    return shown(200, *object_, version_, sent->warnings);
  }

  RecordedInspector inspector_;
  std::array<std::uint8_t, 16> random_{};
  std::optional<CsrObject> object_;
  Position version_{100};
};

/// Compares, binding `<rv:N>` at its first appearance.
class Comparison {
 public:
  explicit Comparison(bool free_words) : free_words_(free_words) {}

  bool equal(const json& expected, const json& actual, std::map<std::string, std::string>& bound) {
    if (expected.is_string()) {
      const std::string& text = expected.get_ref<const std::string&>();
      if (text.starts_with("<rv:") && actual.is_string()) {
        return bound.emplace(text, actual.get<std::string>()).first->second == actual;
      }
      if (text.starts_with("${cap:")) return bound[text] == actual;
      if (text.find("<the object>") != std::string::npos) return actual.is_string();
      return expected == actual;
    }
    if (expected.is_object() && actual.is_object()) {
      for (const auto& [key, value] : expected.items()) {
        if (free_words_ && key == "message") continue;
        if (!actual.contains(key) || !equal(value, actual[key], bound)) return false;
      }
      return actual.size() == expected.size();
    }
    if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
      for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!equal(expected[i], actual[i], bound)) return false;
      }
      return true;
    }
    return expected == actual;
  }

 private:
  bool free_words_;
};

json at(const json& document, const std::string& pointer) {
  const json::json_pointer path(pointer);
  return document.contains(path) ? document[path] : json();
}

void check(const json& step, const Reply& answer, std::map<std::string, std::string>& bound) {
  INFO("request: " << step["method"].get<std::string>() << ' ' << step["path"].get<std::string>() << '?'
                   << step["query"].get<std::string>() << ' '
                   << step["body"].get<std::string>().substr(0, 500));
  INFO("answer: " << answer.code << ' ' << answer.body.substr(0, 1500));
  INFO("expected: " << step["status"] << ' ' << step["expect"].dump().substr(0, 1500));
  CHECK(answer.code == step["status"]);
  const json body = json::parse(answer.body);
  const json& expected = step["expect"];
  Comparison comparison(step.value("free", false));
  if (expected.is_object() && !expected.empty() && expected.begin().key().starts_with('/')) {
    for (const auto& [pointer, value] : expected.items())
      CHECK(comparison.equal(value, at(body, pointer), bound));
  } else if (expected.is_object()) {
    CHECK(comparison.equal(expected, body, bound));
  }
  std::vector<std::string> headers;
  for (const std::string& warning : answer.warnings) headers.push_back("299 - " + go_quote(warning));
  CHECK(headers == step.value("warnings", std::vector<std::string>{}));
}

}  // namespace

TEST_CASE("answers are those of a real kube-apiserver") {
  std::ifstream file(CSRFLOW_RECORDED);
  const json cases = json::parse(file);
  REQUIRE(cases.size() > 200);
  for (const json& recorded : cases) {
    SECTION(recorded["id"].get<std::string>()) {
      OneObjectServer server;
      std::map<std::string, std::string> bound;
      for (json step : recorded["steps"]) {
        std::string body = step["body"];
        for (const auto& [name, value] : bound) {
          for (std::size_t found = 0; (found = body.find(name)) != std::string::npos;) {
            body.replace(found, name.size(), value);
          }
        }
        step["body"] = body;
        const Reply answer = server.handle(step);
        if (step.contains("capture")) {
          for (const auto& [name, pointer] : step["capture"].items()) {
            const json value = at(json::parse(answer.body), pointer.get<std::string>());
            bound["${cap:" + name + "}"] = value.is_string() ? value.get<std::string>() : value.dump();
          }
        }
        check(step, answer, bound);
      }
    }
  }
}
