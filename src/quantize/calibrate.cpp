#include "quantize/calibrate.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
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

std::map<std::string, Histogram> observe(const reference::FloatInterpreter& network, const std::vector<std::string>& values,
                                         const Calibration& calibration, int threads, const Progress& progress) {
  if (calibration.count <= 0) throw Error("calibration needs at least one picture");
  std::map<std::string, Histogram> histograms;
  std::map<std::string, std::mutex> locks;  // counting in any order gives the same histogram
  for (const std::string& value : values) histograms[value], locks[value];
  std::int64_t done = 0;
  std::mutex reporting;
  for_each_picture(calibration.count, threads, [&](std::int64_t index) {
    network.run(calibration.inputs(index), [&](const std::string& name, const Tensor& value) {
      auto found = histograms.find(name);
      if (found == histograms.end()) return;
      check_finite(name, value, network.graph().source);
      const std::lock_guard lock(locks.at(name));
      found->second.add(value.data<float>(), value.size());
    });
    const std::lock_guard lock(reporting);
    if (progress) progress(++done, calibration.count);
  });
  return histograms;
}

}  // namespace northpole::quantize
