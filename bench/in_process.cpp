#include "bench/in_process.hpp"

namespace csrflow::bench {
namespace {

constexpr Seconds patience_for_all{3600};

}  // namespace

std::vector<Sample> in_process(const std::filesystem::path& directory, unsigned clients, Seconds warm_up,
                               Seconds time, Window& window) {
  InProcessClients load(directory, clients);
  load.start();
  load.wait(warm_up);
  window.from = Clock::now();
  load.wait(time);
  window.to = Clock::now();
  load.finish();
  return load.samples();
}

void store_certificates(const std::filesystem::path& directory, unsigned clients, Wanted wanted) {
  InProcessClients load(directory, clients, std::move(wanted));
  load.start();
  load.complete(patience_for_all);
}

std::vector<engine::StoredEvent> stored_certificate(const std::filesystem::path& directory) {
  InProcessClients load(directory, 1);
  load.start();
  load.finish();
  return load.log().reader()->stream(engine::csr_stream("bench-0-1"));
}

}  // namespace csrflow::bench
