#include "agent/kept_unit.hpp"

#include <algorithm>
#include <utility>

#include "agent/files.hpp"
#include "agent/request.hpp"
#include "engine/overloaded.hpp"

namespace csrflow::agent {
namespace {

constexpr std::size_t longest_problem = 1'024;

engine::Bytes text_of(FileSystem& files, const std::filesystem::path& path) {
  const auto folder = files.open_directory(path.has_parent_path() ? path.parent_path() : ".");
  return engine::Bytes(read_file(files, folder, path.filename().string(), max_bundle_pem).view());
}

/// What a second certificate of the same request could not heal.
bool is_final(Check check) {
  return check != Check::chain && check != Check::validity;
}

CallFailure refusal(std::string message) {
  return {CallFailure::Kind::refused, std::move(message), std::nullopt};
}

}  // namespace

KeptUnit::KeptUnit(FileSystem& files, NoteBook& book, const Configuration& configuration,
                   const KeptCertificate& kept)
    : files_(files),
      book_(book),
      configuration_(configuration),
      kept_(kept),
      digest_(digest_of(kept)),
      state_(files, configuration.state / kept.wish.name,
             [&] {
               auto layout = layout_of(kept);
               if (!layout) throw StateError(kept.wish.name + ": " + layout.error());
               return *layout;
             }()),
      notes_(book.read(kept.wish.name)) {
  look();
  adopt();
}

void KeptUnit::adopt() {
  const auto current = state_.current();
  if (held_.pending || !current || notes_.pending_digest.empty() ||
      current->facts.generation != notes_.generation)
    return;
  completed(Installed{*current}, current->facts.installed_at);
}

void KeptUnit::look() {
  held_ = {.serving = {},
           .serving_digest = notes_.serving_digest,
           .pending = {},
           .pending_digest = notes_.pending_digest,
           .attempts = notes_.attempts,
           .failed_at = notes_.failed_at};
  if (const auto current = state_.current()) {
    const VersionFacts& facts = current->facts;
    held_.serving = Serving{.serial = facts.serial,
                            .not_before = facts.not_before,
                            .not_after = facts.not_after,
                            .issued_at = facts.issued_at,
                            .request = facts.request};
  }
  if (const auto pending = state_.pending()) held_.pending = Underway{pending->name, state_.swapped()};
}

Step KeptUnit::next(Standing standing, engine::Timestamp now) const {
  if (held_.pending && heard_.pending == Fate::issued && now < valid_from_)
    return Rest{valid_from_, "the certificate is not valid yet by this host's clock"};
  return next_step({.name = name(), .digest = digest_, .rotation = kept_.rotation}, held_, heard_, standing,
                   now, sha256);
}

void KeptUnit::hear(const RequestObject& object) {
  if (held_.serving && held_.serving->request == object.name) heard_.rotation_due = object.rotation_due;
  if (!held_.pending || held_.pending->request != object.name) return;
  heard_.pending = Fate::waiting;
  if (object.denied || object.failed) {
    heard_.pending = object.denied ? Fate::denied : Fate::failed;
    heard_.reason =
        object.name + (object.denied ? " was denied: " + *object.denied : " failed: " + *object.failed);
  } else if (!object.certificate.empty()) {
    heard_.pending = Fate::issued;
    issued_ = object;
  }
}

void KeptUnit::hear_deleted(const std::string& request) {
  if (held_.pending && held_.pending->request == request && heard_.pending != Fate::issued)
    heard_.pending = Fate::deleted;
}

void KeptUnit::hear_list(const RequestList& list) {
  bool there = false;
  for (const auto& object : list.items) {
    hear(object);
    there = there || (held_.pending && held_.pending->request == object.name);
  }
  if (held_.pending && !there && heard_.pending != Fate::issued) heard_.pending = Fate::absent;
}

void KeptUnit::forget() {
  if (heard_.pending != Fate::issued) heard_.pending = Fate::unheard;
}

void KeptUnit::make_pending() {
  state_.require_writable();
  PendingRequest pending{
      .name = {}, .generation = notes_.generation + 1, .key = PrivateKey::make(kept_.wish.key)};
  pending.name = request_name(name(), pending.key.public_key());
  auto request = make_request(pending.key, kept_.wish);
  if (!request) throw StateError(name() + ": " + request.error());
  pending.request = std::move(*request);
  // The notes go first: a pending key of which nobody knows by what it was made would be abandoned.
  notes_.generation = pending.generation;
  notes_.pending_digest = digest_;
  keep_notes();
  state_.keep_pending(pending);
  heard_ = {.pending = Fate::unheard, .reason = {}, .rotation_due = heard_.rotation_due};
  issued_.reset();
  look();
}

NewRequest KeptUnit::request_of(const PendingRequest& pending) const {
  return {.name = pending.name,
          .signer = kept_.signer,
          .request = pending.request,
          .usages = kept_.wish.usages,
          .lifetime = kept_.lifetime,
          .labels = kept_.labels,
          .host = configuration_.host,
          .predecessor = held_.serving ? held_.serving->request : ""};
}

Answer<void> KeptUnit::ask(Server& server, const Ask&) {
  make_pending();
  return take_up(server);
}

Answer<void> KeptUnit::take_up(Server& server) {
  const auto pending = state_.pending();
  if (!pending) return {};
  NewRequest wanted = request_of(*pending);
  auto made = server.create(wanted);
  if (!made && made.error().kind == CallFailure::Kind::conflict) {
    const CallFailure conflict = made.error();
    made = server.get(pending->name);  // sent before, and not heard of since
    if (made && made->request != pending->request)
      return std::unexpected(refusal("another request has the name " + pending->name + "; delete that one"));
    if (!made && made.error().kind == CallFailure::Kind::not_found) {
      // The predecessor has a successor, which this host knows nothing of. It still needs a certificate.
      if (wanted.predecessor.empty()) return std::unexpected(conflict);
      wanted.predecessor.clear();
      made = server.create(wanted);
    }
  }
  if (!made) return std::unexpected(std::move(made.error()));
  hear(*made);
  return {};
}

Answer<RequestObject> KeptUnit::rekey(Server& server) {
  if (!held_.pending) make_pending();
  const auto pending = state_.pending();
  const auto current = state_.current();
  if (!pending || !current) throw StateError(state_.path().string() + " has changed under the agent");
  const PrivateKey old_key = state_.key(*current);
  auto made =
      server.rekey(current->facts.request, {.name = pending->name,
                                            .request = pending->request,
                                            .signature = old_key.sign(der_of_request(pending->request))});
  if (made) hear(*made);
  return made;
}

void KeptUnit::abandon(const Abandon& step, engine::Timestamp now) {
  state_.drop_pending();
  heard_.pending = Fate::unheard;
  issued_.reset();
  notes_.pending_digest.clear();
  if (step.failed) {
    fail(step.problem, now);
  } else {
    notes_.attempts = 0;  // it is another wish
    notes_.problem.clear();
    keep_notes();
    look();
  }
}

void KeptUnit::fail(const std::string& problem, engine::Timestamp now) {
  ++notes_.attempts;
  notes_.failed_at = now;
  notes_.problem = problem.substr(0, longest_problem);
  held_.attempts = notes_.attempts;
  held_.failed_at = now;
  try {
    keep_notes();
    look();
  } catch (const std::runtime_error&) {
    // A disk that is full or read-only may be what failed: then the attempt counts in memory.
    return;
  }
}

Answer<engine::Bytes> KeptUnit::authorities(Server* server, const engine::Bytes& otherwise) const {
  if (kept_.ca_file) return text_of(files_, *kept_.ca_file);
  if (!server) return otherwise;
  auto said = server->authorities(kept_.signer);
  using Kind = CallFailure::Kind;
  // An expired certificate may ask for its own successor and for nothing else: 401.
  const bool cannot_say =
      !said && (said.error().kind == Kind::not_found || said.error().kind == Kind::forbidden ||
                said.error().kind == Kind::unauthorized);
  if (!said && !cannot_say) return std::unexpected(std::move(said.error()));
  return said && !said->empty() ? std::move(*said) : otherwise;
}

Answer<KeptUnit::InPlace> KeptUnit::install(Installer& installer, Server* server,
                                            const engine::Bytes& otherwise, engine::Timestamp now) {
  if (!issued_) return InPlace{};
  auto trusted = authorities(server, otherwise);
  if (!trusted) return std::unexpected(std::move(trusted.error()));
  const auto leaf = read_leaf(issued_->certificate);
  const engine::Timestamp issued_at = issued_->issued_at.value_or(leaf ? leaf->not_before : now);
  Placement placement = installer.place(
      unit(), {.certificate = issued_->certificate, .authorities = std::move(*trusted), .crl = {}},
      issued_at);
  InPlace result;
  std::visit(engine::overloaded{[&](Placed& placed) { result.placed.emplace(std::move(placed)); },
                                [&](const NotYetValid& later) { valid_from_ = later.until; },
                                [&](const InstallFailed& failure) { not_installed(failure, now); }},
             placement);
  look();
  return result;
}

KeptUnit::InPlace KeptUnit::resume(Installer& installer) {
  return {installer.resume(unit())};
}

void KeptUnit::not_installed(const InstallFailed& failure, engine::Timestamp now) {
  const auto leaf = issued_ ? read_leaf(issued_->certificate) : std::unexpected(std::string());
  const engine::Serial serial = leaf            ? leaf->serial
                                : held_.serving ? held_.serving->serial
                                                : engine::Serial{};
  write_report(InstallationReport::Outcome::failed, name_of(failure.step), failure.message, serial, now);
  if (failure.check && is_final(*failure.check)) {
    abandon({failure.message, true}, now);
  } else {
    fail(failure.message, now);
  }
}

void KeptUnit::completed(const InstallResult& result, engine::Timestamp now) {
  using Outcome = InstallationReport::Outcome;
  std::visit(engine::overloaded{
                 [&](const Installed& done) {
                   notes_.serving_digest = std::exchange(notes_.pending_digest, "");
                   notes_.attempts = 0;
                   notes_.problem.clear();
                   heard_ = {};
                   issued_.reset();
                   write_report(Outcome::installed, "", "", done.version.facts.serial, now);
                 },
                 [&](const InstallFailed& failure) { not_installed(failure, now); },
                 [&](const RolledBack& back) {
                   const auto leaf =
                       issued_ ? read_leaf(issued_->certificate) : std::unexpected(std::string());
                   const std::string message =
                       back.message + (back.second_failure ? "; and then: " + *back.second_failure : "");
                   if (leaf)
                     write_report(Outcome::rolled_back, name_of(back.step), message, leaf->serial, now);
                   fail(message, now);
                 },
                 [&](const InstallStopped&) {}},
             result);
  look();
}

void KeptUnit::write_report(InstallationReport::Outcome outcome, std::string_view step,
                            const std::string& message, const engine::Serial& serial, engine::Timestamp now) {
  const std::string request = issued_ ? issued_->name : held_.pending ? held_.pending->request : "";
  const auto current = state_.current();
  notes_.unsent = UnsentReport{.request = outcome == InstallationReport::Outcome::installed && current
                                              ? current->facts.request
                                              : request,
                               .report = {.serial = serial,
                                          .host = configuration_.host,
                                          .place = state_.current_path().string(),
                                          .outcome = outcome,
                                          .step = std::string(step),
                                          .message = message.substr(0, max_report_message),
                                          .at = now}};
  keep_notes();
}

Answer<void> KeptUnit::send_report(Server& server) {
  if (!notes_.unsent) return {};
  auto sent = server.report(notes_.unsent->request, notes_.unsent->report);
  using Kind = CallFailure::Kind;
  const bool later = !sent && (sent.error().kind == Kind::unreachable || sent.error().kind == Kind::busy ||
                               sent.error().kind == Kind::unauthorized || sent.error().kind == Kind::stopped);
  if (later) return sent;
  notes_.unsent.reset();  // the server has it, or never takes it
  keep_notes();
  return sent;
}

std::optional<Credentials> KeptUnit::credentials() {
  const auto current = state_.current();
  if (!current) return std::nullopt;
  return Credentials{.token = {}, .chain = state_.certificate(*current), .key = state_.key(*current).pem()};
}

void KeptUnit::keep_notes() {
  book_.write(name(), notes_);
}

}  // namespace csrflow::agent
