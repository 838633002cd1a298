// What ends and what is signed anew in the days to come, as far as the present tells it: each rotation makes
// a certificate of the same lifetime, which is rotated in the middle of the same window.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/types.hpp"

namespace csrflow::engine {

constexpr unsigned default_forecast_days = 365;
constexpr unsigned most_forecast_days = 3'660;

/// Certificates of one signer whose next rotation is due at about the same time.
struct ComingRotations {
  Timestamp due;  ///< in the past: it is made up for at once
  Duration step;  ///< from one rotation to the next
  std::uint64_t count = 0;
  std::string signer;
};
/// Certificates of one signer without a successor that end at about the same time.
struct ComingEnds {
  Timestamp at;
  std::uint64_t rotating = 0;    ///< these have a rotation before
  std::uint64_t unattended = 0;  ///< these have none: somebody must ask for new ones
  std::string signer;
};

struct ForecastDay {
  Timestamp begin;  ///< midnight UTC, of the first day too
  std::uint64_t rotations = 0;
  std::uint64_t expiring = 0;    ///< certificates without a successor by now that end on this day
  std::uint64_t unattended = 0;  ///< those of them that nothing rotates
};

/// One signer's part of it.
struct SignerForecast {
  std::uint64_t certificates = 0;
  std::uint64_t unattended = 0;
  std::vector<std::uint64_t> rotations;  ///< by day
  /// Most rotations of one minute, of the certificates that are there now.
  std::uint64_t busiest_minute = 0;
  std::uint64_t all_rotations() const;
};

struct Forecast {
  Timestamp now;
  Position position;            ///< of the log, that it is made from
  bool timers_pending = false;  ///< policies have changed, and not all of the timers have followed yet
  std::vector<ForecastDay> days;
  std::uint64_t certificates = 0;                 ///< valid now, and without a successor
  std::uint64_t unattended = 0;                   ///< those of them that nothing rotates, whenever they end
  std::map<std::string, SignerForecast> signers;  ///< `csrflow`: its own certificates and the CA's
  std::uint64_t rotations() const;
  /// The day with most rotations; null: there are none.
  const ForecastDay* busiest() const;
};

/// Of `days` days (1 to `most_forecast_days`), today the first. Pure.
Forecast forecast(Timestamp now, unsigned days, const std::vector<ComingRotations>&,
                  const std::vector<ComingEnds>&);

/// `{"kind":"Forecast","apiVersion":"csrflow.io/v1",…}`; days on which nothing happens are left out.
std::string forecast_json(const Forecast&);

}  // namespace csrflow::engine
