#include "tools/own_certificates.hpp"

#include <chrono>

namespace csrflow::tools {
namespace {

using namespace engine;

constexpr std::chrono::seconds signer_patience{30};

}  // namespace

void OwnCertificatesInUse::committed(const std::shared_ptr<const Batch>& batch) {
  for (const Record& record : *batch) {
    const auto* own = std::get_if<OwnEvent>(record.event.get());
    const auto* made = own ? std::get_if<OwnSigned>(own) : nullptr;
    if (!made) continue;
    std::string name = record.stamp.stream.name();
    std::function<void(const std::string&)> tell;
    {
      std::lock_guard lock(mutex_);
      newest_[name] = *made;
      tell = on_change_;
    }
    changed_.notify_all();
    if (tell) tell(name);
  }
}

void OwnCertificatesInUse::ensure(EventReader& reader, Writer& writer, const Clock& clock,
                                  const std::function<void(SigningTask)>& resume,
                                  const std::function<bool(const std::string&, const Bytes&)>& fits) {
  for (const std::string name : {"server", "admin"}) {
    StreamId stream = stream_of("own", name);
    State folded = fold(stream, reader.stream(stream));
    const auto& state = std::get<OwnState>(folded);
    std::optional<Serial> replaces;
    if (!state.held.empty()) {
      const OwnSigned& last = state.held.back().certificate;
      bool good = clock.now() < last.not_after && fits(name, last.certificate);
      if (good) {
        std::lock_guard lock(mutex_);
        newest_[name] = last;
        continue;
      }
      replaces = last.serial;
    }
    for (const Timer& timer : timers_of(
             stream, folded, [](std::string_view) { return Sha256{}; }, nullptr))
      if (auto task = signing_task(timer, folded)) resume(std::move(*task));
    auto begun = writer.call(
        {stream, Command(OwnCommand(IssueOwn{replaces})), {.actor = system_actor("setup")}, false, {}});
    if (!begun)
      throw LogFailure("csrflow's own " + name + " certificate cannot be made: " + begun.error().message,
                       false);
    std::unique_lock lock(mutex_);
    bool there = changed_.wait_for(lock, signer_patience, [&] {
      auto it = newest_.find(name);
      return it != newest_.end() && (!replaces || it->second.serial != *replaces);
    });
    if (!there) throw LogFailure("csrflow's own " + name + " certificate was not signed in time", false);
  }
}

Bytes OwnCertificatesInUse::newest(const std::string& name) const {
  std::lock_guard lock(mutex_);
  return newest_.at(name).certificate;
}

void OwnCertificatesInUse::on_change(std::function<void(const std::string&)> tell) {
  std::lock_guard lock(mutex_);
  on_change_ = std::move(tell);
}

}  // namespace csrflow::tools
