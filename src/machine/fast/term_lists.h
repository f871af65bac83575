// Partial sums under way, as the terms that they are sums of: lists in one pool, so that a sum that passes from core to
// core takes its terms along without a copy, and what ends gives its places to what begins.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "machine/fast/data_flow.h"

namespace northpole::machine::fast {

struct Term {
  Value activation;
  std::uint32_t block;  // 2 * block + (activation signed)
};

// Chains of nodes, the latest first. Belongs to one TermLists and to one place: it is moved, never copied.
struct TermList {
  std::uint32_t latest = 0, first = 0;  // nodes in the pool; 0 is none
};

class TermLists {
 public:
  void add(TermList& list, const Term& term) {
    if (list.latest == 0 || nodes_[list.latest].count == terms_a_node) {
      const std::uint32_t place = new_node();
      nodes_[place].before = list.latest;
      nodes_[place].count = 0;
      if (list.latest == 0) list.first = place;
      list.latest = place;
    }
    Node& node = nodes_[list.latest];
    node.terms[node.count++] = term;
  }
  void clear(TermList& list) {
    if (list.latest == 0) return;
    nodes_[list.first].before = free_;
    free_ = list.latest;
    list = {};
  }
  // `later` joins `list` behind its terms and is empty then.
  void join(TermList& list, TermList& later) {
    if (later.latest == 0) return;
    if (list.latest == 0) {
      list = later;
    } else {
      nodes_[later.first].before = list.latest;
      list.latest = later.latest;
    }
    later = {};
  }
  // The list's terms in the order in which they came; the list is empty then.
  void take(TermList& list, std::vector<std::uint32_t>& blocks, std::vector<Value>& activations) {
    blocks.clear();
    activations.clear();
    for (std::uint32_t place = list.latest; place != 0;) {
      const Node& node = nodes_[place];
      for (std::uint32_t i = node.count; i-- > 0;) {
        blocks.push_back(node.terms[i].block);
        activations.push_back(node.terms[i].activation);
      }
      place = place == list.first ? 0 : node.before;
    }
    std::ranges::reverse(blocks);
    std::ranges::reverse(activations);
    clear(list);
  }

 private:
  static constexpr std::uint32_t terms_a_node = 7;
  struct alignas(64) Node {  // a line of the host's caches
    std::array<Term, terms_a_node> terms;
    std::uint32_t before;  // the node before it in its list, or the next free one
    std::uint32_t count;
  };
  std::uint32_t new_node() {
    if (free_ == 0) {
      nodes_.emplace_back();
      return static_cast<std::uint32_t>(nodes_.size() - 1);
    }
    const std::uint32_t place = free_;
    free_ = nodes_[place].before;
    return place;
  }

  std::vector<Node> nodes_ = std::vector<Node>(1);  // node 0 is none
  std::uint32_t free_ = 0;
};

}  // namespace northpole::machine::fast
