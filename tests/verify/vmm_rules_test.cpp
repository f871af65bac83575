// The VMM and the partial sums: what must be there, and since when.
#include <algorithm>

#include "ready_cores.h"

namespace northpole::verify {
namespace {

const std::vector<Rule> rules = {
    {"a partial sum may be used vmm_latency cycles after its last multiply",
     [](int cycle) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(ready + 1, 0, product(3, false, true));
       b.at(static_cast<std::uint64_t>(cycle), 0, store(3));
       return b.build();
     },
     {ready + 5, ready + 6},
     {{ready + 4, FaultKind::in_flight, ready + 4}, {ready, FaultKind::unwritten, ready}}},
    {"the vector unit releases the sum: a second use finds it empty",
     [](int sum) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(ready + 1, 0, product(4));
       b.at(ready + 8, 0, store(3));
       b.at(ready + 9, 0, store(static_cast<std::uint16_t>(sum), 1));
       return b.build();
     },
     {4, 12},  // indices wrap at 8
     {{3, FaultKind::unwritten, ready + 9}, {5, FaultKind::unwritten, ready + 9}}},
    {"a sum that is still in use cannot be started again, one released in the same cycle can",
     [](int cycle) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(ready + 4, 0, store(3));
       b.at(static_cast<std::uint64_t>(cycle), 0, product(3));
       b.at(static_cast<std::uint64_t>(std::max(cycle, ready + 5)) + 4, 0, store(3, 1));
       return b.build();
     },
     {ready + 4, ready + 5},
     {{ready + 3, FaultKind::overwritten, ready + 3}}},
    {"adding needs a sum that was started and not yet taken",
     [](int cycle) {
       F b = furnished();
       b.at(ready, 0, product(3, true, false));
       b.at(static_cast<std::uint64_t>(cycle), 0, product(3, false, true));
       b.at(ready + 9, 0, store(3));
       return b.build();
     },
     {ready + 1, ready + 5},
     {{ready + 6, FaultKind::in_flight, ready + 9},
      {ready + 9, FaultKind::unwritten, ready + 9},
      {ready + 10, FaultKind::unwritten}}},
    {"initialize masks: a sum starts with the first trip of the loops named",
     [](int mask) {
       F b = furnished();
       auto one = product(3);
       one.immediate[0] = encode(isa::MultiplyMode{static_cast<std::uint8_t>(mask), 3, true, 8, 8});
       b.at(ready, 0, repeat(2, 3, {0, 0, 1, 0}, repeat(3, 1, {1, 0, 0, 0}, one)));
       b.at(ready + 20, 0, repeat(2, 1, {1, 0, 0, 1}, store(3)));
       return b.build();
     },
     {2},
     {{0, FaultKind::overwritten, ready + 1},
      {1, FaultKind::overwritten, ready + 1},
      {3, FaultKind::unwritten, ready + 3}}},
    {"masks without their flags",
     [](int flags) {
       F b = furnished();
       auto one = product(3);
       one.flags = static_cast<std::uint8_t>(flags);
       one.immediate[0] = encode(isa::MultiplyMode{1, 1, true, 8, 8});
       b.at(ready, 0, repeat(2, 1, {}, one));
       b.at(ready + 20, 0, store(3));
       return b.build();
     },
     {3},
     {{1, FaultKind::malformed, 0}, {2, FaultKind::malformed, 0}}},
};

class VmmRules : public testing::TestWithParam<Rule> {};
TEST_P(VmmRules, LegalOnOneSideFaultOnTheOther) { check_rule(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Verify, VmmRules, testing::ValuesIn(rules));

}  // namespace
}  // namespace northpole::verify
