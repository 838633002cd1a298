#include "tools/logging.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace csrflow::tools {

void start_logging(const std::string& level) {
  spdlog::level::level_enum least = spdlog::level::from_str(level);
  if (least == spdlog::level::off && level != "off")
    throw std::invalid_argument("log level " + level + " is not known");
  auto logger = spdlog::stderr_color_mt("csrflow");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  logger->set_level(least);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void tell(Level level, const std::string& message) {
  switch (level) {
    case Level::debug:
      spdlog::debug("{}", message);
      break;
    case Level::info:
      spdlog::info("{}", message);
      break;
    case Level::warning:
      spdlog::warn("{}", message);
      break;
    case Level::error:
      spdlog::error("{}", message);
      break;
  }
}

}  // namespace csrflow::tools
