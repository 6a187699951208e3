// What the statistics page does with a POST: changes of servers, as HAProxy's page takes them, and where the browser is
// sent afterwards: to the page, with a word that says how it went (;st=DONE).
//
// Whoever asks must be allowed to by `stats admin`, and the request must not come from a page of another site.
// Thread: the control thread. Errors: the word of the answer. Manual: 4.2 ("stats admin").
#pragma once

#include <string>
#include <string_view>

#include "lbd/stats/page.h"

namespace lbd::stats {

// What the page may change; set by the runtime.
class ServerAdmin {
 public:
  // False: it changed nothing.
  virtual bool administer(server::Server& server, std::string_view action) = 0;
  // Whether there is such an action.
  virtual bool knows(std::string_view action) const = 0;

 protected:
  ~ServerAdmin() = default;
};

// "DONE", "NONE", "PART", "ERRP", "EXCD", "DENY".
std::string_view apply_form(const PageRequest& request, const ProcessView& process);
// A text for a person; "" for an unknown word.
std::string_view text_of_result(std::string_view word);

}  // namespace lbd::stats
