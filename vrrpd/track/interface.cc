// track_interface: an interface of the node, up or not.
#include <algorithm>

#include "vrrpd/track/tracker.h"
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

class InterfaceTracker final : public Tracker, private NetlinkObserver {
 public:
  InterfaceTracker(std::string_view kind, const std::string& name, Netlink& netlink)
      : Tracker(kind, name, is_up(netlink.find(name))), netlink_(netlink) {
    netlink_.add_observer(*this);
  }
  ~InterfaceTracker() override { netlink_.remove_observer(*this); }

 private:
  static bool is_up(const Interface* interface) { return interface && interface->up(); }
  void on_interface(const Interface& interface) override {
    if (interface.name == name()) set_up(interface.up());
  }
  void on_interface_gone(const Interface& interface) override {
    if (interface.name == name()) set_up(false);
  }
  void on_address_gone(const Interface&, const base::IpAddr&) override {}

  Netlink& netlink_;
};

constexpr std::string_view kWord = "track_interface";
constexpr std::string_view kDoc = "Interfaces that must be up, or count with a weight.";

constexpr TrackerRow kRow[] = {
    {.name = kWord,
     .doc = kDoc,
     .own_weight = [](const Config&, std::string_view) -> std::optional<OwnWeight> { return OwnWeight{}; },
     .make = [](const TrackerContext& context, const std::string& name) -> std::unique_ptr<Tracker> {
       return std::make_unique<InterfaceTracker>(kWord, name, context.netlink);
     },
     .same = [](const Config&, const Config&, std::string_view) { return true; }}};
constexpr InstanceWord kInstance[] = {
    {.name = kWord, .doc = kDoc, .parse = [](InstanceConfig& i, Args& a) { parse_trackers(i.trackers, a); }}};
constexpr GroupWord kGroup[] = {
    {.name = kWord, .doc = kDoc, .parse = [](GroupConfig& g, Args& a) { parse_trackers(g.trackers, a); }}};

const base::Registered<TrackerRow> kEnrolRow(kRow);
const base::Registered<InstanceWord> kEnrolInstance(kInstance);
const base::Registered<GroupWord> kEnrolGroup(kGroup);

}  // namespace
}  // namespace vrrpd
