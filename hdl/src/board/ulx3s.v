// Top of the board ULX3S (LFE5U-85F): the engine of 8x16 cells, SDRAM, the UART link. Described in docs/boards/ulx3s.md.
module tandem_ulx3s (
  input clk_25mhz, output ftdi_rxd, input ftdi_txd,
  output sdram_clk, sdram_cke, sdram_csn, sdram_wen, sdram_rasn, sdram_casn,
  output [12:0] sdram_a, output [1:0] sdram_ba, inout [15:0] sdram_d, output [1:0] sdram_dqm,
  output [7:0] led, input [0:0] btn
);
  // 25 MHz x 3 = 75 MHz; the oscillator runs at 75 x 8 = 600 MHz, of 400 to 800.
  wire clock, locked;
  (* FREQUENCY_PIN_CLKI = "25", FREQUENCY_PIN_CLKOP = "75", ICP_CURRENT = "12", LPF_RESISTOR = "8",
     MFG_ENABLE_FILTEROPAMP = "1", MFG_GMCREF_SEL = "2" *)
  EHXPLLL #(
    .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED"),
    .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"), .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"),
    .CLKI_DIV(1), .CLKFB_DIV(3), .FEEDBK_PATH("CLKOP"),
    .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(8), .CLKOP_CPHASE(7), .CLKOP_FPHASE(0)
  ) pll (
    .CLKI(clk_25mhz), .CLKFB(clock), .CLKOP(clock), .LOCK(locked), .RST(1'b0), .STDBY(1'b0),
    .CLKINTFB(), .CLKOS(), .CLKOS2(), .CLKOS3(), .INTLOCK(), .REFCLK(),
    .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0),
    .ENCLKOP(1'b0), .ENCLKOS(1'b0), .ENCLKOS2(1'b0), .ENCLKOS3(1'b0)
  );

  // Reset begins at once, when the PLL has no lock or button 0 is held, and ends 0.9 ms after both are over: a button bounces.
  wire unready = !locked | !btn[0];
  reg [2:0] unready_seen = 3'b111;
  reg [16:0] waited = 17'd0;
  reg reset = 1'b1;
  always @(posedge clock or posedge unready)
    if (unready) unready_seen <= 3'b111; else unready_seen <= {unready_seen[1:0], 1'b0};
  always @(posedge clock) begin
    if (unready_seen[2]) waited <= 17'd0; else if (!waited[16]) waited <= waited + 17'd1;
    reset <= !waited[16];
  end

  // The host: requests of the link, to the engine's registers or to memory.
  wire request_valid, request_memory, request_write, request_ready, response_error;
  wire [31:0] request_address, request_data, response_data;
  tandem_ulx3s_link link (
    .clock(clock), .reset(reset), .receive(ftdi_txd), .transmit(ftdi_rxd),
    .request_valid(request_valid), .request_memory(request_memory), .request_write(request_write),
    .request_address(request_address), .request_data(request_data), .request_ready(request_ready),
    .response_data(response_data), .response_error(response_error)
  );
  wire register_valid, register_ready, register_error, memory_valid, memory_ready, memory_error;
  wire [31:0] register_data, memory_response;
  tandem_ulx3s_split split (
    .request_valid(request_valid), .request_memory(request_memory), .request_ready(request_ready),
    .response_data(response_data), .response_error(response_error),
    .register_valid(register_valid), .register_ready(register_ready), .register_data(register_data),
    .register_error(register_error),
    .memory_valid(memory_valid), .memory_ready(memory_ready), .memory_data(memory_response), .memory_error(memory_error)
  );
  wire [15:0] s_awaddr, s_araddr;
  wire [31:0] s_wdata, s_rdata;
  wire [3:0] s_wstrb;
  wire [1:0] s_bresp, s_rresp;
  wire s_awvalid, s_awready, s_wvalid, s_wready, s_bvalid, s_bready, s_arvalid, s_arready, s_rvalid, s_rready;
  tandem_ulx3s_registers registers (
    .clock(clock), .reset(reset), .request_valid(register_valid), .request_write(request_write),
    .request_address(request_address), .request_data(request_data), .request_ready(register_ready),
    .response_data(register_data), .response_error(register_error),
    .awaddr(s_awaddr), .awvalid(s_awvalid), .awready(s_awready), .wdata(s_wdata), .wstrb(s_wstrb), .wvalid(s_wvalid),
    .wready(s_wready), .bresp(s_bresp), .bvalid(s_bvalid), .bready(s_bready), .araddr(s_araddr), .arvalid(s_arvalid),
    .arready(s_arready), .rdata(s_rdata), .rresp(s_rresp), .rvalid(s_rvalid), .rready(s_rready)
  );

  wire [3:0] awid, bid, arid, rid;
  wire [31:0] awaddr, araddr;
  wire [7:0] awlen, arlen, wstrb;
  wire [63:0] wdata, rdata;
  wire [1:0] bresp, rresp;
  wire awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready, rlast, irq;
  tandem_engine engine (
    .clock(clock), .reset(reset), .irq(irq),
    .s_axi_awaddr(s_awaddr), .s_axi_awvalid(s_awvalid), .s_axi_awready(s_awready), .s_axi_wdata(s_wdata),
    .s_axi_wstrb(s_wstrb), .s_axi_wvalid(s_wvalid), .s_axi_wready(s_wready), .s_axi_bresp(s_bresp),
    .s_axi_bvalid(s_bvalid), .s_axi_bready(s_bready), .s_axi_araddr(s_araddr), .s_axi_arvalid(s_arvalid),
    .s_axi_arready(s_arready), .s_axi_rdata(s_rdata), .s_axi_rresp(s_rresp), .s_axi_rvalid(s_rvalid),
    .s_axi_rready(s_rready),
    .m_axi_awid(awid), .m_axi_awaddr(awaddr), .m_axi_awlen(awlen), .m_axi_awsize(), .m_axi_awburst(),
    .m_axi_awvalid(awvalid), .m_axi_awready(awready), .m_axi_wdata(wdata), .m_axi_wstrb(wstrb), .m_axi_wlast(),
    .m_axi_wvalid(wvalid), .m_axi_wready(wready), .m_axi_bid(bid), .m_axi_bresp(bresp), .m_axi_bvalid(bvalid),
    .m_axi_bready(bready), .m_axi_arid(arid), .m_axi_araddr(araddr), .m_axi_arlen(arlen), .m_axi_arsize(),
    .m_axi_arburst(), .m_axi_arvalid(arvalid), .m_axi_arready(arready), .m_axi_rid(rid), .m_axi_rdata(rdata),
    .m_axi_rresp(rresp), .m_axi_rlast(rlast), .m_axi_rvalid(rvalid), .m_axi_rready(rready)
  );

  // Memory. The chip's clock is the clock inverted; its data are taken in the middle of their time, on the falling edge.
  wire [15:0] write_data;
  wire drive;
  reg [15:0] read_data;
  always @(negedge clock) read_data <= sdram_d;
  assign sdram_d = drive ? write_data : 16'bz;
  assign sdram_cke = 1'b1;
  assign sdram_dqm = 2'b00;
  ODDRX1F sdram_clock (.SCLK(clock), .RST(1'b0), .D0(1'b0), .D1(1'b1), .Q(sdram_clk));
  tandem_ulx3s_memory memory (
    .clock(clock), .reset(reset),
    .awid(awid), .awaddr(awaddr), .awlen(awlen), .awvalid(awvalid), .awready(awready), .wdata(wdata), .wstrb(wstrb),
    .wvalid(wvalid), .wready(wready), .bid(bid), .bresp(bresp), .bvalid(bvalid), .bready(bready), .arid(arid),
    .araddr(araddr), .arlen(arlen), .arvalid(arvalid), .arready(arready), .rid(rid), .rdata(rdata), .rresp(rresp),
    .rlast(rlast), .rvalid(rvalid), .rready(rready),
    .memory_valid(memory_valid), .memory_write(request_write), .memory_address(request_address),
    .memory_data(request_data), .memory_ready(memory_ready), .memory_response(memory_response), .memory_error(memory_error),
    .sdram_csn(sdram_csn), .sdram_rasn(sdram_rasn), .sdram_casn(sdram_casn), .sdram_wen(sdram_wen), .sdram_ba(sdram_ba),
    .sdram_a(sdram_a), .sdram_write_data(write_data), .sdram_drive(drive), .sdram_read_data(read_data)
  );

  // Lock, out of reset, interrupt, link at work, engine reading, engine writing, blank, heartbeat.
  reg [25:0] beat = 26'd0;
  always @(posedge clock) beat <= beat + 26'd1;
  assign led = {beat[25], 1'b0, wvalid, rvalid, request_valid, irq, !reset, locked};
endmodule
