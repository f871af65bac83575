#include "northpole/choose_bits.h"

#include <fmt/format.h>

#include <algorithm>

#include "choose/estimate.h"
#include "choose/sensitivity.h"
#include "choose/steps.h"
#include "data/picture_transform.h"
#include "data/subset_dataset.h"
#include "evaluate/evaluate.h"
#include "evaluate/network_engine.h"
#include "network/error.h"
#include "pipeline/quantization.h"
#include "quantize/quantizer.h"

namespace northpole {
namespace {

using choose::Unit;
using network::Graph;
using network::Node;

std::uint64_t products_of(const Graph& graph, const Node& node) {
  const network::Tensor& weights = *graph.constant(node.inputs[1]);
  const std::int64_t outputs = weights.shape[static_cast<std::size_t>(quantize::output_axis(node))];
  const std::int64_t results = network::element_count(graph.values.at(node.outputs[0]).shape);
  return static_cast<std::uint64_t>(weights.size() / std::max<std::int64_t>(outputs, 1) * results);
}

class Chooser {
 public:
  Chooser(const Graph& graph, const data::Dataset& pictures, const QuantizeOptions& quantization,
          const ChooseBitsOptions& options, const std::function<void(const std::string&)>& stage)
      : pictures_(pictures),
        subset_({&pictures, [](const data::Dataset*) {}}, calibration_pictures(pictures, quantization.limit)),
        quantization_(quantization),
        options_(options),
        stage_(stage),
        transform_(data::transform_of(graph)),
        quantizer_((enter("observing the float network"), graph), calibration_of(graph, pictures, quantization.limit),
                   quantization_of(quantization), quantization.progress),
        units_(choose::units_of(quantizer_.graph(), quantizer_.points())),
        prices_(units_.size()) {}

  ChosenBits choose() {
    find_prices();
    steps_ = choose::steps_of(prices_);
    enter("accuracy of the float network");
    ChosenBits result;
    result.pictures = subset_.size();
    const std::int64_t real =
        right_of(evaluate::float_engines(evaluate::with_scores_as_output(quantizer_.graph()), transform_));
    result.float_top1 = static_cast<double>(real) / static_cast<double>(subset_.size());
    const double allowed = options_.max_drop / 100 * static_cast<double>(subset_.size()) + 1e-9;
    const auto good = [&](const FrontierPoint& point) { return static_cast<double>(real - point.right) <= allowed; };
    const std::size_t chosen = search(good);
    result.within_drop = good(measured_.at(chosen).point);
    measured_.at(chosen).point.chosen = true;
    for (const auto& [steps, measured] : measured_) result.frontier.push_back(measured.point);
    result.network = std::move(measured_.at(chosen).network);
    take_class_names(result.network, pictures_);
    describe_layers(chosen, result);
    return result;
  }

 private:
  struct Measured {
    FrontierPoint point;
    Graph network;
  };

  void enter(const std::string& stage) const {
    if (stage_) stage_(stage);
  }

  // The number of steps of the fastest assignment that was looked at and is good; 0 if none is.
  template <typename Good>
  std::size_t search(const Good& good) {
    std::size_t passed = 0, failed = steps_.size();
    if (!good(measure(0)) || steps_.empty()) return 0;
    if (good(measure(failed))) return failed;
    while (failed - passed > 1 && static_cast<int>(measured_.size()) < options_.most_assignments) {
      const std::size_t middle = (passed + failed) / 2;
      (good(measure(middle)) ? passed : failed) = middle;
    }
    std::size_t best = 0;
    for (const auto& [steps, measured] : measured_) {
      if (good(measured.point) && measured.point.cycles <= measured_.at(best).point.cycles) best = steps;
    }
    return best;
  }

  std::vector<int> widths_after(std::size_t steps) const {
    std::vector<int> widths(units_.size(), 8);
    for (std::size_t i = 0; i < steps; ++i) widths[steps_[i].unit] = steps_[i].to;
    return widths;
  }

  quantize::BitChoice bits_of(const std::vector<int>& widths) const {
    quantize::BitChoice bits;  // 8 for whatever no layer with weights reads
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      for (const std::string& layer : units_[unit].layers) bits.layers[layer] = {widths[unit], widths[unit]};
    }
    for (const auto& [layer, width] : quantization_.layer_bits) bits.layers[layer] = width;
    return bits;
  }

  // Do the options settle the width of one of the unit's layers?
  bool settled(const Unit& unit) const {
    return unit.outer || std::any_of(unit.layers.begin(), unit.layers.end(), [&](const std::string& layer) {
             return quantization_.layer_bits.count(layer) != 0;
           });
  }

  void find_prices() {
    for (const int width : options_.widths) {
      enter(fmt::format("cycles at {} bits", width));
      const std::vector<int> widths(units_.size(), width);
      const choose::Estimate estimate =
          choose::estimated_cycles(quantizer_.written(quantizer_.nearest(bits_of(widths))), options_.chip);
      for (const auto& [layer, cycles] : estimate.layers) cycles_[layer][width] = cycles;
      for (std::size_t unit = 0; unit < units_.size(); ++unit) {
        std::uint64_t& cycles = prices_[unit].cycles[width];
        for (const std::string& layer : units_[unit].layers) {
          if (const auto found = estimate.layers.find(layer); found != estimate.layers.end()) cycles += found->second;
        }
      }
    }
    enter("each layer's rounding alone");
    changes_ = choose::measure_sensitivities(quantizer_, units_, options_.widths, options_.sensitivity_pictures,
                                             quantization_.threads, quantization_.progress);
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      for (const auto& [width, change] : changes_[unit]) {
        if (width == 8 || !settled(units_[unit])) prices_[unit].change[width] = change;
      }
    }
  }

  std::int64_t right_of(const std::function<std::unique_ptr<evaluate::Engine>()>& engines) const {
    evaluate::Model model;
    model.source = quantizer_.graph().source;
    model.make_engine = engines;
    evaluate::EvaluateOptions options;
    options.threads = quantization_.threads;
    options.progress = quantization_.progress;
    return evaluate::evaluate(model, subset_, options).right1;
  }

  const FrontierPoint& measure(std::size_t steps) {
    const auto [found, is_new] = measured_.try_emplace(steps);
    FrontierPoint& point = found->second.point;
    if (!is_new) return point;
    const std::vector<int> widths = widths_after(steps);
    const auto name = [&](const char* work) {
      return fmt::format("assignment {} of at most {}: {}", measured_.size(), options_.most_assignments, work);
    };
    enter(name("rounding"));
    const quantize::BitChoice bits = bits_of(widths);
    found->second.network = quantizer_.quantized(bits, quantization_.progress);
    const Graph& network = found->second.network;
    enter(name("cycles"));
    point.cycles = choose::estimated_cycles(network, options_.chip).cycles;
    point.frames_per_second =
        options_.chip.clock_megahertz * 1e6 / static_cast<double>(std::max<std::uint64_t>(point.cycles, 1));
    enter(name("accuracy"));
    const auto precision = options_.chip.vector_precision == chip::VectorPrecision::fp32 ? reference::Precision::fp32
                                                                                         : reference::Precision::fp16;
    point.right =
        right_of(evaluate::reference_engines(evaluate::with_scores_as_output(network), transform_, precision));
    point.top1 = static_cast<double>(point.right) / static_cast<double>(subset_.size());
    double narrow = 0, all = 0;
    for (const Node& node : quantizer_.graph().nodes) {
      const auto width = bits.layers.find(node.name);
      if (width == bits.layers.end()) continue;
      const auto products = static_cast<double>(products_of(quantizer_.graph(), node));
      point.widths[node.name] = width->second.activations;
      all += products;
      if (width->second.activations < 8) narrow += products;
    }
    point.narrow_share = all > 0 ? narrow / all : 0;
    return point;
  }

  void describe_layers(std::size_t chosen, ChosenBits& result) const {
    const std::vector<int> widths = widths_after(chosen);
    std::map<std::string, std::size_t> unit_of;
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      for (const std::string& layer : units_[unit].layers) unit_of[layer] = unit;
    }
    for (const Node& node : quantizer_.graph().nodes) {
      const auto found = unit_of.find(node.name);
      if (found == unit_of.end()) continue;
      const std::size_t unit = found->second;
      LayerChoice layer;
      layer.name = node.name;
      const auto given = quantization_.layer_bits.find(node.name);
      layer.width = given != quantization_.layer_bits.end() ? given->second.activations : widths[unit];
      layer.multiply_accumulates = products_of(quantizer_.graph(), node);
      if (const auto cycles = cycles_.find(node.name); cycles != cycles_.end()) layer.cycles = cycles->second;
      layer.change = changes_[unit];
      layer.reason = given != quantization_.layer_bits.end() ? "as asked for" : reason_of(unit, chosen);
      result.layers.push_back(std::move(layer));
    }
  }

  std::string reason_of(std::size_t unit, std::size_t chosen) const {
    if (units_[unit].outer) return "first or last layer: stays at 8";
    if (settled(units_[unit])) return "shares its input with a layer whose bits were asked for";
    const auto described = [&](std::size_t i) {
      const double cycles = static_cast<double>(steps_[i].cycles);
      return fmt::format("{} bit: {:.2g} % of change for {} cycles, {:.2g} % a thousand cycles", steps_[i].to,
                         100 * steps_[i].change, steps_[i].cycles, 1e5 * steps_[i].change / cycles);
    };
    std::string taken, left;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].unit != unit) continue;
      if (i < chosen)
        taken = fmt::format("step {} of {}, {}", i + 1, chosen, described(i));
      else if (left.empty())
        left = fmt::format("not taken: step {}, {}", i + 1, described(i));
    }
    if (!taken.empty()) return taken;
    return left.empty() ? "fewer bits save no cycles" : left;
  }

  const data::Dataset& pictures_;
  data::SubsetDataset subset_;
  const QuantizeOptions& quantization_;
  const ChooseBitsOptions& options_;
  const std::function<void(const std::string&)>& stage_;
  data::PictureTransform transform_;
  quantize::Quantizer quantizer_;
  std::vector<Unit> units_;
  std::vector<choose::Prices> prices_;
  choose::Sensitivities changes_;
  std::map<std::string, std::map<int, std::uint64_t>> cycles_;  // by layer and width
  std::vector<choose::Step> steps_;
  std::map<std::size_t, Measured> measured_;  // by number of steps
};

}  // namespace

ChosenBits choose_bits(const Graph& graph, const data::Dataset& pictures, const QuantizeOptions& quantization,
                       const ChooseBitsOptions& options, const std::function<void(const std::string&)>& stage) {
  if (!std::count(options.widths.begin(), options.widths.end(), 8)) throw Error("8 bits must be among the widths");
  if (options.most_assignments < 2) throw Error("at least two assignments must be looked at");
  return Chooser(graph, pictures, quantization, options, stage).choose();
}

}  // namespace northpole
