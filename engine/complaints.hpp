// What had to wait and why, for the program's log: so many lines a minute, and how many there were besides.
#pragma once

#include <functional>
#include <string>

#include "engine/types.hpp"

namespace csrflow::engine {

/// Belongs to one thread.
class Complaints {
 public:
  static constexpr std::size_t a_minute = 20;

  explicit Complaints(std::function<void(const std::string&)> tell) : tell_(std::move(tell)) {}

  void say(const std::string& why, Duration monotonic) {
    begin_minute(monotonic);
    if (++said_ <= a_minute) tell_(why);
  }
  /// At each look.
  void begin_minute(Duration monotonic) {
    if (began_ <= monotonic && monotonic < began_ + seconds(60)) return;
    if (said_ > a_minute)
      tell_("within a minute " + std::to_string(said_ - a_minute) +
            " further timers had to wait: `csrflow timers` lists them");
    began_ = monotonic;
    said_ = 0;
  }

 private:
  std::function<void(const std::string&)> tell_;
  Duration began_;
  std::size_t said_ = 0;
};

}  // namespace csrflow::engine
