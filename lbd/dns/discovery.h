// Discovery: servers whose addresses, or of which even the names and ports, come from DNS while lbd runs.
//
// A NamedServer follows the addresses of one name. A Service follows the SRV records of one name, for all servers of a
// backend that have it: each record takes the server that has been free longest; one whose record is gone is in
// maintenance. All changes go through the Supervisor, which logs them in HAProxy's words.
//
// Owner: Names. Thread: control thread. Life: as the objects. Errors: an answer that is bad, or none, takes the address
// away when the last good one is older than `hold` says. Manual: 5.2 resolvers …, 5.3; server-template.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "lbd/dns/resolver.h"
#include "lbd/server/supervisor.h"

namespace lbd::dns {

class NamedServer final : public Watcher {
 public:
  NamedServer(server::Server& server, const std::string& name, uint16_t port, Resolver& resolver,
              server::Supervisor& supervisor);
  ~NamedServer();
  NamedServer(const NamedServer&) = delete;
  NamedServer& operator=(const NamedServer&) = delete;
  bool follows(const server::Server& server) const { return &server_ == &server; }
  void hurry() { resolver_.hurry(question_); }

  void resolved(const Question& question, std::string_view by) override;
  void failed(const Question& question, Status status) override;

 private:
  server::Server& server_;
  const uint16_t port_;
  Resolver& resolver_;
  server::Supervisor& supervisor_;
  Question& question_;
};

class Service final : public Watcher {
 public:
  Service(const std::string& name, Resolver& resolver, server::Supervisor& supervisor);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  void add(server::Server& server);
  bool follows(const server::Server& server) const;
  void hurry() { resolver_.hurry(question_); }

  void resolved(const Question& question, std::string_view by) override;
  void failed(const Question& question, Status status) override;

 private:
  struct Member {
    server::Server* server;
    std::string target;  // "": no record is its
    uint16_t port = 0;
    uint32_t order = 0;                // of its record
    std::unique_ptr<NamedServer> own;  // its name is asked for, since no address came with the record
    bool has(const Record& record) const { return target == record.target && port == record.port; }
  };
  void take(Member& member, const Record& record, const Question& question);
  template <typename Stays>
  void release_unless(Stays stays);
  void release(Member& member);
  bool set_address(Member& member, const Question& question);
  void set_weight(Member& member, const Record& record);

  Resolver& resolver_;
  server::Supervisor& supervisor_;
  Question& question_;
  std::vector<std::unique_ptr<Member>> members_;
  std::deque<Member*> free_;
};

}  // namespace lbd::dns
