#include "quantize/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

#include "network/error.h"

namespace northpole::quantize {

using network::Tensor;

void for_each_picture(std::int64_t count, int threads, const std::function<void(std::int64_t)>& visit) {
  std::atomic<std::int64_t> next = 0;
  std::exception_ptr failure;
  std::mutex failing;
  auto work = [&] {
    try {
      for (std::int64_t index; (index = next++) < count;) visit(index);
    } catch (...) {
      const std::lock_guard lock(failing);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

namespace {

void check_finite(const std::string& name, const Tensor& value, const std::string& source) {
  for (std::int64_t i = 0, size = value.size(); i < size; ++i) {
    if (std::isfinite(value.data<float>()[i])) continue;
    throw Error(fmt::format("{}: value '{}' becomes infinite or not a number on a calibration picture", source, name));
  }
}

}  // namespace

std::vector<Histogram> observe(const reference::FloatInterpreter& network, const Points& points,
                               const Calibration& calibration, int threads, const Progress& progress) {
  if (calibration.count <= 0) throw Error("calibration needs at least one picture");
  std::set<std::string> observed;
  for (const Points::Group& group : points.groups) observed.insert(group.sources.begin(), group.sources.end());
  std::vector<Histogram> histograms(points.groups.size());
  std::vector<std::mutex> locks(points.groups.size());  // counting in any order gives the same histogram
  std::int64_t done = 0;
  std::mutex reporting;
  for_each_picture(calibration.count, threads, [&](std::int64_t index) {
    network.run(calibration.inputs(index), [&](const std::string& name, const Tensor& value) {
      if (observed.count(name) == 0) return;
      check_finite(name, value, network.graph().source);
      const std::size_t group = points.group_of.at(name);
      const std::lock_guard lock(locks[group]);
      histograms[group].add(value.data<float>(), value.size());
    });
    const std::lock_guard lock(reporting);
    if (progress) progress(++done, calibration.count);
  });
  return histograms;
}

}  // namespace northpole::quantize
