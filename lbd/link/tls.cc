#include "lbd/link/tls.h"

#include <ctime>

namespace lbd::link {

void TlsShare::mark_all() {
  told_.clear();
  contexts_.sessions().mark_all();
}

void TlsShare::collect(Teller& teller) {
  tls::TicketKeys& keys = contexts_.ticket_keys();
  if (std::string state = keys.used() ? keys.state() : std::string(); state != told_) {
    teller.tell(kKeys, {}, state, 0);
    told_ = std::move(state);
  }
  contexts_.sessions().take_news([&](std::string_view id, const std::string& session, int64_t expires) {
    teller.tell(kSessions, id, session, expires * 1000);
  });
}

void TlsShare::accept(const replica::PartStore::News& news) {
  if (news.table == kSessions)
    return contexts_.sessions().learn(news.key, std::string(news.value), news.deadline / 1000, std::time(nullptr));
  if (news.table != kKeys) return;
  using tls::TicketKeys;
  if (contexts_.ticket_keys().used()) {
    (void)contexts_.ticket_keys().adopt(news.value);
    return;
  }
  // Several processes may have left theirs: those that came into use last.
  const int64_t since = TicketKeys::since(news.value);
  if (since > adopted_since_ && contexts_.ticket_keys().adopt(news.value, TicketKeys::Adopt::any))
    adopted_since_ = since;
}

}  // namespace lbd::link
