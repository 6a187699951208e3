#include "lbctl/pair_check.h"

#include <gmock/gmock.h>

namespace lbctl {
namespace {

using testing::ElementsAre;

std::vector<std::string> said(const std::vector<FileDigest>& files, std::string_view router, const PairAnswers& pair) {
  std::vector<std::string> out;
  for (const PairRemark& remark : compare_with_pair(files, router, pair))
    out.push_back(remark.who + ": " + (remark.same ? "" : "warning: ") + remark.text);
  return out;
}

Answer runs(std::vector<std::string> digests) {
  Answer answer;
  for (std::string& digest : digests) {
    auto* file = answer.stats.add_files();
    file->set_name("/etc/" + digest);
    file->set_digest(std::move(digest));
  }
  return answer;
}

// Of two files, "A" and "B".
const std::vector<FileDigest> kFiles = {{"a.cfg", "41"}, {"b.cfg", "42"}};

PairAnswers pair_of(const Answer& here, const Answer& there) {
  PairAnswers pair{.here = {here, Answer(), Answer()}, .others = {}};
  pair.others.push_back({.name = "lb2", .error = "", .linked = true, .said = NodeAnswers{there, Answer(), Answer()}});
  return pair;
}

TEST(PairCheck, DigestsAreTakenOutOfTheOutline) {
  std::string outline = "listen\tweb\t*\t80\tbound\th.cfg:1\nfile\th.cfg\tab\nfile\ti.cfg\tcd\n";
  const auto files = take_digests(outline);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[1].name + files[1].digest, "i.cfgcd");
  EXPECT_EQ(outline, "listen\tweb\t*\t80\tbound\th.cfg:1\n");
}

TEST(PairCheck, WhichFileDiffers) {
  EXPECT_THAT(said(kFiles, "", pair_of(runs({"A", "B"}), runs({"A", "B"}))),
              ElementsAre("this node: runs these files", "lb2: runs these files"));
  EXPECT_THAT(said(kFiles, "", pair_of(runs({"A", "X"}), runs({"X", "Y"}))),
              ElementsAre("this node: warning: runs another configuration: b.cfg differs; a reload is due",
                          "lb2: warning: runs another configuration: a.cfg, b.cfg differ"));
  EXPECT_THAT(said(kFiles, "", pair_of(runs({"A", "B", "C"}), runs({"A"}))),
              ElementsAre("this node: warning: runs 3 files, and these are 2: /etc/C is more; a reload is due",
                          "lb2: warning: runs 1 files, and these are 2: b.cfg differs"));
}

TEST(PairCheck, WhoTellsNothing) {
  PairAnswers pair = pair_of(Answer(), Answer());
  pair.here.lbd = base::Err("connect: No such file or directory");
  pair.others[0].said->lbd->hello.set_version("0.0");
  pair.others.push_back({.name = "lb3", .error = "not linked", .said = {}});
  EXPECT_THAT(said(kFiles, "", pair), ElementsAre("this node: lbd: connect: No such file or directory",
                                                  "lb2: lbd is of an older version (0.0) and does not tell its files",
                                                  "lb3: warning: not reached: not linked"));
  pair.here.syncd = base::Err("connect");
  EXPECT_THAT(said({}, "", pair), ElementsAre("other node: not asked, since syncd does not run here"));
  pair.here.syncd = Answer();
  pair.others.clear();
  EXPECT_THAT(said({}, "", pair), ElementsAre("other node: there is none"));
}

TEST(PairCheck, VirtualAddressesOfTheOtherNode) {
  PairAnswers pair = pair_of(runs({"A"}), runs({"A"}));
  auto* instance = pair.others[0].said->vrrpd->vrrp.add_instances();
  for (const char* address : {"10.0.0.100", "10.0.0.101/24"}) instance->add_addresses(address);
  const std::string same = "vip\tV\t10.0.0.100\teth0\tk:1\nvip\tV\t10.0.0.101\teth0\tk:2\n";
  EXPECT_THAT(said({}, same, pair), ElementsAre());
  EXPECT_THAT(said({}, same + "vip\tV\t10.0.0.102\teth0\tk:3\n", pair),
              ElementsAre("lb2: warning: vrrpd has not the virtual address 10.0.0.102"));
  EXPECT_THAT(said({}, same.substr(0, same.find('\n') + 1), pair),
              ElementsAre("lb2: warning: vrrpd has the virtual address 10.0.0.101, which is not in this file"));
}

}  // namespace
}  // namespace lbctl
