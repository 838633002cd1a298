// What a TLS round trip costs, with nothing around it.
#pragma once

#include "bench/figures.hpp"

namespace csrflow::bench {

/// One message of 1.4 kB and its echo over loopback, both ends on one thread, 64 connections with one message
/// each under way; handshakes are not counted.
Microseconds tls_echo(Seconds time);

}  // namespace csrflow::bench
