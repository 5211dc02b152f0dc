// The memory behind the bus: 8 bytes a cycle in all, either way, with latency, row misses, refresh, random stalls of
// every channel, and planned misfortunes. Bursts are answered in the order they were accepted.
#pragma once
#include "api.h"
#include "rules.h"
#include <cstring>
#include <deque>
#include <vector>

class Memory {
    struct Read {
        Burst burst;
        uint32_t response = 0, bad_beat = 0, delay = 0;
        bool lost = false;
    };
    struct Beat {
        uint64_t data, id, ready_at;
        uint32_t response;
        bool last;
    };
    struct Data {
        uint64_t data;
        uint32_t strobe;
        bool last;
    };
    struct Answer {
        uint64_t id, ready_at;
        uint32_t response;
    };
    enum { QUEUE = 16, BUFFER = 256 };
    enum Channel { AW, W, B, AR, R };

    uint8_t* mem;
    uint64_t size;
    TandemTiming timing{20, 6, 4, 780, 20};
    TandemStalls stalls{};
    std::vector<TandemFault> faults;

    std::deque<Read> reads;
    std::deque<Beat> read_beats;
    std::deque<Burst> writes;
    std::deque<Data> write_beats;
    std::deque<Answer> answers;

    uint64_t random = 1;
    uint32_t stalled[5] = {};
    uint64_t row[8];
    uint64_t busy_until = 0, refresh_at = 0;
    bool writing = false, at_start = true;
    uint64_t done_beats = 0;
    uint32_t write_response = 0;
    uint32_t streak = 0;  // bursts served on the same side

    uint64_t next_random() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        return random;
    }

    bool stall(Channel c) {
        if (stalled[c] > 0) {
            stalled[c]--;
            return true;
        }
        if (stalls.chance[c] == 0 || (next_random() >> 20 & 0xffff) >= stalls.chance[c]) return false;
        stalled[c] = stalls.longest > 1 ? (next_random() >> 20) % stalls.longest : 0;
        return true;
    }

    // The fault this burst meets, if any.
    const TandemFault* meet(const Burst& b, bool write) {
        for (auto& f : faults) {
            bool of_write = f.kind & 1;
            if (of_write != write || b.address < f.from || b.address >= f.to || f.times == 0) continue;
            if (f.skip > 0) {
                f.skip--;
                continue;
            }
            f.times--;
            return &f;
        }
        return nullptr;
    }

    // Opens the row of an address; the cycles that costs.
    uint32_t open_row(uint64_t address) {
        uint64_t bank = address >> 11 & 7, wanted = address >> 14;
        if (row[bank] == wanted) return 0;
        row[bank] = wanted;
        return timing.row_miss;
    }

    // Bytes a beat touches start here.
    static uint64_t beat_address(const Burst& b, uint64_t beat) {
        uint64_t aligned = b.address & ~((1ull << b.size) - 1);
        return (beat == 0 ? b.address : aligned + (beat << b.size)) & ~7ull;
    }

    void begin(uint64_t now, bool write, const Burst& b) {
        uint64_t cost = open_row(b.address);
        if (write != writing) cost += timing.turnaround;
        writing = write;
        at_start = false;
        done_beats = 0;
        write_response = 0;
        busy_until = now + cost;
    }

    void read_beat(uint64_t now) {
        Read& r = reads.front();
        uint64_t address = beat_address(r.burst, done_beats);
        bool last = done_beats == r.burst.length;
        Beat beat{0, r.burst.id, now + timing.latency + r.delay, 0, last};
        if (address + 8 <= size) {
            memcpy(&beat.data, mem + address, 8);
        } else {
            beat.response = 3;
        }
        if (r.response != 0 && (done_beats == r.bad_beat || (last && r.bad_beat > done_beats))) beat.response = r.response;
        if (!r.lost) read_beats.push_back(beat);
        counts.read_beats++;
        done_beats++;
        if (last) {
            reads.pop_front();
            at_start = true;
        }
    }

    void write_beat(uint64_t now) {
        const Burst& b = writes.front();
        Data d = write_beats.front();
        write_beats.pop_front();
        uint64_t address = beat_address(b, done_beats);
        bool last = done_beats == b.length;
        if (last != d.last) {
            rules.broken(now, "W last is %d at beat %llu of a burst of %llu", d.last, (unsigned long long)done_beats + 1,
                         (unsigned long long)b.length + 1);
        }
        if (address + 8 > size) {
            write_response = 3;
        } else if (d.strobe == 0xff) {
            memcpy(mem + address, &d.data, 8);
        } else {
            for (int i = 0; i < 8; i++) {
                if (d.strobe >> i & 1) mem[address + i] = d.data >> (8 * i);
            }
        }
        counts.write_beats++;
        done_beats++;
        if (!last) return;
        const TandemFault* f = meet(b, true);
        Answer answer{b.id, now + timing.latency, write_response};
        if (f && f->kind == 1) answer.response = f->response;
        if (f && f->kind == 5) answer.ready_at += f->delay;
        if (!(f && f->kind == 3)) answers.push_back(answer);
        writes.pop_front();
        at_start = true;
    }

    // One cycle of the memory itself.
    void serve(uint64_t now) {
        if (timing.refresh_interval != 0 && now >= refresh_at) {
            refresh_at = now + timing.refresh_interval;
            if (busy_until < now) busy_until = now;
            busy_until += timing.refresh_cycles;
            for (auto& r : row) r = ~0ull;
        }
        if (now < busy_until) return;
        bool can_read = !reads.empty() && read_beats.size() < BUFFER;
        bool can_write = !writes.empty() && !write_beats.empty();
        if (at_start) {
            // A burst is written once all of it is here, or the buffer is full: so it never waits half way.
            bool whole = can_write && (write_beats.size() > writes.front().length || write_beats.size() >= BUFFER / 2);
            // Stay on the side last served while it has work, up to a limit, to save turnarounds.
            bool prefer_write = whole && (!can_read || (writing ? streak < 8 : streak >= 8));
            if (prefer_write) {
                streak = writing ? streak + 1 : 0;
                begin(now, true, writes.front());
            } else if (can_read) {
                streak = writing ? 0 : streak + 1;
                begin(now, false, reads.front().burst);
            } else {
                return;
            }
            if (now < busy_until) return;
        }
        if (writing ? can_write : can_read) {
            if (writing) {
                write_beat(now);
            } else {
                read_beat(now);
            }
        }
    }

public:
    Rules rules;
    TandemCounts counts{};

    // What the engine sees this cycle.
    bool awready = false, wready = false, arready = false, bvalid = false, rvalid = false, rlast = false;
    uint64_t bid = 0, rid = 0, rdata = 0;
    uint32_t bresp = 0, rresp = 0;

    Memory(uint8_t* mem, uint64_t size) : mem(mem), size(size) {
        for (auto& r : row) r = ~0ull;
    }

    void set_timing(const TandemTiming& t) { timing = t; }
    void set_stalls(const TandemStalls& s) {
        stalls = s;
        random = s.seed * 0x9e3779b97f4a7c15ull | 1;
        for (auto& n : stalled) n = 0;
    }
    void add_fault(const TandemFault& f) { faults.push_back(f); }
    void clear_faults() { faults.clear(); }
    uint64_t outstanding() const { return reads.size() + writes.size() + answers.size() + read_beats.size(); }

    // Forgets what is under way; the contents stay.
    void reset() {
        reads.clear();
        read_beats.clear();
        writes.clear();
        write_beats.clear();
        answers.clear();
        at_start = true;
        awready = wready = arready = bvalid = rvalid = false;
    }

    void accept_write(uint64_t now, const Burst& b) {
        check_burst(rules, now, "AW", b);
        counts.write_bursts++;
        writes.push_back(b);
    }
    void accept_data(uint64_t data, uint32_t strobe, bool last) { write_beats.push_back({data, strobe, last}); }
    void accept_read(uint64_t now, const Burst& b) {
        check_burst(rules, now, "AR", b);
        counts.read_bursts++;
        Read r;
        r.burst = b;
        if (const TandemFault* f = meet(b, false)) {
            if (f->kind == 0) {
                r.response = f->response;
                r.bad_beat = f->beat;
            }
            r.lost = f->kind == 2;
            if (f->kind == 4) r.delay = f->delay;
        }
        reads.push_back(r);
    }

    // After the clock edge: what was taken leaves, the memory works, and the next cycle's signals are set.
    void advance(uint64_t now, bool b_taken, bool r_taken) {
        if (b_taken) bvalid = false;
        if (r_taken) rvalid = false;
        serve(now);
        if (!bvalid && !answers.empty() && answers.front().ready_at <= now && !stall(B)) {
            bvalid = true;
            bid = answers.front().id;
            bresp = answers.front().response;
            answers.pop_front();
        }
        if (!rvalid && !read_beats.empty() && read_beats.front().ready_at <= now && !stall(R)) {
            const Beat& beat = read_beats.front();
            rvalid = true;
            rid = beat.id;
            rdata = beat.data;
            rresp = beat.response;
            rlast = beat.last;
            read_beats.pop_front();
        }
        awready = writes.size() < QUEUE && !stall(AW);
        wready = write_beats.size() < BUFFER && !stall(W);
        arready = reads.size() < QUEUE && !stall(AR);
    }
};
