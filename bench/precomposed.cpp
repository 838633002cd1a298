#include "bench/precomposed.hpp"

#include <charconv>
#include <stdexcept>

#include "bench/certification_request.hpp"
#include "engine/base64.hpp"

namespace csrflow::bench {
namespace {

constexpr std::string_view resource = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
constexpr std::string_view name_start = "load-";
constexpr std::size_t client_digits = 3, number_digits = 8;

std::string digits(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.insert(0, width - std::min(width, text.size()), '0');
}

std::string head(const Address& address, std::string_view method, const std::string& path,
                 std::string_view accept = "application/json") {
  std::string text(method);
  text += ' ' + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(address.port) +
          "\r\nAuthorization: Bearer " + address.token + "\r\nUser-Agent: csrflow-bench\r\nAccept: ";
  text += accept;
  return text + "\r\n";
}

std::string with_body(std::string head, std::string_view type, const std::string& body) {
  head += "Content-Type: ";
  head += type;
  return head + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

std::string request_name(unsigned client, std::uint64_t number) {
  return std::string(name_start) + digits(client, client_digits) + '-' + digits(number, number_digits);
}

unsigned client_of(std::string_view name) {
  unsigned client = 0;
  if (!name.starts_with(name_start) || name.size() != name_start.size() + client_digits + 1 + number_digits ||
      std::from_chars(name.data() + name_start.size(), name.data() + name_start.size() + client_digits,
                      client)
              .ec != std::errc{})
    throw std::runtime_error("the watch shows a foreign request: " + std::string(name));
  return client;
}

Precomposed::Precomposed(std::string text, unsigned client) : text_(std::move(text)) {
  const std::string name = request_name(client, 0);
  for (auto at = text_.find(name); at != std::string::npos; at = text_.find(name, at + 1))
    places_.push_back(at);
}

const std::string& Precomposed::with(std::string_view name) {
  for (const std::size_t place : places_) text_.replace(place, name.size(), name);
  return text_;
}

Precomposed create_request(const Address& address, unsigned client, const engine::Bytes& request_pem) {
  std::string body =
      R"({"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":")" +
      request_name(client, 0) + R"(","labels":{"load":"bench"}},"spec":{"request":")";
  engine::append_base64(body, request_pem);
  body += R"(","signerName":")" + std::string(signer_name) + R"(","expirationSeconds":)" +
          std::to_string(expiration_seconds) + R"(,"usages":[")" + usage + R"("]}})";
  return {with_body(head(address, "POST", std::string(resource)), "application/json", body), client};
}

Precomposed approve_request(const Address& address, unsigned client) {
  const std::string body =
      R"({"status":{"conditions":[{"type":"Approved","status":"True","reason":"Load","message":"by load"}]}})";
  const std::string path = std::string(resource) + '/' + request_name(client, 0) + "/approval";
  return {with_body(head(address, "PATCH", path), "application/merge-patch+json", body), client};
}

std::string list_request(const Address& address) {
  return get_request(address, "?limit=1", "application/json");
}

std::string get_request(const Address& address, std::string_view rest, std::string_view accept, bool gzip) {
  return head(address, "GET", std::string(resource) + std::string(rest), accept) +
         (gzip ? "Accept-Encoding: gzip\r\n\r\n" : "\r\n");
}

std::string own_request(const Address& address, std::string_view method, std::string_view path,
                        const std::string& body) {
  return with_body(head(address, method, std::string(path)), "application/json", body);
}

std::string watch_request(const Address& address, std::string_view resource_version) {
  return head(address, "GET",
              std::string(resource) +
                  "?watch=true&labelSelector=load%3Dbench&resourceVersion=" + std::string(resource_version)) +
         "\r\n";
}

}  // namespace csrflow::bench
