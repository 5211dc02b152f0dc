// A controller's control port, an ECP5 PHY and a DDR3 memory, as far as the set-up sees them; drives the verilated set-up and
// reports how it ended. A line of input is a run: seed, mode, then for each lane eight hex masks of delays, by bit slip: those that
// read right data, and those at which the burst is seen. Mode 0 answers, 1 never does, 2 answers an access with an error.
// A line of output: ready failed lanes silent slip0 delay0 slip1 delay1 control done error cycles complaint.
#include "Vdut.h"
#include "verilated.h"
#include <cstdio>
#include <cstdlib>
#include <string>

static uint64_t state;
static uint32_t word() {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return state >> 33;
}

struct Stub {
    double nanoseconds; // a cycle
    uint8_t good[2][4], burst[2][4];
    std::string complaint;
    long now = 0, reset_since = 0, released = -1, enabled = -1, mode_at = -1, dll_at = -1, zq_at = -1;
    long act_at = -1000000, pre_at = -1000000, write_at = -1000000, read_at = -1000000, data_due = -1;
    int modes = 0, select = 0, command[2] = {0, 0}, address[2] = {-1, -1}, bank[2] = {-1, -1};
    int delay[2], slip[2];
    bool open = false, synced[2] = {true, true}, all_selected = false;
    int control = 1, done = 0, error = 0, seen = 0;
    uint32_t write_words[4], read_words[4], due_words[4];
    uint8_t memory[2][8], last[2][8];

    void complain(const char *what) {
        if (complaint.empty()) complaint = what;
    }
    bool since(long at, double ns, long clocks) { // two clocks of the memory a cycle
        return (now - at) * nanoseconds >= ns && (now - at) * 2 >= clocks;
    }
    void set_control(int value) {
        if (control & 1 && !(value & 8)) reset_since = now;
        if (!(value & 1)) {
            if (value & 8 && (control & 1 || !(control & 8))) {
                if (value & 2 || !since(reset_since, 200e3, 0)) complain("reset too short");
                released = now;
            }
            if (value & 2 && !(control & 2)) {
                if (released < 0 || !since(released, 500e3, 0)) complain("clock enable too early");
                enabled = now;
            }
        } else if (open || zq_at < 0) {
            complain("handed over with an open bank or without initialisation");
        }
        control = value;
    }
    void issue(int phase) {
        int c = command[phase], cas = c & 4, ras = c & 8, we = c & 2;
        if (control & 1 || !(control & 2) || !(c & 1)) return complain("command without clock enable");
        if (zq_at >= 0 && !since(zq_at, 0, 512)) complain("command during calibration");
        if (ras && cas && we) {
            static const int numbers[4] = {2, 3, 1, 0}, values[4] = {0x200, 0, 6, 0x320};
            if (!since(enabled, 360, 5) || (mode_at >= 0 && !since(mode_at, 0, 4))) complain("mode too early");
            if (modes > 3 || bank[phase] != numbers[modes] || address[phase] != values[modes]) return complain("mode");
            mode_at = now;
            if (++modes == 4) dll_at = now;
        } else if (we && !cas && !ras) {
            if (modes != 4 || !(address[phase] & 0x400) || !since(mode_at, 15, 12)) complain("calibration");
            zq_at = now;
        } else if (ras && !cas && !we) {
            if (open || zq_at < 0 || !since(pre_at, 13.75, 4) || address[phase] || bank[phase]) complain("activate");
            open = true, act_at = now;
        } else if (ras && we) {
            if (!open || !since(act_at, 35, 14) || !since(write_at, 15, 5 + 4 + 3) || !since(read_at, 7.5, 4)) complain("precharge");
            open = false, pre_at = now;
        } else if (cas) {
            if (!open || !since(act_at, 13.75, 4) || address[phase] || bank[phase]) complain("column");
            if (we ? phase != 1 || !(c & 16) : phase != 0 || !(c & 32)) complain("phase");
            if (we) write();
            else read();
        } else {
            complain("unknown command");
        }
    }
    void write() {
        write_at = now;
        for (int beat = 0; beat < 8; beat++)
            for (int lane = 0; lane < 2; lane++)
                memory[lane][beat] = write_words[beat / 2] >> (16 * (beat & 1) + 8 * lane);
    }
    void read() {
        if (!since(write_at, 7.5, 5 + 4 + 4) || !since(dll_at, 0, 512)) complain("read too early");
        if (select) complain("read while strobe logic stands");
        read_at = now, data_due = now + 14;
        uint8_t out[2][8];
        for (int lane = 0; lane < 2; lane++) {
            bool right = synced[lane] && good[lane][slip[lane]] >> delay[lane] & 1;
            if (synced[lane] && burst[lane][slip[lane]] >> delay[lane] & 1) seen |= 1 << lane;
            int kind = word() % 6, shift = 1 + word() % 7, at = word() % 8, bit = word() % 8;
            for (int beat = 0; beat < 8; beat++) {
                uint8_t is = memory[lane][beat];
                uint8_t shifted = beat + shift < 8 ? memory[lane][beat + shift] : word();
                uint8_t earlier = beat >= shift ? memory[lane][beat - shift] : word();
                uint8_t wrong[6] = {shifted, earlier, uint8_t(word()), last[lane][beat], uint8_t(~is),
                                    uint8_t(beat == at ? is ^ 1 << bit : is)};
                out[lane][beat] = right ? is : wrong[kind];
            }
            // Read last time: of the other pattern. A byte of random data is right once in 256, eight in a row never are.
            for (int beat = 0; beat < 8; beat++) last[lane][beat] = memory[lane][beat];
        }
        for (int i = 0; i < 4; i++)
            due_words[i] = out[0][2 * i] | out[1][2 * i] << 8 | out[0][2 * i + 1] << 16 | uint32_t(out[1][2 * i + 1]) << 24;
    }
    void store(uint32_t address_, uint32_t value) {
        int p = address_ >= 0x1024 && address_ < 0x1044;
        switch (address_) {
        case 0x0: done = value; break;
        case 0x4: error = value; break;
        case 0x800:
            if (value == 3) all_selected = true;
            else if (value == 0 && all_selected) synced[0] = synced[1] = true, all_selected = false;
            else all_selected = false;
            for (int lane = 0; lane < 2; lane++)
                if (value >> lane & 1 && value != 3) synced[lane] = false;
            select = value;
            break;
        case 0x804: case 0x808: case 0x80c: case 0x810:
            for (int lane = 0; lane < 2; lane++)
                if (select >> lane & 1) {
                    if (address_ == 0x804) delay[lane] = 0;
                    if (address_ == 0x808) delay[lane] = (delay[lane] + 1) & 7;
                    if (address_ == 0x80c) slip[lane] = 0;
                    if (address_ == 0x810) slip[lane] = (slip[lane] + 1) & 3;
                }
            break;
        case 0x814: seen = 0; break;
        case 0x1000: set_control(value); break;
        case 0x1004: case 0x1024: command[p] = value; break;
        case 0x1008: case 0x1028: issue(p); break;
        case 0x100c: case 0x102c: address[p] = value; break;
        case 0x1010: case 0x1030: bank[p] = value; break;
        case 0x1014: write_words[1] = value; break;
        case 0x1018: write_words[0] = value; break;
        case 0x1034: write_words[3] = value; break;
        case 0x1038: write_words[2] = value; break;
        default: complain("write to an unknown register");
        }
    }
    uint32_t load(uint32_t address_) {
        if (data_due >= 0) complain("result read too early");
        switch (address_) {
        case 0x818: return seen | (word() & ~3);
        case 0x101c: return read_words[1];
        case 0x1020: return read_words[0];
        case 0x103c: return read_words[3];
        case 0x1040: return read_words[2];
        }
        complain("read of an unknown register");
        return 0;
    }
    void tick() {
        now++;
        if (data_due >= 0 && now >= data_due) {
            for (int i = 0; i < 4; i++) read_words[i] = due_words[i];
            data_due = -1;
        }
    }
};

int main(int argc, char **argv) {
    VerilatedContext context;
    Vdut top(&context);
    unsigned long long seed;
    int mode;
    while (scanf("%llu %d", &seed, &mode) == 2) {
        Stub stub;
        stub.nanoseconds = 1e9 / atof(argv[1]);
        state = seed;
        unsigned mask;
        for (int lane = 0; lane < 2; lane++)
            for (int i = 0; i < 8; i++) {
                if (scanf("%x", &mask) != 1) return 1;
                (i < 4 ? stub.good[lane][i] : stub.burst[lane][i - 4]) = mask;
            }
        for (int lane = 0; lane < 2; lane++) {
            stub.delay[lane] = word() & 7, stub.slip[lane] = word() & 3;
            for (int beat = 0; beat < 8; beat++) stub.memory[lane][beat] = word(), stub.last[lane][beat] = word();
        }
        top.reset = 1, top.ack = 0, top.err = 0;
        int left = 0, error_at = word() % 400;
        long cycle = 0;
        for (; cycle < 1000000; cycle++) {
            top.clock = 0;
            top.reset = cycle < 3;
            top.eval();
            top.ack = top.err = 0;
            top.dat_r = word() ^ word() << 16;
            if (top.stb && mode != 1 && left-- <= 0) {
                left = word() % 4;
                if (mode == 2 && error_at-- == 0) {
                    top.err = 1;
                } else {
                    top.ack = 1;
                    if (top.we) stub.store(top.adr * 4, top.dat_w);
                    else top.dat_r = stub.load(top.adr * 4);
                }
            }
            top.eval();
            bool ended = cycle > 3 && (top.ready || top.failed);
            top.clock = 1;
            top.eval();
            stub.tick();
            if (ended) break;
        }
        printf("%d %d %d %d %d %d %d %d %d %d %d %ld %s\n", top.ready, top.failed, top.failed_lane, top.silent, stub.slip[0],
               stub.delay[0], stub.slip[1], stub.delay[1], stub.control, stub.done, stub.error, cycle,
               stub.complaint.empty() ? "-" : stub.complaint.c_str());
    }
    return 0;
}
