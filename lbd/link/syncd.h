// SyncdLink: what an operator changes at servers of this lbd goes to the local syncd, and what syncd knows (from the
// other node, from the lbd before us) is applied here. lbd is a replication peer like any other (replica/link.h). What
// it shares beside that has its Shares (share.h).
//
// A value is tied to the file that it was set against: when the file's weight, or its `disabled`, is another one now,
// the operator has edited the file since, and the file wins. Servers that the file does not know are remembered but
// change nothing. An absent syncd is a normal state: what is changed meanwhile is told when it comes.
// Life: start() to stop() or destruction. Thread: control thread. Errors: none; replication is late, never wrong.
#pragma once

#include <string>

#include "ipc/client.h"
#include "ipc/journal_feed.h"
#include "lbd/check/scheduler.h"
#include "lbd/expr/pattern_files.h"
#include "lbd/link/parts.h"
#include "lbd/server/objects.h"
#include "lbd/server/operator.h"
#include "lbd/stats/statistics.h"
#include "lbd/table/tables.h"
#include "lbd/tls/contexts.h"
#include "replica/link.h"

namespace lbd::link {

// What of this process is shared.
struct Subjects {
  const config::Config& config;
  const server::Objects& objects;
  server::Operator& the_operator;
  table::Tables& tables;
  check::Scheduler& checks;
  stats::Statistics& statistics;
  tls::Contexts* contexts;       // null where there is no TLS
  expr::PatternFiles* patterns;  // null: there are none
};

// Who wants to know what syncd says of itself, and says what it asks.
class SyncdObserver {
 public:
  // Its figures, once a second; null: it is not there.
  virtual void syncd_told(const tandem::StatsReply* stats) = 0;
  // What this lbd says of itself, when it is asked for this beside the rows.
  virtual tandem::StatsReply own_stats(const tandem::StatsRequest& wanted) = 0;

 protected:
  ~SyncdObserver() = default;
};

// `directory`: see ipc::ClientOptions.
class SyncdLink final : public ipc::ClientEvents,
                        public replica::LinkEvents,
                        public replica::StoreObserver,
                        public server::OperatorObserver {
 public:
  SyncdLink(base::Loop& loop, const Subjects& subjects, const tandem::Hello& hello, int directory,
            SyncdObserver& observer);
  ~SyncdLink();
  void start() { client_.start(); }
  void stop(std::string_view reason);
  // Both ends have told each other everything.
  bool complete() const {
    return link_.attached() && link_.session().complete() && (!parts_.attached() || parts_.complete());
  }
  bool up() const { return client_.up(); }
  // It is there and has not told everything.
  bool learning() const { return up() && !complete(); }
  PartsLink& parts() { return parts_; }
  // It tells what there is much of: entries of tables, committed maps.
  bool learning_parts() const { return parts_.attached() && !parts_.complete(); }
  // There was an attempt to connect and it failed.
  bool absent() const { return !client_.up() && !client_.last_error().empty(); }

 private:
  std::string on_up(ipc::Client& client, const tandem::Hello& hello) override;
  void on_envelope(ipc::Client& client, const tandem::Envelope& envelope) override;
  void on_writable(ipc::Client& client) override;
  void on_failed(ipc::Client& client, const base::Error& error) override;
  void on_down(ipc::Client& client, const std::string& reason) override;
  void on_complete() override;
  void on_broken(const std::string& reason) override;
  void store_changed(const replica::Record& record, const replica::Entry* before, replica::Source source) override;
  void operator_changed(server::Server& server, Field field) override;

  void say_sections();
  void ask();
  void answer(const tandem::ViewRequest& question);

  const config::Config& config_;
  const server::Objects& objects_;
  server::Operator& operator_;
  replica::Store store_;
  replica::Link link_;
  const bool shares_tables_;
  PartsLink parts_;
  ipc::Client client_;
  ipc::JournalFeed journal_;
  SyncdObserver& observer_;
  base::Timer question_;
  bool alone_told_ = false;
  bool denied_told_ = false;
};

}  // namespace lbd::link
