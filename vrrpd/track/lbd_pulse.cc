#include "vrrpd/track/lbd_pulse.h"

namespace vrrpd {
namespace {

// Two of lbd's periods after the question that the worker does not answer.
constexpr base::Millis kStall{190};
constexpr base::Millis kSilence{180};
constexpr base::Millis kLongSilence{2000};
// Longer between two ticks: this process was kept from running.
constexpr base::Millis kOwnLateness{150};
// A hang is over when there was none for so long.
constexpr base::Seconds kRecovery{1};
// What lay in the socket is read between two ticks.
constexpr unsigned kBadTicks = 2;

}  // namespace

void LbdPulse::on_link(base::MonoTime now) {
  *this = {};
  heard_ = ticked_ = now;
}

void LbdPulse::on_health(base::Nanos stall, base::MonoTime now) {
  publishes_ = true;
  heard_ = now;
  stall_ = stall;
  bad_ticks_ = 0;
  judge(stall >= kStall, now);
}

bool LbdPulse::suspicious(base::MonoTime now) const {
  return publishes_ && now - heard_ > kSilence;
}

void LbdPulse::tick(bool stopped, base::MonoTime now) {
  if (now - ticked_ > kOwnLateness) {
    heard_ = now;
    bad_ticks_ = 0;
  }
  ticked_ = now;
  const bool bad = suspicious(now) && (stopped || now - heard_ > kLongSilence);
  bad_ticks_ = bad ? bad_ticks_ + 1 : 0;
  judge(bad_ticks_ >= kBadTicks || stall_ >= kStall || (hangs_ && suspicious(now)), now);
}

void LbdPulse::judge(bool bad, base::MonoTime now) {
  if (bad) {
    hangs_ = true;
    good_since_ = now;
  } else if (hangs_ && now - good_since_ >= kRecovery) {
    hangs_ = false;
  }
}

}  // namespace vrrpd
