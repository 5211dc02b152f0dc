//! Shift register that makes a 512-bit command of eight 64-bit beats, first beat lowest. Nothing but that: counting beats is
//! the caller's.
//!
//! Latency 1, a beat a cycle. No reset: what it holds counts once eight beats went in.
use super::word::pack;
use rust_hdl::prelude::*;

/// Eight beats into a command.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct CommandShift {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Take `beat` at this edge.
    pub enable: Signal<In, Bit>,
    /// Next beat.
    pub beat: Signal<In, Bits<64>>,
    /// The last eight beats, the oldest in bits 63:0.
    pub command: Signal<Out, Bits<512>>,
    _beats: [u64; 8],
}

impl Logic for CommandShift {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            self._beats.rotate_left(1);
            self._beats[7] = self.beat.val().to_u64();
            let mut bytes = [0; 64];
            for (bytes, beat) in bytes.chunks_exact_mut(8).zip(self._beats) {
                bytes.copy_from_slice(&beat.to_le_bytes());
            }
            self.command.next = pack(&bytes);
        }
    }
    fn connect(&mut self) {
        self.command.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell command_shift\n\
             always @(posedge clock) if (enable) command <= {beat, command[511:64]};\n"
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn eight_beats_make_a_command() {
        let mut beats = [0u64; 8];
        let mut taken = 0;
        Parity::new("command_shift")
            .cycles(500)
            .all_move_but(&[])
            .check(
                &mut CommandShift::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    if taken >= 8 {
                        for (i, beat) in beats.iter().enumerate() {
                            let found = u.command.val().get_bits::<64>(64 * i);
                            assert_eq!(found.to_u64(), *beat, "cycle {cycle}, beat {i}");
                        }
                    }
                    u.enable.next = rng.chance(70);
                    u.beat.next = rng.corner();
                    if u.enable.next {
                        beats.rotate_left(1);
                        beats[7] = u.beat.next.to_u64();
                        taken += 1;
                    }
                },
            )
            .unwrap();
    }
}
