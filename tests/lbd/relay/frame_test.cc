#include "lbd/relay/frame.h"

#include <gmock/gmock.h>

namespace lbd::relay {
namespace {

using testing::ElementsAre;
using State = Frame::State;

constexpr size_t kMost = 100;

// All messages, and how it ends.
std::vector<std::string> messages(std::string_view bytes, State end = State::more) {
  std::vector<std::string> found;
  Frame frame;
  while ((frame = next_frame(bytes, kMost)).state == State::message) {
    found.emplace_back(frame.message);
    bytes.remove_prefix(frame.used);
  }
  EXPECT_EQ(frame.state, end) << bytes;
  return found;
}

TEST(Frame, CountedAndLinesMayFollowEachOther) {
  EXPECT_THAT(messages("<13>a\n5 <13>b<13>c\r\n6 <13>d\n"), ElementsAre("<13>a", "<13>b", "<13>c", "<13>d\n"));
}

TEST(Frame, WaitsForTheRest) {
  for (std::string_view part : {"", "<13>a", "5", "5 ", "5 <13>", "99"}) EXPECT_THAT(messages(part), ElementsAre());
}

TEST(Frame, TellsWhatIsNoFrame) {
  for (std::string_view wrong :
       {"x\n", "\n<13>a\n", " <13>a\n", "05 <13>a", "0 x", "5x<13>a", "101 x", "99999999", "99999999 x"})
    EXPECT_THAT(messages(wrong, State::wrong), ElementsAre());
  EXPECT_THAT(messages("<13>a\nx", State::wrong), ElementsAre("<13>a"));
}

TEST(Frame, BoundsLines) {
  EXPECT_THAT(messages("<" + std::string(kMost - 1, 'x') + "\n"), testing::SizeIs(1));
  EXPECT_THAT(messages("<" + std::string(kMost, 'x') + "\n", State::wrong), ElementsAre());
  EXPECT_THAT(messages("<" + std::string(kMost, 'x'), State::wrong), ElementsAre());
}

TEST(Frame, IsWritten) {
  std::string out;
  append_framed(out, Framing::octet_count, "<13>a");
  append_framed(out, Framing::legacy, "<13>b");
  EXPECT_EQ(out, "5 <13>a<13>b\n");
}

}  // namespace
}  // namespace lbd::relay
