#include "chip/key_notes.h"

namespace northpole::chip {

const std::vector<KeyNote>& key_notes() {
  static const std::vector<KeyNote> notes = {
      {"rows", "rows of cores", "published", "Science 382:329, 2023"},
      {"columns", "columns of cores", "published", "Science 382:329, 2023"},
      {"clock_megahertz", "clock, MHz", "published", "Science 382:329, 2023"},
      {"operations_per_multiply_accumulate", "operations that a multiply-accumulate counts as, 1 or 2", "chosen",
       "multiply and add; no public source defines it"},
      {"banks", "banks of a core's memory, one access a cycle each", "chosen",
       "gives the published bandwidth of 128 bytes a cycle"},
      {"bank_words", "words of 32 bytes in a bank", "derived", "768 KiB a core (Science 382:329) over the banks"},
      {"weight_blocks", "blocks of 1 KiB in a core's weight buffer", "chosen", "a double buffer of 2 x 32"},
      {"partial_sums", "vectors of 32 x 32 bit in a core's partial-sum buffer", "chosen", "docs/machine.md"},
      {"program_words", "words of 32 bytes in each half of a core's program buffer", "chosen", "docs/machine.md"},
      {"parameters", "registers of 32 bit in each half of a core's parameters", "chosen",
       "that parameters are core-local is published (US11663461)"},
      {"constant_words", "constant registers of a vector unit, words of 32 bytes", "chosen", "docs/machine.md"},
      {"vmm_latency", "cycles from a multiply to its sum's use", "chosen", "read, multiply, add, accumulate"},
      {"vector_latency", "cycles from a vector event to its written output", "chosen", "docs/machine.md"},
      {"partial_sum_link_cycles", "cycles of a vector of sums on a link", "derived",
       "1,024 bit over 512 wires; proportions of the networks are published, widths chosen"},
      {"model_lanes", "lanes of 256 bit in a model-network link", "chosen", "1,024 wires, as above"},
      {"frame_words_per_row", "words of 32 bytes of frame buffer behind each row", "derived",
       "32 MiB (Science 382:329) over the rows"},
      {"vector_precision", "of the vector unit: fp16 or fp32", "published", "FP16; Hot Chips 35, 2023"},
  };
  return notes;
}

}  // namespace northpole::chip
