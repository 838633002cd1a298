#include "api/kind.hpp"

#include <map>

namespace csrflow::api {

namespace {

std::map<const Resource*, std::unique_ptr<const Kind>> make_kinds() {
  std::map<const Resource*, std::unique_ptr<const Kind>> kinds;
  for (const Resource* resource : resources())
    if (resource->config) kinds.emplace(resource, config_kind(*resource));
  kinds.emplace(&certificate_signing_requests(), csr_kind());
  return kinds;
}

}  // namespace

const Kind& kind_of(const Resource& resource) {
  static const auto kinds = make_kinds();
  return *kinds.at(&resource);
}

std::array<std::uint8_t, 16> random_bytes(engine::Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return bytes;
}

}  // namespace csrflow::api
