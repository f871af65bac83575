// Partial sums under way, as the terms that they are sums of: lists in one pool, so that a sum that passes from core to
// core takes its terms along without a copy, and what ends gives its places to what begins.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "machine/fast/data_flow.h"

namespace northpole::machine::fast {

struct Term {
  Value activation;
  std::uint32_t block;  // 2 * block + (activation signed)
};

// The latest term first. Belongs to one TermLists and to one place: it is moved, never copied.
struct TermList {
  std::uint32_t latest = 0, first = 0;  // places in the pool; 0 is none
};

class TermLists {
 public:
  void add(TermList& list, const Term& term) {
    const std::uint32_t place = free_ != 0 ? free_ : grow();
    Node& node = nodes_[place];
    free_ = node.before;
    node.term = term;
    node.before = list.latest;
    if (list.latest == 0) list.first = place;
    list.latest = place;
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
    for (std::uint32_t place = list.latest; place != 0; place = nodes_[place].before) {
      blocks.push_back(nodes_[place].term.block);
      activations.push_back(nodes_[place].term.activation);
      if (place == list.first) break;
    }
    std::ranges::reverse(blocks);
    std::ranges::reverse(activations);
    clear(list);
  }

 private:
  struct Node {
    Term term;
    std::uint32_t before;  // the term before it in its list, or the next free place
  };
  std::uint32_t grow() {
    nodes_.emplace_back();  // nobody follows it
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  std::vector<Node> nodes_ = std::vector<Node>(1);  // place 0 is none
  std::uint32_t free_ = 0;
};

}  // namespace northpole::machine::fast
