// A verilated link between a line and a small model of registers and memory. Commands come on standard input, answers go to
// standard output; ../uart/simulated.rs is the other half. Compiled with LINK_PINS for the link with pins, without for bytes, and with
// LINK_BOARD too for a board, whose registers and memory are its own.
#include "Vlink.h"
#include "verilated.h"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <vector>

namespace {

struct Access {
    uint8_t flags;  // 1 write, 2 memory, 4 refused
    uint32_t address, data;
};

struct Plan {
    uint32_t offset, value;
    uint64_t cycle;
};

template <class T> T get() {
    T value;
    if (fread(&value, sizeof value, 1, stdin) != 1) exit(0);
    return value;
}

template <class T> void put(T value) { fwrite(&value, sizeof value, 1, stdout); }

struct Line {
    VerilatedContext context;
    Vlink link{&context};
    uint64_t cycle = 0, state = 1, last_out = 0;
    uint32_t longest_wait = 0, wait = 0, quiet = 0;
    double bits_a_cycle = 0.25;
    std::deque<uint8_t> to_link;
    std::vector<uint8_t> from_link;
    std::vector<uint32_t> registers = std::vector<uint32_t>(1 << 14), memory = std::vector<uint32_t>(1 << 18);
    std::vector<Access> log;
    std::vector<Plan> plans;
#ifdef LINK_BOARD
    CData &clock = link.clock_100, &receive = link.uart_receive, &transmit = link.uart_transmit;
#else
    CData& clock = link.clock;
#ifdef LINK_PINS
    CData &receive = link.receive, &transmit = link.transmit;
#endif
#endif
#ifdef LINK_PINS
    double sent = 0, seen = 0;
    uint32_t symbol = 0, value = 0;
    bool sending = false, seeing = false;
#else
    uint64_t next_in = 0, next_out = 0;
#endif

    uint32_t random() {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        return uint32_t(state >> 33);
    }

#ifdef LINK_BOARD
    void serve() {}
#else
    void serve() {
        for (auto& plan : plans)
            if (plan.cycle == cycle) registers[plan.offset / 4] = plan.value;
        link.request_ready = link.request_valid && wait == 0;
        bool in_memory = link.request_memory;
        uint32_t word = link.request_address / 4;
        auto& space = in_memory ? memory : registers;
        bool refused = word >= space.size();
        link.response_error = refused;
        link.response_data = refused ? 0xdeadbeef : space[word];
        if (link.request_valid && wait > 0) wait--;
        if (!link.request_ready) return;
        wait = longest_wait ? random() % (longest_wait + 1) : 0;
        bool write = link.request_write;
        log.push_back({uint8_t(write | in_memory << 1 | refused << 2), uint32_t(link.request_address),
                       write ? uint32_t(link.request_data) : 0});
        if (write && !refused) space[word] = link.request_data;
    }
#endif

    void step() {
        serve();
#ifdef LINK_PINS
        if (!sending && !to_link.empty()) {
            symbol = uint32_t(to_link.front()) << 1 | 0x200;
            to_link.pop_front();
            sending = true;
        }
        receive = !sending || (symbol >> int(sent)) & 1;
        if (sending && (sent += bits_a_cycle) >= 10) {
            sent -= 10;
            sending = false;
            if (to_link.empty()) sent = 0;
        }
#else
        link.in_error = 0;
        link.in_valid = cycle >= next_in && !to_link.empty();
        if (link.in_valid) {
            link.in_data = to_link.front();
            to_link.pop_front();
            next_in = cycle + uint64_t(10 / bits_a_cycle);
        }
        link.out_ready = cycle >= next_out;
        if (link.out_ready && link.out_valid) {
            from_link.push_back(link.out_data);
            last_out = cycle;
            next_out = cycle + uint64_t(10 / bits_a_cycle);
        }
#endif
        link.eval();
        clock = 1;
        link.eval();
        clock = 0;
        link.eval();
        cycle++;
#ifdef LINK_PINS
        if (!seeing && !transmit) {
            seeing = true;
            seen = 0;
            value = 0;
        }
        if (seeing) {
            double before = seen;
            seen += bits_a_cycle;
            if (int(before + 0.5) != int(seen + 0.5)) value |= uint32_t(transmit) << int(before);
            if (seen >= 9.75) {
                seeing = false;
                last_out = cycle;
                if (value & 0x200 && !(value & 1)) from_link.push_back(value >> 1);
                else from_link.push_back(0xee);
            }
        }
#endif
    }

    // Something has come, and nothing more for a while.
    bool ended() const { return !from_link.empty() && cycle >= last_out + quiet; }

    void reset() {
#ifdef LINK_BOARD
        // Its reset goes on for 16 cycles after the button.
        link.button = 0;
        for (int i = 0; i < 4; i++) step();
        link.button = 1;
        for (int i = 0; i < 20; i++) step();
#else
        link.reset = 1;
        for (int i = 0; i < 4; i++) step();
        link.reset = 0;
#endif
    }
};

}  // namespace

int main() {
    Line line;
#ifdef LINK_PINS
    line.receive = 1;
#endif
    line.reset();
    for (;;) {
        switch (get<uint8_t>()) {
            case 0: {  // Settings.
                line.bits_a_cycle = get<double>();
                line.longest_wait = get<uint32_t>();
                line.state = get<uint64_t>();
                line.quiet = get<uint32_t>();
                break;
            }
            case 1: {  // Run: bytes for the link, then at most so many cycles, to the end of what comes from it if asked.
                uint64_t cycles = get<uint64_t>();
                bool stop = get<uint8_t>();
                uint32_t count = get<uint32_t>();
                while (count--) line.to_link.push_back(get<uint8_t>());
                while (cycles-- && !(stop && line.ended())) line.step();
                put<uint64_t>(line.cycle);
                put<uint32_t>(uint32_t(line.from_link.size()));
                fwrite(line.from_link.data(), 1, line.from_link.size(), stdout);
                line.from_link.clear();
                break;
            }
            case 2: {  // What was done since last asked.
                put<uint32_t>(uint32_t(line.log.size()));
                for (auto& access : line.log) {
                    put(access.flags);
                    put(access.address);
                    put(access.data);
                }
                line.log.clear();
                break;
            }
            case 3: {  // A register changes by itself.
                Plan plan;
                plan.offset = get<uint32_t>();
                plan.value = get<uint32_t>();
                plan.cycle = line.cycle + get<uint64_t>();
                line.plans.push_back(plan);
                break;
            }
            case 4: line.reset(); break;
        }
        fflush(stdout);
    }
}
