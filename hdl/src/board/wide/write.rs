//! Write channels of a 64-bit AXI4 master on a 128-bit slave. For reads see [`WideRead`](super::WideRead).
//!
//! Ports: `aw*`, `w*` to the master; `wide_*` to the slave, whose `size` is 4 and `burst` INCR; the answers go past. A beat is
//! taken every cycle; data are taken only after their address. The lower half of a pair waits for the upper. At most 16 bursts are
//! under way. Reset state: none; a burst whose data had not all come before reset must not go on.
use crate::leaf::{Dff, Fifo, Reg};
use rust_hdl::prelude::*;

/// Writes.
#[derive(LogicBlock)]
#[allow(missing_docs)] // Ports have the names of the AXI specification.
pub struct WideWrite {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub awaddr: Signal<In, Bits<32>>,
    pub awlen: Signal<In, Bits<8>>,
    pub awvalid: Signal<In, Bit>,
    pub awready: Signal<Out, Bit>,
    pub wdata: Signal<In, Bits<64>>,
    pub wstrb: Signal<In, Bits<8>>,
    pub wlast: Signal<In, Bit>,
    pub wvalid: Signal<In, Bit>,
    pub wready: Signal<Out, Bit>,
    pub wide_awaddr: Signal<Out, Bits<32>>,
    pub wide_awlen: Signal<Out, Bits<8>>,
    pub wide_awvalid: Signal<Out, Bit>,
    pub wide_awready: Signal<In, Bit>,
    pub wide_wdata: Signal<Out, Bits<128>>,
    pub wide_wstrb: Signal<Out, Bits<16>>,
    pub wide_wlast: Signal<Out, Bit>,
    pub wide_wvalid: Signal<Out, Bit>,
    pub wide_wready: Signal<In, Bit>,
    bursts: Fifo<Bit, 4>,
    going: Reg<Bit>,
    second: Reg<Bit>,
    held: Dff<Bits<64>>,
    held_strobes: Reg<Bits<8>>,
    odd: Signal<Local, Bit>,
    length: Signal<Local, Bits<9>>,
    odd_wide: Signal<Local, Bits<9>>,
    pairs: Signal<Local, Bits<9>>,
    upper: Signal<Local, Bit>,
    whole: Signal<Local, Bit>,
    ready: Signal<Local, Bit>,
    take: Signal<Local, Bit>,
    lower_data: Signal<Local, Bits<64>>,
    lower_strobes: Signal<Local, Bits<8>>,
    upper_strobes: Signal<Local, Bits<8>>,
    lower_wide: Signal<Local, Bits<128>>,
    upper_wide: Signal<Local, Bits<128>>,
    lower_strobes_wide: Signal<Local, Bits<16>>,
    upper_strobes_wide: Signal<Local, Bits<16>>,
    align: Constant<Bits<32>>,
}

impl Default for WideWrite {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            awaddr: Default::default(),
            awlen: Default::default(),
            awvalid: Default::default(),
            awready: Default::default(),
            wdata: Default::default(),
            wstrb: Default::default(),
            wlast: Default::default(),
            wvalid: Default::default(),
            wready: Default::default(),
            wide_awaddr: Default::default(),
            wide_awlen: Default::default(),
            wide_awvalid: Default::default(),
            wide_awready: Default::default(),
            wide_wdata: Default::default(),
            wide_wstrb: Default::default(),
            wide_wlast: Default::default(),
            wide_wvalid: Default::default(),
            wide_wready: Default::default(),
            bursts: Default::default(),
            going: Default::default(),
            second: Default::default(),
            held: Default::default(),
            held_strobes: Default::default(),
            odd: Default::default(),
            length: Default::default(),
            odd_wide: Default::default(),
            pairs: Default::default(),
            upper: Default::default(),
            whole: Default::default(),
            ready: Default::default(),
            take: Default::default(),
            lower_data: Default::default(),
            lower_strobes: Default::default(),
            upper_strobes: Default::default(),
            lower_wide: Default::default(),
            upper_wide: Default::default(),
            lower_strobes_wide: Default::default(),
            upper_strobes_wide: Default::default(),
            align: Constant::new(0xffff_fff0u64.into()),
        }
    }
}

impl Logic for WideWrite {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, going, second, held, held_strobes);
        clock!(self, clock, bursts);
        self.going.reset.next = self.reset.val();
        self.second.reset.next = self.reset.val();
        self.held_strobes.reset.next = self.reset.val();
        self.bursts.reset.next = self.reset.val();

        self.odd.next = self.awaddr.val().get_bit(3);
        self.length.next = bit_cast::<9, 8>(self.awlen.val());
        self.odd_wide.next = 0.into();
        if self.odd.val() {
            self.odd_wide.next = 1.into();
        }
        self.pairs.next = self.length.val() + self.odd_wide.val();
        self.wide_awlen.next = self.pairs.val().get_bits::<8>(1);
        self.wide_awaddr.next = self.awaddr.val() & self.align.val();
        self.wide_awvalid.next = self.awvalid.val() & self.bursts.in_ready.val();
        self.awready.next = self.wide_awready.val() & self.bursts.in_ready.val();
        self.bursts.in_valid.next = self.awvalid.val() & self.wide_awready.val();
        self.bursts.in_data.next = self.odd.val();

        self.upper.next = self.bursts.out_data.val();
        if self.going.q.val() {
            self.upper.next = self.second.q.val();
        }
        self.whole.next = self.upper.val() | self.wlast.val();
        self.ready.next =
            self.bursts.out_valid.val() & (self.wide_wready.val() | !self.whole.val());
        self.wready.next = self.ready.val();
        self.take.next = self.wvalid.val() & self.ready.val();
        self.wide_wvalid.next = self.wvalid.val() & self.bursts.out_valid.val() & self.whole.val();
        self.wide_wlast.next = self.wlast.val();
        self.bursts.out_ready.next = self.take.val() & self.wlast.val();

        // A burst that begins with an upper half finds no strobes held.
        self.lower_data.next = self.wdata.val();
        self.lower_strobes.next = self.wstrb.val();
        self.upper_strobes.next = 0.into();
        if self.upper.val() {
            self.lower_data.next = self.held.q.val();
            self.lower_strobes.next = self.held_strobes.q.val();
            self.upper_strobes.next = self.wstrb.val();
        }
        self.lower_wide.next = bit_cast::<128, 64>(self.lower_data.val());
        self.upper_wide.next = bit_cast::<128, 64>(self.wdata.val());
        self.wide_wdata.next = self.lower_wide.val() | (self.upper_wide.val() << 64);
        self.lower_strobes_wide.next = bit_cast::<16, 8>(self.lower_strobes.val());
        self.upper_strobes_wide.next = bit_cast::<16, 8>(self.upper_strobes.val());
        self.wide_wstrb.next = self.lower_strobes_wide.val() | (self.upper_strobes_wide.val() << 8);

        if self.take.val() {
            self.going.d.next = !self.wlast.val();
            self.second.d.next = !self.upper.val();
            self.held.d.next = self.wdata.val();
            self.held_strobes.d.next = self.wstrb.val();
            if self.whole.val() {
                self.held_strobes.d.next = 0.into();
            }
        }
    }
}
