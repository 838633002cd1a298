// Ports of the engine, with a stopwatch.
#pragma once

#include "engine/ports.hpp"
#include "metrics/instruments.hpp"

namespace csrflow::metrics {

/// A log whose appends are timed: each is one commit. Both outlive it.
class MeteredLog final : public engine::EventLog {
 public:
  MeteredLog(engine::EventLog& log, Histogram& commits) : log_(log), commits_(commits) {}
  std::expected<void, engine::AppendConflict> append(engine::Position expected_head,
                                                     std::span<const engine::NewEvent> events) override {
    const Timed timed(commits_);
    return log_.append(expected_head, events);
  }
  std::unique_ptr<engine::EventReader> reader() const override { return log_.reader(); }
  void idle() override { log_.idle(); }

 private:
  engine::EventLog& log_;
  Histogram& commits_;
};

/// A CA's key whose uses are timed. Both outlive it.
class MeteredSigner final : public engine::CertificateSigner {
 public:
  MeteredSigner(engine::CertificateSigner& signer, Histogram& signatures, Counter& failures)
      : signer_(signer), signatures_(signatures), failures_(failures) {}
  std::expected<engine::Bytes, std::string> sign(const std::string& issuer_ski,
                                                 const engine::Bytes& tbs) override {
    const Timed timed(signatures_);
    auto signature = signer_.sign(issuer_ski, tbs);
    if (!signature) failures_.add();
    return signature;
  }

 private:
  engine::CertificateSigner& signer_;
  Histogram& signatures_;
  Counter& failures_;
};

}  // namespace csrflow::metrics
