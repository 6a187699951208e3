// AccessLog: the traffic lines of one frontend: where they go, in which format, which exchanges deserve one.
//
// A line is printed into a buffer of the thread and handed to each target; nothing is allocated and no lock is held.
// Without targets every call is one branch. Which exchanges are left out: `option dontlognull` those that carried
// nothing, `option dontlog-normal` those without error, timeout, retry or redispatch; `option log-separate-errors`
// raises the others from info to err.
// Life: with the site it belongs to. Thread: the calls are for any worker. Errors: what a target does not take is
// counted there. Manual: 8.2, 4.2 log-format, option httplog, error-log-format.
#pragma once

#include <string>

#include "lbd/config/proxy.h"
#include "lbd/expr/logformat.h"
#include "lbd/log/targets.h"

namespace lbd::log {

// The compiled formats of a frontend; they must outlive the AccessLog.
struct AccessFormats {
  const expr::LogFormat* line = nullptr;        // empty: "Connect from …" when an exchange begins
  const expr::LogFormat* structured = nullptr;  // log-format-sd
  const expr::LogFormat* error = nullptr;       // error-log-format; empty: the legacy line
};

class AccessLog {
 public:
  AccessLog(const config::Proxy& proxy, const TargetList& targets, const AccessFormats& formats);

  bool enabled() const { return !targets_.empty(); }
  // When an exchange begins (mode tcp: when the connection is accepted): the line of a frontend without log format.
  void begin(expr::Transaction& transaction) const {
    if (announces_) announce(transaction);
  }
  // When it has ended, or with `option logasap` as soon as its head is out.
  void emit(expr::Transaction& transaction) const {
    if (!targets_.empty()) emit_line(transaction);
  }
  // A connection that ended before any exchange began, with the reason ("SSL handshake failure").
  void connection_error(expr::Transaction& transaction, std::string_view reason) const {
    if (!targets_.empty()) emit_error(transaction, reason);
  }
  // What somebody has to look at, beside the line of the exchange.
  void alert(std::string_view text, expr::Transaction& transaction) const {
    tell(base::Level::alert, text, transaction);
  }
  // A line of its own.
  void tell(base::Level level, std::string_view text, expr::Transaction& transaction) const {
    if (!targets_.empty()) send(level, text, transaction);
  }

 private:
  void announce(expr::Transaction& transaction) const;
  void emit_line(expr::Transaction& transaction) const;
  void emit_error(expr::Transaction& transaction, std::string_view reason) const;
  void send(base::Level level, std::string_view text, expr::Transaction& transaction) const;
  bool left_out(const expr::Transaction& transaction, bool failed) const;

  const config::Proxy& proxy_;
  TargetList targets_;
  AccessFormats formats_;
  bool announces_ = false;
};

// Whether the exchange is one that `dontlog-normal` still logs and `log-separate-errors` raises. Pure.
bool has_failed(const expr::Transaction& transaction, bool http);

}  // namespace lbd::log
