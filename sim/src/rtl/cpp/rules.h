// AXI rules the engine must keep, checked every cycle. Found violations are counted and the first is kept.
#pragma once
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

class Rules {
public:
    uint64_t count = 0;
    char first[200] = "";

    void broken(uint64_t cycle, const char* format, ...) {
        if (count++ != 0) return;
        int used = snprintf(first, sizeof first, "cycle %llu: ", (unsigned long long)cycle);
        va_list args;
        va_start(args, format);
        vsnprintf(first + used, sizeof first - used, format, args);
        va_end(args);
    }
};

// A channel's valid and payload must stay as they are until ready.
template <typename Payload>
class Stable {
    bool waiting = false;
    Payload held{};

public:
    void reset() { waiting = false; }
    void check(Rules& rules, uint64_t cycle, const char* name, bool valid, bool ready, const Payload& now) {
        if (waiting) {
            if (!valid) {
                rules.broken(cycle, "%s valid fell before ready", name);
            } else if (memcmp(&held, &now, sizeof now) != 0) {
                rules.broken(cycle, "%s payload changed before ready", name);
            }
        }
        waiting = valid && !ready;
        if (waiting) memcpy(&held, &now, sizeof now);
    }
};

// An address of a read or write burst.
struct Burst {
    uint64_t id, address, length, size, type;  // length as on the bus: beats less one
};

inline void check_burst(Rules& rules, uint64_t cycle, const char* name, const Burst& b) {
    uint64_t bytes = (b.length + 1) << b.size;
    uint64_t start = b.address & ~((1ull << b.size) - 1);
    if (b.size > 3) rules.broken(cycle, "%s size %llu, the bus carries 3", name, (unsigned long long)b.size);
    if (b.type != 1) rules.broken(cycle, "%s burst type %llu, expected 1 (INCR)", name, (unsigned long long)b.type);
    if (start / 4096 != (start + bytes - 1) / 4096) {
        rules.broken(cycle, "%s burst of %llu bytes at 0x%llx crosses a 4 KiB boundary", name,
                     (unsigned long long)bytes, (unsigned long long)b.address);
    }
}
