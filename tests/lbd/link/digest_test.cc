#include "lbd/link/digest.h"

#include <gtest/gtest.h>

namespace lbd::link {
namespace {

std::string of(std::string text) {
  cfg::SourceSet sources;
  sources.add("x.cfg", std::move(text));
  return configuration_digest(sources);
}

TEST(Digest, HowItIsWrittenDoesNotCount) {
  const std::string digest = of("defaults\n  mode http\nbackend b\n  server s 127.0.0.1:80 check\n");
  EXPECT_EQ(digest.size(), 16u);
  EXPECT_EQ(of("# of us\ndefaults\n\tmode  http # as ever\n\n\nbackend b\r\n  server s 127.0.0.1:80   check   \n"),
            digest);
  EXPECT_NE(of("defaults\n  mode http\nbackend b\n  server s 127.0.0.1:81 check\n"), digest);
  EXPECT_NE(of("backend b\n  server s 127.0.0.1:80 check\ndefaults\n  mode http\n"), digest);
}

TEST(Digest, WhatNamesTheNodeDoesNotCount) {
  EXPECT_EQ(of("global\n  localpeer lb1\n  node a\n  description first\n"), of("global\n  localpeer lb2\n"));
  EXPECT_NE(of("global\n  maxconn 1\n"), of("global\n  maxconn 2\n"));
  EXPECT_EQ(of("frontend f\n  bind ${VIP}:80\n"), of("frontend f\n  bind  ${VIP}:80\n"));
}

TEST(Digest, QuotesAndEscapesProtect) {
  EXPECT_NE(of("a \"b  c\"\n"), of("a \"b c\"\n"));
  EXPECT_NE(of("a '#1'\n"), of("a '#2'\n"));
  EXPECT_NE(of("a b\\#1\n"), of("a b\\#2\n"));
  EXPECT_NE(of("a b\\ \n"), of("a b\\\n"));
  EXPECT_NE(of("a '\\' #x\n"), of("a '\\' y\n"));
  EXPECT_EQ(of("a '\\' #x\n"), of("a '\\' #y\n"));
}

TEST(Digest, FilesCountInTheirOrder) {
  cfg::SourceSet sources;
  sources.add("x.cfg", "defaults\n");
  sources.add("y.cfg", "  mode http\n");
  EXPECT_EQ(configuration_digest(sources), of("defaults\nmode http"));
}

TEST(Digest, OfEachFile) {
  cfg::SourceSet sources;
  sources.add("x.cfg", "defaults # of all\n");
  sources.add("y.cfg", "  mode http\n");
  const auto files = file_digests(sources);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name, "x.cfg");
  EXPECT_EQ(files[0].digest, of("defaults\n"));
  EXPECT_EQ(files[1].digest, of("mode http\n"));
}

}  // namespace
}  // namespace lbd::link
