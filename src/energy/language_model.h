// The check that the calibration does not use: energy a token of the published 3-billion-parameter language model, from
// event counts of the model's shape, with the same prices as for any program.
#pragma once

#include <string>
#include <vector>

#include "energy/energy.h"

namespace northpole::energy {

// Published (Appuswamy et al., "Breakthrough low-latency, high-energy-efficiency LLM inference performance using
// NorthPole", HPEC 2024): 16 cards at 672 W in all, 28,356 tokens a second.
inline constexpr double language_cards = 16, language_watts = 672, language_tokens_per_second = 28356;
inline constexpr double language_joules_per_token = language_watts / language_tokens_per_second;  // 23.7 mJ

struct DecoderShape {
  const char* name;
  const char* source;
  std::uint64_t layers, hidden, feed_forward, heads, cache_heads, vocabulary;
  std::uint64_t bits = 4, context = 2048, users = 28;  // bits of weights, activations and cache
};
// A decoder of Granite-3B-code's published shape; and one of as many parameters made of Granite-8B-code's layers, as
// many as the cards can hold with the users' cache.
const std::vector<DecoderShape>& decoder_shapes();

// What is done for one token, on all cards together. One token passes a card at a time (28 users do not fill a batch in
// a pipeline of 16 cards), so every weight is read from memory once a token, goes into its own core's weight buffer and
// is used once. Each matrix's inputs go to all cores. The cache is full: the whole context is read. Multiplies fill
// their words (the shapes are multiples of them).
Counts token_counts(const DecoderShape& shape);

struct LanguageModelCheck {
  const DecoderShape* shape = nullptr;
  double parameters = 0;
  double bytes_per_card = 0;                 // weights and the users' cache, over the cards
  bool fits = false;                         // in a card's core memories
  Counts counts{};                           // of a token
  double event_joules = 0, idle_joules = 0;  // of a token
  double joules() const { return event_joules + idle_joules; }
  // Of the published energy: 0.1 is ten per cent too much.
  double error() const { return joules() / language_joules_per_token - 1; }
  double watts_per_card() const { return joules() * language_tokens_per_second / language_cards; }
};
std::vector<LanguageModelCheck> check_language_model(const Prices& prices);

}  // namespace northpole::energy
