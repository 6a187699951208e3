// The words of vrrp_instance.
#include <algorithm>

#include "base/strings.h"
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

using Instance = InstanceConfig;

void parse_state(Instance& instance, Args& args) {
  const auto word = args.next("MASTER or BACKUP");
  if (!word) return;
  instance.wants_master = word->text == "MASTER";
  if (!instance.wants_master && word->text != "BACKUP")
    args.error(word->loc, fmt::format("unknown state '{}', taken as BACKUP", word->text), "MASTER or BACKUP");
  args.expect_end();
}

void parse_authentication(Instance& instance, Args& args) {
  args.expect_end();
  for (const cfg::Block& line : args.block().body) {
    if (line.words.empty()) continue;
    Args inner(line, args.diagnostics());
    if (line[0] == "auth_type") {
      const auto word = inner.next("PASS");
      if (!word) continue;
      if (word->text == "PASS" || word->text == "SIMPLE_PASSWORD")
        instance.auth_type = static_cast<uint8_t>(AuthType::password);
      else
        inner.error(word->loc, fmt::format("authentication '{}' is not supported", word->text),
                    "PASS is the only type that VRRP implementations still share");
    } else if (line[0] == "auth_pass") {
      inner.text(instance.auth_pass, "a password");
      if (instance.auth_pass.size() > Password().size()) {
        args.diagnostics().warning(line.at(1), "only the first 8 characters of the password count");
        instance.auth_pass.resize(Password().size());
      }
    } else {
      inner.error(line.words[0].loc, fmt::format("unknown word '{}' in authentication", line[0]),
                  cfg::did_you_mean(line[0], {"auth_type", "auth_pass"}));
      continue;
    }
    inner.expect_end();
  }
}

void parse_peers(Instance& instance, Args& args) {
  instance.unicast_meant = true;
  args.expect_end();
  for (const cfg::Block& line : args.block().body) {
    if (line.words.empty()) continue;
    Args inner(line, args.diagnostics(), 0);
    UnicastPeer peer;
    inner.address(peer.ip);
    if (peer.ip.family == base::Family::none) continue;
    while (inner.more()) {
      if (inner.take_if("min_ttl")) {
        inner.number(peer.min_ttl, 0, 255);
      } else if (inner.take_if("max_ttl")) {
        inner.number(peer.max_ttl, 0, 255);
      } else {
        const auto address = inner.ip();  // several peers on a line
        if (!address) break;
        instance.peers.push_back(peer);
        peer = UnicastPeer{.ip = *address};
      }
    }
    instance.peers.push_back(peer);
  }
}

// Five octets or six; nothing when it is none.
std::optional<std::vector<uint8_t>> parse_mac(std::string_view text) {
  std::vector<uint8_t> octets;
  for (const std::string_view part : base::split(text, ':')) {
    const auto octet = base::parse_int<unsigned>(part, 16);
    if (!octet || *octet > 0xff || part.size() > 2) return std::nullopt;
    octets.push_back(static_cast<uint8_t>(*octet));
  }
  if (octets.size() != 5 && octets.size() != 6) return std::nullopt;
  return octets;
}

void parse_vmac(Instance& instance, Args& args) {
  constexpr size_t kLongestName = 15;
  VirtualMacConfig vmac;
  vmac.on = true;
  vmac.transmit_base = instance.vmac.transmit_base;
  while (args.more()) {
    const cfg::Word word = *args.next("an interface");
    if (const auto octets = parse_mac(word.text)) {
      vmac.mac.emplace();
      std::copy(octets->begin(), octets->end(), vmac.mac->begin());
      vmac.mac_ends_with_vrid = octets->size() == 5;
    } else if (!vmac.name.empty() || word.text.size() > kLongestName) {
      return args.error(word.loc, fmt::format("'{}' is neither an interface nor a MAC address", word.text));
    } else {
      vmac.name = word.text;
    }
  }
  instance.vmac = std::move(vmac);
}

void parse_extra(Instance& instance, Args& args) {
  instance.announcement_words.extra_everywhere = args.take_if("all");
  args.seconds(instance.announcement_words.extra, 0, 86400);
  args.expect_end();
}

constexpr std::string_view kFurtherVmac = "only the interface of the instance gets a virtual MAC address";

constexpr InstanceWord kIdentity[] = {
    {.name = "state", .doc = "MASTER or BACKUP: what the node means to be.", .parse = parse_state},
    {.name = "interface",
     .doc = "The interface that VRRP runs on.",
     .parse = [](Instance& i, Args& a) { a.text(i.interface, "an interface"), a.expect_end(); }},
    {.name = "virtual_router_id",
     .doc = "VRID, 1 to 255.",
     .parse = [](Instance& i, Args& a) { a.number(i.vrid, 1, 255), a.expect_end(); }},
    {.name = "priority",
     .doc = "1 to 255; 255 is the owner of the addresses.",
     .parse = [](Instance& i, Args& a) { a.number(i.priority, 1, 255), a.expect_end(); }},
    {.name = "advert_int",
     .doc = "Seconds between adverts, 0.01 to 255.",
     .parse = [](Instance& i, Args& a) { a.seconds(i.interval, 0.01, 255), a.expect_end(); }},
    {.name = "version",
     .doc = "Version of the protocol, 2 or 3.",
     .parse = [](Instance& i, Args& a) { a.number(i.version_word, 2, 3), a.expect_end(); }},
    {.name = "native_ipv6", .doc = "Nothing: the addresses tell the family.", .parse = [](Instance&, Args&) {}},
    {.name = "authentication", .doc = "Password of VRRPv2.", .parse = parse_authentication},
    {.name = "down_timer_adverts",
     .doc = "Missed adverts until the master counts as gone, 1 to 100.",
     .parse = [](Instance& i, Args& a) { a.number(i.down_adverts, 1, 100), a.expect_end(); }},
};

constexpr InstanceWord kElection[] = {
    {.name = "tandem_pair",
     .doc = "Tandem: there is one other router only, which takes over at once when this one resigns.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.pair), a.expect_end(); }},
    {.name = "timer_expired_backup",
     .doc = "Nothing: a master that has slept beyond its timers always listens first, and gives way to whom it hears.",
     .parse = [](Instance&, Args& a) { a.expect_end(); }},
    {.name = "nopreempt",
     .doc = "Do not take over from a living master of lower priority.",
     .parse = [](Instance& i, Args&) { i.preempt = false; }},
    {.name = "preempt", .doc = "The default.", .parse = [](Instance& i, Args&) { i.preempt = true; }},
    {.name = "preempt_delay",
     .doc = "Seconds for which a living master of lower priority is still obeyed.",
     .parse = [](Instance& i, Args& a) { a.seconds(i.preempt_delay, 0, 1000), a.expect_end(); }},
    {.name = "preempt_unready",
     .doc = "Tandem, with track_lbd: preempt although this node lacks something that the master has.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.preempt_unready), a.expect_end(); }},
    {.name = "owner_ignore_adverts",
     .doc = "With priority 255: give way to nobody.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.owner_ignores), a.expect_end(); }},
    {.name = "lower_prio_no_advert",
     .doc = "Do not answer an advert of lower priority with an own one.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.lower_prio_no_advert), a.expect_end(); }},
    {.name = "higher_prio_send_advert",
     .doc = "Advertise once more before giving way.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.higher_prio_send_advert), a.expect_end(); }},
    {.name = "strict_mode",
     .doc = "Follow the RFC to the letter.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.strict), a.expect_end(); }},
    {.name = "accept",
     .doc = "Accept packets to the addresses; the default.",
     .parse = [](Instance& i, Args&) { i.accept = true; }},
    {.name = "no_accept",
     .doc = "Do not accept packets to the addresses unless their owner.",
     .parse = [](Instance& i, Args&) { i.accept = false; }},
    {.name = "skip_check_adv_addr",
     .doc = "Do not compare the addresses of adverts.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.skip_check_addresses), a.expect_end(); }},
};

constexpr InstanceWord kTransport[] = {
    {.name = "mcast_src_ip",
     .doc = "Source address of adverts.",
     .parse = [](Instance& i, Args& a) { a.address(i.source), a.expect_end(); }},
    {.name = "unicast_src_ip",
     .doc = "Source address of adverts.",
     .parse = [](Instance& i, Args& a) { a.address(i.source), a.expect_end(); }},
    {.name = "track_src_ip",
     .doc = "FAULT while the source address is not there.",
     .parse = [](Instance& i, Args&) { i.track_source = true; }},
    {.name = "mcast_dst_ip",
     .doc = "Another multicast group.",
     .parse = [](Instance& i, Args& a) { a.address(i.group), a.expect_end(); }},
    {.name = "unicast_peer", .doc = "Send to these addresses, not to the group.", .parse = parse_peers},
    {.name = "check_unicast_src",
     .doc = "Take adverts from the unicast peers only; the default.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.check_unicast_source), a.expect_end(); }},
    {.name = "unicast_ttl",
     .doc = "TTL of unicast adverts.",
     .parse = [](Instance& i, Args& a) { a.number(i.unicast_ttl, 0, 255), a.expect_end(); }},
    {.name = "v3_checksum_as_v2",
     .doc = "Checksum of VRRPv3 over IPv4 without pseudo-header.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.v3_checksum_plain), a.expect_end(); }},
    {.name = "unicast_fault_no_peer",
     .doc = "FAULT when unicast is meant and no peer is given.",
     .parse = [](Instance& i, Args&) { i.fault_without_peer = true; }},
    {.name = "old_unicast_checksum",
     .doc = "Checksum of keepalived before 1.3.6.",
     .parse = [](Instance&, Args& a) { a.no_effect("keepalived before 1.3.6 is not spoken"); }},
    {.name = "auth_hmac",
     .doc = "HMAC trailer of keepalived 2.4.",
     .parse = [](Instance&, Args& a) { a.no_effect("not supported yet, adverts are not authenticated"); }},
    {.name = "kernel_rx_buf_size",
     .doc = "Receive buffer of the socket.",
     .parse = [](Instance&, Args& a) { a.no_effect("the buffer is sized for the traffic"); }},
};

constexpr InstanceWord kAddresses[] = {
    {.name = "virtual_ipaddress",
     .doc = "The addresses that move.",
     .parse = [](Instance& i, Args& a) { parse_addresses(i.addresses, a); }},
    {.name = "virtual_ipaddress_excluded",
     .doc = "More of them, not named in adverts.",
     .parse = [](Instance& i, Args& a) { parse_addresses(i.addresses_excluded, a); }},
    {.name = "virtual_routes",
     .doc = "Routes that move.",
     .parse = [](Instance& i, Args& a) { parse_routes(i.routes.routes, a); }},
    {.name = "virtual_rules",
     .doc = "Rules of policy routing that move.",
     .parse = [](Instance& i, Args& a) { parse_rules(i.routes.rules, a); }},
    {.name = "promote_secondaries",
     .doc = "Keep the other addresses of a network when one goes.",
     .parse = [](Instance& i, Args&) { i.promote_secondaries = true; }},
    {.name = "garp_master_delay",
     .doc = "Seconds until the second round of announcements.",
     .parse = [](Instance& i, Args& a) { a.seconds(i.announcement_words.master_delay, 0, 3600), a.expect_end(); }},
    {.name = "garp_master_repeat",
     .doc = "Announcements in a round.",
     .parse = [](Instance& i, Args& a) { a.number(i.announcement_words.master_repeat, 0, 255), a.expect_end(); }},
    {.name = "garp_master_refresh",
     .doc = "Seconds between announcements while master.",
     .parse = [](Instance& i, Args& a) { a.seconds(i.announcement_words.refresh, 0, 86400), a.expect_end(); }},
    {.name = "garp_master_refresh_repeat",
     .doc = "Announcements in such a round.",
     .parse = [](Instance& i, Args& a) { a.number(i.announcement_words.refresh_repeat, 1, 255), a.expect_end(); }},
    {.name = "garp_lower_prio_delay",
     .doc = "Seconds until the second round after a master of lower priority was heard.",
     .parse = [](Instance& i, Args& a) { a.seconds(i.announcement_words.lower_prio_delay, 0, 3600), a.expect_end(); }},
    {.name = "garp_lower_prio_repeat",
     .doc = "Announcements in such a round.",
     .parse = [](Instance& i, Args& a) { a.number(i.announcement_words.lower_prio_repeat, 0, 255), a.expect_end(); }},
    {.name = "garp_extra_if",
     .doc = "Seconds between announcements on interfaces that no advert leaves by: those with a virtual MAC, or 'all'.",
     .parse = parse_extra},
    {.name = "vmac_garp_intvl", .doc = "The same, as it was called once.", .parse = parse_extra},
    {.name = "no_virtual_ipaddress",
     .doc = "No addresses are meant.",
     .parse = [](Instance& i, Args& a) { i.no_addresses = true, a.expect_end(); }},
};

constexpr InstanceWord kTracking[] = {
    {.name = "dont_track_primary",
     .doc = "Stay although the interface is down.",
     .parse = [](Instance& i, Args&) { i.track_primary = false; }},
    {.name = "track_bfd",
     .doc = "BFD sessions.",
     .parse = [](Instance&, Args& a) { a.no_effect("BFD is not spoken"); }},
    {.name = "linkbeat_use_polling",
     .doc = "Poll the link.",
     .parse = [](Instance&, Args& a) { a.no_effect("the kernel tells of every link"); }},
};

constexpr InstanceWord kNotify[] = {
    {.name = "notify_master",
     .doc = "Script on becoming master.",
     .parse = [](Instance& i, Args& a) { a.command(i.notify.master); }},
    {.name = "notify_backup",
     .doc = "Script on becoming backup.",
     .parse = [](Instance& i, Args& a) { a.command(i.notify.backup); }},
    {.name = "notify_fault",
     .doc = "Script on a fault.",
     .parse = [](Instance& i, Args& a) { a.command(i.notify.fault); }},
    {.name = "notify_stop",
     .doc = "Script at the stop.",
     .parse = [](Instance& i, Args& a) { a.command(i.notify.stop); }},
    {.name = "notify_deleted",
     .doc = "Script when a reload deletes the instance.",
     .parse =
         [](Instance& i, Args& a) {
           i.notify.tell_deleted = true;
           if (a.more()) a.command(i.notify.deleted);
         }},
    {.name = "notify_master_rx_lower_pri",
     .doc = "Script when a master of lower priority is heard.",
     .parse = [](Instance& i, Args& a) { a.command(i.notify.master_rx_lower_pri); }},
    {.name = "notify",
     .doc = "Script on every change; gets INSTANCE, the name, the state and the priority.",
     .parse = [](Instance& i, Args& a) { a.command(i.notify.any); }},
    {.name = "notify_priority_changes",
     .doc = "Changes of priority go into the notify fifos.",
     .parse = [](Instance& i, Args& a) { a.boolean(i.notify_priority_changes), a.expect_end(); }},
    {.name = "smtp_alert", .doc = "Mail.", .parse = [](Instance&, Args& a) { no_mail(a); }},
    {.name = "lvs_sync_daemon_interface",
     .doc = "IPVS.",
     .parse = [](Instance&, Args& a) { a.no_effect("there is no IPVS here; lbd balances"); }},
    {.name = "debug", .doc = "Nothing.", .parse = [](Instance&, Args&) {}},
};

constexpr InstanceWord kVirtualMac[] = {
    {.name = "use_vmac",
     .doc = "The addresses are on an interface of their own with the virtual MAC address.",
     .parse = parse_vmac},
    {.name = "use_vmac_addr",
     .doc = "Virtual MAC address on further interfaces.",
     .parse = [](Instance&, Args& a) { a.no_effect(kFurtherVmac); }},
    {.name = "vmac_xmit_base",
     .doc = "Adverts on the interface below the virtual MAC.",
     .parse = [](Instance& i, Args&) { i.vmac.transmit_base = true; }},
    {.name = "use_ipvlan", .doc = "ipvlan.", .parse = [](Instance&, Args& a) { a.no_effect("say use_vmac"); }},
    {.name = "vrf",
     .doc = "Routing domain of an instance without interface.",
     .parse = [](Instance&, Args& a) { a.no_effect("routing domains are not supported"); }},
};

const base::Registered<InstanceWord> kEnrolIdentity(kIdentity);
const base::Registered<InstanceWord> kEnrolElection(kElection);
const base::Registered<InstanceWord> kEnrolTransport(kTransport);
const base::Registered<InstanceWord> kEnrolAddresses(kAddresses);
const base::Registered<InstanceWord> kEnrolTracking(kTracking);
const base::Registered<InstanceWord> kEnrolNotify(kNotify);
const base::Registered<InstanceWord> kEnrolVirtualMac(kVirtualMac);

}  // namespace
}  // namespace vrrpd
