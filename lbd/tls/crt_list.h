// The lines of a crt-list: FILE [options of a bind line] names…, where "*.example.org" is a wildcard and "!name" an
// exception from the wildcards of its line. Lines that begin with '#', and what stands behind a word that does, are
// comments. Pure: opens nothing. Thread: one load. Errors: Diagnostics, at the word; the line is then left out.
// Manual: 5.1 (crt-list).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cfg/diag.h"
#include "cfg/source.h"
#include "cfg/words.h"
#include "lbd/config/tls.h"
#include "lbd/tls/crt_store.h"

namespace lbd::tls {

struct CrtListLine {
  cfg::Word file;
  // What the brackets hold as one text: lines with the same one speak TLS in the same way. "": nothing.
  std::string options;
  config::BindTls settings;
  std::vector<std::string> filters;  // names and exceptions as they are written
  std::vector<std::string> names;    // lower case, without exceptions
  std::vector<std::string> except;   // lower case, without "!"
  bool filtered = false;             // names were given: those of the certificate do not count
  std::string path = {};             // of the certificate, as its reader found it
  uint32_t number = 0;               // of the line; 0: of a folder
};

std::vector<CrtListLine> parse_crt_list(const cfg::Source& source, cfg::Diagnostics& diagnostics);

// ssl-f-use crt FILE [key K] [ocsp O] [issuer I] [sctl S] [options of a crt-list]: as a line of one. `files`: what it
// says of files beside the certificate's own. Nothing after an error. Manual: HAProxy 3.2, section 4.2 (ssl-f-use).
std::optional<CrtListLine> parse_use_line(const cfg::Statement& statement, StoredCertificate& files,
                                          cfg::Diagnostics& diagnostics);

}  // namespace lbd::tls
