//! Up to 32 event counters of 64 bits around one adder: leaf cell. For a counter or two use [`Counter64`](super::Counter64).
//!
//! | port | meaning |
//! |---|---|
//! | `events` | bit i counts this cycle in counter i |
//! | `clear` | all become 0 at this edge, wins |
//! | `read`, `index` | look at this counter; never in two cycles running |
//! | `latch` | with `read`: its low word is being taken, so keep the high one |
//! | `low` | low word of the counter of `index`, as it stood before this cycle |
//! | `high` | high word kept at its last `latch`, 0 without one |
//!
//! The words stand in look-up tables. In turn, one a cycle, each is given what its small counter of pending events has
//! gathered, which a read does out of turn: so every value read is exact. The turns of all used counters take fewer than
//! 32 cycles, twice that with reads between: six bits of pending events are enough.
//! Without `read` the outputs show the counter in turn. Reset (which `clear` does not do to the kept words): all 0.
use rust_hdl::prelude::*;

/// Counters that share an adder.
#[derive(Clone, Debug, LogicBlock)]
pub struct CounterBank {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Zero the counters.
    pub clear: Signal<In, Bit>,
    /// What happens in this cycle.
    pub events: Signal<In, Bits<32>>,
    /// A counter is looked at.
    pub read: Signal<In, Bit>,
    /// Which.
    pub index: Signal<In, Bits<5>>,
    /// Keep its high word.
    pub latch: Signal<In, Bit>,
    /// Its low word.
    pub low: Signal<Out, Bits<32>>,
    /// Its high word, as kept.
    pub high: Signal<Out, Bits<32>>,
    _used: u32,
    _count: [u64; 32],
    _kept: [u32; 32],
    _turn: usize,
}

impl CounterBank {
    /// Counters for the events of `used`; the others stay 0.
    pub fn new(used: u32) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            clear: Default::default(),
            events: Default::default(),
            read: Default::default(),
            index: Default::default(),
            latch: Default::default(),
            low: Default::default(),
            high: Default::default(),
            _used: used,
            _count: [0; 32],
            _kept: [0; 32],
            _turn: 0,
        }
    }

    fn last(&self) -> usize {
        31usize.saturating_sub(self._used.leading_zeros() as usize)
    }

    fn at(&self) -> usize {
        if self.read.val() {
            self.index.val().to_u64() as usize
        } else {
            self._turn
        }
    }
}

impl Logic for CounterBank {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let (at, read) = (self.at(), self.read.val());
            if self.reset.val() {
                (self._kept, self._turn) = ([0; 32], 0);
            } else if read {
                if self.latch.val() {
                    self._kept[at] = (self._count[at] >> 32) as u32;
                }
            } else {
                self._turn = if at == self.last() { 0 } else { at + 1 };
            }
            let events = self.events.val().to_u64() as u32 & self._used;
            for (i, count) in self._count.iter_mut().enumerate() {
                *count = count.wrapping_add(u64::from(events >> i & 1));
            }
            if self.reset.val() || self.clear.val() {
                self._count = [0; 32];
            }
        }
        let at = self.at();
        self.low.next = (self._count[at] & 0xffff_ffff).into();
        self.high.next = u64::from(self._kept[at]).into();
    }
    fn connect(&mut self) {
        self.low.connect();
        self.high.connect();
    }
    fn hdl(&self) -> Verilog {
        let used: Vec<usize> = (0..32).filter(|i| self._used >> i & 1 == 1).collect();
        let mut text = String::from(
            "// cell counter_bank\n\
             reg [63:0] words [0:31];\n\
             reg [31:0] kept [0:31];\n\
             reg [31:0] known;\n\
             reg [31:0] held;\n\
             reg [4:0] turn;\n\
             reg [4:0] at;\n\
             reg [5:0] more;\n\
             reg [63:0] old;\n\
             reg [63:0] sum;\n",
        );
        for i in &used {
            text += &format!("reg [5:0] pending{i};\n");
        }
        text += "always @(*) begin\n  at = read ? index : turn;\n  case (at)\n";
        for i in &used {
            text += &format!("    5'd{i}: more = pending{i};\n");
        }
        text += "    default: more = 6'd0;\n  endcase\n\
                 \x20 old = words[at];\n\
                 \x20 sum = (old & {64{known[at]}}) + {58'd0, more};\n\
                 \x20 low = sum[31:0];\n\
                 \x20 high = kept[at] & {32{held[at]}};\n\
                 end\n\
                 always @(posedge clock) begin\n\
                 \x20 words[at] <= sum;\n\
                 \x20 if (read && latch) kept[at] <= sum[63:32];\n\
                 \x20 if (reset || clear) known <= 32'd0; else known[at] <= 1'b1;\n\
                 \x20 if (reset) held <= 32'd0; else if (read && latch) held[at] <= 1'b1;\n";
        text += &format!(
            "  if (reset) turn <= 5'd0;\n  else if (!read) turn <= (turn == 5'd{}) ? 5'd0 : turn + 5'd1;\n",
            self.last()
        );
        for i in &used {
            // An adder by hand: six bits of carry chain would take twice as much.
            let carries: Vec<String> = (1..6)
                .rev()
                .map(|bit| format!("(events[{i}] & (&pending{i}[{}:0]))", bit - 1))
                .collect();
            text += &format!(
                "  if (reset || clear) pending{i} <= 6'd0;\n\
                 \x20 else if (at == 5'd{i}) pending{i} <= {{5'd0, events[{i}]}};\n\
                 \x20 else pending{i} <= pending{i} ^ {{{}, events[{i}]}};\n",
                carries.join(", ")
            );
        }
        Verilog::Custom(text + "end\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn reads_are_exact_and_verilog_agrees() {
        let used = 0x0fff_ff3d;
        let mut counts = [0u64; 32];
        Parity::new("counter_bank")
            .cycles(6000)
            .check(
                &mut CounterBank::new(used),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    if u.reset.next || u.clear.next {
                        counts = [0; 32];
                    } else {
                        for (i, count) in counts.iter_mut().enumerate() {
                            *count += u64::from(u.events.next.get_bit(i) && used >> i & 1 == 1);
                        }
                    }
                    if u.read.next && cycle > 0 {
                        let at = u.index.next.to_u64() as usize;
                        assert_eq!(u.low.val().to_u64(), counts[at], "cycle {cycle}");
                        assert_eq!(u.high.val().to_u64(), 0);
                    }
                    u.reset.next = cycle == 0;
                    u.clear.next = cycle > 0 && rng.below(1000) == 0;
                    u.events.next = if cycle % 500 < 100 {
                        0xffff_ffff.into()
                    } else {
                        rng.bits()
                    };
                    let often = if cycle % 1000 < 500 { 100 } else { 20 };
                    u.read.next = !u.read.next && rng.chance(often);
                    u.index.next = rng.bits();
                    u.latch.next = rng.chance(50);
                },
            )
            .unwrap();
    }
}
