// Kubernetes' names of key usages and extended key usages (certificates.k8s.io/v1 KeyUsage).
#pragma once

#include <string>
#include <string_view>

namespace csrflow::policies {

bool is_usage(std::string_view name);
std::string nearest_usage(std::string_view name);

}  // namespace csrflow::policies
