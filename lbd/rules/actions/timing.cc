// set-timeout, pause, wait-for-body, wait-for-handshake, disable-l7-retry: how long things of this exchange may take.
#include <fmt/core.h>

#include "base/strings.h"
#include "cfg/value.h"
#include "lbd/expr/trace.h"
#include "lbd/rules/action.h"
#include "lbd/tls/transport.h"

namespace lbd::rules {
namespace {

constexpr base::Millis kUnset{-1};

std::optional<base::Millis> parse_millis(std::string_view text) {
  auto time = cfg::parse_time(text);
  if (!time) return std::nullopt;
  return std::chrono::ceil<base::Millis>(*time);
}

// A time, or an expression that gives milliseconds.
struct Time {
  base::Millis constant = kUnset;
  const expr::Expr* expr = nullptr;

  base::Millis of(expr::Transaction& t) const {
    if (!expr) return constant;
    expr::Value value;
    if (expr->eval_as(expr::Type::integer, t, value) != expr::Found::yes || value.integer <= 0) return kUnset;
    return base::Millis(std::min<int64_t>(value.integer, cfg::kMaxMillis));
  }
  static Time parse(Parse& parse) {
    Time time;
    if (auto constant = parse_millis(parse.peek())) {
      parse.take("");
      time.constant = *constant;
      if (constant->count() <= 0) parse.error("a time of 0 has no meaning here");
    } else {
      time.expr = parse.expression("a time or an expression");
    }
    return time;
  }
};

class SetTimeout final : public Action {
 public:
  SetTimeout(base::Millis expr::Transaction::*which, Time time) : which_(which), time_(time) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    const base::Millis time = time_.of(t);
    if (time != kUnset) t.*which_ = time;
    return Verdict::next;
  }

 private:
  base::Millis expr::Transaction::*which_;
  Time time_;
};

// Verdict::wait until `t.rule_waits_until`, which the first call sets.
Verdict wait(expr::Transaction& t, base::Millis time) {
  if (t.rule_waits_until == base::kNever) t.rule_waits_until = t.now + time;
  if (t.now < t.rule_waits_until) return Verdict::wait;
  t.rule_waits_until = base::kNever;
  return Verdict::next;
}

class Pause final : public Action {
 public:
  explicit Pause(Time time) : time_(time) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (expr::dry(t)) return Verdict::next;
    const base::Millis time = t.rule_waits_until == base::kNever ? time_.of(t) : base::Millis(0);
    return time == kUnset ? Verdict::next : wait(t, time);
  }

 private:
  Time time_;
};

class WaitForBody final : public Action {
 public:
  WaitForBody(base::Millis time, size_t least, bool response) : time_(time), least_(least), response_(response) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    const size_t here = (response_ ? t.response_payload : t.payload).size();
    const bool enough = t.body_whole || (least_ > 0 && here >= least_);
    if (!enough && wait(t, time_) == Verdict::wait) return Verdict::wait;
    t.rule_waits_until = base::kNever;
    return enough ? Verdict::next : Verdict::body_timeout;
  }

 private:
  base::Millis time_;
  size_t least_;
  bool response_;
};

class WaitForHandshake final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    return t.session.tls_transport && t.session.tls_transport->early() ? Verdict::wait : Verdict::next;
  }
};

class DisableRetry final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    t.may_retry = false;
    return Verdict::next;
  }
};

const Action* parse_timeout(Parse& parse) {
  const cfg::Word* word = parse.take("'server', 'tunnel' or 'client'");
  if (!word) return nullptr;
  const bool client = *word == "client";
  if (!client && *word != "server" && *word != "tunnel") {
    parse.error(fmt::format("'set-timeout' knows no timeout '{}'", word->text), "there are server, tunnel and client");
    return nullptr;
  }
  const config::Proxy& proxy = parse.context.proxy;
  if (client ? !proxy.frontend : !proxy.backend) {
    parse.error(fmt::format("the timeout '{}' belongs to a {}", word->text, client ? "frontend" : "backend"));
    return nullptr;
  }
  using T = expr::Transaction;
  const auto which = client ? &T::timeout_client : *word == "server" ? &T::timeout_server : &T::timeout_tunnel;
  const Time time = Time::parse(parse);
  return parse.failed() ? nullptr : parse.context.storage.make<SetTimeout>(which, time);
}

const Action* parse_pause(Parse& parse) {
  const Time time = Time::parse(parse);
  return parse.failed() ? nullptr : parse.context.storage.make<Pause>(time);
}

const Action* parse_wait_for_body(Parse& parse) {
  std::optional<base::Millis> time;
  uint64_t least = 0;
  while (!parse.done() && !parse.failed()) {
    if (parse.accept("time")) {
      const cfg::Word* word = parse.take("a time");
      if (word && !(time = parse_millis(word->text))) parse.error(fmt::format("'{}' is no time", word->text));
    } else if (parse.accept("at-least")) {
      const cfg::Word* word = parse.take("a number of bytes");
      auto size = word ? cfg::parse_size(word->text) : base::Result<uint64_t>(0);
      if (!size) parse.error(fmt::format("'{}' {}", word->text, size.error().text));
      if (size) least = *size;
    } else {
      parse.take("");
      parse.error("'wait-for-body' is written 'wait-for-body time TIME [at-least BYTES]'");
    }
  }
  if (!time && !parse.failed()) parse.error("'wait-for-body' needs 'time TIME'");
  return parse.failed() ? nullptr : parse.context.storage.make<WaitForBody>(*time, least, parse.response());
}

template <typename Made>
const Action* parse_plain(Parse& parse) {
  return parse.context.storage.make<Made>();
}

constexpr ActionRow kRows[] = {
    {"set-timeout", "Sets timeout server, tunnel or client for this exchange.", set::kHttpRequest | set::kHttpResponse,
     false, parse_timeout},
    {"pause", "Waits for a time before the next rule.", set::kHttpRequest | set::kHttpResponse, false, parse_pause},
    {"wait-for-body", "Waits for the body, or as much of it as a buffer holds.", set::kHttpRequest | set::kHttpResponse,
     false, parse_wait_for_body},
    {"wait-for-handshake", "Waits for the end of the TLS handshake, which early data runs ahead of.", set::kHttpRequest,
     false, parse_plain<WaitForHandshake>},
    {"disable-l7-retry", "Tries a request again only when the connection failed.", set::kHttpRequest, false,
     parse_plain<DisableRetry>},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
