// What the server tells its operator, on stderr. A thin door to spdlog, whose headers are heavy.
#pragma once

#include <string>

namespace csrflow::tools {

enum class Level { debug, info, warning, error };

/// `level`: debug, info, warning or error. Throws std::invalid_argument for another word.
void start_logging(const std::string& level);
/// Thread-safe.
void tell(Level, const std::string& message);

}  // namespace csrflow::tools
