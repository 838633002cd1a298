// Why a command was not done. An answer, never an event.
#pragma once

#include <string>

#include "engine/types.hpp"

namespace csrflow::engine {

struct Refusal {
  enum class Kind {
    not_found,         ///< no live object of this name
    already_exists,    ///< the name is taken; `terminating` says that the holder is being deleted
    conflict,          ///< the object has moved past the version that the change was computed over
    uid_mismatch,      ///< DELETE's precondition; `found` is the stored uid
    version_mismatch,  ///< DELETE's precondition; `found` is the stored resourceVersion
    already_decided,   ///< Approved and Denied exclude each other, and neither goes away
    already_replaced,  ///< the certificate has a successor, or one is under way
    already_signed,    ///< a certificate never changes
    issuing,           ///< our signer is at work on it
    not_permitted,     ///< by roles that have changed since, or because this person's word does not count
    disk_full,         ///< nothing was written; try again later
    unavailable,       ///< the server is stopping, or the log has failed
    name_too_long      ///< for a stream of the log
  };
  Kind kind{};
  std::string message;  ///< for the person who reads it
  std::string found;
  bool terminating = false;
};

}  // namespace csrflow::engine
