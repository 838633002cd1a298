#include "notify/webhook.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "notify/message_text.hpp"
#include "notify/notification_json.hpp"
#include "notify/secret_file.hpp"
#include "notify/transfer.hpp"

namespace csrflow::notify {
namespace {

using engine::DeliveryFailure;
using Outcome = std::expected<void, DeliveryFailure>;

std::unexpected<DeliveryFailure> again(std::string message) {
  return std::unexpected(DeliveryFailure{one_line(message, max_reply_bytes), false});
}

/// Without path and query: what they hold may be what proves the sender.
std::string shown(const UrlPlace& place) {
  return place.scheme + "://" + place.host + (place.port.empty() ? "" : ":" + place.port);
}

std::expected<UrlPlace, std::string> allowed_place(const std::string& url) {
  auto place = place_of(url);
  if (!place) return std::unexpected("the webhook's url is no URL");
  if (place->scheme == "https" || (place->scheme == "http" && is_loopback(place->host))) return *place;
  return std::unexpected(shown(*place) + " is not used: a webhook needs https, but to this machine itself");
}

bool for_good(long status) {
  constexpr long request_timeout = 408, too_early = 425, too_many_requests = 429;
  return status >= 400 && status < 500 && status != request_timeout && status != too_early &&
         status != too_many_requests;
}

Outcome judge(const Transfer& transfer, const UrlPlace& place) {
  const long status = transfer.status();
  if (status >= 200 && status < 300) return {};
  std::string message = shown(place) + " answered with status " + std::to_string(status);
  if (status >= 300 && status < 400) message += "; redirections are not followed, give the last url";
  if (const long wait = transfer.retry_after(); wait > 0)
    message += "; it asks to wait " + std::to_string(wait) + " s";
  if (!transfer.answer().empty()) message += ": " + transfer.answer();
  return std::unexpected(DeliveryFailure{one_line(message, max_reply_bytes), for_good(status)});
}

}  // namespace

std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  std::string signed_bytes(timestamp);
  signed_bytes += '.';
  signed_bytes += body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(signed_bytes.data());
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, signed_bytes.size(),
           mac.data(), &length) == nullptr)
    throw std::runtime_error("OpenSSL cannot compute HMAC-SHA256");
  return "sha256=" + engine::to_hex({reinterpret_cast<const char*>(mac.data()), length});
}

Outcome post_webhook(const engine::Webhook& webhook, const engine::Notification& notification,
                     engine::Timestamp now, const std::stop_token& stop, engine::Duration limit) {
  const auto place = allowed_place(webhook.url);
  if (!place) return again(place.error());
  const std::string body = notification_json(notification);
  const std::string timestamp = std::to_string(now.whole_seconds());

  Lines headers;
  headers.add("Content-Type: application/json");
  headers.add("Csrflow-Notification: " + header_token(notification.id));
  headers.add("Csrflow-Timestamp: " + timestamp);
  if (!webhook.secret_file.empty()) {
    const auto secret = read_secret(webhook.secret_file);
    if (!secret) return again(secret.error());
    headers.add("Csrflow-Signature: " + webhook_signature(secret->view(), timestamp, body));
  }

  Transfer transfer(stop, limit);
  transfer.set(CURLOPT_URL, webhook.url);
  transfer.set(CURLOPT_PROTOCOLS_STR, place->scheme);
  if (is_loopback(place->host)) transfer.set(CURLOPT_PROXY, std::string());
  transfer.trust(webhook.ca_file);
  transfer.set(CURLOPT_USERAGENT, "csrflow");
  transfer.set(CURLOPT_HTTPHEADER, headers.get());
  transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  transfer.set(CURLOPT_POSTFIELDS, body);
  if (const CURLcode code = transfer.perform(); code != CURLE_OK)
    return again(shown(*place) + " did not take it: " + transfer.problem(code));
  return judge(transfer, *place);
}

}  // namespace csrflow::notify
