// E-mail addresses and their patterns, which signers need, too.
#pragma once

#include "engine/email_name.hpp"

namespace csrflow::policies {

using engine::canonical_email;
using engine::EmailPattern;

}  // namespace csrflow::policies
