// explain: what would become of a request. Tandem's own.
#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

void explain(Invocation& invocation) {
  std::string question;
  for (size_t i = 0; i < invocation.argument_count(); ++i)
    question += (i == 0 ? "" : " ") + std::string(invocation.argument(i));
  if (!invocation.payload.empty()) question += "\n" + invocation.payload;
  invocation.answer += invocation.services.host.explain(question);
}

constexpr CommandRow kRows[] = {
    {.name = "explain",
     .usage = "METHOD URL [src=IP] [dst=IP] [frontend=NAME] [<< fields]",
     .doc = "tell what would become of a request",
     .level = Level::operator_,
     .run = explain},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
