//! A register port to an AXI4-Lite master: 16-bit addresses, 32-bit data, as the engine's `s_axi_*` slave has them. For memory use
//! [`AxiMaster`](super::AxiMaster).
//!
//! Ports: `request_*`, `response_*`, the slave end of the link's master port, address bits above 16 dropped; the five AXI4-Lite
//! channels. An access ends in the cycle of the slave's response; `response_error` is high for any but OKAY and EXOKAY. One at a
//! time, no cycle lost of our own. Valid never waits for ready and stands until it. Reset state: idle; a response that is under
//! way when reset comes must not come afterwards.
use crate::leaf::Reg;
use rust_hdl::prelude::*;

/// AXI4-Lite master.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // Ports have the names of the AXI specification.
pub struct AxiLiteMaster {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub request_valid: Signal<In, Bit>,
    pub request_write: Signal<In, Bit>,
    pub request_address: Signal<In, Bits<32>>,
    pub request_data: Signal<In, Bits<32>>,
    pub request_ready: Signal<Out, Bit>,
    pub response_data: Signal<Out, Bits<32>>,
    pub response_error: Signal<Out, Bit>,
    pub awaddr: Signal<Out, Bits<16>>,
    pub awvalid: Signal<Out, Bit>,
    pub awready: Signal<In, Bit>,
    pub wdata: Signal<Out, Bits<32>>,
    pub wstrb: Signal<Out, Bits<4>>,
    pub wvalid: Signal<Out, Bit>,
    pub wready: Signal<In, Bit>,
    pub bresp: Signal<In, Bits<2>>,
    pub bvalid: Signal<In, Bit>,
    pub bready: Signal<Out, Bit>,
    pub araddr: Signal<Out, Bits<16>>,
    pub arvalid: Signal<Out, Bit>,
    pub arready: Signal<In, Bit>,
    pub rdata: Signal<In, Bits<32>>,
    pub rresp: Signal<In, Bits<2>>,
    pub rvalid: Signal<In, Bit>,
    pub rready: Signal<Out, Bit>,
    address_sent: Reg<Bit>,
    data_sent: Reg<Bit>,
    write: Signal<Local, Bit>,
    read: Signal<Local, Bit>,
    ask_write: Signal<Local, Bit>,
    ask_read: Signal<Local, Bit>,
    give: Signal<Local, Bit>,
    done: Signal<Local, Bit>,
}

impl Logic for AxiLiteMaster {
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

        self.awaddr.next = self.request_address.val().get_bits::<16>(0);
        self.araddr.next = self.request_address.val().get_bits::<16>(0);
        self.awvalid.next = self.ask_write.val();
        self.arvalid.next = self.ask_read.val();
        self.wdata.next = self.request_data.val();
        self.wstrb.next = 15.into();
        self.wvalid.next = self.give.val();
        self.bready.next = self.write.val();
        self.rready.next = self.read.val();
        self.request_ready.next = self.done.val();
        self.response_data.next = self.rdata.val();
        self.response_error.next = self.rresp.val().get_bit(1);
        if self.request_write.val() {
            self.response_error.next = self.bresp.val().get_bit(1);
        }
    }
}
