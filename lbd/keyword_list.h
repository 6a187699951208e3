// keyword_text(): every word that lbd knows, from the rows themselves, for -dK and docs/words.md: so what is listed is
// what works. Classes as HAProxy has them (cfg, smp, cnv, acl, cli, svc) and those of our other rows; `markdown` is
// the page of docs/. Pure. Thread: any.
#pragma once

#include <string>
#include <string_view>

namespace lbd {

// "help", "all", "markdown", or classes with commas between.
std::string keyword_text(std::string_view classes);

}  // namespace lbd
