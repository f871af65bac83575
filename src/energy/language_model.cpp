#include "energy/language_model.h"

namespace northpole::energy {
namespace {

constexpr std::uint64_t cores = 256, word = chip::word_bytes, sum_bytes = chip::lanes * 4;
constexpr std::uint64_t links_to_all = cores - 1;  // of a multicast to every core

struct Token {
  const DecoderShape& shape;
  Counts counts{};

  std::uint64_t bytes(std::uint64_t elements) const { return elements * shape.bits / 8; }
  void count(Event event, std::uint64_t number) { of(counts, event) += number; }

  // inputs x outputs elements, in memory, each used `uses` times (queries that share cached keys).
  void product(std::uint64_t inputs, std::uint64_t outputs, std::uint64_t uses) {
    const std::uint64_t macs = inputs * outputs * uses;
    const std::uint64_t word_elements = word * 8 / shape.bits;
    const std::uint64_t issues = macs / (word_elements * chip::lanes);
    const auto bits = static_cast<std::uint32_t>(shape.bits);
    count(multiply_accumulate(bits, bits), macs);
    count(Event::accumulator_update, issues * chip::lanes);
    // Weights: memory, weight buffer of the same core, multipliers.
    const std::uint64_t weights = bytes(inputs * outputs);
    count(Event::memory_read, weights);
    count(Event::weight_buffer_write, weights);
    count(Event::weight_buffer_read, weights * uses);
    // Activations: a word for each issue.
    count(Event::memory_read, issues * word);
    // A sum runs over all inputs before it leaves the accumulators.
    const std::uint64_t sums = outputs * uses / chip::lanes;
    count(Event::partial_sum_buffer_write, sums * sum_bytes);
    count(Event::partial_sum_buffer_read, sums * sum_bytes);
    results(outputs * uses);
    count(Event::instruction_issue, issues + 2 * weights / word + sums);
  }
  // The vector unit makes codes of sums.
  void results(std::uint64_t elements) {
    count(Event::requantization, elements);
    count(Event::output_rounding, elements);
    count(Event::constant_register_read, elements * 8);
    count(Event::memory_write, bytes(elements));
  }
  // A tensor goes from the core where it was made to all cores.
  void to_all(std::uint64_t elements) {
    count(Event::memory_read, bytes(elements));
    count(Event::activation_network, bytes(elements) * links_to_all);
    count(Event::memory_write, bytes(elements) * cores);
    count(Event::instruction_issue, bytes(elements) / word * (cores + 1));
  }
  // Element-wise work on tensors in memory: `operations` for each element, of `operands` tensors.
  void elementwise(std::uint64_t elements, std::uint64_t operations, std::uint64_t operands) {
    count(Event::vector_operation, elements * operations);
    count(Event::output_rounding, elements);
    count(Event::memory_read, bytes(elements) * operands);
    count(Event::memory_write, bytes(elements));
    count(Event::instruction_issue, elements / chip::lanes);
  }
};

std::uint64_t cache_width(const DecoderShape& shape) { return shape.hidden * shape.cache_heads / shape.heads; }

void count_layer(Token& token) {
  const DecoderShape& shape = token.shape;
  const std::uint64_t hidden = shape.hidden, cached = cache_width(shape), group = shape.heads / shape.cache_heads;
  token.elementwise(hidden, 4, 1);  // norm: square, sum, scale twice
  token.to_all(hidden);
  token.product(hidden, hidden + 2 * cached, 1);  // queries, keys, values
  token.elementwise(hidden + cached, 3, 2);       // rotary positions
  token.to_all(hidden);
  // Every query head against its group's cached keys, then the weights of attention against the values.
  token.product(cached, shape.context, group);
  const std::uint64_t scores = shape.heads * shape.context;
  token.elementwise(scores, 3, 1);  // largest, sum, scale
  token.count(Event::activation_function, scores);
  token.product(shape.context, cached, group);
  token.to_all(hidden);
  token.product(hidden, hidden, 1);
  token.elementwise(hidden, 3, 2);  // residual
  token.elementwise(hidden, 4, 1);
  token.to_all(hidden);
  token.product(hidden, 2 * shape.feed_forward, 1);  // gate and up
  token.elementwise(shape.feed_forward, 2, 2);
  token.count(Event::activation_function, shape.feed_forward);
  token.to_all(shape.feed_forward);
  token.product(shape.feed_forward, hidden, 1);
  token.elementwise(hidden, 3, 2);
}

double parameters_of(const DecoderShape& shape) {
  const auto hidden = static_cast<double>(shape.hidden), cached = static_cast<double>(cache_width(shape));
  const double layer = 2 * hidden * hidden + 2 * hidden * cached + 3 * hidden * static_cast<double>(shape.feed_forward);
  return static_cast<double>(shape.layers) * layer + hidden * static_cast<double>(shape.vocabulary);
}

}  // namespace

const std::vector<DecoderShape>& decoder_shapes() {
  static const std::vector<DecoderShape> shapes = {
      {"32 layers as Granite-3B-code", "published configuration of granite-3b-code-base", 32, 2560, 10240, 32, 32,
       49152},
      {"14 layers as Granite-8B-code",
       "layers of the published configuration of granite-8b-code-base, as many as make 3 billion parameters; derived "
       "here, because the cache of 28 users of the other shape does not fit on 16 cards",
       14, 4096, 14336, 32, 8, 49152},
  };
  return shapes;
}

Counts token_counts(const DecoderShape& shape) {
  Token token{shape};
  for (std::uint64_t layer = 0; layer < shape.layers; ++layer) count_layer(token);
  token.elementwise(shape.hidden, 4, 1);
  token.to_all(shape.hidden);
  token.product(shape.hidden, shape.vocabulary, 1);
  const auto cards = static_cast<std::uint64_t>(language_cards);
  token.count(Event::host_input, cards * token.bytes(shape.hidden));
  token.count(Event::host_output, (cards - 1) * token.bytes(shape.hidden) + shape.vocabulary);
  return token.counts;
}

std::vector<LanguageModelCheck> check_language_model(const Prices& prices) {
  std::vector<LanguageModelCheck> checks;
  for (const DecoderShape& shape : decoder_shapes()) {
    LanguageModelCheck check;
    check.shape = &shape;
    check.parameters = parameters_of(shape);
    const double cache = 2.0 * static_cast<double>(shape.layers * cache_width(shape) * shape.context * shape.users);
    check.bytes_per_card = (check.parameters + cache) * static_cast<double>(shape.bits) / 8 / language_cards;
    check.fits = check.bytes_per_card <= 192.0 * 1024 * 1024;
    check.counts = token_counts(shape);
    for (std::size_t i = 0; i < event_kinds; ++i)
      check.event_joules += static_cast<double>(check.counts[i]) * prices.joules[i];
    check.idle_joules = language_cards * prices.idle_watts() / language_tokens_per_second;
    checks.push_back(check);
  }
  return checks;
}

}  // namespace northpole::energy
