#include "signer/signing_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>

#include "engine/overloaded.hpp"
#include "signer/asn1.hpp"
#include "signer/authority.hpp"
#include "signer/pem.hpp"

namespace csrflow::signer {
namespace {

using engine::SigningTask;

std::string key_of(const SigningTask& task) {
  return task.stream.text + "\n" + task.serial.hex();
}

/// The same for every try of one task.
engine::CommandId command_id(const SigningTask& task) {
  return {engine::to_hex(sha256("sign\n" + key_of(task)).substr(0, 16))};
}

engine::Command completion(const SigningTask& task, engine::IssuedCertificate issued) {
  if (task.uid)
    return engine::CsrCommand(
        engine::CompleteIssue{*task.uid, task.serial, std::move(issued.pem), std::move(issued.fingerprint)});
  return engine::OwnCommand(
      engine::CompleteOwn{task.serial, std::move(issued.pem), std::move(issued.fingerprint)});
}

/// The task of an event, when it is one that is about to be signed.
std::optional<SigningTask> task_of(const engine::Record& record) {
  return std::visit(
      engine::overloaded{
          [&](const engine::CsrEvent& event) -> std::optional<SigningTask> {
            const auto* issuing = std::get_if<engine::Issuing>(&event);
            if (issuing == nullptr) return std::nullopt;
            return SigningTask{record.stamp.stream, issuing->uid, issuing->serial, issuing->issuer,
                               issuing->tbs};
          },
          [&](const engine::OwnEvent& event) -> std::optional<SigningTask> {
            const auto* issuing = std::get_if<engine::OwnIssuing>(&event);
            if (issuing == nullptr) return std::nullopt;
            const auto& draft = issuing->draft;
            return SigningTask{record.stamp.stream, std::nullopt, draft.serial, draft.issuer, draft.tbs};
          },
          [](const auto&) -> std::optional<SigningTask> { return std::nullopt; }},
      *record.event);
}

}  // namespace

struct SigningPool::Queue {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::deque<Job> waiting;     // guarded by mutex
  std::set<std::string> open;  // guarded by mutex: waiting, being signed, or on the way to the log

  void close(const std::string& key) {
    const std::scoped_lock lock(mutex);
    open.erase(key);
  }
};

SigningPool::SigningPool(engine::CertificateSigner& signer, Submit submit, Complain complain,
                         unsigned workers)
    : signer_(signer),
      submit_(std::move(submit)),
      complain_(std::move(complain)),
      queue_(std::make_shared<Queue>()) {
  for (unsigned i = 0; i < std::max(1U, workers); ++i)
    workers_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
}

SigningPool::~SigningPool() {
  stop();
}

void SigningPool::stop() {
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();  // joins
}

void SigningPool::committed(const std::shared_ptr<const engine::Batch>& batch) {
  std::vector<Job> jobs;
  for (const auto& record : *batch) {
    auto task = task_of(record);
    if (!task) continue;
    std::string reference = engine::event_reference(record.stamp.stream, record.stamp.version);
    const bool first = !record.context || record.context->correlation.empty();
    std::string correlation = first ? reference : record.context->correlation;
    jobs.push_back({std::move(*task), std::move(reference), std::move(correlation)});
  }
  if (!jobs.empty()) add(std::move(jobs));
}

void SigningPool::resume(SigningTask task) {
  std::vector<Job> jobs;
  jobs.push_back({std::move(task), {}, {}});
  add(std::move(jobs));
}

void SigningPool::add(std::vector<Job> jobs) {
  std::size_t dropped = 0;
  {
    const std::scoped_lock lock(queue_->mutex);
    for (auto& job : jobs) {
      if (queue_->waiting.size() >= max_waiting_signatures) {
        ++dropped;
      } else if (queue_->open.insert(key_of(job.task)).second) {
        queue_->waiting.push_back(std::move(job));
      }
    }
  }
  queue_->wake.notify_all();
  if (dropped > 0)
    complain_("the signer has too much to do; " + std::to_string(dropped) + " signatures are put off");
}

void SigningPool::work(std::stop_token stop) {
  while (true) {
    std::vector<Job> jobs;
    {
      std::unique_lock lock(queue_->mutex);
      queue_->wake.wait(lock, stop, [&] { return !queue_->waiting.empty(); });
      if (stop.stop_requested()) return;
      while (!queue_->waiting.empty() && jobs.size() < signatures_per_batch) {
        jobs.push_back(std::move(queue_->waiting.front()));
        queue_->waiting.pop_front();
      }
    }
    std::vector<engine::Submission> results;
    for (const Job& job : jobs) {
      if (auto result = sign(job)) {
        results.push_back(std::move(*result));
      } else {
        queue_->close(key_of(job.task));
      }
    }
    if (!results.empty()) submit_(std::move(results));
  }
}

std::optional<engine::Submission> SigningPool::sign(const Job& job) {
  const SigningTask& task = job.task;
  std::expected<engine::Bytes, std::string> certificate;
  try {
    certificate = signer_.sign(task.issuer, task.tbs);
  } catch (const std::exception& error) {
    certificate = std::unexpected(std::string(error.what()));
  }
  if (!certificate) {
    complain_(task.stream.text + " cannot be signed: " + certificate.error());
    return std::nullopt;
  }
  engine::Submission submission;
  submission.stream = task.stream;
  submission.command = completion(task, issued_certificate(*certificate));
  submission.context.actor = engine::system_actor("signer");
  submission.context.command = command_id(task);
  submission.context.cause = job.cause;
  submission.context.correlation = job.correlation;
  submission.done = [queue = queue_, complain = complain_, key = key_of(task),
                     stream = task.stream.text](std::expected<engine::Outcome, engine::Refusal> outcome) {
    queue->close(key);
    if (!outcome) complain("the certificate of " + stream + " was not recorded: " + outcome.error().message);
  };
  return submission;
}

}  // namespace csrflow::signer
