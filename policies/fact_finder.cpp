#include "policies/fact_finder.hpp"

#include <algorithm>
#include <ranges>

#include "engine/record.hpp"
#include "policies/certificate_facts.hpp"

namespace csrflow::policies {
namespace {

/// What a request without expirationSeconds is taken to ask for where no signer of ours says more.
constexpr engine::Duration lifetime_elsewhere = engine::seconds(365LL * 86'400);
/// Where a request's position is not known, everything committed is before it.
engine::Position before(const engine::CsrState& state) {
  return state.created_at.value == 0 ? engine::everything : state.created_at;
}

engine::Duration resolved_lifetime(const engine::CsrState& state) {
  if (state.lifetime) return *state.lifetime;
  const auto& asked = state.object->spec->expiration_seconds;
  return asked ? engine::seconds(*asked) : lifetime_elsewhere;
}

std::string predecessor_name(const engine::CsrState& state) {
  if (state.predecessor) return state.predecessor->name;
  const auto& annotations = state.object->meta.annotations;
  const auto named = annotations.find(std::string(engine::annotation::predecessor));
  return named == annotations.end() ? "" : named->second;
}

/// Sorted, so that the order in which names stand makes no difference.
template <class T, class Text>
std::vector<std::string> sorted_texts(const std::vector<T>& items, Text text) {
  std::vector<std::string> texts;
  for (const T& item : items) texts.push_back(text(item));
  std::ranges::sort(texts);
  return texts;
}

std::vector<std::string> names_of_kind(const engine::RequestDescription& d, std::string_view kind) {
  std::vector<engine::RequestDescription::Name> some;
  std::ranges::copy_if(d.names, std::back_inserter(some), [&](const auto& n) { return n.kind == kind; });
  return sorted_texts(some, counted_name);
}

/// What differs, in the words of an explanation.
std::vector<std::string> differences(const engine::CsrSpec& spec, const engine::RequestDescription& is,
                                     const engine::CsrSpec& before, const engine::RequestDescription& was) {
  std::vector<std::string> found;
  const auto differ = [&](bool differs, const char* what) {
    if (differs) found.emplace_back(what);
  };
  differ(spec.signer_name != before.signer_name, "signer name");
  differ(is.subject != was.subject, "subject");
  differ(names_of_kind(is, "dns") != names_of_kind(was, "dns"), "DNS names");
  differ(names_of_kind(is, "ip") != names_of_kind(was, "ip"), "IP addresses");
  differ(names_of_kind(is, "email") != names_of_kind(was, "email"), "e-mail names");
  differ(names_of_kind(is, "uri") != names_of_kind(was, "uri"), "URIs");
  for (const char* kind : {"other", "directory", "registeredID"})
    differ(names_of_kind(is, kind) != names_of_kind(was, kind), "other names");
  const auto same = [](const std::string& text) { return text; };
  differ(sorted_texts(spec.usages, same) != sorted_texts(before.usages, same), "usages");
  differ(spec.expiration_seconds != before.expiration_seconds, "lifetime");
  differ(sorted_texts(is.extensions, same) != sorted_texts(was.extensions, same), "extensions");
  return found;
}

}  // namespace

std::string counted_name(const engine::RequestDescription::Name& name) {
  return name.kind + ':' + name_of(name_kind(name.kind), name.value).value;
}

FactFinder::FactFinder(const engine::RequestReader& reader, const engine::RequestHistory& history,
                       const engine::RequestChecks& checks, MayApprove may_approve)
    : reader_(reader), history_(history), checks_(checks), may_approve_(std::move(may_approve)) {}

// ---- the past -----------------------------------------------------------------------------------

void FactFinder::follow_uncommitted(const engine::Question& question) const {
  const auto records = question.uncommitted();
  const auto uid_of = [](const engine::Record* record) {
    return std::get<engine::Created>(*record->csr_event()).object.meta.uid;
  };
  const bool goes_on =
      uncommitted_.size() <= records.size() &&
      std::ranges::equal(uncommitted_, records | std::views::take(uncommitted_.size()), {}, {}, uid_of);
  if (!goes_on) {
    uncommitted_.clear();
    recent_ = {};
  }
  for (std::size_t i = uncommitted_.size(); i < records.size(); ++i) {
    const engine::Record& record = *records[i];
    const auto& created = std::get<engine::Created>(*record.csr_event());
    const auto description = reader_.describe(created.object.spec->request);
    recent_.add(engine::trace_of(created, record.stamp.position, record.stamp.recorded_at,
                                 record.context->actor.by, description ? &*description : nullptr,
                                 counted_name, [this](const engine::Uid& uid) { return lineage_of(uid); }));
    uncommitted_.push_back(created.object.meta.uid);
  }
}

engine::Uid FactFinder::lineage_of(const engine::Uid& uid) const {
  if (auto recent = recent_.lineage_of(uid)) return *recent;
  return history_.lineage_of(uid);
}

std::uint64_t FactFinder::count(const engine::RequestGroup& group, const engine::RequestSpan& span) const {
  return history_.count(group, span) + recent_.count(group, span);
}

std::vector<engine::KeyUse> FactFinder::key_uses(const engine::Question& question,
                                                 const std::string& spki) const {
  std::vector<engine::KeyUse> uses = history_.key_uses(spki, before(question.state));
  recent_.add_key_uses(uses, spki, before(question.state));
  std::erase_if(uses, [&](const engine::KeyUse& use) { return use.uid == question.state.object->meta.uid; });
  return uses;
}

std::vector<Count> FactFinder::counts(const engine::Question& question, const PolicySet& set,
                                      const engine::RequestDescription& description) const {
  using Kind = engine::RequestGroup::Kind;
  const engine::CsrSpec& spec = *question.state.object->spec;
  const std::string& signer = spec.signer_name.text;
  std::vector<Count> all;
  for (const PolicySet::RateWindow& window : set.rates(signer)) {
    const engine::Timestamp created = question.state.created_time;
    const engine::RequestSpan span{before(question.state), created - window.period, created};
    // The request itself is one of them.
    const auto including_this = [&](Kind kind, const std::string& member) {
      return static_cast<std::int64_t>(count({kind, signer, member}, span)) + 1;
    };
    Count made{window.kind, window.period, 1, {}};
    switch (window.kind) {
      case RateKind::per_requester:
        made.count = including_this(Kind::requester, spec.username);
        break;
      case RateKind::per_signer:
        made.count = including_this(Kind::signer, "");
        break;
      case RateKind::per_name:
        for (const auto& name : description.names) {
          const std::int64_t n = including_this(Kind::name, counted_name(name));
          if (made.of.empty() || n > made.count) made = {window.kind, window.period, n, name.value};
        }
        break;
    }
    all.push_back(std::move(made));
  }
  return all;
}

// ---- the predecessor ----------------------------------------------------------------------------

std::optional<PredecessorFacts> FactFinder::predecessor(const engine::Question& question,
                                                        const engine::RequestDescription& description,
                                                        const std::vector<engine::KeyUse>& uses) const {
  const std::string name = predecessor_name(question.state);
  if (name.empty()) return std::nullopt;
  const auto before = question.request(name);
  if (!before || !before->object) return std::nullopt;
  const engine::CsrSpec& spec = *question.state.object->spec;
  const engine::CsrSpec& earlier = *before->object->spec;
  PredecessorFacts p;
  p.name = name;
  p.uid = before->object->meta.uid.text;
  const engine::LedgerEntry* held = before->certificate_of(before->object->meta.uid);
  p.generation = question.state.predecessor ? question.state.predecessor->generation
                 : held                     ? held->generation + 1
                                            : 2;
  if (!uses.empty()) p.key_age = question.now - uses.front().recorded_at;
  const auto& linked = question.state.predecessor;
  p.same_requester = linked ? !linked->claim : spec.username == earlier.username;
  if (const auto was = reader_.describe(earlier.request))
    p.differences = differences(spec, description, earlier, *was);
  else
    p.differences = {"request"};
  p.same_spec = p.differences.empty();
  if (held) p.not_after = held->not_after;
  p.deciders = before->deciders;
  p.decided_by = before->approved_at.value == 0 ? DecidedBy::unknown
                 : p.deciders.empty()           ? DecidedBy::policy
                                                : DecidedBy::person;
  return p;
}

// ---- all of it ----------------------------------------------------------------------------------

std::expected<Facts, std::string> FactFinder::facts(const engine::Question& question,
                                                    const PolicySet& set) const {
  const engine::CsrState& state = question.state;
  const engine::CsrSpec& spec = *state.object->spec;
  auto description = reader_.describe(spec.request);
  if (!description) return std::unexpected(std::move(description.error()));
  follow_uncommitted(question);

  Facts f;
  f.requester = requester_of(state);
  f.signer_name = spec.signer_name.text;
  f.lifetime = resolved_lifetime(state);
  f.labels = state.labels_at_creation;
  add_description(f, *description);
  f.extensions = description->extensions;
  f.requests_ca = description->asks_for_ca;
  f.usages = spec.usages;
  f.key.algorithm = description->key.algorithm;
  f.key.bits = description->key.bits;
  f.key.curve = description->key.curve;
  f.key.spki_sha256 = description->key.spki_sha256;
  const auto uses = key_uses(question, description->key.spki_sha256);
  const bool follows = state.predecessor && !state.predecessor->claim;
  const engine::Uid lineage = follows ? lineage_of(state.predecessor->uid) : state.object->meta.uid;
  for (const engine::KeyUse& use : uses)
    f.key.used_by.push_back({use.user, use.request, use.lineage == lineage});
  f.predecessor = predecessor(question, *description, uses);
  f.counts = counts(question, set, *description);
  f.created_at = state.created_time;
  f.built_in_denial = checks_.denial(spec).value_or("");
  if (!state.on_behalf_of.empty()) {
    f.origin = Origin::rotation;
  } else if (f.predecessor && !state.credential.empty()) {
    const auto before = question.request(f.predecessor->name);
    for (const engine::LedgerEntry& held : before->ledger)
      if (state.credential == "sha256:" + held.fingerprint) f.origin = Origin::agent;
  }
  f.at = question.now;
  for (const engine::Word& word : question.words) {
    if (may_approve_ && !may_approve_(word, spec.signer_name)) continue;
    f.words.push_back(
        {.user = word.user,
         .groups = word.groups,
         .verdict = word.say == engine::Word::Say::deny ? WordVerdict::deny : WordVerdict::approve,
         .at = word.at,
         .message = word.message,
         .credential = word.credential});
  }
  return f;
}

}  // namespace csrflow::policies
