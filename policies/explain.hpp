// Decisions in words.
#pragma once

#include <string>

#include "policies/evaluation.hpp"

namespace csrflow::policies {

/// `names.dns.allowed`, `subject.organizations`.
std::string constraint_name(const Failure&);
/// `DNS name a.b.shop.example.com is under none of *.shop.example.com`.
std::string failure_text(const ApprovalPolicy&, const Facts&, const Failure&);
/// The offending value and the bound alone: `90d`, `47d`; empty where there is none.
std::string failure_value(const ApprovalPolicy&, const Facts&, const Failure&);
std::string failure_limit(const ApprovalPolicy&, const Facts&, const Failure&);

/// The one sentence: of the condition's message, and of `describe`.
std::string sentence(const Decision&, const Facts&);
/// `csrflow:policy:web-servers`; empty when no policy decided.
std::string deciding_actor(const Decision&);
/// The whole explanation, one line of JSON: verdict, sentence, deciding, policies with all that failed,
/// facts. With `all`, policies that did not match are listed too.
std::string explanation_json(const PolicySet&, const Facts&, const Decision&, bool all = true);
/// Why a person's word is refused: `carol asked; another must approve`; empty: it is not. Judged by the
/// reviews that wait: refused when it can count in none of them because of who speaks.
std::string refused_word(const Decision&, const Facts&, const Word&);
/// `1 of 3: carol`: of the deciding review; empty when none waits.
std::string progress_text(const Decision&, const Facts&);
/// Words that count and places of the deciding review.
struct Progress {
  std::size_t has = 0, of = 0;
};
Progress progress(const Decision&);

}  // namespace csrflow::policies
