//! A memory port to an AXI4 master of 64-bit data: bursts of one beat, a half of which counts. For registers use
//! [`AxiLiteMaster`](super::AxiLiteMaster); for speed the engine's own master.
//!
//! Ports: `request_*`, `response_*`, the slave end of the link's master port; the five AXI4 channels, identifier 0. Beats are whole and
//! their addresses multiples of 8; a write's strobes are 0x0f or 0xf0, a read takes the half that bit 2 of the address names. Reads
//! therefore touch 8 bytes: not for memory whose reads act. An access ends in the cycle of the response; `response_error` is high for
//! any but OKAY and EXOKAY. Valid never waits for ready and stands until it. Reset state: idle; a response that is under way
//! when reset comes must not come afterwards.
use crate::leaf::Reg;
use rust_hdl::prelude::*;

/// AXI4 master of single beats.
#[derive(LogicBlock)]
#[allow(missing_docs)] // Ports have the names of the AXI specification.
pub struct AxiMaster {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub request_valid: Signal<In, Bit>,
    pub request_write: Signal<In, Bit>,
    pub request_address: Signal<In, Bits<32>>,
    pub request_data: Signal<In, Bits<32>>,
    pub request_ready: Signal<Out, Bit>,
    pub response_data: Signal<Out, Bits<32>>,
    pub response_error: Signal<Out, Bit>,
    pub awid: Signal<Out, Bits<4>>,
    pub awaddr: Signal<Out, Bits<32>>,
    pub awlen: Signal<Out, Bits<8>>,
    pub awsize: Signal<Out, Bits<3>>,
    pub awburst: Signal<Out, Bits<2>>,
    pub awvalid: Signal<Out, Bit>,
    pub awready: Signal<In, Bit>,
    pub wdata: Signal<Out, Bits<64>>,
    pub wstrb: Signal<Out, Bits<8>>,
    pub wlast: Signal<Out, Bit>,
    pub wvalid: Signal<Out, Bit>,
    pub wready: Signal<In, Bit>,
    pub bresp: Signal<In, Bits<2>>,
    pub bvalid: Signal<In, Bit>,
    pub bready: Signal<Out, Bit>,
    pub arid: Signal<Out, Bits<4>>,
    pub araddr: Signal<Out, Bits<32>>,
    pub arlen: Signal<Out, Bits<8>>,
    pub arsize: Signal<Out, Bits<3>>,
    pub arburst: Signal<Out, Bits<2>>,
    pub arvalid: Signal<Out, Bit>,
    pub arready: Signal<In, Bit>,
    pub rdata: Signal<In, Bits<64>>,
    pub rresp: Signal<In, Bits<2>>,
    pub rvalid: Signal<In, Bit>,
    pub rready: Signal<Out, Bit>,
    address_sent: Reg<Bit>,
    data_sent: Reg<Bit>,
    beat_align: Constant<Bits<32>>,
    write: Signal<Local, Bit>,
    read: Signal<Local, Bit>,
    ask_write: Signal<Local, Bit>,
    ask_read: Signal<Local, Bit>,
    give: Signal<Local, Bit>,
    done: Signal<Local, Bit>,
    upper: Signal<Local, Bit>,
    wide: Signal<Local, Bits<64>>,
}

impl Default for AxiMaster {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            request_valid: Default::default(),
            request_write: Default::default(),
            request_address: Default::default(),
            request_data: Default::default(),
            request_ready: Default::default(),
            response_data: Default::default(),
            response_error: Default::default(),
            awid: Default::default(),
            awaddr: Default::default(),
            awlen: Default::default(),
            awsize: Default::default(),
            awburst: Default::default(),
            awvalid: Default::default(),
            awready: Default::default(),
            wdata: Default::default(),
            wstrb: Default::default(),
            wlast: Default::default(),
            wvalid: Default::default(),
            wready: Default::default(),
            bresp: Default::default(),
            bvalid: Default::default(),
            bready: Default::default(),
            arid: Default::default(),
            araddr: Default::default(),
            arlen: Default::default(),
            arsize: Default::default(),
            arburst: Default::default(),
            arvalid: Default::default(),
            arready: Default::default(),
            rdata: Default::default(),
            rresp: Default::default(),
            rvalid: Default::default(),
            rready: Default::default(),
            address_sent: Default::default(),
            data_sent: Default::default(),
            beat_align: Constant::new(u64::from(!7u32).into()),
            write: Default::default(),
            read: Default::default(),
            ask_write: Default::default(),
            ask_read: Default::default(),
            give: Default::default(),
            done: Default::default(),
            upper: Default::default(),
            wide: Default::default(),
        }
    }
}

impl Logic for AxiMaster {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, address_sent, data_sent);
        self.address_sent.reset.next = self.reset.val();
        self.data_sent.reset.next = self.reset.val();

        self.write.next = self.request_valid.val() & self.request_write.val();
        self.read.next = self.request_valid.val() & !self.request_write.val();
        self.ask_write.next = self.write.val() & !self.address_sent.q.val();
        self.ask_read.next = self.read.val() & !self.address_sent.q.val();
        self.give.next = self.write.val() & !self.data_sent.q.val();
        self.done.next =
            (self.write.val() & self.bvalid.val()) | (self.read.val() & self.rvalid.val());
        if (self.ask_write.val() & self.awready.val()) | (self.ask_read.val() & self.arready.val())
        {
            self.address_sent.d.next = true;
        }
        if self.give.val() & self.wready.val() {
            self.data_sent.d.next = true;
        }
        if self.done.val() {
            self.address_sent.d.next = false;
            self.data_sent.d.next = false;
        }

        self.upper.next = self.request_address.val().get_bit(2);
        self.awid.next = 0.into();
        self.arid.next = 0.into();
        self.awaddr.next = self.request_address.val() & self.beat_align.val();
        self.araddr.next = self.request_address.val() & self.beat_align.val();
        self.awlen.next = 0.into();
        self.arlen.next = 0.into();
        self.awsize.next = 3.into();
        self.arsize.next = 3.into();
        self.awburst.next = 1.into();
        self.arburst.next = 1.into();
        self.awvalid.next = self.ask_write.val();
        self.arvalid.next = self.ask_read.val();
        self.wide.next = bit_cast::<64, 32>(self.request_data.val());
        self.wdata.next = self.wide.val() | (self.wide.val() << 32);
        self.wstrb.next = 0x0f.into();
        if self.upper.val() {
            self.wstrb.next = 0xf0.into();
        }
        self.wlast.next = true;
        self.wvalid.next = self.give.val();
        self.bready.next = self.write.val();
        self.rready.next = self.read.val();
        self.request_ready.next = self.done.val();
        self.response_data.next = self.rdata.val().get_bits::<32>(0);
        if self.upper.val() {
            self.response_data.next = self.rdata.val().get_bits::<32>(32);
        }
        self.response_error.next = self.rresp.val().get_bit(1);
        if self.request_write.val() {
            self.response_error.next = self.bresp.val().get_bit(1);
        }
    }
}
