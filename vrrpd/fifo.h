// NotifyFifos: the fifos of notify_fifo and vrrp_notify_fifo: one line a change of state, in order, for a reader that
// stays, and the scripts that read them (keepalived.conf(5), vrrp_sync_group).
//
//   INSTANCE "VI_1" MASTER 150
//   GROUP "VG_1" BACKUP 0
//
// A fifo that is missing is made, and removed at the end; it is held open for reading too, so that lines wait for a
// reader that comes late and nothing ever blocks. A line that finds the fifo full is lost, and said so. A script that
// ends is started again after kRestart. Life: the daemon's; configure() at each load. Thread: that of the loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "vrrpd/config.h"

namespace vrrpd {

class NotifyFifo {
 public:
  NotifyFifo(base::Loop& loop, const FifoConfig& config, const GlobalConfig& global);
  ~NotifyFifo();
  NotifyFifo(const NotifyFifo&) = delete;
  NotifyFifo& operator=(const NotifyFifo&) = delete;
  const FifoConfig& config() const { return config_; }
  void write(std::string_view line);

 private:
  void open();
  void start_script();

  const FifoConfig config_;
  base::SpawnOptions script_;  // no argv: none
  bool made_ = false;
  base::Fd fd_;
  base::Child child_;
  base::Timer restart_;
};

class NotifyFifos {
 public:
  explicit NotifyFifos(base::Loop& loop) : loop_(loop) {}
  // Keeps those that stay the same.
  void configure(const GlobalConfig& global);
  // `type`: INSTANCE, GROUP; `event`: MASTER, BACKUP, FAULT, STOP, DELETED, MASTER_RX_LOWER_PRI, MASTER_PRIORITY …
  void tell(std::string_view type, std::string_view name, std::string_view event, uint8_t priority);

 private:
  base::Loop& loop_;
  std::vector<std::unique_ptr<NotifyFifo>> fifos_;
};

}  // namespace vrrpd
