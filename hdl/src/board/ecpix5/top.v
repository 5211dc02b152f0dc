// The engine on a LambdaConcept ECPIX-5: DDR3 through LiteDRAM's controller, host by UART. Pins: constraints/ecpix5/ecpix5.lpf.
//
// Everything here runs on the controller's user_clk, made of clk100 by the controller's PLL and divider. What crosses clocks: the
// UART's receive pin (two registers in tandem_uart_link), and inside litedram_core its PLL's lock and the delay loop's, each through two
// registers of its own. user_rst comes at any time and ends with user_clk; `hold` makes of it a reset of 16 cycles at least.
module tandem_ecpix5 (
    input  wire        clk100,
    input  wire        uart_receive,
    output wire        uart_transmit,
    output wire        led_ready,
    output wire        led_failed,
    output wire  [1:0] led_lane,
    output wire        led_interrupt,
    output wire [14:0] ddram_a,
    output wire  [2:0] ddram_ba,
    output wire        ddram_ras_n,
    output wire        ddram_cas_n,
    output wire        ddram_we_n,
    output wire  [1:0] ddram_dm,
    inout  wire [15:0] ddram_dq,
    inout  wire  [1:0] ddram_dqs_p,
    output wire        ddram_clk_p,
    output wire        ddram_cke,
    output wire        ddram_odt
);
    wire clock, user_rst;
    reg [3:0] hold = 4'd15;
    reg reset = 1'b1;
    always @(posedge clock) begin
        if (user_rst) hold <= 4'd15;
        else if (hold != 4'd0) hold <= hold - 4'd1;
        reset <= user_rst || hold != 4'd0;
    end

    // Set-up of the memory.
    wire [29:0] set_up_adr;
    wire [31:0] set_up_dat_w, set_up_dat_r;
    wire set_up_we, set_up_stb, set_up_ack, set_up_err, ready, failed, silent;
    wire [1:0] failed_lane;
    tandem_ddr_set_up set_up (
        .clock(clock), .reset(reset),
        .adr(set_up_adr), .dat_w(set_up_dat_w), .we(set_up_we), .stb(set_up_stb),
        .dat_r(set_up_dat_r), .ack(set_up_ack), .err(set_up_err),
        .ready(ready), .failed(failed), .failed_lane(failed_lane), .silent(silent)
    );
    assign led_ready = !ready;
    assign led_failed = !failed;
    assign led_lane = ~failed_lane;

    // Host link: registers to the engine, memory to the controller. Before the memory is ready its accesses fail at once.
    wire request_valid, request_memory, request_write, request_ready, response_error;
    wire [31:0] request_address, request_data, response_data;
    wire register_valid, register_ready, register_error, memory_valid, memory_ready, memory_error;
    wire [31:0] register_data, memory_data;
    tandem_uart_link link (
        .clock(clock), .reset(reset), .receive(uart_receive), .transmit(uart_transmit),
        .request_valid(request_valid), .request_memory(request_memory), .request_write(request_write),
        .request_address(request_address), .request_data(request_data), .request_ready(request_ready),
        .response_data(response_data), .response_error(response_error)
    );
    tandem_port_split split (
        .request_valid(request_valid), .request_memory(request_memory), .request_ready(request_ready),
        .response_data(response_data), .response_error(response_error),
        .register_valid(register_valid), .register_ready(register_ready),
        .register_data(register_data), .register_error(register_error),
        .memory_valid(memory_valid), .memory_ready(memory_ready || !ready),
        .memory_data(memory_data), .memory_error(memory_error || !ready)
    );

    wire [15:0] s_awaddr, s_araddr;
    wire [31:0] s_wdata, s_rdata;
    wire [3:0] s_wstrb;
    wire [1:0] s_bresp, s_rresp;
    wire s_awvalid, s_awready, s_wvalid, s_wready, s_bvalid, s_bready, s_arvalid, s_arready, s_rvalid, s_rready;
    tandem_register_master registers (
        .clock(clock), .reset(reset),
        .request_valid(register_valid), .request_write(request_write), .request_address(request_address),
        .request_data(request_data), .request_ready(register_ready), .response_data(register_data),
        .response_error(register_error),
        .awaddr(s_awaddr), .awvalid(s_awvalid), .awready(s_awready),
        .wdata(s_wdata), .wstrb(s_wstrb), .wvalid(s_wvalid), .wready(s_wready),
        .bresp(s_bresp), .bvalid(s_bvalid), .bready(s_bready),
        .araddr(s_araddr), .arvalid(s_arvalid), .arready(s_arready),
        .rdata(s_rdata), .rresp(s_rresp), .rvalid(s_rvalid), .rready(s_rready)
    );

    wire [31:0] l_awaddr, l_araddr;
    wire [7:0] l_awlen, l_arlen, l_wstrb;
    wire [1:0] l_bresp, l_rresp;
    wire [63:0] l_wdata, l_rdata;
    wire l_awvalid, l_awready, l_wlast, l_wvalid, l_wready, l_bvalid, l_bready, l_arvalid, l_arready, l_rvalid, l_rready;
    tandem_memory_master memory (
        .clock(clock), .reset(reset),
        .request_valid(memory_valid && ready), .request_write(request_write), .request_address(request_address),
        .request_data(request_data), .request_ready(memory_ready), .response_data(memory_data),
        .response_error(memory_error),
        .awid(), .awaddr(l_awaddr), .awlen(l_awlen), .awsize(), .awburst(),
        .awvalid(l_awvalid), .awready(l_awready),
        .wdata(l_wdata), .wstrb(l_wstrb), .wlast(l_wlast), .wvalid(l_wvalid), .wready(l_wready),
        .bresp(l_bresp), .bvalid(l_bvalid), .bready(l_bready),
        .arid(), .araddr(l_araddr), .arlen(l_arlen), .arsize(), .arburst(),
        .arvalid(l_arvalid), .arready(l_arready),
        .rdata(l_rdata), .rresp(l_rresp), .rvalid(l_rvalid), .rready(l_rready)
    );

    wire [3:0] m_awid, m_arid, m_bid, m_rid;
    wire [31:0] m_awaddr, m_araddr;
    wire [7:0] m_awlen, m_arlen, m_wstrb;
    wire [1:0] m_bresp, m_rresp;
    wire [63:0] m_wdata, m_rdata;
    wire m_awvalid, m_awready, m_wlast, m_wvalid, m_wready, m_bvalid, m_bready;
    wire m_arvalid, m_arready, m_rlast, m_rvalid, m_rready, irq;
    assign led_interrupt = !irq;
    tandem_engine engine (
        .clock(clock), .reset(reset), .irq(irq),
        .m_axi_awid(m_awid), .m_axi_awaddr(m_awaddr), .m_axi_awlen(m_awlen), .m_axi_awsize(),
        .m_axi_awburst(), .m_axi_awvalid(m_awvalid), .m_axi_awready(m_awready),
        .m_axi_wdata(m_wdata), .m_axi_wstrb(m_wstrb), .m_axi_wlast(m_wlast), .m_axi_wvalid(m_wvalid),
        .m_axi_wready(m_wready), .m_axi_bid(m_bid), .m_axi_bresp(m_bresp), .m_axi_bvalid(m_bvalid),
        .m_axi_bready(m_bready),
        .m_axi_arid(m_arid), .m_axi_araddr(m_araddr), .m_axi_arlen(m_arlen), .m_axi_arsize(),
        .m_axi_arburst(), .m_axi_arvalid(m_arvalid), .m_axi_arready(m_arready),
        .m_axi_rid(m_rid), .m_axi_rdata(m_rdata), .m_axi_rresp(m_rresp), .m_axi_rlast(m_rlast),
        .m_axi_rvalid(m_rvalid), .m_axi_rready(m_rready),
        .s_axi_awaddr(s_awaddr), .s_axi_awvalid(s_awvalid), .s_axi_awready(s_awready),
        .s_axi_wdata(s_wdata), .s_axi_wstrb(s_wstrb), .s_axi_wvalid(s_wvalid), .s_axi_wready(s_wready),
        .s_axi_bresp(s_bresp), .s_axi_bvalid(s_bvalid), .s_axi_bready(s_bready),
        .s_axi_araddr(s_araddr), .s_axi_arvalid(s_arvalid), .s_axi_arready(s_arready),
        .s_axi_rdata(s_rdata), .s_axi_rresp(s_rresp), .s_axi_rvalid(s_rvalid), .s_axi_rready(s_rready)
    );

    // The controller has one port: the link gets it between the engine's bursts.
    wire [31:0] p_awaddr, p_araddr;
    wire [7:0] p_awlen, p_arlen, p_wstrb;
    wire [63:0] p_wdata, p_rdata;
    wire p_awvalid, p_awready, p_wlast, p_wvalid, p_wready, p_bvalid, p_bready;
    wire p_arvalid, p_arready, p_rlast, p_rvalid, p_rready;
    wire [3:0] p_bid, p_rid;
    wire [1:0] p_bresp, p_rresp;
    tandem_port_switch switch (
        .clock(clock), .reset(reset),
        .m_awaddr(m_awaddr), .m_awlen(m_awlen), .m_awvalid(m_awvalid), .m_awready(m_awready),
        .m_wdata(m_wdata), .m_wstrb(m_wstrb), .m_wlast(m_wlast), .m_wvalid(m_wvalid), .m_wready(m_wready),
        .m_bvalid(m_bvalid), .m_bready(m_bready),
        .m_araddr(m_araddr), .m_arlen(m_arlen), .m_arvalid(m_arvalid), .m_arready(m_arready),
        .m_rvalid(m_rvalid), .m_rready(m_rready),
        .l_awaddr(l_awaddr), .l_awlen(l_awlen), .l_awvalid(l_awvalid), .l_awready(l_awready),
        .l_wdata(l_wdata), .l_wstrb(l_wstrb), .l_wlast(l_wlast), .l_wvalid(l_wvalid), .l_wready(l_wready),
        .l_bvalid(l_bvalid), .l_bready(l_bready),
        .l_araddr(l_araddr), .l_arlen(l_arlen), .l_arvalid(l_arvalid), .l_arready(l_arready),
        .l_rvalid(l_rvalid), .l_rready(l_rready),
        .s_awaddr(p_awaddr), .s_awlen(p_awlen), .s_awvalid(p_awvalid), .s_awready(p_awready),
        .s_wdata(p_wdata), .s_wstrb(p_wstrb), .s_wlast(p_wlast), .s_wvalid(p_wvalid), .s_wready(p_wready),
        .s_bvalid(p_bvalid), .s_bready(p_bready),
        .s_araddr(p_araddr), .s_arlen(p_arlen), .s_arvalid(p_arvalid), .s_arready(p_arready),
        .s_rlast(p_rlast), .s_rvalid(p_rvalid), .s_rready(p_rready)
    );
    assign m_rdata = p_rdata;
    assign m_rlast = p_rlast;
    assign m_bid = p_bid;
    assign m_rid = p_rid;
    assign m_bresp = p_bresp;
    assign m_rresp = p_rresp;
    assign l_rdata = p_rdata;
    assign l_bresp = p_bresp;
    assign l_rresp = p_rresp;

    // It has 128 bits: bursts of whole 64-bit beats become bursts of whole pairs. LiteDRAM's own converter is not usable.
    wire [31:0] w_awaddr, w_araddr;
    wire [7:0] w_awlen, w_arlen;
    wire [127:0] w_wdata, w_rdata;
    wire [15:0] w_wstrb;
    wire w_awvalid, w_awready, w_wlast, w_wvalid, w_wready;
    wire w_arvalid, w_arready, w_rvalid, w_rready;
    tandem_wide_write wide_write (
        .clock(clock), .reset(reset),
        .awaddr(p_awaddr), .awlen(p_awlen), .awvalid(p_awvalid), .awready(p_awready),
        .wdata(p_wdata), .wstrb(p_wstrb), .wlast(p_wlast), .wvalid(p_wvalid), .wready(p_wready),
        .wide_awaddr(w_awaddr), .wide_awlen(w_awlen), .wide_awvalid(w_awvalid), .wide_awready(w_awready),
        .wide_wdata(w_wdata), .wide_wstrb(w_wstrb), .wide_wlast(w_wlast), .wide_wvalid(w_wvalid),
        .wide_wready(w_wready)
    );
    tandem_wide_read wide_read (
        .clock(clock), .reset(reset),
        .araddr(p_araddr), .arlen(p_arlen), .arvalid(p_arvalid), .arready(p_arready),
        .rdata(p_rdata), .rlast(p_rlast), .rvalid(p_rvalid), .rready(p_rready),
        .wide_araddr(w_araddr), .wide_arlen(w_arlen), .wide_arvalid(w_arvalid), .wide_arready(w_arready),
        .wide_rdata(w_rdata), .wide_rvalid(w_rvalid), .wide_rready(w_rready)
    );

    // The controller's answer to an address comes through all its bank machines within the cycle: a register stands between it and what
    // asks. Identifier, address and length; who asks is alone, so the engine's identifier will do for the link, too.
    wire [40:0] c_aw, c_ar;
    wire c_awvalid, c_awready, c_arvalid, c_arready;
    tandem_address_register write_address (
        .clock(clock), .reset(reset),
        .in_data({m_awid, w_awlen, w_awaddr[28:0]}), .in_valid(w_awvalid), .in_ready(w_awready),
        .out_data(c_aw), .out_valid(c_awvalid), .out_ready(c_awready)
    );
    tandem_address_register read_address (
        .clock(clock), .reset(reset),
        .in_data({m_arid, w_arlen, w_araddr[28:0]}), .in_valid(w_arvalid), .in_ready(w_arready),
        .out_data(c_ar), .out_valid(c_arvalid), .out_ready(c_arready)
    );

    // 512 MB: the upper three bits of an address are not looked at.
    litedram_core controller (
        .clk(clk100), .rst(1'b0), .pll_locked(), .init_done(), .init_error(),
        .user_clk(clock), .user_rst(user_rst),
        .ddram_a(ddram_a), .ddram_ba(ddram_ba), .ddram_ras_n(ddram_ras_n), .ddram_cas_n(ddram_cas_n),
        .ddram_we_n(ddram_we_n), .ddram_cs_n(), .ddram_dm(ddram_dm), .ddram_dq(ddram_dq),
        .ddram_dqs_p(ddram_dqs_p), .ddram_dqs_n(2'b00), .ddram_clk_p(ddram_clk_p), .ddram_clk_n(1'b0),
        .ddram_cke(ddram_cke), .ddram_odt(ddram_odt), .ddram_reset_n(),
        .wb_ctrl_adr(set_up_adr), .wb_ctrl_dat_w(set_up_dat_w), .wb_ctrl_dat_r(set_up_dat_r),
        .wb_ctrl_sel(4'b1111), .wb_ctrl_cyc(set_up_stb), .wb_ctrl_stb(set_up_stb), .wb_ctrl_we(set_up_we),
        .wb_ctrl_ack(set_up_ack), .wb_ctrl_err(set_up_err), .wb_ctrl_cti(3'b000), .wb_ctrl_bte(2'b00),
        .user_port_engine_awid(c_aw[40:37]), .user_port_engine_awaddr(c_aw[28:0]),
        .user_port_engine_awlen(c_aw[36:29]), .user_port_engine_awsize(4'd4),
        .user_port_engine_awburst(2'b01), .user_port_engine_awvalid(c_awvalid),
        .user_port_engine_awready(c_awready),
        .user_port_engine_wdata(w_wdata), .user_port_engine_wstrb(w_wstrb), .user_port_engine_wlast(w_wlast),
        .user_port_engine_wvalid(w_wvalid), .user_port_engine_wready(w_wready),
        .user_port_engine_bid(p_bid), .user_port_engine_bresp(p_bresp), .user_port_engine_bvalid(p_bvalid),
        .user_port_engine_bready(p_bready),
        .user_port_engine_arid(c_ar[40:37]), .user_port_engine_araddr(c_ar[28:0]),
        .user_port_engine_arlen(c_ar[36:29]), .user_port_engine_arsize(4'd4),
        .user_port_engine_arburst(2'b01), .user_port_engine_arvalid(c_arvalid),
        .user_port_engine_arready(c_arready),
        .user_port_engine_rid(p_rid), .user_port_engine_rdata(w_rdata), .user_port_engine_rresp(p_rresp),
        .user_port_engine_rlast(), .user_port_engine_rvalid(w_rvalid), .user_port_engine_rready(w_rready)
    );
endmodule
