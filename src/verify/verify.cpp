#include "verify/verify.h"

#include "verify/check_whole.h"
#include "verify/reporter.h"
#include "verify/walk.h"

namespace northpole::verify {

std::vector<std::pair<std::string, std::uint64_t>> Counts::named() const {
  return {{"instructions", instructions},     {"programs", programs},         {"bank accesses", bank_accesses},
          {"frame accesses", frame_accesses}, {"words on links", link_words}, {"deliveries", deliveries},
          {"multiplies", multiplies},         {"vectors", vectors},           {"passes", passes},
          {"partial sums", partial_sums},     {"weight words", weight_words}, {"program words", program_words},
          {"parameters", parameters}};
}

Result verify(const program::Program& program, const Options& options) {
  Result result;
  Reporter reporter(program);
  check_whole(program, reporter);
  if (!reporter.faulted()) Walk(program, options, reporter, result.counts).run();
  result.ok = !reporter.faulted();
  result.fault = reporter.fault();
  result.events = result.counts.events;
  return result;
}

}  // namespace northpole::verify
