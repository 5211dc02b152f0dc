// One design with its memory and its register port. Compiled once a design with TANDEM_TOP (class), TANDEM_TOP_HEADER and TANDEM_TABLE.
#include "api.h"
#include "memory.h"
#include "rules.h"
#include TANDEM_TOP_HEADER
#include "verilated.h"
#include <memory>
#if VM_TRACE_FST
#include "verilated_fst_c.h"
#endif

namespace {

class Core {
    VerilatedContext context;
    TANDEM_TOP top{&context};
    Memory memory;
    uint64_t cycle = 0;
    bool in_reset = false;
    Stable<Burst> aw_rule, ar_rule;
    struct WPayload {
        uint64_t data, strobe, last;
    };
    Stable<WPayload> w_rule;
    Stable<uint64_t> lite_b_rule, lite_r_rule;
    bool lite_write_open = false, lite_read_open = false;
    // What the engine sees of the register port in this cycle.
    struct {
        bool awvalid, wvalid, bready, arvalid, rready;
    } lite{};
#if VM_TRACE_FST
    std::unique_ptr<VerilatedFstC> waves;
    uint64_t waves_from = 0, waves_to = 0;
    bool waves_marked = false, waves_now = false;
#endif

    void dump(uint64_t half) {
#if VM_TRACE_FST
        // Both halves of a cycle or none: what is before the edge decides.
        if (half == 0) waves_now = cycle >= waves_from && cycle < waves_to && (!waves_marked || top.marked_works);
        if (waves && waves_now) waves->dump(2 * cycle + half);
#else
        (void)half;
#endif
    }

    // Gives the engine the memory's signals of the cycle that the next edge begins.
    void drive() {
        top.m_axi_awready = memory.awready;
        top.m_axi_wready = memory.wready;
        top.m_axi_bvalid = memory.bvalid;
        top.m_axi_bid = memory.bid;
        top.m_axi_bresp = memory.bresp;
        top.m_axi_arready = memory.arready;
        top.m_axi_rvalid = memory.rvalid;
        top.m_axi_rid = memory.rid;
        top.m_axi_rdata = memory.rdata;
        top.m_axi_rresp = memory.rresp;
        top.m_axi_rlast = memory.rlast;
    }

    void check_lite() {
        Rules& rules = memory.rules;
        if (top.s_axi_bvalid && !lite_write_open) rules.broken(cycle, "register write answered that was not asked");
        if (top.s_axi_rvalid && !lite_read_open) rules.broken(cycle, "register read answered that was not asked");
        uint64_t r = uint64_t(top.s_axi_rdata) << 2 | top.s_axi_rresp;
        lite_b_rule.check(rules, cycle, "register B", top.s_axi_bvalid, lite.bready, top.s_axi_bresp);
        lite_r_rule.check(rules, cycle, "register R", top.s_axi_rvalid, lite.rready, r);
    }

public:
    Core(uint8_t* mem, uint64_t size) : memory(mem, size) {}

    bool open_waves(const TandemWaves& wanted) {
#if VM_TRACE_FST
        waves_from = wanted.from;
        waves_to = wanted.to;
        waves_marked = wanted.mask != 0;
        top.mark = wanted.mark;
        top.mask = wanted.mask;
        context.traceEverOn(true);
        waves = std::make_unique<VerilatedFstC>();
        top.trace(waves.get(), 99);
        waves->open(wanted.path);
        return waves->isOpen();
#else
        (void)wanted;
        return false;
#endif
    }

    ~Core() {
        top.final();
#if VM_TRACE_FST
        if (waves) waves->close();
#endif
    }

    // One clock cycle: looks at the engine's signals, works out the memory's next ones, and lets the edge pass.
    void tick() {
        top.clock = 0;
        top.eval();
        dump(0);
        bool aw = top.m_axi_awvalid, w = top.m_axi_wvalid, ar = top.m_axi_arvalid;
        bool b_taken = memory.bvalid && top.m_axi_bready, r_taken = memory.rvalid && top.m_axi_rready;
        if (!in_reset) {
            Rules& rules = memory.rules;
            if (aw) {
                Burst b{top.m_axi_awid, top.m_axi_awaddr, top.m_axi_awlen, top.m_axi_awsize, top.m_axi_awburst};
                aw_rule.check(rules, cycle, "AW", aw, memory.awready, b);
                if (memory.awready) memory.accept_write(cycle, b);
            } else {
                aw_rule.check(rules, cycle, "AW", false, memory.awready, {});
            }
            if (w) {
                WPayload p{top.m_axi_wdata, top.m_axi_wstrb, top.m_axi_wlast};
                w_rule.check(rules, cycle, "W", w, memory.wready, p);
                if (memory.wready) memory.accept_data(p.data, p.strobe, p.last);
            } else {
                w_rule.check(rules, cycle, "W", false, memory.wready, {});
            }
            if (ar) {
                Burst b{top.m_axi_arid, top.m_axi_araddr, top.m_axi_arlen, top.m_axi_arsize, top.m_axi_arburst};
                ar_rule.check(rules, cycle, "AR", ar, memory.arready, b);
                if (memory.arready) memory.accept_read(cycle, b);
            } else {
                ar_rule.check(rules, cycle, "AR", false, memory.arready, {});
            }
            check_lite();
        }
        memory.advance(cycle + 1, b_taken, r_taken);
        if (in_reset) memory.reset();
        drive();
        top.clock = 1;
        top.eval();
        dump(1);
        lite = {bool(top.s_axi_awvalid), bool(top.s_axi_wvalid), bool(top.s_axi_bready), bool(top.s_axi_arvalid),
                bool(top.s_axi_rready)};
        cycle++;
    }

    void reset(uint32_t cycles) {
        top.reset = 1;
        in_reset = true;
        memory.reset();
        for (auto* rule : {&aw_rule, &ar_rule}) rule->reset();
        w_rule.reset();
        lite_b_rule.reset();
        lite_r_rule.reset();
        for (uint32_t i = 0; i < cycles; i++) tick();
        top.reset = 0;
        in_reset = false;
        lite_write_open = lite_read_open = false;
    }

    uint64_t run(uint64_t cycles, bool until_irq) {
        uint64_t done = 0;
        for (; done < cycles && !(until_irq && top.irq); done++) tick();
        return done;
    }

    bool irq() const { return top.irq; }

    uint32_t write(uint32_t address, uint32_t value, uint64_t limit) {
        top.s_axi_awaddr = address;
        top.s_axi_awvalid = 1;
        top.s_axi_wdata = value;
        top.s_axi_wstrb = 15;
        top.s_axi_wvalid = 1;
        top.s_axi_bready = 1;
        lite_write_open = true;
        tick();
        uint32_t response = 4;
        for (uint64_t i = 0; i < limit && response == 4; i++) {
            if (lite.awvalid && top.s_axi_awready) top.s_axi_awvalid = 0;
            if (lite.wvalid && top.s_axi_wready) top.s_axi_wvalid = 0;
            if (top.s_axi_bvalid) {
                response = top.s_axi_bresp;
                top.s_axi_bready = 0;
            }
            tick();
        }
        top.s_axi_awvalid = top.s_axi_wvalid = top.s_axi_bready = 0;
        lite_write_open = false;
        return response;
    }

    uint32_t read(uint32_t address, uint32_t* value, uint64_t limit) {
        top.s_axi_araddr = address;
        top.s_axi_arvalid = 1;
        top.s_axi_rready = 1;
        lite_read_open = true;
        tick();
        uint32_t response = 4;
        for (uint64_t i = 0; i < limit && response == 4; i++) {
            if (lite.arvalid && top.s_axi_arready) top.s_axi_arvalid = 0;
            if (top.s_axi_rvalid) {
                response = top.s_axi_rresp;
                *value = top.s_axi_rdata;
                top.s_axi_rready = 0;
            }
            tick();
        }
        top.s_axi_arvalid = top.s_axi_rready = 0;
        lite_read_open = false;
        return response;
    }

    Memory& bus() { return memory; }

    TandemCounts counts() {
        TandemCounts c = memory.counts;
        c.cycles = cycle;
        c.violations = memory.rules.count;
        c.outstanding = memory.outstanding();
        return c;
    }
};

Core* of(void* core) { return static_cast<Core*>(core); }

const TandemApi api = {
    [](uint8_t* mem, uint64_t size, const TandemWaves* waves) -> void* {
        auto core = std::make_unique<Core>(mem, size);
        if (waves && !core->open_waves(*waves)) return nullptr;
        core->reset(8);
        return core.release();
    },
    [](void* core) { delete of(core); },
    [](void* core, uint32_t cycles) { of(core)->reset(cycles); },
    [](void* core, uint64_t cycles, uint32_t until_irq) { return of(core)->run(cycles, until_irq != 0); },
    [](void* core) -> uint32_t { return of(core)->irq(); },
    [](void* core, uint32_t address, uint32_t value, uint64_t limit) { return of(core)->write(address, value, limit); },
    [](void* core, uint32_t address, uint32_t* value, uint64_t limit) { return of(core)->read(address, value, limit); },
    [](void* core, const TandemTiming* timing) { of(core)->bus().set_timing(*timing); },
    [](void* core, const TandemStalls* stalls) { of(core)->bus().set_stalls(*stalls); },
    [](void* core, const TandemFault* fault) { of(core)->bus().add_fault(*fault); },
    [](void* core) { of(core)->bus().clear_faults(); },
    [](void* core, TandemCounts* counts) { *counts = of(core)->counts(); },
    [](void* core) -> const char* { return of(core)->bus().rules.first; },
};

}  // namespace

extern "C" const TandemApi* TANDEM_TABLE() { return &api; }
