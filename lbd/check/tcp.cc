// The plain check: a server that accepts a connection is well. Manual: 5.2 check.
#include "lbd/check/check.h"

namespace lbd::check {
namespace {

class ConnectOnly : public Dialogue {
 public:
  Progress connected(std::string&) override { return Progress::done(report(CheckStatus::l4_ok)); }
  Progress received(std::string_view, bool, std::string&) override {
    return Progress::done(report(CheckStatus::l4_ok));
  }
};

class TcpPlan : public DialoguePlan {
 public:
  std::unique_ptr<Dialogue> begin(server::Server&, const Setting&) const override {
    return std::make_unique<ConnectOnly>();
  }
};

constexpr CheckRow kRows[] = {
    {.name = "tcp",
     .doc = "a connection is accepted",
     .compile = [](const config::CheckSpec&, expr::CompileContext&) -> std::unique_ptr<Plan> {
       return std::make_unique<TcpPlan>();
     }},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::check
