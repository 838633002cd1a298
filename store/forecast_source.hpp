// The forecast from the views' certificates and timers.
#pragma once

#include "engine/forecast.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

/// Beside a running server, or with none running; looks once at every certificate that is still valid. Throws
/// StoreError when there are no views that can be trusted, SQLite::Exception.
engine::Forecast read_forecast(const DataFiles&, engine::Timestamp now, unsigned days);

}  // namespace csrflow::store
