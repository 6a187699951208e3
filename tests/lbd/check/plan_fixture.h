// A proxy with check words, the plan made of it, and a dialogue without a network, for the tests of the checks.
#pragma once

#include <gtest/gtest.h>

#include <sstream>

#include "lbd/check/check.h"

namespace lbd::check {

class PlanTest : public testing::Test {
 protected:
  // Words are split at blanks; `_` stands for a blank within a word.
  static std::vector<cfg::Word> words(const std::string& text) {
    std::vector<cfg::Word> all;
    std::istringstream stream(text);
    for (std::string word; stream >> word;) {
      for (char& c : word)
        if (c == '_') c = ' ';
      all.push_back({word, {}});
    }
    return all;
  }
  // option("httpchk", "GET /x"), then step("http-check expect status 200").
  void option(const std::string& type, const std::string& arguments = "") {
    proxy_.check.type = type;
    proxy_.check.arguments = words(arguments);
  }
  void step(const std::string& line) { proxy_.check.steps.push_back({words(line), {}}); }
  bool compile() {
    plan_ = check::compile(proxy_.check, config_, proxy_, diagnostics_);
    return plan_ != nullptr;
  }
  const DialoguePlan& talking_plan() const { return dynamic_cast<const DialoguePlan&>(*plan_); }
  // Connects; what is sent first.
  std::string begin() {
    EXPECT_TRUE(compile());
    if (!server_) {
      proxy_.name = "b";
      backend_ = std::make_unique<server::Backend>(proxy_, 0);
      line_.name = "s1";
      line_.address = base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 80});
      server_ = &backend_->add_server(line_, 0);
    }
    dialogue_ = talking_plan().begin(*server_, {"node", 16384});
    return connected();
  }
  std::string connected() {
    std::string out;
    progress_ = dialogue_->connected(out);
    return out;
  }
  std::string receive(std::string_view bytes, bool closed = false) {
    std::string out;
    progress_ = dialogue_->received(bytes, closed, out);
    return out;
  }
  bool waits() const { return progress_.kind == Progress::Kind::more; }
  // "L7STS 503 Service Unavailable"
  std::string result() const {
    if (progress_.kind != Progress::Kind::done) return "none";
    return text(progress_.report);
  }
  static std::string text(const CheckReport& report) {
    std::string text(server::short_name(report.status));
    if (report.code >= 0) text += " " + std::to_string(report.code);
    if (!report.detail.empty()) text += " " + report.detail;
    return text;
  }
  // The result of one answer, closed behind it.
  std::string answer(std::string_view bytes) {
    begin();
    receive(bytes, true);
    return result();
  }
  // What was reported at load.
  std::string errors() {
    EXPECT_FALSE(compile());
    return diagnostics_.all().empty() ? "" : diagnostics_.all().front().text;
  }

  config::Config config_;
  config::Proxy proxy_;
  config::Server line_;
  std::unique_ptr<server::Backend> backend_;
  server::Server* server_ = nullptr;
  cfg::Diagnostics diagnostics_;
  std::unique_ptr<Plan> plan_;
  std::unique_ptr<Dialogue> dialogue_;
  Progress progress_;
};

}  // namespace lbd::check
