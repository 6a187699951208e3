// The lines of a crt-list: FILE [options of a bind line] names…, where "*.example.org" is a wildcard and "!name" an
// exception from the wildcards of its line. Lines that begin with '#', and what stands behind a word that does, are
// comments. Pure: opens nothing. Thread: one load. Errors: Diagnostics, at the word; the line is then left out.
// Manual: 5.1 (crt-list).
#pragma once

#include <string>
#include <vector>

#include "cfg/diag.h"
#include "cfg/source.h"
#include "cfg/words.h"
#include "lbd/config/tls.h"

namespace lbd::tls {

struct CrtListLine {
  cfg::Word file;
  // What the brackets hold as one text: lines with the same one speak TLS in the same way. "": nothing.
  std::string options;
  config::BindTls settings;
  std::vector<std::string> names;   // lower case, without exceptions
  std::vector<std::string> except;  // lower case, without "!"
  bool filtered = false;            // names were given: those of the certificate do not count
};

std::vector<CrtListLine> parse_crt_list(const cfg::Source& source, cfg::Diagnostics& diagnostics);

}  // namespace lbd::tls
