#include <algorithm>

#include "engine/csr.hpp"
#include "engine/object_json.hpp"
#include "engine/overloaded.hpp"

namespace csrflow::engine {

const LedgerEntry* CsrState::certificate_of(const Uid& uid) const {
  auto it = std::ranges::find(ledger, uid, &LedgerEntry::uid);
  return it == ledger.end() ? nullptr : &*it;
}

const OpenIssue* CsrState::open_issue_of(const Uid& uid) const {
  auto it = std::ranges::find_if(open_issues, [&](const OpenIssue& open) { return open.issuing.uid == uid; });
  return it == open_issues.end() ? nullptr : &*it;
}

bool undecided(const CsrState& s) {
  if (!s.object) return false;
  const CsrStatus& status = s.object->status;
  return !status.has(condition::approved) && !status.has(condition::denied) && status.certificate.empty();
}

bool awaits_signature(const CsrState& s) {
  if (!s.object || !s.lifetime) return false;
  const CsrStatus& status = s.object->status;
  return status.has(condition::approved) && !status.has(condition::denied) &&
         !status.has(condition::failed) && status.certificate.empty() &&
         !s.open_issue_of(s.object->meta.uid) && !s.certificate_of(s.object->meta.uid);
}

bool shows_object(const CsrEvent& event) {
  return std::visit(overloaded{
                        [](const Created&) { return true; },
                        [](const Reviewed&) { return true; },
                        [](const Evaluated&) { return true; },
                        [](const Approved&) { return true; },
                        [](const Denied&) { return true; },
                        [](const ReviewedAfterwards&) { return false; },
                        [](const Issuing&) { return false; },
                        [](const Signed& e) { return e.object.has_value(); },
                        [](const Failed&) { return true; },
                        [](const Expired&) { return false; },
                        [](const RotationDue& e) { return !e.object.empty(); },
                        [](const SuccessorCreated&) { return false; },
                        [](const RotationFailed&) { return false; },
                        [](const Rotated& e) { return e.object.has_value(); },
                        [](const Installed& e) { return !e.object.empty(); },
                        [](const InstallFailed& e) { return !e.object.empty(); },
                        [](const Alerted&) { return false; },
                        [](const Updated&) { return true; },
                        [](const Deleted&) { return true; },
                    },
                    event);
}

namespace {

std::optional<RotationMode> asked_rotation(const CsrObject& object) {
  const auto it = object.meta.annotations.find(std::string(annotation::rotation));
  if (it == object.meta.annotations.end()) return std::nullopt;
  return rotation_mode(it->second);
}

void change_live(CsrState& s, const Uid& uid, const ObjectChange& change, const Stamp& stamp) {
  if (!s.live(uid)) return;
  apply(*s.object, change);
  s.resource_version = stamp.position;
}

LedgerEntry* entry(CsrState& s, const Uid& uid) {
  auto it = std::ranges::find(s.ledger, uid, &LedgerEntry::uid);
  return it == s.ledger.end() ? nullptr : &*it;
}

void begin(CsrState& s, const Created& e, const Stamp& stamp) {
  s.object = e.object;
  s.resource_version = stamp.position;
  s.spec_json = std::make_shared<const std::string>(spec_json(*e.object.spec));
  s.lifetime = e.lifetime;
  s.predecessor = e.predecessor;
  s.asked = asked_rotation(e.object);
  s.created_at = stamp.position;
  s.created_time = stamp.recorded_at;
  s.on_behalf_of = e.on_behalf_of;
  s.authenticated_by = e.authenticated_by;
  s.credential = e.credential;
  s.labels_at_creation = e.object.meta.labels;
  s.words.clear();
  s.standing.reset();
  s.approved_at = {};
  s.approved_time = {};
  s.deciders.clear();
  s.approved_by_people.clear();
  s.approved_by = {};
  s.approval_inherited_from.clear();
  s.obligations = {};
  s.lapses_after = e.lapses_after;
  s.correlation =
      stamp.correlation.empty() ? event_reference(stamp.stream, stamp.version) : stamp.correlation;
}

void enter_in_ledger(CsrState& s, const Signed& e, const Stamp& stamp) {
  LedgerEntry made{.uid = e.uid,
                   .serial = e.serial,
                   .not_before = e.not_before,
                   .not_after = e.not_after,
                   .issued_at = e.issued_at,
                   .fingerprint = e.fingerprint,
                   .signed_at = stamp.position,
                   .signed_time = stamp.recorded_at};
  const OpenIssue* open = s.open_issue_of(e.uid);
  const std::optional<Predecessor>& predecessor = open ? open->predecessor : s.predecessor;
  made.asked = open ? open->asked : s.asked;
  made.must_rekey = open ? open->must_rekey : s.obligations.require_rekey;
  made.by_agent = open ? open->by_agent : s.labels_at_creation.contains(std::string(label::agent));
  made.generation = predecessor ? predecessor->generation : 1;
  made.base_name = predecessor ? predecessor->base_name : stamp.stream.name();
  made.key_since = predecessor && predecessor->key_since ? *predecessor->key_since : e.issued_at;
  made.bulk = (open && open->issuing.bulk) || (predecessor && predecessor->bulk);
  made.deleted = !s.live(e.uid);
  s.ledger.push_back(std::move(made));
  std::erase_if(s.open_issues, [&](const OpenIssue& o) { return o.issuing.uid == e.uid; });
  if (e.object) change_live(s, e.uid, *e.object, stamp);
}

void count_word(CsrState& s, const Reviewed& e, const Stamp& stamp) {
  change_live(s, e.uid, e.object, stamp);
  if (!s.live(e.uid)) return;
  std::erase_if(s.words, [&](const Word& word) { return word.user == e.user; });
  if (e.say == Word::Say::approve || e.say == Word::Say::deny)
    s.words.push_back({e.user, e.groups, e.credential, e.say, e.message, stamp.recorded_at});
}

void stand(CsrState& s, const Evaluated& e, const Stamp& stamp) {
  change_live(s, e.uid, e.object, stamp);
  if (s.live(e.uid))
    s.standing = Standing{e.verdict, e.sentence, e.deciding, e.places, e.next, stamp.position};
}

void approve(CsrState& s, const Approved& e, const Stamp& stamp) {
  change_live(s, e.uid, e.object, stamp);
  if (!s.live(e.uid)) return;
  s.approved_at = stamp.position;
  s.approved_time = stamp.recorded_at;
  s.obligations = e.judged.obligations;
  s.approved_by = e.judged.deciding;
  s.approval_inherited_from = e.inherited_from;
  s.approved_by_people = e.people;
  if (s.approved_by_people.empty() && !e.by.empty()) s.approved_by_people[e.by] = {};
  if (s.approved_by_people.empty())
    for (const Word& word : s.words) s.approved_by_people[word.user] = word.groups;
  if (!e.by.empty())
    s.deciders = {e.by};
  else
    for (const Word& word : s.words) s.deciders.push_back(word.user);
  s.standing.reset();
  if (e.lifetime) s.lifetime = e.lifetime;
  if (e.break_glass) s.break_glass.push_back({e.uid, e.break_glass->user, stamp.recorded_at, {}});
}

void confirm(CsrState& s, const ReviewedAfterwards& e) {
  const auto use = std::ranges::find(s.break_glass, e.uid, &BreakGlassUse::uid);
  if (use != s.break_glass.end()) use->confirmed_by = e.user;
}

void begin_rotation(CsrState& s, const RotationDue& e, const Stamp& stamp) {
  if (!e.object.empty()) change_live(s, e.uid, e.object, stamp);
  LedgerEntry* held = entry(s, e.uid);
  if (!held) return;
  held->rotation = Rotation{.cause = e.cause,
                            .attempt = e.attempt,
                            .mode = rotation_mode(e.mode).value_or(RotationMode::announce),
                            .job = e.job,
                            .due_at = stamp.position,
                            .at = stamp.recorded_at,
                            .successor = e.successor,
                            .failed = {}};
}

void follow_rotation(CsrState& s, const SuccessorCreated& e, const Stamp& stamp) {
  LedgerEntry* held = entry(s, e.uid);
  if (!held) return;
  if (!held->rotation)
    held->rotation = Rotation{.cause = e.cause,
                              .mode = RotationMode::rekey,
                              .job = {},
                              .due_at = stamp.position,
                              .at = stamp.recorded_at,
                              .successor = {},
                              .failed = {}};
  held->rotation->attempt = e.attempt;
  held->rotation->successor = e.successor;
  held->rotation->failed.reset();
}

template <class Report>
void install(CsrState& s, const Report& e, std::string failure, const Stamp& stamp) {
  if (!e.object.empty()) change_live(s, e.uid, e.object, stamp);
  if (LedgerEntry* held = entry(s, e.uid)) held->installations[e.host + ' ' + e.place] = std::move(failure);
}

}  // namespace

CsrState evolve(CsrState s, const CsrEvent& event, const Stamp& stamp) {
  s.version = stamp.version;
  std::visit(overloaded{
                 [&](const Created& e) { begin(s, e, stamp); },
                 [&](const Reviewed& e) { count_word(s, e, stamp); },
                 [&](const Evaluated& e) { stand(s, e, stamp); },
                 [&](const Approved& e) { approve(s, e, stamp); },
                 [&](const Denied& e) {
                   change_live(s, e.uid, e.object, stamp);
                   if (s.live(e.uid)) s.standing.reset();
                 },
                 [&](const ReviewedAfterwards& e) { confirm(s, e); },
                 [&](const Issuing& e) {
                   s.open_issues.push_back(
                       {e, stamp.position, stamp.recorded_at, s.asked, s.obligations.require_rekey,
                        s.labels_at_creation.contains(std::string(label::agent)), s.predecessor});
                 },
                 [&](const Signed& e) { enter_in_ledger(s, e, stamp); },
                 [&](const Failed& e) { change_live(s, e.uid, e.object, stamp); },
                 [&](const Expired& e) {
                   if (LedgerEntry* held = entry(s, e.uid)) held->expired = true;
                 },
                 [&](const RotationDue& e) { begin_rotation(s, e, stamp); },
                 [&](const SuccessorCreated& e) { follow_rotation(s, e, stamp); },
                 [&](const RotationFailed& e) {
                   LedgerEntry* held = entry(s, e.uid);
                   if (!held || !held->rotation) return;
                   held->rotation->failed = stamp.recorded_at;
                   held->rotation->lasting = e.lasting;
                 },
                 [&](const Installed& e) { install(s, e, "", stamp); },
                 [&](const InstallFailed& e) { install(s, e, e.step + ": " + e.message, stamp); },
                 [&](const Alerted& e) {
                   if (LedgerEntry* held = entry(s, e.uid)) held->alerted.emplace(e.alert, e.cause);
                 },
                 [&](const Rotated& e) {
                   if (LedgerEntry* held = entry(s, e.uid)) held->successor = e.successor;
                   if (e.object) change_live(s, e.uid, *e.object, stamp);
                 },
                 [&](const Updated& e) { change_live(s, e.uid, e.object, stamp); },
                 [&](const Deleted& e) {
                   if (LedgerEntry* held = entry(s, e.uid)) held->deleted = true;
                   if (s.live(e.uid)) s.object.reset();
                 },
             },
             event);
  return s;
}

}  // namespace csrflow::engine
