// Programs: the hands of the deputy: `lbctl check` and `lbctl reload`, which say in words for people what they find.
// Life: as long as the deputy; one at a time. Thread: that of the loop. Errors: a program that cannot be started, or is
// not done in time, is told as one that finds fault.
#pragma once

#include "applyd/deputy.h"
#include "base/process.h"

namespace applyd {

struct Sockets {
  std::string lbd, master, vrrpd, syncd;
};

class Programs final : public Hands {
 public:
  Programs(base::Loop& loop, Sockets sockets) : sockets_(std::move(sockets)), child_(loop) {}
  void check(const std::map<std::string, std::string>& paths, Done done) override;
  void reload(const std::vector<std::string>& daemons, Done done) override;

 private:
  void run(const std::vector<std::string>& words, Done done);

  const Sockets sockets_;
  base::Child child_;
};

}  // namespace applyd
