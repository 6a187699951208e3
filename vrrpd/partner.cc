#include "vrrpd/partner.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/version.h"
#include "vrrpd/packet.h"

namespace vrrpd {
namespace {

constexpr base::Millis kFirstDelay{50};
constexpr base::Seconds kMostDelay{1};

bool same_states(const Words& before, const Words& now) {
  return std::equal(before.begin(), before.end(), now.begin(), now.end(), [](const auto& one, const auto& other) {
    return one.first == other.first && one.second.state == other.second.state;
  });
}

}  // namespace

Partner::Partner(base::Loop& loop, Events events) : loop_(loop), events_(std::move(events)), journal_(loop) {}

Partner::~Partner() {
  journal_.tell();
  journal_.detach();
  if (client_) client_->stop("stopping");
}

void Partner::connect(const std::string& path) {
  if (path == path_) return;
  path_ = path;
  nodes_.clear();
  facts_.clear();
  last_facts_.clear();
  teaching_.clear();
  spoken_.clear();
  linked_since_ = base::kNever;
  journal_.detach();
  if (client_) client_->stop();
  client_.reset();
  if (path.empty()) return;
  ipc::ClientOptions options;
  options.to = base::SockAddr::unix_path(path);
  options.hello = ipc::make_hello(tandem::ROLE_VRRPD, base::kVersion);
  options.first_delay = kFirstDelay;
  options.most_delay = kMostDelay;
  client_.reset(new ipc::Client(loop_, options, *this));
  client_->start();
}

void Partner::say(tandem::VrrpWord word) {
  if (!linked()) return;
  tandem::Envelope envelope;
  *envelope.mutable_vrrp_word() = std::move(word);
  client_->send(envelope);
}

std::string Partner::best_backup(RouterId id) const {
  std::string best;
  int highest = 0;
  for (const auto& [node, words] : nodes_) {
    const auto word = words.find(id);
    // A master that we have just relieved may not have said yet that it is a backup.
    const bool able =
        word != words.end() && (word->second.state == State::backup || word->second.state == State::master);
    if (!able || word->second.priority <= highest) continue;
    highest = word->second.priority;
    best = node;
  }
  return best;
}

const tandem::NodeFacts* Partner::last_facts(const std::string& node) const {
  const auto known = last_facts_.find(node);
  return known == last_facts_.end() ? nullptr : &known->second;
}

std::string Partner::master_of(RouterId id) const {
  for (const auto& [node, words] : nodes_)
    if (const auto word = words.find(id); word != words.end() && word->second.state == State::master) return node;
  return {};
}

std::vector<std::string> Partner::lost(RouterId id) const {
  std::vector<std::string> lost;
  for (const auto& [node, routers] : spoken_)
    if (routers.contains(id) && !nodes_.contains(node)) lost.push_back(node);
  return lost;
}

std::string Partner::on_up(ipc::Client& client, const tandem::Hello& hello) {
  if (hello.role() != tandem::ROLE_SYNCD) return "this is no syncd";
  base::log(base::Level::info, "linked with syncd");
  linked_since_ = base::mono_now();
  journal_.attach(client);
  events_.linked();
  return "";
}

void Partner::answer(const tandem::ViewRequest& question) {
  tandem::Envelope envelope;
  *envelope.mutable_account() = events_.account();
  envelope.mutable_account()->set_number(question.number());
  *envelope.mutable_account()->mutable_hello() = client_->options().hello;
  client_->send(envelope);
}

void Partner::on_envelope(ipc::Client&, const tandem::Envelope& envelope) {
  if (envelope.has_view_request()) return answer(envelope.view_request());
  if (!envelope.has_vrrp_word()) return;
  const tandem::VrrpWord& word = envelope.vrrp_word();
  if (word.gone()) {
    nodes_.erase(word.node());
    take_facts(word);
    return events_.changed();
  }
  const bool fresh = !nodes_.contains(word.node());
  const Words words = words_of(word, base::mono_now());
  for (const auto& each : words) spoken_[word.node()].insert(each.first);
  const Words before = std::exchange(nodes_[word.node()], words);
  bool changed = take_facts(word) || !same_states(before, words);
  changed |= word.teaching() ? teaching_.insert(word.node()).second : teaching_.erase(word.node()) != 0;
  // Whoever is new does not know what we have said.
  if (fresh) events_.linked();
  for (const auto& router : word.routers()) {
    const RouterId id = id_of(router);
    const auto said = words.find(id);
    const auto earlier = before.find(id);
    if (said == words.end()) continue;
    events_.said(id, word.node(), said->second);
    if (!router.successor().empty()) {
      if (router.successor() == word.here()) events_.invited(id, word.node());
    } else if (said->second.state == State::master) {
      events_.heard(id, said->second);
    } else if (earlier != before.end() && earlier->second.state == State::master) {
      // Its advert that said so may have been overtaken by an older word.
      RouterWord resigned = said->second;
      resigned.priority = kResignPriority;
      events_.heard(id, resigned);
    }
  }
  if (changed) events_.changed();
}

// Whether that is news.
bool Partner::take_facts(const tandem::VrrpWord& word) {
  const auto before = facts_.find(word.node());
  if (!word.has_facts()) {
    if (before == facts_.end()) return false;
    facts_.erase(before);
    return true;
  }
  if (before != facts_.end() && before->second.SerializeAsString() == word.facts().SerializeAsString()) return false;
  facts_[word.node()] = last_facts_[word.node()] = word.facts();
  return true;
}

void Partner::on_down(ipc::Client&, const std::string& reason) {
  base::log(base::Level::info, "the link with syncd has ended: {}", reason);
  nodes_.clear();
  facts_.clear();
  journal_.detach();
  events_.changed();
}

}  // namespace vrrpd
