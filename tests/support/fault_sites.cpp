#include "support/fault_sites.h"

#include <algorithm>
#include <set>

namespace northpole::tests {

using isa::Instruction;
using isa::Opcode;
using isa::Word;

namespace {

// Eight section starts and nothing else.
bool is_directory(const Word& word) {
  const auto starts = isa::decode_directory(word);
  if (std::find(starts.begin(), starts.end(), 0) != starts.end()) return false;
  return std::all_of(word.begin() + 16, word.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool closes(Opcode opcode) { return opcode == Opcode::end || opcode == Opcode::switch_program; }

}  // namespace

FaultSites::FaultSites(const program::Program& program) : program_(program) {
  for (const std::size_t section : sections("programs")) {
    const auto& words = program.image[section].words;
    if (!is_directory(words[0])) {
      // Sections that cores share, one after the other.
      for (std::size_t first = 0; first < words.size();) {
        const std::size_t end = add_list(words, first, std::nullopt, Holder::image, section);
        if (end == first) break;
        first = end;
      }
      continue;
    }
    directories_.push_back({section, 0});
    if (words.size() == 1) continue;
    const auto starts = isa::decode_directory(words[0]);
    std::set<std::size_t> seen;  // threads that only leave may share a section
    for (std::size_t thread = 0; thread < isa::thread_count; ++thread)
      if (starts[thread] < words.size() && seen.insert(starts[thread]).second)
        add_list(words, starts[thread], static_cast<isa::Thread>(thread), Holder::image, section);
  }
  for (std::size_t row = 0; row < program.edges.size(); ++row) {
    add_list(program.edges[row].send, 0, isa::Thread::send, Holder::edge_send, row);
    add_list(program.edges[row].receive, 0, isa::Thread::receive, Holder::edge_receive, row);
  }
}

std::size_t FaultSites::add_list(const std::vector<Word>& words, std::size_t first, std::optional<isa::Thread> thread,
                                 Holder holder, std::size_t index) {
  const std::size_t begin = instructions_.size();
  std::size_t end = first;
  std::string problem;
  for (std::size_t word = first; word < words.size();) {
    FaultSite site;
    site.holder = holder;
    site.index = index;
    site.word = word;
    auto instruction = isa::decode(words.data(), words.size(), word, problem);
    if (!instruction) break;
    end = word;
    site.words = word - site.word;
    site.instruction = *instruction;
    site.next_follows = !closes(instruction->opcode);
    if (!thread) thread = isa::thread_of(instruction->opcode);
    instructions_.push_back(site);
    if (closes(instruction->opcode)) break;
  }
  // A list may go on in the words that another core keeps of the program.
  if (instructions_.size() > begin) instructions_.back().next_follows = false;
  for (std::size_t i = begin; i < instructions_.size(); ++i)
    instructions_[i].thread = thread.value_or(isa::Thread::send);
  return end;
}

std::vector<std::size_t> FaultSites::sections(const std::string& name, bool prefix) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < program_.image.size(); ++i) {
    const std::string& tag = program_.tensors.at(program_.image[i].tensor).name;
    if (!program_.image[i].words.empty() && (prefix ? tag.rfind(name, 0) == 0 : tag == name)) found.push_back(i);
  }
  return found;
}

const FaultSite* FaultSites::any(std::mt19937& random, const std::function<bool(const FaultSite&)>& fits) const {
  std::vector<const FaultSite*> candidates;
  for (const FaultSite& site : instructions_)
    if (fits(site)) candidates.push_back(&site);
  return candidates.empty() ? nullptr : candidates[random() % candidates.size()];
}

const FaultSite* FaultSites::after(const FaultSite& site) const { return site.next_follows ? &site + 1 : nullptr; }

std::vector<Word>& words_of(program::Program& program, Holder holder, std::size_t index) {
  if (holder == Holder::image) return program.image[index].words;
  return holder == Holder::edge_send ? program.edges[index].send : program.edges[index].receive;
}

void overwrite(program::Program& program, Holder holder, std::size_t index, std::size_t word,
               const std::vector<Word>& words) {
  auto& target = words_of(program, holder, index);
  if (holder == Holder::image) {
    // Mostly the core keeps its own.
    const auto is_copy = [&](const program::Boot& boot) { return boot.program == target; };
    auto boot = program.boot.begin() + program.image[index].core;
    if (!is_copy(*boot)) boot = std::find_if(program.boot.begin(), program.boot.end(), is_copy);
    if (boot != program.boot.end())
      std::copy(words.begin(), words.end(), boot->program.begin() + static_cast<std::ptrdiff_t>(word));
  }
  std::copy(words.begin(), words.end(), target.begin() + static_cast<std::ptrdiff_t>(word));
}

void overwrite(program::Program& program, const FaultSite& site, const Instruction& instruction) {
  std::vector<Word> words;
  isa::append_encoded(instruction, words);
  overwrite(program, site.holder, site.index, site.word, words);
}

}  // namespace northpole::tests
