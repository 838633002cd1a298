// `csrflow lineage NAME`: a request with those before and after it, from the log alone. Each predecessor is
// named by its successor's first event, each successor by its predecessor's events, so few streams are read.
#include <iostream>
#include <map>
#include <set>

#include "engine/json_writer.hpp"
#include "engine/request_state.hpp"
#include "engine/streams.hpp"
#include "signer/request_reader.hpp"
#include "store/event_log.hpp"
#include "tools/colour.hpp"
#include "tools/data_there.hpp"
#include "tools/event_words.hpp"
#include "tools/insight_commands.hpp"

namespace csrflow::tools {
namespace {

using namespace engine;

/// Beyond this the lineage is cut: a certificate renewed hourly for a year has fewer.
constexpr std::size_t most_generations = 10'000;
constexpr std::size_t shown_key_digits = 16;

/// One request of the lineage, as its events tell it.
struct Generation {
  std::string name;
  Uid uid;
  std::uint32_t number = 1;
  std::string predecessor;  ///< its name; empty: this one began
  Uid predecessor_uid;
  std::string state;
  Position began;  ///< of its first event
  Timestamp created;
  std::string requester, signer;
  std::string decision;  ///< who decided what and why; empty: nobody did
  std::optional<Timestamp> decided;
  std::string key;             ///< SHA-256 of the public key, lower-case hex; empty: it cannot be read
  std::string key_kind;        ///< `ECDSA P-256`
  std::optional<Signed> made;  ///< its certificate
  std::vector<std::pair<Timestamp, std::string>> rotation;  ///< what happened to its rotation, and when
  std::string successor;                                    ///< the one that replaced it
  std::set<std::string> successors;                         ///< names of all that were tried
};

std::string shown(const RequestDescription::Key& key) {
  return key.algorithm + ' ' + (key.curve.empty() ? std::to_string(key.bits) : key.curve);
}

Uid uid_of(const CsrEvent& event) {
  return std::visit(
      []<class E>(const E& e) {
        if constexpr (std::is_same_v<E, Created>) {
          return e.object.meta.uid;
        } else {
          return e.uid;
        }
      },
      event);
}

void take(Generation& g, const Created& e, const Context& context, const Event& event) {
  g.name = e.object.meta.name;
  g.created = e.object.meta.creation;
  g.requester = who(context, event);
  g.signer = e.object.spec->signer_name.text;
  if (e.predecessor) {
    g.number = e.predecessor->generation;
    g.predecessor = e.predecessor->name;
    g.predecessor_uid = e.predecessor->uid;
  }
  if (const auto request = signer::RequestReader().describe(e.object.spec->request)) {
    g.key = request->key.spki_sha256;
    g.key_kind = shown(request->key);
  }
}

std::string decided(const char* verb, const std::string& by, const std::string& why) {
  return std::string(verb) + " by " + by + (why.empty() ? "" : ": " + why);
}

void take(Generation& g, const StoredEvent& stored, const Event& event) {
  const auto& csr = std::get<CsrEvent>(event);
  const Context context = decode_context(stored.context);
  if (const auto* e = std::get_if<Created>(&csr)) {
    take(g, *e, context, event);
  } else if (std::holds_alternative<Approved>(csr) || std::holds_alternative<Denied>(csr)) {
    const bool approved = std::holds_alternative<Approved>(csr);
    g.decision = decided(approved ? "approved" : "denied", who(context, event), words(event));
    g.decided = stored.recorded_at;
  } else if (std::holds_alternative<Failed>(csr)) {
    g.decision += (g.decision.empty() ? "" : "; ") + ("failed: " + words(event));
  } else if (const auto* made = std::get_if<Signed>(&csr)) {
    g.made = *made;
  } else if (const auto* due = std::get_if<RotationDue>(&csr)) {
    g.rotation.emplace_back(stored.recorded_at, "rotation due: " + words(event));
    g.successors.insert(due->successor);
  } else if (std::holds_alternative<RotationFailed>(csr)) {
    g.rotation.emplace_back(stored.recorded_at, "rotation failed: " + words(event));
  } else if (const auto* rotated = std::get_if<Rotated>(&csr)) {
    g.rotation.emplace_back(stored.recorded_at, "rotated: " + words(event));
    g.successor = rotated->successor;
    g.successors.insert(rotated->successor);
  }
}

std::string state_after(const CsrState& state, const Uid& uid) {
  if (state.live(uid)) return std::string(state_of(state));
  const auto* certificate = state.certificate_of(uid);
  return certificate && certificate->expired ? "expired, deleted" : "deleted";
}

/// The requests that ever had this name, oldest first; each with its stream's events only.
class Streams {
 public:
  explicit Streams(const std::filesystem::path& data) : log_(store::SqliteEventLog::open_reader(data)) {}

  const std::vector<Generation>& named(const std::string& name) {
    const auto [it, fresh] = read_.try_emplace(name);
    if (fresh) it->second = read(csr_stream(name));
    return it->second;
  }
  const Generation* find(const std::string& name, const Uid& uid) {
    for (const Generation& g : named(name))
      if (g.uid == uid) return &g;
    return nullptr;
  }

 private:
  std::vector<Generation> read(const StreamId& stream) {
    std::vector<Generation> found;
    const auto events = log_->stream(stream);
    if (events.empty()) return found;
    for (const StoredEvent& stored : events) {
      const Event event = decode(stored);
      const Uid uid = uid_of(std::get<CsrEvent>(event));
      auto g = std::ranges::find(found, uid, &Generation::uid);
      if (g == found.end())
        g = found.insert(found.end(), Generation{.name = {}, .uid = uid, .began = stored.position});
      take(*g, stored, event);
    }
    const State state = fold(stream, events);
    for (Generation& g : found) g.state = state_after(std::get<CsrState>(state), g.uid);
    return found;
  }

  std::unique_ptr<EventReader> log_;
  std::map<std::string, std::vector<Generation>> read_;
};

const Generation& first_of(Streams& streams, const Generation& any) {
  const Generation* first = &any;
  for (std::size_t i = 0; i < most_generations && !first->predecessor.empty(); ++i) {
    const Generation* before = streams.find(first->predecessor, first->predecessor_uid);
    if (before == nullptr) break;
    first = before;
  }
  return *first;
}

/// In the order of their generations, and within one in the order in which they began.
std::vector<Generation> lineage_of(Streams& streams, const Generation& any) {
  std::vector<Generation> all{first_of(streams, any)};
  for (std::size_t i = 0; i < all.size() && all.size() < most_generations; ++i) {
    std::vector<Generation> next;
    for (const std::string& name : all[i].successors)
      for (const Generation& g : streams.named(name))
        if (g.predecessor_uid == all[i].uid) next.push_back(g);
    std::ranges::sort(next, {}, &Generation::began);
    all.insert(all.end(), next.begin(), next.end());
  }
  std::ranges::stable_sort(all, {}, &Generation::number);
  return all;
}

const Generation* predecessor_in(const std::vector<Generation>& all, const Generation& g) {
  const auto found = std::ranges::find(all, g.predecessor_uid, &Generation::uid);
  return found == all.end() ? nullptr : &*found;
}

/// `new` or `same` as its predecessor's; empty: unknown.
std::string key_word(const std::vector<Generation>& all, const Generation& g) {
  if (g.key.empty()) return "";
  const Generation* before = predecessor_in(all, g);
  return before == nullptr || before->key != g.key ? "new" : "same";
}

std::string json_line(const std::vector<Generation>& all, const Generation& g) {
  std::string out;
  {
    JsonObject object(out);
    object.number("generation", g.number);
    object.text("name", g.name);
    object.text("uid", g.uid.text);
    object.text("state", g.state);
    object.text("created", rfc3339_seconds(g.created));
    object.text("requestedBy", g.requester);
    object.text("signer", g.signer);
    object.text_if("decision", g.decision);
    if (g.decided) object.text("decidedAt", rfc3339_seconds(*g.decided));
    object.text_if("keySha256", g.key);
    object.text_if("keyAlgorithm", g.key_kind);
    object.text_if("key", key_word(all, g));
    if (g.made) {
      object.text("serial", g.made->serial.hex());
      object.text("notBefore", rfc3339_seconds(g.made->not_before));
      object.text("notAfter", rfc3339_seconds(g.made->not_after));
      object.text("fingerprint", g.made->fingerprint);
    }
    object.text_if("predecessor", g.predecessor);
    object.text_if("successor", g.successor);
  }
  return out;
}

std::string in_colour(const std::string& state) {
  if (state == "issued") return coloured(state, Colour::green);
  if (state == "denied" || state == "failed") return coloured(state, Colour::red);
  return state == "pending" || state == "approved" ? coloured(state, Colour::yellow) : state;
}

void draw(const std::vector<Generation>& all) {
  for (const Generation& g : all) {
    const bool last = &g == &all.back();
    // What was replaced, or may be, is on the line; an attempt without a certificate is beside it.
    std::cout << (g.made ? "● " : "○ ") << "generation " << g.number << "   " << g.name << "   "
              << in_colour(g.state) << '\n';
    const auto line = [&](const std::string& text) {
      std::cout << (last ? "    " : "│   ") << printable(text) << '\n';
    };
    line("requested " + rfc3339_seconds(g.created) + " by " + g.requester + ", signer " + g.signer);
    if (!g.decision.empty()) line(rfc3339_seconds(g.decided.value_or(g.created)) + ' ' + g.decision);
    if (g.made) {
      line("serial " + g.made->serial.hex());
      line("valid " + rfc3339_seconds(g.made->not_before) + " to " + rfc3339_seconds(g.made->not_after));
    }
    if (!g.key.empty())
      line(key_word(all, g) + " key " + g.key.substr(0, shown_key_digits) + " (" + g.key_kind + ')');
    for (const auto& [when, what] : g.rotation) line(rfc3339_seconds(when) + ' ' + what);
    if (!last) std::cout << "│\n";
  }
}

}  // namespace

ExitCode lineage(const HistoryOptions& options) {
  if (!data_there(options.data)) return ExitCode::not_found;
  Streams streams(options.data);
  const auto& named = streams.named(options.name);
  if (named.empty()) {
    tell_unknown_request(options.name);
    return ExitCode::not_found;
  }
  const auto all = lineage_of(streams, named.back());
  if (options.output == Output::json) {
    for (const Generation& g : all) std::cout << json_line(all, g) << '\n';
  } else {
    draw(all);
  }
  return ExitCode::done;
}

}  // namespace csrflow::tools
