// Whatever stands in the body of a POST to the statistics page: it is answered with one of HAProxy's words, and only
// servers that there are, with actions that there are, are changed.
// fuzz-sources: lbd/stats/everything.cc lbd/stats/process_exact.cc lbd/stats/process_view.cc
#include <cstdint>

#include "base/result.h"
#include "lbd/stats/page_admin.h"
#include "tests/lbd/stats/stats_fixture.h"

namespace lbd::stats {
namespace {

struct Counting final : ServerAdmin {
  bool administer(server::Server& server, std::string_view action) override {
    CHECK(action == "ready" || action == "drain" || action == "maint");
    CHECK(server.name() == "s1" || server.name() == "s 2");
    ++changed;
    return true;
  }
  bool knows(std::string_view action) const override {
    return action == "ready" || action == "drain" || action == "maint";
  }
  size_t changed = 0;
};

struct Shown : StatsFixture {
  Shown() {
    config::Proxy& web = proxy("web", false, true);
    server(web, "s1", 81);
    server(web, "s 2", 82);
    run();
  }
};

}  // namespace
}  // namespace lbd::stats

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lbd::stats;
  static Shown page;
  static ProcessFacts facts;
  static IdleMeter idle;
  Counting admin;
  PageRequest request;
  request.body.assign(reinterpret_cast<const char*>(data), size);
  request.admin = true;
  const std::string_view word = apply_form(request, {facts, *page.source, idle, page.pair, page.start, &admin});
  CHECK(word == "DONE" || word == "NONE" || word == "PART" || word == "ERRP");
  CHECK((word == "DONE" || word == "PART") == (admin.changed > 0));
  CHECK(!text_of_result(word).empty());
  return 0;
}
