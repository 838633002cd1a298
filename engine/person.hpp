// When two user names are one person: four eyes are four only if two people look.
#pragma once

#include "engine/identity.hpp"

namespace csrflow::engine {

/// The credential of somebody who speaks under another's name (impersonation): `user:` and the own name.
constexpr std::string_view user_credential = "user:";

/// The user who is there in truth.
inline const std::string& person_behind(const Identity& who) {
  return who.impersonator ? who.impersonator->user : who.user;
}

/// What tells this person under another name, for the events that keep it.
inline std::string personal_credential(const Identity& who) {
  return who.impersonator ? std::string(user_credential) + who.impersonator->user : who.credential;
}

/// A user name, and the personal_credential beside it; empty: none is known.
struct Person {
  std::string_view user, credential;
};

inline bool same_person(const Person& a, const Person& b) {
  const auto spoke_as = [](const Person& one, const Person& other) {
    return one.credential.starts_with(user_credential) &&
           one.credential.substr(user_credential.size()) == other.user;
  };
  return a.user == b.user || (!a.credential.empty() && a.credential == b.credential) || spoke_as(a, b) ||
         spoke_as(b, a);
}

}  // namespace csrflow::engine
