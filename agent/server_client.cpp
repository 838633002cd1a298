#include "agent/server_client.hpp"

namespace csrflow::agent {
namespace {

constexpr std::string_view requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
constexpr std::string_view bundles = "/apis/certificates.k8s.io/v1/clustertrustbundles";
/// How long a watch is asked to last; the server may end it sooner.
constexpr std::string_view watch_seconds = "3600";

/// RFC 3986 2.1.
std::string escaped(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

std::string path_of(const std::string& name, std::string_view rest = {}) {
  return std::string(requests) + '/' + escaped(name) + std::string(rest);
}

std::string by_host(const std::string& host) {
  return "labelSelector=" + escaped(std::string(agent_label) + '=' + host);
}

CallFailure::Kind kind_of(unsigned status) {
  using Kind = CallFailure::Kind;
  switch (status) {
    case 401:
      return Kind::unauthorized;
    case 403:
      return Kind::forbidden;
    case 404:
    case 405:
      return Kind::not_found;
    case 409:
      return Kind::conflict;
    case 410:
      return Kind::gone;
    default:
      return status == 429 || status >= 500 ? Kind::busy : Kind::refused;
  }
}

CallFailure failure_of(const HttpAnswer& answer) {
  std::string message = status_message(answer.body);
  if (message.empty()) message = "the server answered with status " + std::to_string(answer.status);
  return {kind_of(answer.status), std::move(message), answer.retry_after};
}

CallFailure failure_of(const ConnectionFailure& failure) {
  return {failure.stopped ? CallFailure::Kind::stopped : CallFailure::Kind::unreachable, failure.text,
          std::nullopt};
}

template <class Value>
Answer<Value> answer_of(std::expected<Value, std::string> read) {
  if (!read)
    return std::unexpected(CallFailure{CallFailure::Kind::busy, std::move(read.error()), std::nullopt});
  return std::move(*read);
}

class HttpsWatch : public Watch {
 public:
  explicit HttpsWatch(HttpsConnection connection) : connection_(std::move(connection)) {}

  Answer<std::optional<RequestChange>> next(std::chrono::milliseconds patience) override {
    auto line = connection_.next_line(patience);
    if (!line) {
      if (line.error().text.empty())
        return std::unexpected(CallFailure{CallFailure::Kind::gone, "the watch has ended", std::nullopt});
      return std::unexpected(failure_of(line.error()));
    }
    if (!*line) return std::nullopt;
    auto change = answer_of(read_request_change(**line));
    if (!change) return std::unexpected(std::move(change.error()));
    if (change->kind == RequestChange::Kind::error)
      return std::unexpected(CallFailure{kind_of(change->code), change->message, std::nullopt});
    return std::move(*change);
  }

 private:
  HttpsConnection connection_;
};

}  // namespace

Answer<std::string> ServerClient::ask(std::string_view method, const std::string& path,
                                      const std::string& body) {
  auto connection = HttpsConnection::open(address_, side_, stop_);
  if (!connection) return std::unexpected(failure_of(connection.error()));
  auto answer = connection->ask(method, path, body);
  if (!answer) return std::unexpected(failure_of(answer.error()));
  if (answer->status < 200 || answer->status > 299) return std::unexpected(failure_of(*answer));
  return std::move(answer->body);
}

Answer<RequestObject> ServerClient::create(const NewRequest& wanted) {
  auto body = ask("POST", std::string(requests), json_of(wanted));
  if (!body) return std::unexpected(std::move(body.error()));
  return answer_of(read_request_object(*body));
}

Answer<RequestObject> ServerClient::get(const std::string& name) {
  auto body = ask("GET", path_of(name));
  if (!body) return std::unexpected(std::move(body.error()));
  return answer_of(read_request_object(*body));
}

Answer<RequestList> ServerClient::list(const std::string& host) {
  auto body = ask("GET", std::string(requests) + '?' + by_host(host));
  if (!body) return std::unexpected(std::move(body.error()));
  return answer_of(read_request_list(*body));
}

Answer<std::unique_ptr<Watch>> ServerClient::watch(const std::string& host, const std::string& version) {
  return watch_by(by_host(host), version);
}

Answer<std::unique_ptr<Watch>> ServerClient::watch_one(const std::string& name, const std::string& version) {
  return watch_by("fieldSelector=" + escaped("metadata.name=" + name), version);
}

Answer<std::unique_ptr<Watch>> ServerClient::watch_by(const std::string& selector,
                                                      const std::string& version) {
  auto connection = HttpsConnection::open(address_, side_, stop_);
  if (!connection) return std::unexpected(failure_of(connection.error()));
  auto answer = connection->begin_lines(
      std::string(requests) + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" +
      std::string(watch_seconds) + "&resourceVersion=" + escaped(version) + '&' + selector);
  if (!answer) return std::unexpected(failure_of(answer.error()));
  if (answer->status != 200) return std::unexpected(failure_of(*answer));
  return std::make_unique<HttpsWatch>(std::move(*connection));
}

Answer<void> ServerClient::report(const std::string& name, const InstallationReport& report) {
  auto body = ask("POST", path_of(name, "/installed"), json_of(report));
  if (!body) return std::unexpected(std::move(body.error()));
  return {};
}

Answer<RequestObject> ServerClient::rekey(const std::string& name, const RekeyRequest& rekey) {
  auto body = ask("POST", path_of(name, "/rekey"), json_of(rekey));
  if (!body) return std::unexpected(std::move(body.error()));
  return answer_of(read_request_object(*body));
}

Answer<engine::Bytes> ServerClient::authorities(const engine::SignerName& signer) {
  auto body =
      ask("GET", std::string(bundles) + "?fieldSelector=" + escaped("spec.signerName=" + signer.text));
  if (!body) return std::unexpected(std::move(body.error()));
  return answer_of(read_trust_bundles(*body));
}

}  // namespace csrflow::agent
