#include "bench/in_process_clients.hpp"

#include <boost/asio/post.hpp>
#include <charconv>

namespace csrflow::bench {

using namespace engine;

namespace {

constexpr unsigned api_threads = 2;
constexpr std::chrono::seconds patience{30};

Bytes random_bytes(Random& random) {
  Bytes bytes(16, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

/// What the API would note of a request with a token.
Context context_of(Random& random) {
  Context context;
  context.actor = {.user = "bench",
                   .uid = "bench",
                   .groups = {"system:masters", "system:authenticated"},
                   .extra = {},
                   .by = Authentication::token,
                   .credential = "sha256:" + std::string(64, '0')};
  context.source = {"127.0.0.1", "csrflow-bench"};
  context.command = {to_hex(random_bytes(random))};
  return context;
}

struct Asked {
  std::string name;
  const Bytes& request;
  std::int32_t seconds;
  StringMap labels;
};

Create creation(Asked asked, Random& random, const Issuer& issuer) {
  CsrSpec spec{.request = asked.request,
               .signer_name = {signer_name},
               .expiration_seconds = asked.seconds,
               .usages = {usage},
               .username = "bench",
               .uid = "bench",
               .groups = {"system:masters", "system:authenticated"},
               .extra = {}};
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  Create create{.object = {}, .lifetime = issuer.lifetime(spec.signer_name, spec.expiration_seconds)};
  create.object.meta.name = std::move(asked.name);
  create.object.meta.uid = make_uid(bytes);
  create.object.meta.labels = std::move(asked.labels);
  create.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
  return create;
}

constexpr std::string_view prefix = "csr/bench-";

}  // namespace

/// Every step is on one thread at a time, each after the one before.
struct InProcessClients::Client {
  std::size_t index;
  Bytes request;  // its own key
  std::uint64_t number = 0;
  StreamId stream;
  Clock::time_point begun;
  std::vector<Sample> samples;
};

InProcessClients::InProcessClients(const std::filesystem::path& directory, unsigned clients, Wanted wanted)
    : wanted_(std::move(wanted)),
      threads_(api_threads),
      office_(std::make_unique<Office>(directory, clock_, std::vector<Follower*>{this},
                                       [this](const std::string& why) { fail(why); })) {
  for (unsigned i = 0; i < clients; ++i)
    clients_.push_back(
        std::make_unique<Client>(Client{.index = i,
                                        .request = certification_request("bench-" + std::to_string(i)),
                                        .stream = {},
                                        .samples = {}}));
}

// The threads call the office, and the office posts to the threads: these end first and take no more.
InProcessClients::~InProcessClients() {
  threads_.stop();
  threads_.join();
  office_.reset();
}

void InProcessClients::start() {
  {
    std::lock_guard lock(mutex_);
    busy_ = clients_.size();
  }
  for (auto& client : clients_) boost::asio::post(threads_, [this, &client] { request(*client); });
}

void InProcessClients::submit(Client& client, CsrCommand command,
                              std::move_only_function<void(const Outcome&)> then) {
  auto done = [this, then = std::move(then)](std::expected<Outcome, Refusal> outcome) mutable {
    if (outcome)
      then(*outcome);
    else
      fail(outcome.error().message);
  };
  office_->writer().submit(
      {client.stream, Command(std::move(command)), context_of(office_->random()), false, std::move(done)});
}

void InProcessClients::request(Client& client) {
  client.begun = Clock::now();
  ++client.number;
  const std::string name = "bench-" + std::to_string(client.index) + "-" + std::to_string(client.number);
  client.stream = csr_stream(name);
  if (auto subject = office_->inspector().verify_request(client.request); !subject)
    return fail(subject.error());
  submit(client,
         creation({name, client.request, wanted_.seconds, wanted_.labels(client.number)}, office_->random(),
                  office_->issuer()),
         [this, &client](const Outcome& outcome) {
           boost::asio::post(threads_, [this, &client, version = outcome.records.front().stamp.position] {
             approve(client, version);
           });
         });
}

void InProcessClients::approve(Client& client, Position version) {
  Change change{.base = version, .change = {}, .certificate = {}};
  change.change.conditions = std::vector<Condition>{{"Approved", "True", "Load", "by load", {}, {}}};
  submit(client, std::move(change), [](const Outcome&) {});
}

void InProcessClients::committed(const std::shared_ptr<const Batch>& batch) {
  for (const Record& record : *batch) {
    const CsrEvent* event = record.csr_event();
    const std::string_view stream = record.stamp.stream.text;
    if (!event || !std::holds_alternative<Signed>(*event) || !stream.starts_with(prefix)) continue;
    std::size_t index = 0;
    std::from_chars(stream.data() + prefix.size(), stream.data() + stream.size(), index);
    boost::asio::post(threads_, [this, &client = *clients_.at(index), after = record.after] {
      take(client, std::get<CsrState>(*after).object->status.certificate);
    });
  }
}

void InProcessClients::take(Client& client, const Bytes& certificate) {
  const Bytes read = certificate;
  if (!read.starts_with("-----BEGIN CERTIFICATE-----")) return fail("a signed request shows no certificate");
  const auto now = Clock::now();
  client.samples.push_back({now, now - client.begun});
  if (going_on_ && client.number < wanted_.each) return request(client);
  std::lock_guard lock(mutex_);
  --busy_;
  changed_.notify_all();
}

void InProcessClients::fail(const std::string& why) {
  std::lock_guard lock(mutex_);
  if (failure_.empty()) failure_ = why;
  changed_.notify_all();
}

void InProcessClients::wait(Seconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return !failure_.empty(); });
  if (!failure_.empty()) throw std::runtime_error("in-process: " + failure_);
}

void InProcessClients::finish() {
  going_on_ = false;
  complete(patience);
}

void InProcessClients::complete(Seconds time) {
  std::unique_lock lock(mutex_);
  const bool ended = changed_.wait_for(lock, time, [&] { return busy_ == 0 || !failure_.empty(); });
  if (!failure_.empty()) throw std::runtime_error("in-process: " + failure_);
  if (!ended) throw std::runtime_error("in-process: " + std::to_string(busy_) + " certificates never came");
}

std::vector<Sample> InProcessClients::samples() const {
  std::vector<Sample> all;
  for (const auto& client : clients_) all.insert(all.end(), client->samples.begin(), client->samples.end());
  return all;
}

}  // namespace csrflow::bench
