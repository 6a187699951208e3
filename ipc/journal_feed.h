// JournalFeed: what happens in this process (base/journal.h) goes to the local syncd as it happens, over the link that
// the process has with it, and after each connect all that is still known: syncd leaves out what it knows.
// journal_reply(): the same for who asks this process itself.
//
// Life: of the client; at most one a process. Thread: that of the loop. Errors: none; without syncd nothing is told.
#pragma once

#include "base/journal.h"
#include "ipc/client.h"

namespace ipc {

// Those behind `after`.
tandem::Events journal_events(uint64_t after);
tandem::Envelope journal_reply(const tandem::EventsRequest& request, const tandem::Hello& own);

class JournalFeed {
 public:
  explicit JournalFeed(base::Loop& loop);
  ~JournalFeed();
  void attach(Client& client);
  void detach() { client_ = nullptr; }
  // What is new now, rather than at the end of this turn of the loop.
  void tell();

 private:
  Client* client_ = nullptr;
  uint64_t told_ = 0;
  base::Timer soon_;
};

}  // namespace ipc
