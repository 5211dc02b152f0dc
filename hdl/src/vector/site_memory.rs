//! What the requantise sites hold, in block RAM: 256 sites with three read ports (the unit, the registers, the loss unit)
//! and one write port that the unit and the registers share.
//!
//! A site's state is one word laid out like the SITE_STATE register: E in bits 7:0 (s8), count in 11:8, valid in 12, F in
//! 23:16 (s8). Beside it stand its OR mask and its counters.
//!
//! | port | meaning |
//! |---|---|
//! | `read_site` → `state`, `mask`, `clipped`, `underflow` | the unit's port, one cycle later; site 255 has state 0 |
//! | `write_site`, `write_state`, `write_totals` | the unit writes; it wins over the registers, which write between commands only |
//! | `site_*` | register port: what `site_index` holds, one cycle later |
//! | `lookup_site` → `lookup_f` | F for the loss unit, one cycle later; 0 for site 255 |
//!
//! Reset does not touch the contents; they are undefined at power-up (0 in simulation).
use crate::leaf::{Dff, Ram};
use rust_hdl::prelude::*;

/// The sites' memory.
#[derive(LogicBlock, Default)]
pub struct SiteMemory {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Site the unit reads.
    pub read_site: Signal<In, Bits<8>>,
    /// Its state.
    pub state: Signal<Out, Bits<24>>,
    /// Its OR mask.
    pub mask: Signal<Out, Bits<48>>,
    /// Its clipped values.
    pub clipped: Signal<Out, Bits<32>>,
    /// Its underflows.
    pub underflow: Signal<Out, Bits<32>>,
    /// Site the unit writes.
    pub write_site: Signal<In, Bits<8>>,
    /// Write the state.
    pub write_state: Signal<In, Bit>,
    /// New state.
    pub new_state: Signal<In, Bits<24>>,
    /// Write mask and counters.
    pub write_totals: Signal<In, Bit>,
    /// New mask.
    pub new_mask: Signal<In, Bits<48>>,
    /// New clipped values.
    pub new_clipped: Signal<In, Bits<32>>,
    /// New underflows.
    pub new_underflow: Signal<In, Bits<32>>,
    /// Site the registers show.
    pub site_index: Signal<In, Bits<8>>,
    /// Set its state.
    pub site_write: Signal<In, Bit>,
    /// State to set, as SITE_STATE.
    pub site_write_data: Signal<In, Bits<32>>,
    /// Clear its clipped values.
    pub site_clear_clipped: Signal<In, Bit>,
    /// Clear its underflows.
    pub site_clear_underflow: Signal<In, Bit>,
    /// SITE_STATE.
    pub site_state: Signal<Out, Bits<32>>,
    /// SITE_CLIPPED.
    pub site_clipped: Signal<Out, Bits<32>>,
    /// SITE_UNDERFLOW.
    pub site_underflow: Signal<Out, Bits<32>>,
    /// SITE_MASK and SITE_MASK_HI.
    pub site_mask: Signal<Out, Bits<48>>,
    /// Site the loss unit asks for.
    pub lookup_site: Signal<In, Bits<8>>,
    /// Its F, s8.
    pub lookup_f: Signal<Out, Bits<8>>,
    states: [Ram<Bits<24>, 8>; 3],
    masks: [Ram<Bits<48>, 8>; 2],
    clips: [Ram<Bits<32>, 8>; 2],
    lows: [Ram<Bits<32>, 8>; 2],
    none: Dff<Bit>,
    lookup_none: Dff<Bit>,
    state_site: Signal<Local, Bits<8>>,
    totals_site: Signal<Local, Bits<8>>,
    state_data: Signal<Local, Bits<24>>,
    clip_data: Signal<Local, Bits<32>>,
    low_data: Signal<Local, Bits<32>>,
}

impl Logic for SiteMemory {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, none, lookup_none);
        self.none.d.next = self.read_site.val() == 255;
        self.lookup_none.d.next = self.lookup_site.val() == 255;

        self.state_site.next = self.site_index.val();
        self.totals_site.next = self.site_index.val();
        self.state_data.next = bit_cast::<24, 32>(self.site_write_data.val()) & 0xff1fff;
        self.clip_data.next = 0.into();
        self.low_data.next = 0.into();
        if self.write_state.val() {
            self.state_site.next = self.write_site.val();
            self.state_data.next = self.new_state.val();
        }
        if self.write_totals.val() {
            self.totals_site.next = self.write_site.val();
            self.clip_data.next = self.new_clipped.val();
            self.low_data.next = self.new_underflow.val();
        }
        for i in 0..3 {
            self.states[i].clock.next = self.clock.val();
            self.states[i].read_enable.next = true;
            self.states[i].write_address.next = self.state_site.val();
            self.states[i].write_data.next = self.state_data.val();
            self.states[i].write_enable.next = self.write_state.val() | self.site_write.val();
        }
        for i in 0..2 {
            self.masks[i].clock.next = self.clock.val();
            self.masks[i].read_enable.next = true;
            self.masks[i].write_address.next = self.write_site.val();
            self.masks[i].write_data.next = self.new_mask.val();
            self.masks[i].write_enable.next = self.write_totals.val();
            self.clips[i].clock.next = self.clock.val();
            self.clips[i].read_enable.next = true;
            self.clips[i].write_address.next = self.totals_site.val();
            self.clips[i].write_data.next = self.clip_data.val();
            self.clips[i].write_enable.next =
                self.write_totals.val() | self.site_clear_clipped.val();
            self.lows[i].clock.next = self.clock.val();
            self.lows[i].read_enable.next = true;
            self.lows[i].write_address.next = self.totals_site.val();
            self.lows[i].write_data.next = self.low_data.val();
            self.lows[i].write_enable.next =
                self.write_totals.val() | self.site_clear_underflow.val();
        }
        self.states[0].read_address.next = self.read_site.val();
        self.masks[0].read_address.next = self.read_site.val();
        self.clips[0].read_address.next = self.read_site.val();
        self.lows[0].read_address.next = self.read_site.val();
        self.states[1].read_address.next = self.site_index.val();
        self.masks[1].read_address.next = self.site_index.val();
        self.clips[1].read_address.next = self.site_index.val();
        self.lows[1].read_address.next = self.site_index.val();
        self.states[2].read_address.next = self.lookup_site.val();

        self.state.next = self.states[0].read_data.val();
        if self.none.q.val() {
            self.state.next = 0.into();
        }
        self.mask.next = self.masks[0].read_data.val();
        self.clipped.next = self.clips[0].read_data.val();
        self.underflow.next = self.lows[0].read_data.val();
        self.site_state.next = bit_cast::<32, 24>(self.states[1].read_data.val());
        self.site_mask.next = self.masks[1].read_data.val();
        self.site_clipped.next = self.clips[1].read_data.val();
        self.site_underflow.next = self.lows[1].read_data.val();
        self.lookup_f.next = self.states[2].read_data.val().get_bits::<8>(16);
        if self.lookup_none.q.val() {
            self.lookup_f.next = 0.into();
        }
    }
}

#[cfg(test)]
#[path = "site_memory_tests.rs"]
mod tests;
