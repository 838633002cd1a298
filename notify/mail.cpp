#include "notify/mail.hpp"

#include <algorithm>

#include "notify/mail_message.hpp"
#include "notify/message_text.hpp"
#include "notify/secret_file.hpp"
#include "notify/transfer.hpp"

namespace csrflow::notify {
namespace {

using engine::DeliveryFailure;
using engine::Mail;
using Outcome = std::expected<void, DeliveryFailure>;
using Security = Mail::Security;

std::unexpected<DeliveryFailure> again(std::string_view message) {
  return std::unexpected(DeliveryFailure{one_line(message, max_reply_bytes), false});
}

/// Why this mail is not sent as its sink says.
std::expected<UrlPlace, std::string> usable_server(const Mail& mail) {
  const std::string scheme = mail.security == Security::tls ? "smtps://" : "smtp://";
  const auto place = place_of(scheme + mail.server);
  if (!place || !place->plain || place->host.empty())
    return std::unexpected("the mail server is not written as smtp.example.com:587");
  if (!is_address(mail.from)) return std::unexpected("the sender is no e-mail address: " + mail.from);
  if (mail.to.empty()) return std::unexpected("the mail has no receivers");
  const auto bad = std::ranges::find_if_not(mail.to, is_address);
  if (bad != mail.to.end()) return std::unexpected("the receiver is no e-mail address: " + *bad);
  if (mail.security == Security::none && !mail.username.empty() && !is_loopback(place->host))
    return std::unexpected("a login at " + place->host + " needs TLS: choose startTLS or tls");
  return *place;
}

/// What the server has said: refusals, the oldest first.
class Refusals {
 public:
  static std::size_t hear(char* bytes, std::size_t size, std::size_t count, void* self) {
    const std::string_view line(bytes, size * count);
    auto& lines = static_cast<Refusals*>(self)->lines_;
    const bool refusal = line.starts_with('4') || line.starts_with('5');
    if (refusal && lines.size() < max_refusals) lines.push_back(one_line(line, max_reply_bytes));
    return size * count;
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  static constexpr std::size_t max_refusals = 100;
  std::vector<std::string> lines_;
};

/// The message, given to libcurl piece by piece.
struct Outgoing {
  std::string_view left;
  static std::size_t give(char* room, std::size_t size, std::size_t count, void* self) {
    auto& left = static_cast<Outgoing*>(self)->left;
    const std::size_t length = std::min(size * count, left.size());
    left.copy(room, length);
    left.remove_prefix(length);
    return length;
  }
};

/// Login and STARTTLS are the operator's to mend; the rest is about this message.
bool for_good(CURLcode code, long reply) {
  return reply >= 500 && (code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY);
}

Outcome judge(const Transfer& transfer, CURLcode code, const std::string& server, const Refusals& refusals,
              const std::function<void(const std::string&)>& complain) {
  if (code == CURLE_OK) {
    for (const std::string& line : refusals.lines())
      complain("the mail server " + server + " did not take the mail for everybody: " + line);
    return {};
  }
  std::string message = "the mail server " + server + " did not take it: " + transfer.problem(code);
  if (!refusals.lines().empty()) message += ": " + refusals.lines().back();
  return std::unexpected(
      DeliveryFailure{one_line(message, max_reply_bytes), for_good(code, transfer.status())});
}

}  // namespace

Outcome send_mail(const Mail& mail, const engine::Notification& notification,
                  const std::function<void(const std::string&)>& complain, const std::stop_token& stop,
                  engine::Duration limit) {
  const auto place = usable_server(mail);
  if (!place) return again(place.error());

  Transfer transfer(stop, limit);
  transfer.set(CURLOPT_URL, place->scheme + "://" + mail.server);
  transfer.set(CURLOPT_PROTOCOLS_STR, place->scheme);
  transfer.set(CURLOPT_PROXY, std::string());
  transfer.set(CURLOPT_USE_SSL,
               static_cast<long>(mail.security == Security::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  transfer.trust(mail.ca_file);
  if (!mail.username.empty()) {
    auto password = read_secret(mail.password_file);
    if (!password) return again(password.error());
    password->keep_first_line();
    transfer.set(CURLOPT_USERNAME, mail.username);
    transfer.set(CURLOPT_PASSWORD, password->c_str());
  }
  Lines receivers;
  for (const std::string& address : mail.to) receivers.add('<' + address + '>');
  transfer.set(CURLOPT_MAIL_FROM, '<' + mail.from + '>');
  transfer.set(CURLOPT_MAIL_RCPT, receivers.get());
  transfer.set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);

  const std::string message = mail_message(mail, notification);
  Outgoing outgoing{message};
  transfer.set(CURLOPT_UPLOAD, 1L);
  transfer.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
  transfer.set(CURLOPT_READFUNCTION, &Outgoing::give);
  transfer.set(CURLOPT_READDATA, static_cast<void*>(&outgoing));
  Refusals refusals;
  transfer.set(CURLOPT_HEADERFUNCTION, &Refusals::hear);
  transfer.set(CURLOPT_HEADERDATA, static_cast<void*>(&refusals));
  const CURLcode code = transfer.perform();
  return judge(transfer, code, mail.server, refusals, complain);
}

}  // namespace csrflow::notify
