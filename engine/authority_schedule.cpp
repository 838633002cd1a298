#include "engine/authority_schedule.hpp"

#include <algorithm>

#include "engine/duration.hpp"
#include "engine/millionths.hpp"

namespace csrflow::engine {
namespace {

/// Both ends count (RFC 5280 4.1.2.5).
Duration lifetime(const AuthorityTerms& terms) {
  return std::max(terms.not_after - terms.not_before + seconds(1), Duration{});
}

/// From `prepare` to the end.
Duration span(const AuthorityTerms& t) {
  return t.longest_leaf + t.margin + t.margin + t.propagation;
}

/// whole × part / of, rounded down.
Duration share(Duration whole, Duration part, Duration of) {
  const Wide product = static_cast<Wide>(whole.microseconds) * static_cast<Wide>(part.microseconds);
  return {static_cast<std::int64_t>(product / static_cast<Wide>(of.microseconds))};
}

}  // namespace

Duration advisable_lifetime(const AuthorityTerms& terms) {
  return span(terms) + span(terms);
}

AuthoritySchedule authority_schedule(const AuthorityTerms& terms) {
  if (lifetime(terms) >= advisable_lifetime(terms)) {
    const Timestamp stop = terms.not_after - terms.longest_leaf;
    const Timestamp activate = stop - terms.margin;
    return {.prepare = activate - terms.propagation - terms.margin, .activate = activate, .stop = stop};
  }
  const Duration half{std::max(terms.not_after - terms.not_before, Duration{}).microseconds / 2};
  const Timestamp stop = terms.not_after - share(half, terms.longest_leaf, span(terms));
  const Timestamp activate = stop - share(half, terms.margin, span(terms));
  return {.prepare = activate - share(half, terms.propagation + terms.margin, span(terms)),
          .activate = activate,
          .stop = stop,
          .squeezed = true};
}

std::optional<std::string> lifetime_warning(const AuthorityTerms& terms) {
  if (lifetime(terms) >= advisable_lifetime(terms)) return std::nullopt;
  return "the CA lives for " + duration_text(lifetime(terms)) + ", which is short for certificates of " +
         duration_text(terms.longest_leaf) + ": it should live for " +
         duration_text(advisable_lifetime(terms)) +
         " at least, twice what a roll-over takes (the longest certificate, " +
         duration_text(terms.propagation) + " until the next CA is known everywhere, and twice " +
         duration_text(terms.margin) + " of margin); make a longer CA, or issue shorter certificates";
}

Timestamp retirement(Timestamp last_leaf, Duration crl_period) {
  return last_leaf + seconds(1) + crl_period;
}

}  // namespace csrflow::engine
