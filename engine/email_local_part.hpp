// What stands before the @ of an address (RFC 5321 4.1.2): internal to email_name.cpp and email_pattern.cpp.
#pragma once

#include <string_view>

namespace csrflow::engine {

/// Empty: nothing is wrong.
std::string_view fault_of_local_part(std::string_view);

}  // namespace csrflow::engine
