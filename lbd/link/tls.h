// TlsShare: what TLS clients need to resume their sessions on any node: the keys of session tickets, and the sessions
// that are resumed by number. They are secrets: syncd gives them to other nodes only over links that nobody else can
// read.
//
// A node that has sealed no ticket takes over the keys that others use; among those that have, the keys that were
// rotated last hold on all nodes. Keys of tls-ticket-keys files are in the hands of their owner.
// Owner: PartsLink. Thread, errors: see Share.
#pragma once

#include <string>

#include "lbd/link/share.h"
#include "lbd/tls/contexts.h"

namespace lbd::link {

class TlsShare final : public Share {
 public:
  explicit TlsShare(tls::Contexts& contexts) : contexts_(contexts) {}

  bool owns(std::string_view list) const override { return list == kKeys || list == kSessions; }
  bool inherited() const override { return true; }
  void mark_all() override;
  void collect(Teller& teller) override;
  void accept(const replica::PartStore::News& news) override;

 private:
  static constexpr std::string_view kKeys = "secret/ticket-keys", kSessions = "secret/sessions";
  tls::Contexts& contexts_;
  std::string told_;
  int64_t adopted_since_ = 0;
};

}  // namespace lbd::link
