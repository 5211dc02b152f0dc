//! Leaves that turn register offsets of the contract into hardware: a read multiplexer and a write-strobe decoder, both
//! generated from the names in `tandem_isa::register`, so that no offset stands in this crate.
//!
//! What an offset chooses is in registers, so that neither a value nor a strobe has the decoder in front of it: a multiplexer shows the value
//! at the offset of the cycle before, a strobe comes a cycle after its access. An offset that is not listed reads 0 and strobes nothing.
//! Reset state: none; before the first edge nothing is chosen.
use crate::leaf::mux_chain::{chain, Pair};
use rust_hdl::prelude::*;
use tandem_isa::register;

/// Defines a read multiplexer: `read_mux! { /// doc  pub struct Name: bits { field = OFFSET, } }`.
macro_rules! read_mux {
    ($(#[$meta:meta])* pub struct $leaf:ident: $bits:literal { $($name:ident = $offset:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, LogicBlock)]
        pub struct $leaf {
            /// Clock, rising edge.
            pub clock: Signal<In, Clock>,
            /// Byte offset; hold it until the value is taken.
            pub address: Signal<In, Bits<$bits>>,
            /// Value at the offset of the cycle before.
            pub data: Signal<Out, Bits<32>>,
            $(#[doc = concat!("Value of [`register::", stringify!($offset), "`].")]
            pub $name: Signal<In, Bits<32>>,)*
            _at: Option<Bits<$bits>>,
        }

        impl Logic for $leaf {
            fn update(&mut self) {
                if self.clock.pos_edge() {
                    self._at = Some(self.address.val());
                }
                self.data.next = match self._at {
                    $(Some(at) if at == Bits::<$bits>::from(register::$offset as u64) => self.$name.val(),)*
                    _ => Bits::<32>::default(),
                };
            }
            fn connect(&mut self) {
                self.data.connect();
            }
            fn hdl(&self) -> Verilog {
                multiplexer($bits, &[$((register::$offset, stringify!($name))),*])
            }
        }
    };
}

/// Words in a chain: longer ones take no fewer tables.
const CHAIN: usize = 8;

/// Verilog of a read multiplexer of `bits` address bits: chains of words, joined. Offsets are distinct, so what is not chosen is 0.
fn multiplexer(bits: usize, words: &[(u32, &str)]) -> Verilog {
    let mut text = String::new();
    let is = |at: usize| format!("address == {bits}'h{:x}", words[at].0);
    let register = |name: &str, any: &[usize]| {
        let any: Vec<String> = any.iter().map(|&at| format!("({})", is(at))).collect();
        let any = any.join(" | ");
        format!("reg {name};\nalways @(posedge clock) {name} <= {any};\n")
    };
    let mut ends = vec![];
    for (number, words) in words.chunks(CHAIN).enumerate() {
        let first = number * CHAIN;
        let mut second = vec![];
        let mut pairs = vec![];
        for (pair, words) in words.chunks(2).enumerate() {
            let at = first + 2 * pair;
            let other = words.get(1).map(|word| word.1.to_string());
            let chosen = format!("pair_{at}");
            let last = at + words.len();
            text += &register(&chosen, &(at..last).collect::<Vec<_>>());
            second.extend(at + 1..last);
            pairs.push(Pair {
                chosen,
                words: (words[0].1.to_string(), other),
            });
        }
        text += &match second.is_empty() {
            true => format!("wire second_{number};\nassign second_{number} = 1'b0;\n"),
            false => register(&format!("second_{number}"), &second),
        };
        ends.push(chain(
            &mut text,
            &format!("chain_{number}"),
            32,
            &format!("second_{number}"),
            &pairs,
        ));
    }
    Verilog::Custom(format!("{text}always @(*) data = {};\n", ends.join(" | ")))
}

/// Defines a write-strobe decoder: `write_select! { /// doc  pub struct Name: bits { field = OFFSET, } }`.
macro_rules! write_select {
    ($(#[$meta:meta])* pub struct $leaf:ident: $bits:literal { $($name:ident = $offset:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, LogicBlock)]
        pub struct $leaf {
            /// Clock, rising edge.
            pub clock: Signal<In, Clock>,
            /// Byte offset.
            pub address: Signal<In, Bits<$bits>>,
            /// An access happens in this cycle.
            pub strobe: Signal<In, Bit>,
            $(#[doc = concat!("The access of the cycle before was to [`register::", stringify!($offset), "`].")]
            pub $name: Signal<Out, Bit>,)*
        }

        impl Logic for $leaf {
            fn update(&mut self) {
                if self.clock.pos_edge() {
                    let address = self.address.val();
                    $(self.$name.next = self.strobe.val()
                        && address == Bits::<$bits>::from(register::$offset as u64);)*
                }
            }
            fn connect(&mut self) {
                $(self.$name.connect();)*
            }
            fn hdl(&self) -> Verilog {
                let mut text = String::from("always @(posedge clock) begin\n");
                $(text += &format!("  {} <= strobe & (address == {}'h{:x});\n", stringify!($name), $bits, register::$offset);)*
                Verilog::Custom(text + "end\n")
            }
        }
    };
}

read_mux! {
    /// Registers outside contexts, counters and selector.
    pub struct GlobalRead: 16 {
        id = ID, version = VERSION, config_hash = CONFIG_HASH, shape = SHAPE, status = STATUS, irq_status = IRQ_STATUS,
        irq_enable = IRQ_ENABLE, watchdog = WATCHDOG, schedule = SCHEDULE, loss_samples = LOSS_SAMPLES,
        loss_correct = LOSS_CORRECT, site_index = SITE_INDEX, site_state = SITE_STATE, site_clipped = SITE_CLIPPED,
        site_underflow = SITE_UNDERFLOW, site_mask = SITE_MASK, site_mask_hi = SITE_MASK_HI,
    }
}
write_select! {
    /// Writes outside contexts, counters and selector.
    pub struct GlobalWrite: 16 {
        reset_engine = RESET, irq_status = IRQ_STATUS, irq_enable = IRQ_ENABLE, watchdog = WATCHDOG, schedule = SCHEDULE,
        counters_clear = COUNTERS_CLEAR, site_index = SITE_INDEX, site_state = SITE_STATE, site_clipped = SITE_CLIPPED,
        site_underflow = SITE_UNDERFLOW,
    }
}
read_mux! {
    /// Registers of a context's block, by offset within it.
    pub struct ContextRead: 8 {
        first = PROGRAM, length = LENGTH, state = STATE, issued = ISSUED, error_code = ERROR_CODE,
        error_command = ERROR_COMMAND, error_value = ERROR_VALUE, cycles = CYCLES, cycles_hi = CYCLES_HI, latency = LATENCY,
    }
}
write_select! {
    /// Writes of a context's block, by offset within it.
    pub struct ContextWrite: 8 {
        first = PROGRAM, length = LENGTH, doorbell = DOORBELL,
    }
}
read_mux! {
    /// The counter block without the units.
    pub struct CounterRead: 16 {
        switches = SWITCHES, switch_cycles = SWITCH_CYCLES, read_beats = READ_BEATS, write_beats = WRITE_BEATS,
    }
}
read_mux! {
    /// Registers of the selector.
    pub struct SelectorRead: 16 {
        status = SEL_STATUS, k = SEL_K, shift = SEL_SHIFT, mode = SEL_MODE, threshold = SEL_THRESHOLD,
        min_confidence = SEL_MIN_CONFIDENCE, spacing = SEL_SPACING, hash_key = SEL_HASH_KEY, refresh = SEL_REFRESH, freed = SEL_FREED,
        index = SEL_INDEX, count = SEL_COUNT, entry_key = SEL_ENTRY_KEY, entry_arrival = SEL_ENTRY_ARRIVAL,
        entry_slot = SEL_ENTRY_SLOT, seen = SEL_SEEN, kept = SEL_KEPT, replaced = SEL_REPLACED, rejected = SEL_REJECTED,
    }
}
write_select! {
    /// Writes of the selector.
    pub struct SelectorWrite: 16 {
        clear = SEL_CLEAR, k = SEL_K, shift = SEL_SHIFT, mode = SEL_MODE, threshold = SEL_THRESHOLD,
        min_confidence = SEL_MIN_CONFIDENCE, spacing = SEL_SPACING, hash_key = SEL_HASH_KEY,
        class_enable = SEL_CLASS_ENABLE, index = SEL_INDEX, refresh = SEL_REFRESH, labelled = SEL_EVENT,
    }
}
write_select! {
    /// Reads of the selector that act.
    pub struct SelectorPop: 16 {
        freed = SEL_FREED,
    }
}
