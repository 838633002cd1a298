// Objects as rows of the views, whichever resource they belong to.
#pragma once

#include "api/resource.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

/// The resource whose objects are in streams like this; null when it is no object's.
const Resource* resource_of(const engine::StreamId&);

/// The live object of a state; there must be one.
engine::ObjectRow object_row(const engine::State&, engine::Position resource_version, std::string tail);

class Presenter final : public engine::ObjectPresenter {
 public:
  std::optional<engine::ObjectRow> row(const engine::Record&) const override;
};

}  // namespace csrflow::api
