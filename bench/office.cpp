#include "bench/office.hpp"

#include "store/sha256.hpp"

namespace csrflow::bench {

Office::Office(const std::filesystem::path& directory, engine::Follower& follower, const Fail& fail)
    : directory_(directory),
      log_(directory_),
      established_(tools::establish(log_, tools::KeyFiles{directory}, clock_, random_, {})),
      issuer_(established_.authority, {}, {}),
      views_(directory_.files(), log_, presenter_, store::sha256,
             {.maker = tools::program_name(), .catching_up = {}, .moved_on = {}, .failed = fail}),
      pool_(
          *established_.key,
          [this](std::vector<engine::Submission> results) { writer_->submit(std::move(results)); }, fail),
      writer_(std::make_unique<engine::Writer>(log_, clock_, random_, issuer_, tools::program_name(),
                                               std::vector<engine::Follower*>{&views_, &pool_, &follower},
                                               fail, store::sha256)) {}

Office::~Office() {
  pool_.stop();
  writer_->stop();
}

}  // namespace csrflow::bench
