// What a deletion makes of an object's finalizers (apiserver, pkg/registry/generic/registry/store.go).
#pragma once

#include "engine/csr.hpp"

namespace csrflow::engine {

struct DeletionSteps {
  std::vector<std::string> marked;  ///< the finalizers of the marked object; none: it goes at once
  std::vector<std::string> left;    ///< those that are left once the garbage collector has done its part
};

/// How an object is deleted decides anew which of the garbage collector's finalizers it has. csrflow acts as
/// the collector too: nothing depends on its objects.
DeletionSteps deletion_steps(const std::vector<std::string>& finalizers, Propagation);

/// How an object with these is deleted when nobody says how.
Propagation default_propagation(const std::vector<std::string>& finalizers);

/// Kubernetes compares finalizers as sets.
bool same_finalizers(std::vector<std::string> a, std::vector<std::string> b);

}  // namespace csrflow::engine
