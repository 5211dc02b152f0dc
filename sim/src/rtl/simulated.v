// The engine with registers at all its inputs: the simulation gives the values of the next cycle before the edge
// that begins it, and all logic settles once a cycle instead of once for the inputs and once for the edge. The engine sees
// every value in the cycle it belongs to. TANDEM_ENGINE is the name of the design.
//
// For waves of a layer alone, `marked_works` tells in which cycles a unit has a command whose mark is `mark` in the bits of
// `mask`. The build defines TANDEM_UNITS for engines with waves, and of every unit TANDEM_STARTS, TANDEM_DONES (a bit) and TANDEM_MARKS (16).
module simulated(
`ifdef TANDEM_STARTS
    input [15:0] mark, input [15:0] mask, output marked_works,
`endif
    input clock, input reset, output irq,
    output [3:0] m_axi_awid, output [31:0] m_axi_awaddr, output [7:0] m_axi_awlen, output [2:0] m_axi_awsize,
    output [1:0] m_axi_awburst, output m_axi_awvalid, input m_axi_awready,
    output [63:0] m_axi_wdata, output [7:0] m_axi_wstrb, output m_axi_wlast, output m_axi_wvalid, input m_axi_wready,
    input [3:0] m_axi_bid, input [1:0] m_axi_bresp, input m_axi_bvalid, output m_axi_bready,
    output [3:0] m_axi_arid, output [31:0] m_axi_araddr, output [7:0] m_axi_arlen, output [2:0] m_axi_arsize,
    output [1:0] m_axi_arburst, output m_axi_arvalid, input m_axi_arready,
    input [3:0] m_axi_rid, input [63:0] m_axi_rdata, input [1:0] m_axi_rresp, input m_axi_rlast, input m_axi_rvalid,
    output m_axi_rready,
    input [15:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready, input [31:0] s_axi_wdata,
    input [3:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready, output [1:0] s_axi_bresp,
    output s_axi_bvalid, input s_axi_bready, input [15:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
    output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready);

    reg in_reset, awready, wready, bvalid, arready, rlast, rvalid;
    reg lite_awvalid, lite_wvalid, lite_bready, lite_arvalid, lite_rready;
    reg [15:0] lite_awaddr, lite_araddr;
    reg [31:0] lite_wdata;
    reg [3:0] lite_wstrb;
    reg [3:0] bid, rid;
    reg [1:0] bresp, rresp;
    reg [63:0] rdata;
    always @(posedge clock) begin
        in_reset <= reset;
        lite_awaddr <= s_axi_awaddr;
        lite_awvalid <= s_axi_awvalid;
        lite_wdata <= s_axi_wdata;
        lite_wstrb <= s_axi_wstrb;
        lite_wvalid <= s_axi_wvalid;
        lite_bready <= s_axi_bready;
        lite_araddr <= s_axi_araddr;
        lite_arvalid <= s_axi_arvalid;
        lite_rready <= s_axi_rready;
        awready <= m_axi_awready;
        wready <= m_axi_wready;
        bid <= m_axi_bid;
        bresp <= m_axi_bresp;
        bvalid <= m_axi_bvalid;
        arready <= m_axi_arready;
        rid <= m_axi_rid;
        rdata <= m_axi_rdata;
        rresp <= m_axi_rresp;
        rlast <= m_axi_rlast;
        rvalid <= m_axi_rvalid;
    end

    `TANDEM_ENGINE engine(
        .clock(clock), .reset(in_reset), .irq(irq),
        .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen), .m_axi_awsize(m_axi_awsize),
        .m_axi_awburst(m_axi_awburst), .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(awready),
        .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(m_axi_wvalid),
        .m_axi_wready(wready),
        .m_axi_bid(bid), .m_axi_bresp(bresp), .m_axi_bvalid(bvalid), .m_axi_bready(m_axi_bready),
        .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen), .m_axi_arsize(m_axi_arsize),
        .m_axi_arburst(m_axi_arburst), .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(arready),
        .m_axi_rid(rid), .m_axi_rdata(rdata), .m_axi_rresp(rresp), .m_axi_rlast(rlast), .m_axi_rvalid(rvalid),
        .m_axi_rready(m_axi_rready),
        .s_axi_awaddr(lite_awaddr), .s_axi_awvalid(lite_awvalid), .s_axi_awready(s_axi_awready),
        .s_axi_wdata(lite_wdata), .s_axi_wstrb(lite_wstrb), .s_axi_wvalid(lite_wvalid), .s_axi_wready(s_axi_wready),
        .s_axi_bresp(s_axi_bresp), .s_axi_bvalid(s_axi_bvalid), .s_axi_bready(lite_bready),
        .s_axi_araddr(lite_araddr), .s_axi_arvalid(lite_arvalid), .s_axi_arready(s_axi_arready),
        .s_axi_rdata(s_axi_rdata), .s_axi_rresp(s_axi_rresp), .s_axi_rvalid(s_axi_rvalid), .s_axi_rready(lite_rready)
    );

`ifdef TANDEM_STARTS
    localparam UNITS = `TANDEM_UNITS;
    wire [UNITS-1:0] starts = `TANDEM_STARTS, dones = `TANDEM_DONES;
    wire [16*UNITS-1:0] marks = `TANDEM_MARKS;
    reg [UNITS-1:0] works, begins;
    integer unit;
    always @*
        for (unit = 0; unit < UNITS; unit = unit + 1)
            begins[unit] = starts[unit] & ((marks[16*unit +: 16] ^ mark) & mask) == 0;
    always @(posedge clock)
        works <= in_reset ? 0 : begins | (works & ~starts & ~dones);
    assign marked_works = |(works | begins);
`endif
endmodule
