// The cells of the array alone, every operand changing in every cycle: what the engine's simulation is compared with.
// Compiled with TANDEM_TOP (class) and TANDEM_TOP_HEADER, as shim.cpp is; the build writes operands.h.
#include TANDEM_TOP_HEADER
#include "operands.h"
#include "verilated.h"
#include <cstdint>

namespace {

enum { ROWS = TANDEM_ROWS, COLUMNS = TANDEM_COLUMNS, PASS = 256, WORDS = 1 << 12 };

// Operands are drawn beforehand, so that drawing them is not measured.
struct Operands {
    uint16_t word[WORDS + ROWS + COLUMNS];
    Operands() {
        uint64_t state = 1;
        for (auto& w : word) {
            state = state * 6364136223846793005ull + 1442695040888963407ull;
            w = uint16_t(state >> 40);
        }
    }
};

}  // namespace

// Runs two passes weight-stationary for one output-stationary, the mix of training, and returns what the sums add up to.
extern "C" uint64_t tandem_bare_array(uint64_t cycles) {
    static const Operands operands;
    VerilatedContext context;
    TANDEM_TOP top{&context};
    uint64_t sum = 0;
    top.run = 1;
    for (uint64_t cycle = 0; cycle < cycles; cycle++) {
        uint32_t at = cycle % PASS;
        bool keep = cycle / PASS % 3 == 2;
        top.keep = keep;
        top.first = at == 0;
        top.last = at == PASS - 1;
        // In the cycles before a pass the weights of the next one are shifted in.
        top.shift = keep || at >= PASS - 2 * ROWS && at < PASS - ROWS;
        const uint16_t* next = operands.word + cycle * (ROWS + COLUMNS) % WORDS;
        auto feed = [&](auto& port) { port = *next++; };
        TANDEM_OPERANDS
        top.clock = 0;
        top.eval();
        top.clock = 1;
        top.eval();
        sum += TANDEM_SUMS;
    }
    top.final();
    return sum;
}
