// How fast one core verifies and signs with P-256, with nothing around it.
#pragma once

#include "bench/figures.hpp"
#include "signer/openssl.hpp"

namespace csrflow::bench {

/// Keys and contexts are made once; each operation hashes 300 bytes, about a TBSCertificate. One thread.
class P256 {
 public:
  P256();
  Microseconds verify(Seconds time);
  Microseconds sign(Seconds time);
  /// Signatures a second.
  double signatures(Seconds time) { return 1e6 / sign(time).count(); }

 private:
  signer::KeyPtr key_;
  signer::KeyContextPtr signing_, verifying_;
  engine::Bytes message_, signature_;
};

}  // namespace csrflow::bench
