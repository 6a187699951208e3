#include "lbctl/pair_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/strings.h"

namespace lbctl {
namespace {

using Files = std::vector<FileDigest>;

std::string hexadecimal(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

Files running_files(const Answer& lbd) {
  Files files;
  for (const auto& file : lbd.stats.files()) files.push_back({file.name(), hexadecimal(file.digest())});
  return files;
}

// "" when they are the same.
std::string difference(const Files& checked, const Files& running) {
  std::vector<std::string> others;
  for (size_t i = 0; i < checked.size(); ++i)
    if (i >= running.size() || running[i].digest != checked[i].digest) others.push_back(checked[i].name);
  if (others.empty() && running.size() == checked.size()) return "";
  if (running.size() != checked.size())
    return fmt::format("runs {} files, and these are {}: {}", running.size(), checked.size(),
                       others.empty() ? fmt::format("{} is more", running.back().name)
                                      : fmt::format("{} differs", fmt::join(others, ", ")));
  return fmt::format("runs another configuration: {} {}", fmt::join(others, ", "),
                     others.size() > 1 ? "differ" : "differs");
}

PairRemark about_files(const std::string& who, const Files& files, const base::Result<Answer>& lbd, bool here) {
  if (!lbd) return {who, fmt::format("lbd: {}", lbd.error().text), here};
  const Files running = running_files(*lbd);
  if (running.empty())
    return {who, fmt::format("lbd is of an older version ({}) and does not tell its files", lbd->hello.version())};
  const std::string text = difference(files, running);
  if (text.empty()) return {who, "runs these files"};
  return {who, here ? text + "; a reload is due" : text, false};
}

std::set<std::string> virtual_addresses(std::string_view router) {
  std::set<std::string> addresses;
  for (const std::string_view line : base::split(router, '\n')) {
    const auto words = base::split(line, '\t');
    if (words.size() == 5 && words[0] == "vip") addresses.emplace(words[2]);
  }
  return addresses;
}

// Each of both has what only one of them has.
void compare_addresses(const std::string& node, const std::set<std::string>& ours, const Answer& vrrpd,
                       std::vector<PairRemark>& remarks) {
  std::set<std::string> theirs;
  for (const auto& instance : vrrpd.vrrp.instances())
    for (const std::string& address : instance.addresses()) theirs.insert(address.substr(0, address.find('/')));
  std::vector<std::string> missing, more;
  std::set_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(), std::back_inserter(missing));
  std::set_difference(theirs.begin(), theirs.end(), ours.begin(), ours.end(), std::back_inserter(more));
  if (!missing.empty())
    remarks.push_back({node, fmt::format("vrrpd has not the virtual address {}", fmt::join(missing, ", ")), false});
  if (!more.empty())
    remarks.push_back(
        {node, fmt::format("vrrpd has the virtual address {}, which is not in this file", fmt::join(more, ", ")),
         false});
}

}  // namespace

Files take_digests(std::string& outline) {
  Files files;
  std::string rest;
  for (const std::string_view line : base::split(outline, '\n')) {
    const auto words = base::split(line, '\t');
    if (words.size() == 3 && words[0] == "file")
      files.push_back({std::string(words[1]), std::string(words[2])});
    else if (!line.empty())
      rest += std::string(line) + '\n';
  }
  outline = std::move(rest);
  return files;
}

std::vector<PairRemark> compare_with_pair(const Files& files, std::string_view router, const PairAnswers& pair) {
  std::vector<PairRemark> remarks;
  if (!files.empty()) remarks.push_back(about_files("this node", files, pair.here.lbd, true));
  if (!pair.here.syncd) {
    remarks.push_back({"other node", "not asked, since syncd does not run here"});
    return remarks;
  }
  if (pair.others.empty()) remarks.push_back({"other node", "there is none"});
  for (const OtherNode& other : pair.others) {
    if (!other.said) {
      remarks.push_back({other.name, fmt::format("not reached: {}", other.error), other.older});
      continue;
    }
    if (!files.empty()) remarks.push_back(about_files(other.name, files, other.said->lbd, false));
    if (!router.empty() && other.said->vrrpd)
      compare_addresses(other.name, virtual_addresses(router), *other.said->vrrpd, remarks);
  }
  return remarks;
}

}  // namespace lbctl
