#include "lbd/dns/discovery.h"

#include <algorithm>

#include "lbd/dns/choice.h"

namespace lbd::dns {
namespace {

using server::Server;

Type first_type(const Server& server) {
  return server.config().resolve_prefer == base::Family::v6 ? Type::aaaa : Type::a;
}

base::IpAddr current_address(const Server& server) {
  return server.has_address() ? server.address().ip_port().ip : base::IpAddr{};
}

// The addresses that other servers of the name have; of SRV records, which may give several ports of a machine, those
// with the same port.
std::vector<base::IpAddr> taken_by_others(const Server& server, uint16_t port) {
  std::vector<base::IpAddr> taken;
  for (const auto& other : server.backend().servers()) {
    if (other.get() == &server || other->host != server.host || !other->has_address()) continue;
    if (server.config().srv() && other->address().port() != port) continue;
    const base::IpAddr ip = current_address(*other);
    if (ip.length() > 0) taken.push_back(ip);
  }
  return taken;
}

std::optional<base::IpAddr> choose_for(const Server& server, uint16_t port,
                                       const std::vector<base::IpAddr>& addresses) {
  const config::Server& config = server.config();
  const Preference preference{config.resolve_prefer, config.resolve_net, config.resolve_allow_dup};
  return choose(addresses, preference, current_address(server), taken_by_others(server, port));
}

std::string_view text_of(Status status) {
  switch (status) {
    case Status::nx:
      return "DNS NX status";
    case Status::timeout:
      return "DNS timeout status";
    case Status::refused:
      return "DNS refused status";
    case Status::valid:
    case Status::other:
      break;
  }
  return "unspecified DNS error";
}

// 16 bits of a record in the 0 … 256 of a server.
uint32_t weight_of(const Record& record) {
  return record.weight == 0 ? 0 : record.weight / 256u + 1;
}

}  // namespace

NamedServer::NamedServer(Server& server, const std::string& name, uint16_t port, Resolver& resolver,
                         server::Supervisor& supervisor)
    : server_(server),
      port_(port),
      resolver_(resolver),
      supervisor_(supervisor),
      question_(resolver.watch(name, first_type(server), *this)) {}

NamedServer::~NamedServer() {
  resolver_.unwatch(question_, *this);
}

void NamedServer::resolved(const Question& question, std::string_view by) {
  const base::MonoTime now = base::mono_now();
  std::vector<base::IpAddr> addresses;
  for (const Record* record : question.records().all()) addresses.push_back(record->ip);
  const auto ip = choose_for(server_, port_, addresses);
  if (!ip) return supervisor_.name_lost(server_, "No IP for server ", now);
  supervisor_.resolved(server_, {*ip, port_}, by);
  supervisor_.name_found(server_, true, now);
}

void NamedServer::failed(const Question& question, Status status) {
  const base::MonoTime now = base::mono_now();
  if (question.valid_within(resolver_.hold(status), now)) return;
  supervisor_.name_lost(server_, text_of(status), now);
}

Service::Service(const std::string& name, Resolver& resolver, server::Supervisor& supervisor)
    : resolver_(resolver), supervisor_(supervisor), question_(resolver.watch(name, Type::srv, *this)) {}

Service::~Service() {
  resolver_.unwatch(question_, *this);
}

void Service::add(Server& server) {
  members_.push_back(std::make_unique<Member>());
  members_.back()->server = &server;
  free_.push_back(members_.back().get());
}

bool Service::follows(const Server& server) const {
  return std::any_of(members_.begin(), members_.end(), [&](const auto& member) { return member->server == &server; });
}

void Service::resolved(const Question& question, std::string_view) {
  const std::vector<const Record*> records = question.records().all();
  auto member_of = [&](const Record& record) {
    return std::find_if(members_.begin(), members_.end(), [&](const auto& member) { return member->has(record); });
  };
  release_unless([&](const Member& member) {
    return std::any_of(records.begin(), records.end(), [&](const Record* record) { return member.has(*record); });
  });
  for (const Record* record : records) {
    if (auto known = member_of(*record); known != members_.end()) {
      set_weight(**known, *record);
      if (!(*known)->own) set_address(**known, question);
    } else if (!free_.empty()) {
      Member& member = *free_.front();
      free_.pop_front();
      take(member, *record, question);
    }
  }
}

void Service::failed(const Question& question, Status status) {
  if (question.valid_within(resolver_.hold(status), base::mono_now())) return;
  release_unless([](const Member&) { return false; });
}

// In the order of their records.
template <typename Stays>
void Service::release_unless(Stays stays) {
  std::vector<Member*> leaving;
  for (const auto& member : members_)
    if (!member->target.empty() && !stays(*member)) leaving.push_back(member.get());
  std::stable_sort(leaving.begin(), leaving.end(),
                   [](const Member* one, const Member* other) { return one->order < other->order; });
  for (Member* member : leaving) release(*member);
}

void Service::take(Member& member, const Record& record, const Question& question) {
  Server& server = *member.server;
  member.target = record.target;
  member.port = record.port;
  member.order = order_of(record);
  server.set_admin(server.admin() | server::kHostSetAtRunTime);
  set_weight(member, record);
  const bool addressed = set_address(member, question);
  supervisor_.set_host(server, record.target, "SRV record");
  if (addressed)
    supervisor_.name_found(server, false, base::mono_now());
  else
    member.own = std::make_unique<NamedServer>(server, record.target, record.port, resolver_, supervisor_);
}

void Service::release(Member& member) {
  member.own.reset();
  supervisor_.name_lost(*member.server, "entry removed from SRV record", base::mono_now());
  supervisor_.set_host(*member.server, {}, {});
  member.target.clear();
  free_.push_back(&member);
}

// From what came with the records. False: nothing did.
bool Service::set_address(Member& member, const Question& question) {
  std::vector<base::IpAddr> addresses;
  for (const Record& record : question.additional())
    if (record.owner == member.target) addresses.push_back(record.ip);
  const auto ip = choose_for(*member.server, member.port, addresses);
  if (ip) supervisor_.resolved(*member.server, {*ip, member.port}, "DNS additional record");
  return ip.has_value();
}

void Service::set_weight(Member& member, const Record& record) {
  if (!member.server->config().resolve_ignore_weight) supervisor_.set_weight(*member.server, weight_of(record));
}

}  // namespace lbd::dns
