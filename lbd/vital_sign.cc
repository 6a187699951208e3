#include "lbd/vital_sign.h"

#include <sys/socket.h>

namespace lbd {

VitalSign::VitalSign(base::Loop& loop, const std::vector<base::Mailbox*>& workers, int leash)
    : pulse_(workers), leash_(leash), due_(loop) {
  due_.bind<&VitalSign::on_due>(this);
  due_.start_after(base::Nanos(0));
}

void VitalSign::on_due() {
  due_.start_after(kEvery);
  const base::MonoTime now = base::mono_now();
  bool alive = true;
  for (size_t i = 0; i < pulse_.size(); ++i) {
    const link::Pulse::Stall stall = pulse_.stall(i, now);
    if (stall.lasts > kLongest && !stall.starved) alive = false;
  }
  pulse_.beat(now);
  if (alive) (void)::send(leash_, kAlive.data(), kAlive.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace lbd
