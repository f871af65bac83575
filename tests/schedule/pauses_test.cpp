#include "schedule/pauses.h"

#include <gtest/gtest.h>

namespace northpole::schedule {
namespace {

TEST(Pauses, LaterOnesMoveWithWhatTheyPrecede) {
  std::vector<Pause> pauses;
  insert_pause(pauses, {500, 40, ""});
  insert_pause(pauses, {200, 30, ""});
  EXPECT_EQ(pauses, (std::vector<Pause>{{530, 40}, {200, 30}}));
  insert_pause(pauses, {600, 10, ""});
  EXPECT_EQ(pauses, (std::vector<Pause>{{530, 40}, {200, 30}, {600, 10}}));
}

// A segment without room to load what comes after it asks again at the same place: it needs idle cycles of its own.
TEST(Pauses, OneThatDidNotHelpGetsAnotherBeforeIt) {
  std::vector<Pause> pauses{{100, 50}, {400, 60}};
  insert_pause(pauses, {400, 60, ""});
  EXPECT_EQ(pauses, (std::vector<Pause>{{100, 50}, {460, 60}, {275, 60}}));
  insert_pause(pauses, {460, 20, ""});
  EXPECT_EQ(pauses, (std::vector<Pause>{{100, 50}, {480, 60}, {275, 60}, {397, 20}}));
}

TEST(Pauses, TheFirstSegmentToo) {
  std::vector<Pause> pauses{{468, 265}};
  insert_pause(pauses, {468, 265, ""});
  EXPECT_EQ(pauses, (std::vector<Pause>{{733, 265}, {234, 265}}));
}

}  // namespace
}  // namespace northpole::schedule
