// BindContext: TLS of one bind line: its profiles, its certificates, and which of both a client gets.
//
// A name is looked for as it is and then as a wildcard; of the certificates that have it one is taken whose key the
// client can use, ECDSA before RSA. Who asks for no name, or for an unknown one, gets the default: what default-crt
// says, else the first certificate of the line (with its bundle); strict-sni refuses those clients.
// All of that is one Selection, which is immutable. A change at run time makes another one, aside, and puts it in the
// place of the one before: a handshake looks at whichever is there when it asks, within one turn of its worker, and the
// one before is freed by base::Grace. So nothing is locked, and what cannot be made changes nothing.
// Owner: Contexts. Life: as the configuration's. Thread: made by the load, changed by the control thread; callbacks run
// in every worker. Errors: Diagnostics, at the word that named a file. Manual: 5.1 (crt, crt-list, strict-sni,
// default-crt); management 9.3 (commit ssl cert, add ssl crt-list).
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/grace.h"
#include "cfg/diag.h"
#include "lbd/config/bind.h"
#include "lbd/config/global.h"
#include "lbd/tls/authorities.h"
#include "lbd/tls/certificate_store.h"
#include "lbd/tls/crt_list.h"
#include "lbd/tls/meter.h"
#include "lbd/tls/profile.h"
#include "lbd/tls/replay_guard.h"
#include "lbd/tls/session_cache.h"
#include "lbd/tls/sni_index.h"
#include "lbd/tls/ticket_keys.h"

namespace lbd::tls {

// A file that a line asks for, before it is read.
struct WantedCertificate {
  std::vector<std::string> paths;                     // several: a folder, or a bundle
  cfg::Word word;                                     // that named it
  std::shared_ptr<const CrtListLine> line = nullptr;  // of a crt-list or a folder
  bool is_folder = false, is_default = false;
};

// What all bind lines have in common.
struct SharedState {
  const config::Global& global;
  const CertificateStore& store;
  Authorities& authorities;
  SessionCache& cache;
  ReplayGuard& replay_guard;
  TicketKeys& keys;
  Meter& meter;
  base::Grace& grace;
};

// A certificate as a bind line shows it.
struct ShownCertificate {
  std::shared_ptr<const Certificate> certificate;
  const Profile* profile;
  std::shared_ptr<const CrtListLine> line;  // null: the bind line names the file
  bool is_default;                          // also for who asks for nothing that is known

  const std::vector<std::string>& names() const { return line && line->filtered ? line->names : certificate->names(); }
};

struct Selection {
  std::vector<std::shared_ptr<const Profile>> profiles;  // the first one is that of the line
  std::vector<ShownCertificate> entries;
  std::vector<uint32_t> defaults;  // the default entry, with others of its bundle
  std::shared_ptr<const SniIndex> names;
};
using SelectionPtr = std::unique_ptr<const Selection>;

class BindContext {
 public:
  // What the line asks for; the store has read the paths of `wanted`. `own_keys`: null, or those of tls-ticket-keys.
  // Null after an error.
  static std::unique_ptr<BindContext> make(const config::Bind& bind, const std::vector<WantedCertificate>& wanted,
                                           TicketKeys* own_keys, const SharedState& shared,
                                           cfg::Diagnostics& diagnostics);
  ~BindContext();

  // For a connection that is made in this turn.
  SSL_CTX* context() const { return selection().profiles.front()->context(); }
  // Some of its profiles do.
  bool takes_early_data() const;
  const config::Bind& bind() const { return bind_; }

  // --- run time, control thread: what is there, and what would be there instead; null after an error ---
  const Selection& selection() const { return *selection_.load(std::memory_order_acquire); }
  // Its certificate in place of the one with the same path.
  SelectionPtr with(const std::shared_ptr<const Certificate>& certificate, cfg::Diagnostics& diagnostics) const;
  // With a line of a crt-list that it uses, at the end.
  SelectionPtr with(const std::shared_ptr<const CrtListLine>& line, cfg::Diagnostics& diagnostics) const;
  SelectionPtr without(const CrtListLine& line) const;
  // With all that comes of the files of authorities made anew.
  SelectionPtr renewed(cfg::Diagnostics& diagnostics) const;
  // From now on.
  void select(SelectionPtr selection);

 private:
  static constexpr size_t kMostCandidates = 8;
  struct Candidates {
    const ShownCertificate* entries[kMostCandidates];
    size_t size = 0;
    void collect(const Selection& selection, uint32_t chain, std::string_view name);
  };

  BindContext(const config::Bind& bind, TicketKeys* own_keys, const SharedState& shared);
  static int read_hello(SSL* ssl, int* alert, void* own);
  static int select_certificate(SSL* ssl, void* own);
  // Of a name in lower case; none: unknown.
  static Candidates find(const Selection& selection, std::string_view name);

  bool add(const WantedCertificate& wanted, Selection& to, cfg::Diagnostics& diagnostics);
  const Profile* profile_for(const CrtListLine& line, Selection& selection, cfg::Diagnostics& diagnostics) const;
  // The callbacks of its profiles, and the certificate that a context shows by itself.
  void equip(const Selection& selection) const;
  bool remake_profiles(Selection& selection, cfg::Diagnostics& diagnostics) const;

  const config::Bind& bind_;
  config::BindTls settings_;
  SharedState shared_;
  TicketKeys* keys_;
  bool strict_;
  std::atomic<const Selection*> selection_{nullptr};
};

}  // namespace lbd::tls
