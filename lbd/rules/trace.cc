#include "lbd/rules/trace.h"

#include <algorithm>
#include <string>
#include <vector>

namespace lbd::rules {
namespace {

using expr::Trace;

// What rules can change of a head, in words.
std::vector<std::string> parts_of(const http::Head* head) {
  std::vector<std::string> parts;
  if (!head) return parts;
  if (head->status)
    parts.push_back(fmt::format("status {} {}", head->status, head->reason));
  else
    parts.push_back(fmt::format("{} {}", head->method_text, head->target));
  for (const http::Header& field : head->headers)
    if (!field.removed()) parts.push_back(fmt::format("{}: {}", field.name, field.value));
  return parts;
}

// What is in `in` and not in `other`, doubles counted.
template <typename Tell>
void each_missing(const std::vector<std::string>& in, std::vector<std::string> other, Tell tell) {
  for (const std::string& part : in) {
    auto same = std::find(other.begin(), other.end(), part);
    if (same == other.end())
      tell(part);
    else
      other.erase(same);
  }
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::next:
      return "applied";
    case Verdict::accept:
      return "accepted: the rules behind it are not looked at";
    case Verdict::wait:
      return "waits for more";
    case Verdict::answer:
      return "answered";
    case Verdict::tarpit:
      return "answered after the tarpit's time";
    case Verdict::close:
      return "the connection is closed";
    case Verdict::silent_drop:
      return "dropped without a word";
    case Verdict::service:
      return "a service answers";
    case Verdict::cached:
      return "answered by the cache";
    case Verdict::body_timeout:
      return "the body has not come in time";
    case Verdict::switch_mode:
      return "goes on in mode http";
    case Verdict::close_server:
      return "the connection to the server is closed";
  }
  return "";
}

}  // namespace

struct RuleTrace::Running {
  expr::Transaction& transaction;
  std::vector<std::string> request, response;
  Trace& to() const { return *transaction.trace; }
};

void RuleTrace::end() {
  delete running_;
}

void RuleTrace::begin(expr::Transaction& transaction, const cfg::Location& where, const cfg::Statement* statement) {
  running_ = new Running{transaction, {}, {}};
  running_->to().say(Trace::Depth::rule, "{}  {}", expr::shown(where), statement ? statement->join() : "");
}

void RuleTrace::tell_judgement(expr::Truth truth) {
  if (truth == expr::Truth::yes) {
    running_->request = parts_of(running_->transaction.request);
    running_->response = parts_of(running_->transaction.response);
    return;
  }
  running_->to().line(Trace::Depth::detail, truth == expr::Truth::no ? "=> passed over" : "=> waits for more");
}

void RuleTrace::tell_effect(Verdict verdict, const Outcome& outcome) {
  Trace& to = running_->to();
  auto tell = [&](std::string_view side, const std::vector<std::string>& before, const http::Head* head) {
    std::vector<std::string> after = parts_of(head);
    each_missing(before, after, [&](const std::string& part) { to.say(Trace::Depth::detail, "{} - {}", side, part); });
    each_missing(after, before, [&](const std::string& part) { to.say(Trace::Depth::detail, "{} + {}", side, part); });
  };
  tell("request ", running_->request, running_->transaction.request);
  tell("response", running_->response, running_->transaction.response);
  if (outcome.reply)
    to.say(Trace::Depth::detail, "=> {}: {}", name_of(verdict), outcome.reply->status);
  else
    to.say(Trace::Depth::detail, "=> {}", name_of(verdict));
}

void RuleTrace::tell_name(std::string_view name) {
  running_->to().say(Trace::Depth::detail, "the name comes to {}", expr::shown(name));
}

}  // namespace lbd::rules
