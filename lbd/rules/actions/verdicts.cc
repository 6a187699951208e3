// allow, accept, reject, close, silent-drop, use-service, switch-mode, expect-…: actions that only say how things
// go on.
#include <fmt/core.h>

#include "base/strings.h"
#include "cfg/suggest.h"
#include "lbd/rules/action.h"
#include "lbd/rules/services.h"

namespace lbd::rules {
namespace {

class End final : public Action {
 public:
  End(Verdict verdict, bool denied) : verdict_(verdict), denied_(denied) {}
  Verdict run(expr::Transaction&, Outcome& outcome) const override {
    outcome.denied = denied_;
    return verdict_;
  }

 private:
  Verdict verdict_;
  bool denied_;
};

class SilentDrop final : public Action {
 public:
  explicit SilentDrop(std::optional<uint8_t> ttl) : ttl_(ttl) {}
  Verdict run(expr::Transaction&, Outcome& outcome) const override {
    outcome.denied = true;
    outcome.ttl = ttl_;
    return Verdict::silent_drop;
  }

 private:
  std::optional<uint8_t> ttl_;
};

class UseService final : public Action {
 public:
  explicit UseService(const ServiceRow* service) : service_(service) {}
  Verdict run(expr::Transaction&, Outcome& outcome) const override {
    outcome.service = service_;
    return Verdict::service;
  }

 private:
  const ServiceRow* service_;
};

// Once: the rules are seen again when the request is there.
class SwitchMode final : public Action {
 public:
  Verdict run(expr::Transaction& t, Outcome&) const override {
    return !t.request_line.empty() ? Verdict::accept : Verdict::switch_mode;
  }
};

class ExpectPreface final : public Action {
 public:
  explicit ExpectPreface(expr::Preface preface) : preface_(preface) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    t.session.preface = preface_;
    return Verdict::next;
  }

 private:
  const expr::Preface preface_;
};

template <Verdict verdict, bool denied>
const Action* make(Parse& parse) {
  return parse.context.storage.make<End>(verdict, denied);
}

// silent-drop [rst-ttl N]
const Action* parse_silent_drop(Parse& parse) {
  std::optional<uint8_t> ttl;
  if (parse.accept("rst-ttl")) {
    const cfg::Word* word = parse.take("a number from 1 to 255");
    if (word) ttl = base::parse_int<uint8_t>(word->text);
    if (word && (!ttl || *ttl == 0)) parse.error("'rst-ttl' is a number from 1 to 255");
  }
  return parse.failed() ? nullptr : parse.context.storage.make<SilentDrop>(ttl);
}

const Action* parse_use_service(Parse& parse) {
  const cfg::Word* word = parse.take("the name of a service");
  if (!word) return nullptr;
  const ServiceRow* service = Services::find(word->text);
  if (service && service->http == (parse.kind == set::kHttpRequest))
    return parse.context.storage.make<UseService>(service);
  std::vector<std::string_view> known;
  Services::for_each([&](const ServiceRow& row) { known.push_back(row.name); });
  parse.error(service ? fmt::format("the service '{}' cannot stand here", word->text)
                      : fmt::format("there is no service '{}'", word->text),
              cfg::did_you_mean(word->text, known));
  return nullptr;
}

// switch-mode http [proto h1]
const Action* parse_switch_mode(Parse& parse) {
  if (!parse.context.proxy.frontend) {
    parse.error_at(parse.name, "'switch-mode' can only stand in a frontend");
    return nullptr;
  }
  if (!parse.accept("http")) {
    if (parse.take("'http'")) parse.error("'switch-mode' is followed by 'http'");
    return nullptr;
  }
  if (parse.accept("proto")) {
    const cfg::Word* word = parse.take("the name of a protocol");
    if (word && *word != "h1") parse.error(fmt::format("there is no protocol '{}'", word->text), "there is h1");
  }
  return parse.failed() ? nullptr : parse.context.storage.make<SwitchMode>();
}

template <expr::Preface preface>
const Action* parse_expected(Parse& parse) {
  if (parse.accept("layer4")) return parse.context.storage.make<ExpectPreface>(preface);
  if (parse.take("'layer4'")) parse.error(fmt::format("'{}' is followed by 'layer4'", parse.name.text));
  return nullptr;
}

constexpr ActionRow kRows[] = {
    {"allow", "Ends the rules; the message goes on.", set::kHttp | set::kStats, true, make<Verdict::accept, false>},
    {"accept", "Ends the rules; the connection goes on.", set::kTcp, true, make<Verdict::accept, false>},
    {"reject", "Closes the connection without an answer.", set::kTcp | set::kHttpRequest, true,
     make<Verdict::close, true>},
    {"close", "Closes the connection to the server; what it has sent is delivered.", set::kTcpResponse, true,
     make<Verdict::close_server, false>},
    {"silent-drop", "Forgets the connection; the client is not told.",
     set::kTcp | set::kHttpRequest | set::kHttpResponse, true, parse_silent_drop},
    {"use-service", "Lets a service of the program answer.", set::kHttpRequest | set::kTcpContent, true,
     parse_use_service},
    {"switch-mode", "What comes on this connection of mode tcp is HTTP.", set::kTcpContent, true, parse_switch_mode},
    {"expect-proxy", "A PROXY protocol header comes first on this connection.", set::kTcpConnection, false,
     parse_expected<expr::Preface::proxy>},
    {"expect-netscaler-cip", "A NetScaler client IP header comes first on this connection.", set::kTcpConnection, false,
     parse_expected<expr::Preface::netscaler>},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
