#include "vrrpd/dump.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/log.h"
#include "vrrpd/daemon.h"
#include "vrrpd/metrics.h"

namespace vrrpd {
namespace {

std::string_view enabled(bool on) {
  return on ? "enabled" : "disabled";
}

std::string when(base::WallTime time) {
  const int64_t micros = time.time_since_epoch().count();
  return fmt::format("{}.{:06} ({:%a %b %d %H:%M:%S %Y})", micros / 1'000'000, micros % 1'000'000,
                     fmt::localtime(static_cast<time_t>(micros / 1'000'000)));
}

class Dumper {
 public:
  explicit Dumper(const Daemon& daemon) : daemon_(daemon) {}

  std::string run() {
    global(daemon_.config().global);
    line("------< VRRP Topology >------");
    for (const auto& each : daemon_.instances()) instance(*each);
    if (!daemon_.groups().empty()) line("------< VRRP Sync groups >------");
    for (const auto& each : daemon_.groups()) group(*each);
    line("------< Interfaces >------");
    for (const auto& [index, each] : daemon_.netlink().all()) interface(each);
    return std::move(out_);
  }

 private:
  template <typename... Parts>
  void line(fmt::format_string<Parts...> text, Parts&&... parts) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Parts>(parts)...);
    out_ += '\n';
  }

  void announcements(std::string_view indent, const Announcements& a) {
    line("{}Gratuitous ARP delay = {}", indent, base::to_seconds(a.master_delay));
    line("{}Gratuitous ARP repeat = {}", indent, a.master_repeat);
    line("{}Gratuitous ARP refresh = {}", indent, base::to_seconds(a.refresh));
    line("{}Gratuitous ARP refresh repeat = {}", indent, a.refresh_repeat);
    line("{}Gratuitous ARP lower priority delay = {}", indent, base::to_seconds(a.lower_prio_delay));
    line("{}Gratuitous ARP lower priority repeat = {}", indent, a.lower_prio_repeat);
  }

  void global(const GlobalConfig& g) {
    line("------< Global definitions >------");
    line(" Router ID = {}", g.router_id);
    line(" Default interface = {}", g.default_interface);
    announcements(" ", g.announcements);
    line(" VRRP default protocol version = {}", g.version.value_or(2));
    line(" Script security {}", enabled(g.script_security));
    line(" Adverts for unknown VRIDs = {}", daemon_.foreign_adverts());
  }

  void addresses(std::string_view title, const std::vector<VirtualAddress>& configured, const VipSet& vips) {
    if (configured.empty()) return;
    line("   {} ({}):", title, configured.size());
    for (const VirtualAddress& address : configured) {
      for (const VipSet::Vip& vip : vips.vips()) {
        if (vip.address.ip != address.ip) continue;
        line("     {}/{} dev {}{}{}{}", address.ip.to_string(), vip.address.prefix, vip.address.device,
             vip.address.label.empty() ? "" : " label ", vip.address.label, vip.interface ? " set" : "");
        break;
      }
    }
  }

  void instance(const Instance& i) {
    const InstanceConfig& c = i.config();
    line(" VRRP Instance = {}", i.name());
    line("   VRRP Version = {}", c.version);
    if (i.group()) line("   Sync group = {}", i.group()->name());
    line("   State = {}", to_string(i.state()));
    line("   Reason = {}", i.reason());
    line("   Wantstate = {}", c.wants_master ? "MASTER" : "BACKUP");
    line("   Last transition = {}", when(i.since()));
    if (i.machine().due != base::kNever)
      line("   Next timer = {} usecs",
           std::chrono::duration_cast<base::Micros>(i.machine().due - base::mono_now()).count());
    line("   Interface = {}", c.interface);
    for (const AdvertPath& path : i.paths()) {
      const bool given = c.source && c.source->family == path.family();
      line("   Using src_ip = {}{}", path.source().to_string(), given ? " (from configuration)" : "");
      if (c.peers.empty() && path.socket()) line("   Multicast address {}", path.socket()->key().group.to_string());
    }
    announcements("   ", c.announcements);
    line("   Down timer adverts = {}", c.down_adverts);
    line("   Send advert after receive lower priority advert = {}", !c.lower_prio_no_advert.value_or(false));
    line("   Send advert after receive higher priority advert = {}", c.higher_prio_send_advert.value_or(false));
    line("   Virtual Router ID = {}", c.vrid);
    line("   Priority = {}", c.priority);
    line("   Effective priority = {}", i.priority());
    if (c.interval % base::Seconds(1) == base::Nanos(0))
      line("   Advert interval = {} sec", base::to_millis(c.interval) / 1000);
    else
      line("   Advert interval = {} milli-sec", base::to_millis(c.interval));
    line("   Accept = {}", enabled(c.accept.value_or(true) || c.priority == kOwnerPriority));
    line("   Preempt = {}", enabled(c.preempt));
    if (c.preempt_delay.count()) line("   Preempt delay = {} secs", base::to_seconds(c.preempt_delay));
    line("   Authentication type = {}", c.auth_type ? "SIMPLE_PASSWORD" : "none");
    addresses("Virtual IP", c.addresses, i.vips());
    addresses("Virtual IP Excluded", c.addresses_excluded, i.vips());
    if (!c.peers.empty()) line("   Unicast Peer :");
    for (const UnicastPeer& peer : c.peers)
      line("     {} min_ttl {} max_ttl {}", peer.ip.to_string(), peer.min_ttl, peer.max_ttl);
    trackings(i.trackings());
  }

  void trackings(const std::vector<Tracking>& all) {
    if (!all.empty()) line("   Tracked :");
    for (const Tracking& each : all)
      line("     {} weight {}{}, {}", each.tracker().describe(), each.weight(), each.reverse() ? " reverse" : "",
           each.tracker().up() ? "up" : "down");
  }

  void group(const SyncGroup& g) {
    line(" VRRP Sync Group = {}, {}", g.name(), to_string(g.state()));
    line("   VRRP member instances :");
    for (const Instance* member : g.members()) line("     {}", member->name());
    trackings(g.trackings());
  }

  void interface(const Interface& i) {
    line(" Name = {}", i.name);
    line("   index = {}", i.index);
    for (const InterfaceAddress& address : i.addresses)
      line("   {} address = {}", address.prefix.ip.is_v6() ? "IPv6" : "IPv4", address.prefix.ip.to_string());
    if (i.has_mac)
      line("   MAC = {:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", i.mac[0], i.mac[1], i.mac[2], i.mac[3], i.mac[4],
           i.mac[5]);
    line("   State = {}", i.up() ? "UP, RUNNING" : "DOWN");
    line("   MTU = {}", i.mtu);
  }

  const Daemon& daemon_;
  std::string out_;
};

}  // namespace

std::string dump(const Daemon& daemon) {
  return Dumper(daemon).run();
}

std::string dump_stats(const Daemon& daemon) {
  std::string out;
  for (const auto& instance : daemon.instances()) {
    out += fmt::format("VRRP Instance: {}\n", instance->name());
    base::Registered<InstanceMetric>::for_each(
        [&](const InstanceMetric& metric) { out += fmt::format("  {}: {}\n", metric.name, metric.read(*instance)); });
  }
  return out;
}

void write_dump(const std::string& path, const std::string& text) {
  unlink(path.c_str());
  const base::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    base::log(base::Level::err, "{}", base::Error::from_errno(path).text);
}

}  // namespace vrrpd
