// healthcheck sections: how servers are checked that name the section, whatever their backend says. The words are those
// of proxies, with `type` in the place of `option`. Manual of 3.4: healthcheck.
#include <fmt/format.h>

#include "lbd/config/section.h"

namespace lbd::config {
namespace {

void set_type(cfg::Args& args, HealthCheck& check) {
  const auto type = args.take<std::string>();
  if (!type) return;
  check.spec.type = *type;
  check.spec.location = args.statement().loc;
  check.spec.arguments = args.rest();
}

void add_step(cfg::Args& args, HealthCheck& check) {
  if (args.at_end()) return args.error("'" + args.name() + "' expects what to do");
  args.rest();
  check.spec.steps.push_back(args.statement());
}

constexpr cfg::Keyword<HealthCheck> kWords[] = {
    {.name = "http-check", .doc = "A step of type httpchk.", .set = add_step},
    {.name = "tcp-check", .doc = "A step of type tcp-check.", .set = add_step},
    {.name = "type",
     .doc = "The kind of check and its words, as behind 'option': httpchk, tcp-check …",
     .set = set_type},
};
const base::Registered<cfg::Keyword<HealthCheck>> kEnrolWords(kWords);

class HealthCheckSection : public Section {
 public:
  HealthCheckSection(HealthCheck& check, Loading& loading) : check_(check), loading_(loading) {}
  void line(const cfg::Statement& statement) override { run_word(statement, check_, "healthcheck", loading_); }

 private:
  HealthCheck& check_;
  Loading& loading_;
};

std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  auto check = std::make_unique<HealthCheck>();
  check->name = section_name(header, loading);
  check->spec.location = header.loc;
  if (check->name.empty()) return nullptr;
  for (const auto& other : loading.config.health_checks)
    if (other->name == check->name)
      loading.diagnostics.error(header.at(1), fmt::format("healthcheck section '{}' is declared twice", check->name));
  loading.config.health_checks.push_back(std::move(check));
  return std::make_unique<HealthCheckSection>(*loading.config.health_checks.back(), loading);
}

constexpr SectionRow kRows[] = {{"healthcheck", "How the servers are checked that name it.", open}};
const base::Registered<SectionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
