#include "applyd/deputy.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/fd.h"

namespace applyd {
namespace {

using Step = tandem::ChangeRequest;

// Does nothing until it is told how it went.
class FakeHands final : public Hands {
 public:
  std::map<std::string, std::string> checked;  // the texts
  std::vector<std::string> reloaded;
  int reloads = 0;
  void finish(bool good, const std::string& said) { std::exchange(done_, nullptr)(good, said); }
  bool busy() const { return done_ != nullptr; }

 private:
  void check(const std::map<std::string, std::string>& paths, Done done) override {
    checked.clear();
    for (const auto& [daemon, path] : paths) checked[daemon] = base::read_file(path).value();
    done_ = std::move(done);
  }
  void reload(const std::vector<std::string>& daemons, Done done) override {
    reloaded = daemons;
    ++reloads;
    done_ = std::move(done);
  }
  Done done_;
};

class DeputyTest : public testing::Test {
 protected:
  DeputyTest() {
    write("lbd.cfg", "old lbd");
    write("vrrpd.conf", "old vrrpd");
    EXPECT_TRUE(archive_->open());
    deputy_->start();
  }
  ~DeputyTest() { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ + "/" + name) << text; }
  std::string text(const std::string& name) const { return base::read_file(folder_ + "/" + name).value(); }

  void order(Step::Step step, const std::function<void(Step&)>& fill = {}) {
    Step request;
    request.set_step(step);
    if (step == Step::STAGE) ++change_;
    request.set_change(change_);
    request.set_author("me");
    request.set_confirm_within_ms(60000);
    if (fill) fill(request);
    deputy_->take(request, [this](const tandem::ChangeReply& reply) { replies_.push_back(reply); });
  }
  static std::function<void(Step&)> file(const std::string& daemon, const std::string& text) {
    return [=](Step& request) {
      request.add_files()->set_daemon(daemon);
      request.mutable_files(0)->set_text(text);
    };
  }
  void stage(const std::string& text = "new lbd") {
    order(Step::STAGE, file("lbd", text));
    hands_.finish(true, "");
  }
  void commit(uint64_t found = 0) {
    order(Step::COMMIT, [&](Step& request) { request.set_found(found); });
  }
  void confirm(uint64_t revision) {
    order(Step::CONFIRM, [&](Step& request) { request.set_revision(revision); });
  }
  const std::string& error() const { return replies_.back().error(); }
  // As after a death: another process with the same folders.
  void restart() {
    deputy_ = std::make_unique<Deputy>(loop_, files_, *archive_, hands_, folder_ + "/state/staged");
    deputy_->start();
  }

  std::string folder_ = [] {
    std::string name = testing::TempDir() + "applyd.XXXXXX";
    return std::string(mkdtemp(name.data()));
  }();
  uint64_t change_ = 41;
  base::Loop loop_;
  Files files_{{{"lbd", folder_ + "/lbd.cfg"}, {"vrrpd", folder_ + "/vrrpd.conf"}}};
  std::unique_ptr<Archive> archive_ = std::make_unique<Archive>(folder_ + "/state");
  FakeHands hands_;
  std::unique_ptr<Deputy> deputy_ =
      std::make_unique<Deputy>(loop_, files_, *archive_, hands_, folder_ + "/state/staged");
  std::vector<tandem::ChangeReply> replies_;
};

TEST_F(DeputyTest, AChangeThatStays) {
  ASSERT_EQ(::chmod((folder_ + "/lbd.cfg").c_str(), 0640), 0);
  stage();
  EXPECT_EQ(hands_.checked, (Texts{{"lbd", "new lbd"}, {"vrrpd", "old vrrpd"}})) << "with what stays";
  EXPECT_EQ(error(), "");
  EXPECT_TRUE(replies_.back().edited()) << "there is no revision yet";
  EXPECT_EQ(text("lbd.cfg"), "old lbd") << "it was only looked at";
  commit(1);
  EXPECT_EQ(text("lbd.cfg"), "new lbd");
  EXPECT_EQ(replies_.size(), 1u) << "it is not known yet whether it works";
  hands_.finish(true, "");
  EXPECT_EQ(hands_.reloaded, (std::vector<std::string>{"lbd"})) << "not whose file is as it was";
  ASSERT_EQ(error(), "");
  confirm(2);
  ASSERT_EQ(error(), "");
  EXPECT_TRUE(deputy_->idle());
  struct stat now {};
  ASSERT_EQ(::stat((folder_ + "/lbd.cfg").c_str(), &now), 0);
  EXPECT_EQ(now.st_mode & 0777, 0640u);
  order(Step::TELL);
  ASSERT_EQ(replies_.back().history_size(), 2);
  EXPECT_EQ(replies_.back().history(0).note(), "as it was found");
  EXPECT_EQ(replies_.back().history(1).author(), "me");
  EXPECT_EQ(replies_.back().last(), 2u);
  EXPECT_FALSE(replies_.back().edited());
  EXPECT_EQ(archive_->read(1)->files(0).text(), "old lbd");
  EXPECT_EQ(archive_->read(2)->files(0).text(), "new lbd");
  write("vrrpd.conf", "by hand");
  order(Step::TELL);
  EXPECT_TRUE(replies_.back().edited());
  restart();
  EXPECT_EQ(text("lbd.cfg"), "new lbd") << "it is over, and stays";
}

TEST_F(DeputyTest, ARevisionComesBack) {
  stage();
  commit(1);
  hands_.finish(true, "");
  confirm(2);
  order(Step::STAGE, [](Step& request) { request.set_revision(1); });
  EXPECT_EQ(hands_.checked, (Texts{{"lbd", "old lbd"}, {"vrrpd", "old vrrpd"}}));
  hands_.finish(true, "");
  commit();
  hands_.finish(true, "");
  confirm(3);
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
  EXPECT_EQ(archive_->last(), 3u);
  order(Step::STAGE, [](Step& request) { request.set_revision(9); });
  EXPECT_EQ(error(), "there is no revision 9");
}

TEST_F(DeputyTest, WhatIsNotGoodChangesNothing) {
  order(Step::STAGE, file("lbd", "bad"));
  hands_.finish(false, folder_ + "/state/staged/lbd.cfg:1: unknown keyword");
  EXPECT_EQ(error(), "the files are not good");
  EXPECT_EQ(replies_.back().text(), folder_ + "/lbd.cfg:1: unknown keyword") << "as the operator knows it";
  EXPECT_TRUE(deputy_->idle());
  commit();
  EXPECT_EQ(error(), "there is no such change: it was undone, or never staged");
  order(Step::STAGE, file("snmp", "x"));
  EXPECT_EQ(error(), "nobody has a file of 'snmp' here");
  order(Step::STAGE);
  EXPECT_EQ(error(), "there is no file in it");
  std::filesystem::remove(folder_ + "/vrrpd.conf");
  order(Step::STAGE, file("vrrpd", "x"));
  EXPECT_EQ(error(), folder_ + "/vrrpd.conf is not there: only files that are there are changed");
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
}

TEST_F(DeputyTest, TheSameIsTold) {
  stage("old lbd");
  EXPECT_TRUE(replies_.back().same());
  order(Step::UNDO);
  EXPECT_EQ(error(), "");
  EXPECT_TRUE(deputy_->idle());
  EXPECT_EQ(hands_.reloads, 0) << "nothing was in use";
}

TEST_F(DeputyTest, AReloadThatFailsIsUndone) {
  stage();
  commit();
  hands_.finish(false, "lbd: not reloaded: cannot bind");
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
  EXPECT_EQ(replies_.size(), 1u);
  hands_.finish(true, "");
  EXPECT_EQ(error(), "lbd: not reloaded: cannot bind");
  EXPECT_TRUE(deputy_->idle());
  EXPECT_EQ(hands_.reloads, 2);
  EXPECT_FALSE(archive_->pending());
}

TEST_F(DeputyTest, UndoneAsOrdered) {
  stage();
  commit();
  hands_.finish(true, "");
  order(Step::UNDO);
  hands_.finish(true, "");
  EXPECT_EQ(error(), "");
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
  EXPECT_TRUE(deputy_->idle());
  EXPECT_EQ(archive_->last(), 0u);
}

TEST_F(DeputyTest, WhatNobodyConfirmsIsUndone) {
  stage();
  order(Step::COMMIT, [](Step& request) { request.set_confirm_within_ms(1); });
  hands_.finish(true, "");
  const base::MonoTime begun = base::mono_now();
  while (!hands_.busy() && base::mono_now() - begun < base::Seconds(20)) loop_.run_once();
  EXPECT_GE(base::mono_now() - begun, Deputy::kLeastWait);
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
  hands_.finish(true, "");
  EXPECT_TRUE(deputy_->idle());
  confirm(1);
  EXPECT_EQ(error(), "there is no such change: it was undone, or never staged");
}

TEST_F(DeputyTest, ADeathInBetweenIsUndone) {
  stage();
  commit();
  hands_.finish(true, "");
  EXPECT_EQ(text("lbd.cfg"), "new lbd");
  restart();
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
  EXPECT_TRUE(hands_.busy()) << "the daemons take it";
  hands_.finish(true, "");
  EXPECT_FALSE(archive_->pending());
}

TEST_F(DeputyTest, FilesThatAreBackAreNotPutBackAgain) {
  stage();
  commit();
  hands_.finish(true, "");
  restart();
  hands_.finish(false, "lbd: not reloaded: it does not run yet");
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
  write("lbd.cfg", "by hand");
  restart();
  EXPECT_FALSE(hands_.busy());
  EXPECT_EQ(text("lbd.cfg"), "by hand");
}

TEST_F(DeputyTest, OneChangeAtATime) {
  order(Step::STAGE, file("lbd", "one"));
  order(Step::STAGE, file("lbd", "two"));
  EXPECT_EQ(error(), "a step of a change is under way");
  hands_.finish(true, "");
  order(Step::STAGE, file("lbd", "two"));
  EXPECT_EQ(error(), "a change by me is under way");
  order(Step::COMMIT, [](Step& request) { request.set_change(99); });
  EXPECT_EQ(error(), "there is no such change: it was undone, or never staged");
  change_ = 42;
  confirm(1);
  EXPECT_EQ(error(), "that is not the next step");
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
}

TEST_F(DeputyTest, AnOrderThatComesAgainIsNotCarriedOutAgain) {
  stage();
  commit();
  commit();
  EXPECT_EQ(replies_.size(), 1u) << "it is under way: who asked last is told";
  hands_.finish(true, "");
  EXPECT_EQ(replies_.size(), 2u);
  commit();
  EXPECT_EQ(error(), "");
  EXPECT_EQ(hands_.reloads, 1);
  confirm(1);
  confirm(1);
  EXPECT_EQ(error(), "");
  EXPECT_EQ(archive_->list().size(), 1u);
}

TEST_F(DeputyTest, AFullDiskChangesNothing) {
  stage();
  // The same as a disk that takes nothing: there is no folder to write to.
  std::filesystem::rename(folder_ + "/state", folder_ + "/gone");
  commit(1);
  EXPECT_NE(error(), "");
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
  EXPECT_TRUE(deputy_->idle());
  EXPECT_EQ(hands_.reloads, 0);
}

TEST_F(DeputyTest, TheOldestRevisionsMakeRoom) {
  tandem::Revision revision;
  revision.add_files()->set_daemon("lbd");
  for (uint64_t number = 1; number <= Archive::kMost + 3; ++number) {
    revision.set_number(number);
    ASSERT_TRUE(archive_->add(revision));
  }
  const auto list = archive_->list();
  ASSERT_EQ(list.size(), Archive::kMost);
  EXPECT_EQ(list.front().number(), 4u);
}

TEST_F(DeputyTest, TheSecondFileFailsTheFirstComesBack) {
  Files files({{"lbd", folder_ + "/lbd.cfg"}, {"vrrpd", folder_ + "/vrrpd.conf"}});
  std::filesystem::remove(folder_ + "/vrrpd.conf");
  EXPECT_FALSE(files.replace({{"lbd", "new"}, {"vrrpd", "new"}}));
  EXPECT_EQ(text("lbd.cfg"), "old lbd");
}

}  // namespace
}  // namespace applyd
