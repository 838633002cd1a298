#include "bench/office.hpp"

#include "store/sha256.hpp"
#include "store/timer_source.hpp"
#include "tools/decision_rules.hpp"
#include "tools/rules_at.hpp"
#include "tools/standing_rules.hpp"

namespace csrflow::bench {
namespace {

std::vector<engine::Follower*> with(std::vector<engine::Follower*> own,
                                    const std::vector<engine::Follower*>& further) {
  own.insert(own.end(), further.begin(), further.end());
  return own;
}

}  // namespace

Office::Office(const std::filesystem::path& directory, const engine::Clock& clock,
               const std::vector<engine::Follower*>& further, const Fail& fail)
    : clock_(clock),
      directory_(directory),
      log_(directory_),
      established_(tools::establish(log_, tools::KeyFiles{directory}, clock_, random_, {})),
      issuer_(established_.authority, {}, {}),
      views_(directory_.files(), log_, presenter_, store::sha256,
             {.maker = tools::program_name(),
              .catching_up = {},
              .moved_on = {},
              .failed = fail,
              .requests = tools::request_forms(),
              .rules = tools::rules_at(log_)}),
      pool_(
          *established_.key,
          [this](std::vector<engine::Submission> results) { writer_->submit(std::move(results)); }, fail),
      rotation_(*log_.reader(), tools::rotation_sources()),
      writer_(std::make_unique<engine::Writer>(log_, clock_, random_, issuer_, tools::program_name(),
                                               with({&views_, &pool_, &rotation_, &commits_}, further), fail,
                                               store::sha256, engine::WriterLimits{},
                                               engine::DecidedBy{.rules = &rotation_})) {}

Office::~Office() {
  pool_.stop();
  writer_->stop();
}

std::unique_ptr<engine::Scheduler> Office::make_scheduler(engine::Scheduler::Complain complain) {
  return std::make_unique<engine::Scheduler>(
      std::make_unique<store::SqliteTimerSource>(files(), views_, log_.reader()), *writer_, clock_,
      store::sha256,
      engine::Scheduler::Workers{.sign = [this](engine::SigningTask task) { pool_.resume(std::move(task)); },
                                 .deliver = [](engine::DeliveryTask) {}},
      std::move(complain), engine::Surroundings{.rules = &rotation_, .commits = &commits_});
}

}  // namespace csrflow::bench
