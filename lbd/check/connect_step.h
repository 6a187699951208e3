// `http-check connect` and `tcp-check connect`: the words, and the Target that they make in a run. Manual: 4.2.
#pragma once

#include <optional>
#include <string>

#include "cfg/args.h"
#include "lbd/check/scene.h"

namespace lbd::check {

struct ConnectStep {
  Target fixed;
  const expr::Expr* port = nullptr;  // in place of fixed.port
  std::string comment;

  bool names_port() const { return port || fixed.port != 0; }
  Target target(Scene& scene, const Heard& heard = {}) const;
};

// The words behind `connect`. Nothing when something was reported.
std::optional<ConnectStep> parse_connect(cfg::Args& args, expr::CompileContext& context, bool http);

}  // namespace lbd::check
