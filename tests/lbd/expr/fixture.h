// A configuration, running objects, a session and a transaction, for the tests of expressions and rules.
//
// The configuration has, in this order: userlist users; frontend fe (id 7, default_backend be), backend be (id 9,
// servers s1 weight 5 and s2), listen other. eval() compiles an expression and runs it on the transaction at hand:
// "int 5", "str text", "-" for what is not there, "later", or "error: " with the first complaint.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "lbd/expr/condition.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/logformat_parser.h"
#include "lbd/expr/process.h"
#include "lbd/http/h1_parser.h"
#include "lbd/server/objects.h"
#include "tests/support/load_config.h"

namespace lbd::expr {

inline constexpr const char* kFixtureConfig =
    "userlist users\n user me insecure-password secret\n"
    "frontend fe\n id 7\n bind 127.0.0.1:8080 name door\n timeout client 4s\n default_backend be\n"
    "backend be\n id 9\n timeout server 3s\n timeout tunnel 60s\n server s1 127.0.0.1:81 weight 5 maxconn 10\n"
    " server s2 127.0.0.1:82 id 12\n"
    "listen other\n bind 127.0.0.1:8081\n server s1 127.0.0.1:83\n";

class ExprTest : public testing::Test {
 protected:
  explicit ExprTest(const std::string& config = kFixtureConfig) : loaded_(support::load_http(config)) {
    EXPECT_EQ(loaded_.said(), "");
    objects_ = std::make_unique<server::Objects>(*loaded_.config, 1000);
    process_.config = loaded_.config.get();
    for (const auto& proxy : loaded_.config->proxies) {
      process_.frontends.push_back(objects_->frontend(proxy.get()));
      process_.backends.push_back(objects_->backend(proxy.get()));
    }
    counters_ = std::make_unique<server::Counters[]>(objects_->slots());
    process_.counters = {counters_.get()};
    process_.hostname = "host.example";
    process_.pid = 4711;
    process_.connections = &connections_;
    process_.stopping = &stopping_;
    process_.vars = &process_vars_;
    session_.src = {*base::IpAddr::parse("192.0.2.1"), 1234};
    session_.dst = {*base::IpAddr::parse("198.51.100.2"), 8080};
    fe_ = proxy("fe");
    be_ = proxy("be");
    session_.frontend = objects_->frontend(fe_);
    session_.bind = fe_->binds.front().get();
    session_.bind_index = 1;
    session_.requests = 1;
    context_.emplace(*loaded_.config, *fe_, storage_, diagnostics_);
    fresh();
  }

  const config::Proxy* proxy(std::string_view name) const {
    for (const auto& one : loaded_.config->proxies)
      if (one->name == name && !one->is_defaults) return one.get();
    ADD_FAILURE() << "no proxy " << name;
    return nullptr;
  }

  // The transaction anew, without request and response.
  void fresh() {
    t_ = std::make_unique<Transaction>(session_, arena_);
    t_->process = &process_;
    t_->frontend = session_.frontend;
    t_->now = base::MonoTime(std::chrono::seconds(1000));
    request_.reset();
    response_.reset();
  }
  void with_backend(bool server = false) {
    t_->backend = objects_->backend(be_);
    if (server) t_->server = t_->backend->servers()[0].get();
  }
  void request(std::string bytes) {
    request_ = std::make_unique<Message>(std::move(bytes), arena_);
    auto parsed = http::H1Parser().parse_request(request_->bytes, request_->head, {});
    ASSERT_EQ(parsed.state, http::Parsed::State::complete);
    t_->request = &request_->head;
    t_->request_line = request_->head.first_line;
    t_->payload = std::string_view(request_->bytes).substr(parsed.length);
    t_->payload_final = true;
  }
  void response(std::string bytes) {
    response_ = std::make_unique<Message>(std::move(bytes), arena_);
    auto parsed = http::H1Parser().parse_response(response_->bytes, response_->head, {}, false, false);
    ASSERT_EQ(parsed.state, http::Parsed::State::complete);
    t_->response = &response_->head;
    t_->status = response_->head.status;
    t_->response_payload = std::string_view(response_->bytes).substr(parsed.length);
    t_->response_payload_final = true;
  }

  const Expr* compile(std::string_view text, Phases where = phase::kFrontRequest) {
    diagnostics_ = {};
    return parse_expr(*context_, word(text), where);
  }
  std::string eval(std::string_view text, Phases where = phase::kFrontRequest) {
    const Expr* expr = compile(text, where);
    if (!expr) return complaint();
    Value value;
    Found found = expr->eval(*t_, value);
    return found == Found::yes ? show(value) : found == Found::later ? "later" : "-";
  }
  std::string eval_response(std::string_view text) { return eval(text, phase::kBackResponse); }

  static std::string show(const Value& value) {
    char room[kMaxScalarText];
    std::string_view type = value.type == Type::integer ? "int" : name_of(value.type);
    return std::string(type) + " " + std::string(to_text(value, room));
  }
  std::string complaint() const {
    return diagnostics_.all().empty() ? "error without a word" : "error: " + diagnostics_.all().front().text;
  }
  const cfg::Word& word(std::string_view text) {
    auto* made = storage_.make<cfg::Word>();
    made->text = text;
    return *made;
  }
  // A statement from words separated by blanks; 'single quotes' keep blanks.
  static cfg::Statement statement(std::string_view text) {
    cfg::Statement made;
    bool quoted = false, open = false;
    for (char c : text) {
      if (c == '\'') {
        quoted = !quoted;
        if (!open) made.words.push_back({});
        open = true;
      } else if (c == ' ' && !quoted) {
        open = false;
      } else {
        if (!open) made.words.push_back({});
        open = true;
        made.words.back().text += c;
      }
    }
    return made;
  }
  // "yes", "no", "later", or the complaint, for "if …" or "unless …".
  std::string holds(std::string_view condition, Phases where = phase::kFrontRequest) {
    diagnostics_ = {};
    const Condition* made = Condition::parse(*context_, acls_, statement(condition), 0, where);
    if (!made) return complaint();
    Truth truth = made->evaluate(*t_);
    return truth == Truth::yes ? "yes" : truth == Truth::no ? "no" : "later";
  }
  void acl(std::string_view line) {
    diagnostics_ = {};
    acls_.declare(*context_, statement(line), valid::kAll);
  }
  std::string print(std::string_view format, TextFor use = TextFor::log, Phases where = phase::kLog) {
    diagnostics_ = {};
    LogFormat made = parse_logformat(*context_, format, where, use);
    return diagnostics_.errors() ? complaint() : std::string(made.print(*t_));
  }

  struct Message {
    Message(std::string text, base::Arena& arena) : bytes(std::move(text)), head(arena) {}
    std::string bytes;
    http::Head head;
  };

  support::LoadedConfig loaded_;
  std::unique_ptr<server::Objects> objects_;
  std::unique_ptr<server::Counters[]> counters_;
  std::atomic<uint32_t> connections_{3};
  std::atomic<bool> stopping_{false};
  ProcessVars process_vars_;
  Process process_;
  const config::Proxy *fe_ = nullptr, *be_ = nullptr;
  base::BlockPool pool_{4096, 4};
  base::Arena arena_{pool_};
  Session session_;
  Storage storage_;
  cfg::Diagnostics diagnostics_;
  std::optional<CompileContext> context_;
  Acls acls_;
  std::unique_ptr<Message> request_, response_;
  std::unique_ptr<Transaction> t_;
};

}  // namespace lbd::expr
