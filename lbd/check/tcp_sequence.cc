// option tcp-check: a conversation of connect, send and expect steps on plain bytes, with variables. Steps are numbered
// as they are written, comments included, and messages name the step. Manual: 4.2 option tcp-check, tcp-check.
#include <fmt/format.h>

#include <variant>

#include "lbd/check/connect_step.h"
#include "lbd/check/expect.h"

namespace lbd::check {
namespace {

using What = Expect::What;

struct Send {
  std::string bytes;
  const expr::LogFormat* format = nullptr;  // what makes the bytes, in a run
  bool binary = false;                      // then: it makes hexadecimal digits
};
struct Step {
  std::variant<ConnectStep, Send, Expect, expr::Assignment> what;
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
    case What::text_format:
      return "log-format string";
    case What::binary_format:
      return "log-format binary";
    default:
      return "string";
  }
}

class Sequence : public Dialogue {
 public:
  Sequence(const std::vector<Step>& steps, server::Server& server, const Setting& setting)
      : steps_(steps), scene_(server, setting) {
    size_t first = 0;
    while (first < steps_.size() && std::holds_alternative<expr::Assignment>(steps_[first].what)) ++first;
    if (first == steps_.size() || !std::holds_alternative<ConnectStep>(steps_[first].what)) return;
    for (; at_ < first; ++at_) scene_.run(std::get<expr::Assignment>(steps_[at_].what));
    first_ = std::get<ConnectStep>(steps_[first].what).target(scene_);
    explicit_connect_ = true;
  }

  Target target() const override { return first_; }
  void attach(const Link& link) override { scene_.attach(link); }

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
    if (std::holds_alternative<expr::Assignment>(step.what)) return {};
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
      const Heard heard{bytes.substr(seen_), nullptr, closed};
      if (const auto* assignment = std::get_if<expr::Assignment>(&step.what)) {
        scene_.run(*assignment, heard);
        continue;
      }
      if (const auto* connect = std::get_if<ConnectStep>(&step.what)) {
        const Target target = connect->target(scene_, heard);
        seen_ = 0;
        connecting_ = explicit_connect_ = true;
        return Progress::connect(target);
      }
      if (const auto* send = std::get_if<Send>(&step.what)) {
        const auto made = bytes_of(*send, heard);
        if (!made) {
          out.clear();
          return Progress::done(
              report(CheckStatus::l7_invalid,
                     fmt::format("tcp-check send : failed to build log-format string at step {}", step.number)));
        }
        out += *made;
        seen_ = bytes.size();  // an answer to it comes after it
        continue;
      }
      const Expect& expect = std::get<Expect>(step.what);
      const Wanted wanted = heard.payload.empty() ? Wanted() : expect.wanted(scene_, heard);
      if (!wanted.mistake.empty())
        return Progress::done(report(CheckStatus::l7_invalid, std::string(wanted.mistake) + bare_comment(step)));
      const std::optional<bool> met = judge(expect, wanted, heard);
      if (!met) return Progress::more();
      if (!*met) return Progress::done(failure(step, expect, heard));
    }
    return Progress::done(success({bytes.substr(seen_), nullptr, closed}));
  }

  // Nothing: the format did not make hexadecimal digits.
  std::optional<std::string> bytes_of(const Send& send, const Heard& heard) {
    if (!send.format) return send.bytes;
    std::string made = scene_.print(*send.format, heard);
    return send.binary ? decode_hex(made) : made;
  }

  CheckReport success(const Heard& heard) {
    size_t last = steps_.size();
    while (last > 0 && std::holds_alternative<expr::Assignment>(steps_[last - 1].what)) --last;
    if (last == 0) return report(CheckStatus::l4_ok);
    if (std::holds_alternative<ConnectStep>(steps_[last - 1].what)) return report(CheckStatus::l4_ok, "(tcp-check)");
    const auto* expect = std::get_if<Expect>(&steps_[last - 1].what);
    if (!expect) return report(CheckStatus::l7_ok, "(tcp-check)");
    const CheckStatus status = expect->ok_status.value_or(CheckStatus::l7_ok);
    return report(status, expect->on_success ? scene_.print(*expect->on_success, heard) : "(tcp-check)",
                  expect->code(status, scene_, heard, -1));
  }

  // Nothing: more bytes are needed to say.
  static std::optional<bool> judge(const Expect& expect, const Wanted& wanted, const Heard& heard) {
    if (heard.payload.empty()) return heard.whole ? std::optional(false) : std::nullopt;
    const std::string& text = expect.format ? wanted.text : expect.text;
    size_t least = expect.min_received > 0 ? static_cast<size_t>(expect.min_received) : 0;
    if (expect.format || (!expect.regex && least == 0))
      least = text.size();
    else if (!expect.regex)
      least = std::min(least, text.size());
    if (heard.payload.size() < least && !heard.whole) return std::nullopt;
    bool found = expect.found_in(heard.payload, wanted);
    if (!found && !heard.whole && expect.min_received < 0) return std::nullopt;
    return found != expect.negated;
  }

  static std::string bare_comment(const Step& step) {
    return step.comment.empty() ? std::string() : " comment: " + step.comment;
  }

  CheckReport failure(const Step& step, const Expect& expect, const Heard& heard) {
    std::string detail;
    if (heard.payload.empty()) {
      detail = fmt::format("TCPCHK got an empty response at step {}{}", step.number, quoted_comment(step));
    } else if (expect.on_error) {
      detail = scene_.print(*expect.on_error, heard);
    } else {
      std::string content = expect.what == What::text ? fmt::format("'{}'", expect.text) : "(" + kind_of(expect) + ")";
      detail = fmt::format("TCPCHK {} {} at step {}{}",
                           expect.negated ? "matched unwanted content" : "did not match content", content, step.number,
                           bare_comment(step));
    }
    const CheckStatus status = expect.error_status.value_or(CheckStatus::l7_invalid);
    return report(status, std::move(detail), expect.code(status, scene_, heard, -1));
  }

  const std::vector<Step>& steps_;
  Scene scene_;
  Target first_;
  size_t at_ = 0;
  size_t seen_ = 0;  // bytes that belong to earlier steps
  bool connecting_ = true, explicit_connect_ = false;
};

class SequencePlan : public DialoguePlan {
 public:
  explicit SequencePlan(std::vector<Step> steps) : steps_(std::move(steps)) {}
  std::unique_ptr<Dialogue> begin(server::Server& server, const Setting& setting) const override {
    return std::make_unique<Sequence>(steps_, server, setting);
  }
  bool names_port() const override {
    for (const Step& step : steps_)
      if (!std::holds_alternative<expr::Assignment>(step.what)) {
        const auto* connect = std::get_if<ConnectStep>(&step.what);
        return connect && connect->names_port();
      }
    return false;
  }

 private:
  std::vector<Step> steps_;
};

class Compiler {
 public:
  explicit Compiler(expr::CompileContext& context) : context_(context) {}

  // Nothing when something was reported.
  std::optional<std::vector<Step>> compile(const config::CheckSpec& spec) {
    bool good = true;
    for (const cfg::Statement& line : spec.steps)
      if (line[0] == "tcp-check") good = read_line(line) && good;
    return good ? std::optional(std::move(steps_)) : std::nullopt;
  }

 private:
  // False: something was reported.
  bool read_line(const cfg::Statement& line) {
    cfg::Args args(line, 2, context_.diagnostics, environment_);
    const std::string_view what = line[1];
    ++number_;
    if (what == "comment") return take_text(args, comment_) && at_end(args);
    Step step;
    step.number = number_;
    step.comment = std::exchange(comment_, {});
    bool good = false;
    if (what == "connect")
      good = read_connect(args, step);
    else if (what == "expect")
      good = put(parse_expect(args, context_, false), step);
    else if (what == "send" || what == "send-lf" || what == "send-binary" || what == "send-binary-lf")
      good = read_send(args, what, step);
    else if (is_assignment(what))
      good = read_assignment(args, step);
    else
      args.error_at(line.at(1), fmt::format("'tcp-check {}' is not available", what),
                    "available: connect, send, send-lf, send-binary, send-binary-lf, expect, set-var, set-var-fmt, "
                    "unset-var, comment");
    if (!good || !at_end(args)) return false;
    steps_.push_back(std::move(step));
    return true;
  }

  static bool at_end(cfg::Args& args) {
    args.expect_end();
    return !args.failed();
  }

  template <typename T>
  static bool put(std::optional<T> part, Step& step) {
    if (!part) return false;
    if (!part->comment.empty()) step.comment = part->comment;
    step.what = std::move(*part);
    return true;
  }

  bool read_connect(cfg::Args& args, Step& step) {
    for (const Step& before : steps_) {
      if (std::holds_alternative<ConnectStep>(before.what)) break;
      if (std::holds_alternative<expr::Assignment>(before.what)) continue;
      args.error("the first step must be a 'connect' too when there is one", "only variables may be set before it");
      return false;
    }
    return put(parse_connect(args, context_, false), step);
  }

  bool read_assignment(cfg::Args& args, Step& step) {
    auto assignment = parse_assignment(args, context_);
    if (assignment) step.what = *assignment;
    return assignment.has_value();
  }

  bool read_send(cfg::Args& args, std::string_view what, Step& step) {
    Send send;
    send.binary = what.starts_with("send-binary");
    if (what.ends_with("-lf")) {
      send.format = take_format(args, context_);
      if (!send.format) return false;
    } else {
      auto text = args.take<std::string>();
      if (!text) return false;
      if (send.binary) text = decode_hex(*text);
      if (!text) args.error("invalid binary string (an even number of hex digits is expected)");
      if (!text) return false;
      send.bytes = std::move(*text);
    }
    step.what = std::move(send);
    return !args.accept("comment") || take_text(args, step.comment);
  }

  expr::CompileContext& context_;
  cfg::Environment environment_;
  std::vector<Step> steps_;
  std::string comment_;  // of the step behind it
  size_t number_ = 0;
};

std::unique_ptr<Plan> compile_sequence(const config::CheckSpec& spec, expr::CompileContext& context) {
  if (!spec.arguments.empty()) {
    context.error(spec.arguments[0].loc, "'option tcp-check' takes no argument");
    return nullptr;
  }
  auto steps = Compiler(context).compile(spec);
  return steps ? std::make_unique<SequencePlan>(std::move(*steps)) : nullptr;
}

constexpr CheckRow kRows[] = {
    {.name = "tcp-check", .doc = "a conversation of send and expect steps", .compile = compile_sequence},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::check
