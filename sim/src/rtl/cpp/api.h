// What Rust calls: one table of functions a design. Mirrored by ../ffi.rs, field by field.
#pragma once
#include <cstdint>

extern "C" {

// Cycles of the memory behind the bus.
struct TandemTiming {
    uint32_t latency;           // from acceptance of a read to its first beat, and from the last beat written to its response
    uint32_t row_miss;          // lost when a burst opens another row of its bank
    uint32_t turnaround;        // lost between reading and writing
    uint32_t refresh_interval;  // 0: no refresh
    uint32_t refresh_cycles;    // lost at each refresh
};

// Chance of a stall beginning, in 1/65536 a cycle, for AW, W, B, AR, R; and its longest length.
struct TandemStalls {
    uint64_t seed;
    uint32_t chance[5];
    uint32_t longest;
};

// One planned misfortune. `skip` matching bursts pass first, then `times` are hit.
struct TandemFault {
    uint32_t kind;      // 0 read answered with `response`, 1 write answered with it, 2 read lost, 3 write response lost,
                        // 4 read late by `delay`, 5 write response late by it
    uint32_t response;  // 2 SLVERR, 3 DECERR
    uint32_t beat;      // beat of a read burst that carries the response; past the end: the last
    uint32_t delay;
    uint64_t from;      // burst addresses in from..to
    uint64_t to;
    uint64_t skip;
    uint64_t times;
};

struct TandemCounts {
    uint64_t cycles;
    uint64_t read_beats;
    uint64_t write_beats;
    uint64_t read_bursts;
    uint64_t write_bursts;
    uint64_t violations;
    uint64_t outstanding;  // bursts accepted and not yet answered
};

// What is written as waves, and when: cycles in from..to in which, if `mask` is not 0, a unit works on a command whose
// mark is `mark` in the bits of `mask`.
struct TandemWaves {
    const char* path;
    uint64_t from;
    uint64_t to;
    uint32_t mark;
    uint32_t mask;
};

struct TandemApi {
    // Null if the waves cannot be written. `waves` may be null; `mem` must stay until close.
    void* (*open)(uint8_t* mem, uint64_t size, const TandemWaves* waves);
    void (*close)(void* core);
    void (*reset)(void* core, uint32_t cycles);
    // Runs until `cycles` have passed or, if asked, the interrupt line is high. Returns the cycles run.
    uint64_t (*run)(void* core, uint64_t cycles, uint32_t until_irq);
    uint32_t (*irq)(void* core);
    // AXI4-Lite. 0..3: the response; 4: none within `limit` cycles.
    uint32_t (*write)(void* core, uint32_t address, uint32_t value, uint64_t limit);
    uint32_t (*read)(void* core, uint32_t address, uint32_t* value, uint64_t limit);
    void (*set_timing)(void* core, const TandemTiming* timing);
    void (*set_stalls)(void* core, const TandemStalls* stalls);
    void (*add_fault)(void* core, const TandemFault* fault);
    void (*clear_faults)(void* core);
    void (*counts)(void* core, TandemCounts* counts);
    // The first rule broken, as text that stays until the next call; empty if none.
    const char* (*violation)(void* core);
};
}
