#include "train/curves_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace northpole::train {

namespace {

using Json = nlohmann::json;

struct Point {
  double x, y;
};

struct Curve {
  std::string name, colour;
  std::vector<Point> points;
  bool dots = false;
};

constexpr double width = 860, height = 260, left = 64, right = 16, top = 16, bottom = 36;

std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '<')
      result += "&lt;";
    else if (letter == '>')
      result += "&gt;";
    else if (letter == '&')
      result += "&amp;";
    else if (letter == '"')
      result += "&quot;";
    else
      result += letter;
  }
  return result;
}

// A step of 1, 2 or 5 times a power of ten that cuts the range into about five.
double tick_step(double range) {
  const double rough = std::max(range, 1e-9) / 5, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power) return factor * power;
  }
  return 10 * power;
}

// A drawing of curves over the same axes; empty when there is nothing to draw.
std::string drawing(const std::vector<Curve>& curves, const std::string& x_name, double x_most) {
  double low = INFINITY, high = -INFINITY;
  for (const Curve& curve : curves) {
    for (const Point& point : curve.points) low = std::min(low, point.y), high = std::max(high, point.y);
  }
  if (!(low <= high)) return "<p>Nothing yet.</p>\n";
  const double step = tick_step(high - low);
  low = std::floor(low / step) * step;
  high = std::max(std::ceil(high / step) * step, low + step);
  const auto place_x = [&](double x) { return left + (width - left - right) * x / x_most; };
  const auto place_y = [&](double y) { return height - bottom - (height - top - bottom) * (y - low) / (high - low); };
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\">\n", width, height);
  for (double y = low; y <= high + step / 2; y += step) {
    svg += fmt::format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", left, width - right,
                       place_y(y), place_y(y));
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.6g}</text>\n", left - 6, place_y(y) + 4, y);
  }
  const double x_step = std::max(1.0, tick_step(x_most));
  for (double x = 0; x <= x_most; x += x_step) {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.6g}</text>\n", place_x(x),
                       height - bottom + 16, x);
  }
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", width - right, height - 4,
                     escaped(x_name));
  double legend = left + 8;
  for (const Curve& curve : curves) {
    if (curve.points.empty()) continue;
    std::string path;
    for (const Point& point : curve.points) path += fmt::format("{:.1f},{:.1f} ", place_x(point.x), place_y(point.y));
    svg += fmt::format("<polyline points=\"{}\" stroke=\"{}\"/>\n", path, curve.colour);
    for (const Point& point : curve.dots ? curve.points : std::vector<Point>{}) {
      svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"><title>{:.6g}</title></circle>\n",
                         place_x(point.x), place_y(point.y), curve.colour, point.y);
    }
    svg += fmt::format("<text x=\"{}\" y=\"{}\" fill=\"{}\">{}</text>\n", legend, top - 3, curve.colour,
                       escaped(curve.name));
    legend += 8 * static_cast<double>(curve.name.size()) + 16;
  }
  return svg + "</svg>\n";
}

// Mean over a few neighbours, so that a curve of single batches can be read.
std::vector<Point> smoothed(const std::vector<Point>& points) {
  const std::size_t reach = points.size() / 60;
  std::vector<Point> result;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t begin = i > reach ? i - reach : 0, end = std::min(points.size(), i + reach + 1);
    double sum = 0;
    for (std::size_t j = begin; j < end; ++j) sum += points[j].y;
    result.push_back({points[i].x, sum / static_cast<double>(end - begin)});
  }
  return result;
}

constexpr const char* style =
    "body{font:15px system-ui,sans-serif;max-width:900px;margin:2em auto;padding:0 1em;color:#222;background:#fff}"
    "svg{width:100%;height:auto;font:12px system-ui,sans-serif;fill:#444}polyline{fill:none;stroke-width:1.6}"
    ".grid{stroke:#ddd}table{border-collapse:collapse}td,th{padding:.15em .8em;text-align:right;border-bottom:1px "
    "solid #eee}"
    "th{font-weight:600}td:first-child,th:first-child{text-align:left}"
    "@media(prefers-color-scheme:dark){body{background:#16181c;color:#ddd}svg{fill:#aaa}.grid{stroke:#333}td,th{border-"
    "color:#2a2d33}}";

}  // namespace

std::string curves_page(const std::vector<std::string>& lines) {
  Curve batches{"loss of single batches, averaged over neighbours", "#2a78d6", {}},
      losses{"mean of an epoch", "#d0632a", {}, true};
  Curve training{"training pictures, augmented, while it learned", "#2a78d6", {}, true},
      test{"test pictures, integer network", "#d0632a", {}, true};
  std::string epochs, settings;
  double steps = 1;
  for (const std::string& text : lines) {
    const Json line = Json::parse(text, nullptr, false);
    if (!line.is_object()) continue;
    if (line.contains("settings")) {
      steps = std::max(1.0, line.value("steps", 1.0));
      for (const auto& [name, value] : line["settings"].items()) {
        settings += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", escaped(name), escaped(value.get<std::string>()));
      }
    }
    if (line.contains("loss")) batches.points.push_back({line.value("step", 0.0), line.value("loss", 0.0)});
    if (!line.contains("training_loss")) continue;
    const double step = line.value("step", 0.0), accuracy = 100 * line.value("training_accuracy", 0.0);
    losses.points.push_back({step, line.value("training_loss", 0.0)});
    training.points.push_back({step, accuracy});
    std::string of_test = "-";
    if (line.contains("test_accuracy")) {
      test.points.push_back({step, 100 * line.value("test_accuracy", 0.0)});
      of_test = fmt::format("{:.2f}", test.points.back().y);
    }
    epochs += fmt::format("<tr><td>{}</td><td>{}</td><td>{:.4f}</td><td>{:.2f}</td><td>{}</td><td>{:.0f}</td></tr>\n",
                          line.value("epoch", 0), step, line.value("training_loss", 0.0), accuracy, of_test,
                          line.value("seconds", 0.0));
  }
  batches.points = smoothed(batches.points);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">"
      "<title>northpole train</title><style>{}</style>\n<h1>Training</h1>\n<h2>Loss</h2>\n{}<h2>Right answers, "
      "%</h2>\n{}"
      "<table><tr><th>epoch</th><th>step</th><th>loss</th><th>training, %</th><th>test, %</th><th>seconds</th></tr>\n{}"
      "</table>\n<h2>Settings</h2>\n<table>{}</table>\n</html>\n",
      style, drawing({batches, losses}, "step", steps), drawing({training, test}, "step", steps), epochs, settings);
}

}  // namespace northpole::train
