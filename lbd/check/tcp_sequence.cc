// option tcp-check: a conversation of connect, send and expect steps on plain bytes. Steps are numbered as they are
// written, comments included, and messages name the step. Manual: 4.2 option tcp-check, tcp-check.
#include <fmt/format.h>

#include <variant>

#include "lbd/check/connect_step.h"
#include "lbd/check/expect.h"

namespace lbd::check {
namespace {

using What = Expect::What;

struct Send {
  std::string bytes;
};
struct Step {
  std::variant<ConnectStep, Send, Expect> what;
  size_t number = 0;    // from 1
  std::string comment;  // its own, or the comment line before it
};

std::string kind_of(const Expect& expect) {
  switch (expect.what) {
    case What::regex:
      return "regex";
    case What::binary:
      return "binary";
    case What::binary_regex:
      return "binary regex";
    default:
      return "string";
  }
}

class Sequence : public Dialogue {
 public:
  explicit Sequence(const std::vector<Step>& steps) : steps_(steps) {
    if (!steps_.empty() && std::holds_alternative<ConnectStep>(steps_[0].what)) {
      first_ = std::get<ConnectStep>(steps_[0].what).target;
      explicit_connect_ = true;
    }
  }

  Target target() const override { return first_; }

  Progress connected(std::string& out) override {
    if (explicit_connect_) ++at_;
    connecting_ = false;
    if (steps_.empty()) return Progress::done(report(CheckStatus::l4_ok));
    return go_on({}, false, out);
  }

  Progress received(std::string_view bytes, bool closed, std::string& out) override {
    return go_on(bytes, closed, out);
  }

  CheckReport timed_out() const override {
    const auto* expect = at_ < steps_.size() ? std::get_if<Expect>(&steps_[at_].what) : nullptr;
    return report(expect ? expect->timeout_status.value_or(CheckStatus::l7_timeout) : CheckStatus::l7_timeout, where());
  }

  std::string where() const override {
    if (connecting_ && !explicit_connect_) return " at initial connection step of tcp-check";
    if (at_ >= steps_.size()) return {};
    const Step& step = steps_[at_];
    std::string what = "send";
    if (std::holds_alternative<ConnectStep>(step.what)) what = "connect";
    if (const auto* expect = std::get_if<Expect>(&step.what))
      what = "expect " + kind_of(*expect) + (expect->what == What::text ? fmt::format(" '{}'", expect->text) : "");
    return fmt::format(" at step {} of tcp-check ({}){}", step.number, what, quoted_comment(step));
  }

 private:
  static std::string quoted_comment(const Step& step) {
    return step.comment.empty() ? std::string() : fmt::format(" comment: '{}'", step.comment);
  }

  Progress go_on(std::string_view bytes, bool closed, std::string& out) {
    for (; at_ < steps_.size(); ++at_) {
      const Step& step = steps_[at_];
      if (const auto* connect = std::get_if<ConnectStep>(&step.what)) {
        seen_ = 0;
        connecting_ = explicit_connect_ = true;
        return Progress::connect(connect->target);
      }
      if (const auto* send = std::get_if<Send>(&step.what)) {
        out += send->bytes;
        seen_ = bytes.size();  // an answer to it comes after it
        continue;
      }
      const Expect& expect = std::get<Expect>(step.what);
      std::string_view fresh = bytes.substr(seen_);
      std::optional<bool> met = judge(expect, fresh, closed);
      if (!met) return Progress::more();
      if (!*met) return Progress::done(failure(step, expect, fresh));
    }
    const auto* last = std::get_if<Expect>(&steps_.back().what);
    return Progress::done(report(last ? last->ok_status.value_or(CheckStatus::l7_ok) : CheckStatus::l7_ok,
                                 last && !last->on_success.empty() ? last->on_success : "(tcp-check)"));
  }

  // Nothing: more bytes are needed to say.
  static std::optional<bool> judge(const Expect& expect, std::string_view bytes, bool closed) {
    if (bytes.empty()) return closed ? std::optional(false) : std::nullopt;
    bool exact = expect.what == What::text || expect.what == What::binary;
    size_t least = expect.min_received > 0 ? static_cast<size_t>(expect.min_received) : 0;
    if (exact) least = least > 0 ? std::min(least, expect.text.size()) : expect.text.size();
    if (bytes.size() < least && !closed) return std::nullopt;
    bool found = expect.found_in(bytes);
    if (!found && !closed && expect.min_received < 0) return std::nullopt;
    return found != expect.negated;
  }

  static CheckReport failure(const Step& step, const Expect& expect, std::string_view bytes) {
    std::string detail;
    if (bytes.empty()) {
      detail = fmt::format("TCPCHK got an empty response at step {}{}", step.number, quoted_comment(step));
    } else if (!expect.on_error.empty()) {
      detail = expect.on_error;
    } else {
      std::string content = expect.what == What::text ? fmt::format("'{}'", expect.text) : "(" + kind_of(expect) + ")";
      detail = fmt::format("TCPCHK {} {} at step {}",
                           expect.negated ? "matched unwanted content" : "did not match content", content, step.number);
      if (!step.comment.empty()) detail += " comment: " + step.comment;
    }
    return report(expect.error_status.value_or(CheckStatus::l7_invalid), std::move(detail));
  }

  const std::vector<Step>& steps_;
  Target first_;
  size_t at_ = 0;
  size_t seen_ = 0;  // bytes that belong to earlier steps
  bool connecting_ = true, explicit_connect_ = false;
};

class SequencePlan : public DialoguePlan {
 public:
  explicit SequencePlan(std::vector<Step> steps) : steps_(std::move(steps)) {}
  std::unique_ptr<Dialogue> begin(const server::Server&, const Setting&) const override {
    return std::make_unique<Sequence>(steps_);
  }
  uint16_t begin_port() const override {
    const auto* connect = steps_.empty() ? nullptr : std::get_if<ConnectStep>(&steps_[0].what);
    return connect ? connect->target.port : 0;
  }

 private:
  std::vector<Step> steps_;
};

// One tcp-check line. False: something was reported.
bool read_line(const cfg::Statement& line, size_t number, std::string& comment, std::vector<Step>& steps,
               cfg::Diagnostics& diagnostics, cfg::Environment& environment) {
  cfg::Args args(line, 2, diagnostics, environment);
  std::string_view what = line[1];
  if (what == "comment") {
    if (auto text = args.take<std::string>()) comment = *text;
    args.expect_end();
    return !args.failed();
  }
  Step step;
  step.number = number;
  step.comment = std::exchange(comment, {});
  if (what == "connect") {
    auto connect = parse_connect(args);
    if (!connect) return false;
    if (!steps.empty() && !std::holds_alternative<ConnectStep>(steps[0].what)) {
      args.error("the first step must be a 'connect' too when there is one");
      return false;
    }
    if (!connect->comment.empty()) step.comment = connect->comment;
    step.what = std::move(*connect);
  } else if (what == "expect") {
    auto expect = parse_expect(args, false);
    if (!expect) return false;
    if (!expect->comment.empty()) step.comment = expect->comment;
    step.what = std::move(*expect);
  } else if (what == "send" || what == "send-lf" || what == "send-binary" || what == "send-binary-lf") {
    auto text = what.ends_with("-lf") ? take_plain_format(args) : args.take<std::string>();
    if (!text) return false;
    if (what.starts_with("send-binary")) {
      text = decode_hex(*text);
      if (!text) args.error("invalid binary string (an even number of hex digits is expected)");
      if (!text) return false;
    }
    step.what = Send{*text};
    if (args.accept("comment"))
      if (auto own = args.take<std::string>()) step.comment = *own;
  } else {
    args.error_at(line.at(1), fmt::format("'tcp-check {}' is not available", what),
                  "available: connect, send, send-binary, expect, comment");
  }
  args.expect_end();
  if (args.failed()) return false;
  steps.push_back(std::move(step));
  return true;
}

std::unique_ptr<Plan> compile_sequence(const config::CheckSpec& spec, cfg::Diagnostics& diagnostics) {
  if (!spec.arguments.empty()) {
    diagnostics.error(spec.arguments[0].loc, "'option tcp-check' takes no argument");
    return nullptr;
  }
  cfg::Environment environment;
  std::vector<Step> steps;
  std::string comment;
  bool good = true;
  size_t number = 0;
  for (const cfg::Statement& line : spec.steps)
    if (line[0] == "tcp-check") good = read_line(line, ++number, comment, steps, diagnostics, environment) && good;
  return good ? std::make_unique<SequencePlan>(std::move(steps)) : nullptr;
}

constexpr CheckRow kRows[] = {
    {.name = "tcp-check", .doc = "a conversation of send and expect steps", .compile = compile_sequence},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::check
