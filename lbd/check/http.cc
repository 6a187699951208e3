// option httpchk: an HTTP request to which the server must give the right answer. The dialogue goes through the steps
// of the HttpScript; a 404 with disable-on-404 goes before everything that is expected. Manual: option httpchk.
#include <fmt/format.h>

#include "base/arena.h"
#include "base/strings.h"
#include "lbd/check/http_script.h"
#include "lbd/http/h1_body.h"
#include "lbd/http/h1_parser.h"
#include "lbd/server/health.h"

namespace lbd::check {
namespace {

using What = Expect::What;

// "UP 1/2; address=127.0.0.1; port=80; name=b/s1; node=lb1; weight=1/2; scur=13/22; qcur=0"
std::string server_state(const server::Server& server, const Setting& setting) {
  const server::HealthFacts& facts = server.health;
  std::string state;
  if (server.operational() == server::Operational::stopping)
    state = "NOLB";
  else if (!server::healthy(facts))
    state = facts.health ? fmt::format("DOWN {}/{}", facts.health, facts.rise) : "DOWN";
  else if (facts.health == server::full_health(facts))
    state = "UP";
  else
    state = fmt::format("UP {}/{}", facts.health - facts.rise + 1, facts.fall);
  uint32_t total_weight = 0, total_sessions = 0;
  for (const auto& other : server.backend().servers()) {
    total_sessions += other->served();
    if (other->in_rotation()) total_weight += other->user_weight();
  }
  base::IpPort address = server.address().ip_port();
  return fmt::format("{}; address={}; port={}; name={}/{}; node={}; weight={}/{}; scur={}/{}; qcur={}", state,
                     address.ip.to_string(), address.port, server.backend().name(), server.name(), setting.node,
                     server.user_weight(), total_weight, server.served(), total_sessions, server.queue().size());
}

// The answer to one request, read as far as it has come.
class Answer {
 public:
  Answer() : arena_(pool_), head_(arena_) {}

  enum class State : uint8_t { partial, broken, head, whole };
  State state() const { return state_; }
  http::Head& head() { return head_; }
  const http::Head& head() const { return head_; }
  std::string_view body() const { return body_; }

  // `bytes` all of it so far.
  void read(std::string_view bytes, bool closed) {
    if (state_ == State::partial) read_head(bytes, closed);
    if (state_ == State::head) read_body(bytes.substr(head_length_), closed);
  }

 private:
  void read_head(std::string_view bytes, bool closed) {
    bytes_.assign(bytes.begin(), bytes.end());
    parser_.reset();
    head_.headers.clear();
    http::Parsed parsed = parser_.parse_response(bytes_, head_, {}, false, false);
    if (parsed.state == http::Parsed::State::complete) {
      state_ = State::head;
      head_length_ = parsed.length;
      framing_.start(head_.body, head_.content_length);
    } else if (parsed.state == http::Parsed::State::error || closed) {
      state_ = State::broken;
    }
  }
  void read_body(std::string_view bytes, bool closed) {
    while (!framing_.done()) {
      http::H1Body::Step step = framing_.feed(bytes.substr(body_read_));
      if (step.kind == http::H1Body::Kind::need_more || step.kind == http::H1Body::Kind::error) break;
      if (step.kind == http::H1Body::Kind::data) body_ += bytes.substr(body_read_, step.bytes);
      body_read_ += step.bytes;
      if (step.kind == http::H1Body::Kind::end || step.kind == http::H1Body::Kind::trailers) break;
    }
    if (framing_.done() || closed) state_ = State::whole;
  }

  base::BlockPool pool_{4096, 0};
  base::Arena arena_;
  State state_ = State::partial;
  std::vector<char> bytes_;
  http::H1Parser parser_;
  http::Head head_;
  http::H1Body framing_;
  size_t head_length_ = 0, body_read_ = 0;
  std::string body_;
};

bool header_matches(const http::Head& head, const Expect& expect, const Wanted& wanted) {
  for (const http::Header& header : head.headers) {
    if (header.removed() || !expect.name.matches(header.name, wanted.name)) continue;
    if (!expect.value) return true;
    if (expect.what == What::whole_header) {
      if (expect.value->matches(header.value, wanted.value)) return true;
      continue;
    }
    for (std::string_view part : base::split(header.value, ','))
      if (expect.value->matches(base::trim(part), wanted.value)) return true;
  }
  return false;
}

class HttpDialogue : public Dialogue {
 public:
  HttpDialogue(const HttpScript& script, std::string state, server::Server& server, const Setting& setting)
      : script_(script), state_(std::move(state)), scene_(server, setting) {
    set_variables();
    if (const auto* connect = script_.first_connect()) {
      first_ = connect->target(scene_);
      ++at_;
      set_variables();
    }
  }

  Target target() const override { return first_; }
  void attach(const Link& link) override { scene_.attach(link); }
  bool is_http() const override { return true; }

  std::string host() override {
    const auto* request = step<HttpRequest>();
    return request ? request->host(scene_) : std::string();
  }

  Progress connected(std::string& out) override {
    answer_.emplace();
    set_variables();
    if (at_ == script_.steps.size()) return Progress::done(report(CheckStatus::l4_ok));
    if (const auto* request = step<HttpRequest>()) {
      out += request->text(state_, scene_);
      ++at_;
      set_variables();
    }
    return Progress::more();
  }

  Progress received(std::string_view bytes, bool closed, std::string&) override {
    answer_->read(bytes, closed);
    if (answer_->state() == Answer::State::partial) return Progress::more();
    if (answer_->state() == Answer::State::broken) return Progress::done(report(CheckStatus::l7_invalid));
    const int status = answer_->head().status;
    if (script_.disable_on_404 && status == 404) return Progress::done(report(CheckStatus::l7_conditional, {}, status));
    const Expect* last = nullptr;
    while (const auto* expect = step<Expect>()) {
      const Wanted wanted = expect->wanted(scene_, heard());
      if (!wanted.mistake.empty())
        return Progress::done(report(CheckStatus::l7_invalid, std::string(wanted.mistake) + comment_of(*expect)));
      std::optional<bool> met = judge(*expect, wanted);
      if (!met) return Progress::more();
      if (!*met) return Progress::done(failure(*expect));
      last = expect;
      ++at_;
      set_variables();
    }
    if (const auto* connect = step<ConnectStep>()) {
      const Target target = connect->target(scene_, heard());
      ++at_;
      return Progress::connect(target);
    }
    return Progress::done(success(last));
  }

  CheckReport timed_out() const override {
    const auto* expect = step<Expect>();
    return report(expect ? expect->timeout_status.value_or(CheckStatus::l7_timeout) : CheckStatus::l7_timeout);
  }

 private:
  // The step at hand when it is of this kind.
  template <typename T>
  const T* step() const {
    return at_ < script_.steps.size() ? std::get_if<T>(&script_.steps[at_]) : nullptr;
  }

  void set_variables() {
    for (; const auto* assignment = step<expr::Assignment>(); ++at_) scene_.run(*assignment, heard());
  }

  Heard heard() {
    if (!answer_ || answer_->state() == Answer::State::partial) return {};
    return {answer_->body(), &answer_->head(), answer_->state() == Answer::State::whole};
  }

  // Nothing: more bytes are needed to say.
  std::optional<bool> judge(const Expect& expect, const Wanted& wanted) const {
    const http::Head& head = answer_->head();
    switch (expect.what) {
      case What::status:
      case What::status_regex:
        return expect.holds_status(head.status) != expect.negated;
      case What::header:
      case What::whole_header:
        return header_matches(head, expect, wanted) != expect.negated;
      default:
        break;
    }
    bool whole = answer_->state() == Answer::State::whole;
    bool enough = expect.min_received < 0 || answer_->body().size() >= static_cast<size_t>(expect.min_received);
    if (!whole && !enough) return std::nullopt;
    bool found = expect.found_in(answer_->body(), wanted);
    if (!found && !whole && expect.min_received != 0) return std::nullopt;
    return found != expect.negated;
  }

  static std::string comment_of(const Expect& expect) {
    return expect.comment.empty() ? std::string() : " comment: " + expect.comment;
  }

  // `last`: what was expected of the last answer.
  CheckReport success(const Expect* last) {
    const int status = answer_->head().status;
    if (!last) return report(CheckStatus::l7_ok, {}, status);
    // Variables behind the last of the steps take the code of the answer away, as in HAProxy.
    const bool ends = std::holds_alternative<Expect>(script_.steps.back());
    const CheckStatus good = last->ok_status.value_or(CheckStatus::l7_ok);
    return report(good, last->on_success ? scene_.print(*last->on_success, heard()) : std::string(),
                  last->code(good, scene_, heard(), ends ? status : -1));
  }

  CheckReport failure(const Expect& expect) {
    bool of_body = expect.what == What::text || expect.what == What::text_format || expect.what == What::regex;
    std::string detail;
    if (expect.on_error)
      detail = scene_.print(*expect.on_error, heard());
    else if (of_body)
      detail = expect.negated ? "HTTP check matched unwanted content" : "HTTP content check did not match";
    else
      detail = answer_->head().reason;
    if (!expect.on_error) detail += comment_of(expect);
    const CheckStatus usual = of_body ? CheckStatus::l7_invalid : CheckStatus::l7_status;
    const CheckStatus status = expect.error_status.value_or(usual);
    return report(status, std::move(detail),
                  expect.code(status, scene_, heard(), of_body ? -1 : answer_->head().status));
  }

  const HttpScript& script_;
  const std::string state_;
  Scene scene_;
  Target first_;
  size_t at_ = 0;
  std::optional<Answer> answer_;
};

class HttpPlan : public DialoguePlan {
 public:
  explicit HttpPlan(HttpScript script) : script_(std::move(script)) {}
  std::unique_ptr<Dialogue> begin(server::Server& server, const Setting& setting) const override {
    std::string state = script_.send_state ? server_state(server, setting) : std::string();
    return std::make_unique<HttpDialogue>(script_, std::move(state), server, setting);
  }
  bool names_port() const override {
    const auto* connect = script_.first_connect();
    return connect && connect->names_port();
  }

 private:
  HttpScript script_;
};

constexpr CheckRow kRows[] = {
    {.name = "httpchk",
     .doc = "an HTTP request is answered as expected",
     .compile = [](const config::CheckSpec& spec, expr::CompileContext& context) -> std::unique_ptr<Plan> {
       auto script = HttpScript::compile(spec, context);
       return script ? std::make_unique<HttpPlan>(std::move(*script)) : nullptr;
     }},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::check
