// What icebox_vlog leaves of an iCE40 as primitives: block RAM and PLL. Yosys' ice40/cells_sim.v defines the former; this says the
// same in a form that a compiled simulation runs fast.

// 256 words of 16 bits, read and written as (16 >> MODE) bits at (256 << MODE) addresses.
module SB_RAM40_4K(RDATA, RCLK, RCLKE, RE, RADDR, WCLK, WCLKE, WE, WADDR, MASK, WDATA);
    parameter READ_MODE = 0;
    parameter WRITE_MODE = 0;
    parameter INIT_0 = 256'd0, INIT_1 = 256'd0, INIT_2 = 256'd0, INIT_3 = 256'd0;
    parameter INIT_4 = 256'd0, INIT_5 = 256'd0, INIT_6 = 256'd0, INIT_7 = 256'd0;
    parameter INIT_8 = 256'd0, INIT_9 = 256'd0, INIT_A = 256'd0, INIT_B = 256'd0;
    parameter INIT_C = 256'd0, INIT_D = 256'd0, INIT_E = 256'd0, INIT_F = 256'd0;
    output wire [15:0] RDATA;
    input wire RCLK, RCLKE, RE, WCLK, WCLKE, WE;
    input wire [10:0] RADDR, WADDR;
    // Bits that a write in mode 0 leaves alone.
    input wire [15:0] MASK, WDATA;

    localparam [4095:0] INIT = {
        INIT_F, INIT_E, INIT_D, INIT_C, INIT_B, INIT_A, INIT_9, INIT_8,
        INIT_7, INIT_6, INIT_5, INIT_4, INIT_3, INIT_2, INIT_1, INIT_0};
    reg [15:0] memory [0:255];
    integer i;
    initial for (i = 0; i < 256; i = i + 1) memory[i] = INIT[16 * i +: 16];

    // The upper bits of an address choose one of each (1 << MODE) bits; it is on a pin in their middle.
    localparam READ_STEP = 1 << READ_MODE;
    localparam WRITE_STEP = 1 << WRITE_MODE;
    localparam [2:0] READ_PARTS = READ_STEP - 1;
    localparam [2:0] WRITE_PARTS = WRITE_STEP - 1;
    wire [2:0] write_part = WADDR[10:8] & WRITE_PARTS;
    wire [15:0] old = memory[WADDR[7:0]];
    wire [15:0] merged;
    reg [15:0] word;
    reg [2:0] read_part;
    genvar g;
    generate
        for (g = 0; g < 16; g = g + 1) begin : bits
            wire written = WRITE_MODE == 0 ? ~MASK[g] : write_part == g % WRITE_STEP;
            assign merged[g] = written ? WDATA[g / WRITE_STEP * WRITE_STEP + (WRITE_STEP - 1) / 2] : old[g];
            if (g % READ_STEP == (READ_STEP - 1) / 2) begin : pin
                wire [READ_STEP - 1:0] group = word[g / READ_STEP * READ_STEP +: READ_STEP];
                assign RDATA[g] = |(group & (1 << read_part));
            end else begin : none
                assign RDATA[g] = 1'b0;
            end
        end
    endgenerate
    always @(posedge WCLK) if (WE & WCLKE) memory[WADDR[7:0]] <= merged;
    always @(posedge RCLK) if (RE & RCLKE) begin
        word <= memory[RADDR[7:0]];
        read_part <= RADDR[10:8] & READ_PARTS;
    end
endmodule

// The board's oscillator is simulated at half its rate, so that the PLL passes it through. A PLL that is set to anything but one
// half, stopped or bypassed has no clock here.
module SB_PLL40_CORE(
    REFERENCECLK, PLLOUTCORE, PLLOUTGLOBAL, EXTFEEDBACK, DYNAMICDELAY, LOCK, BYPASS, RESETB, LATCHINPUTVALUE, SDO, SDI, SCLK);
    parameter FEEDBACK_PATH = "SIMPLE";
    parameter DELAY_ADJUSTMENT_MODE_FEEDBACK = "FIXED";
    parameter DELAY_ADJUSTMENT_MODE_RELATIVE = "FIXED";
    parameter SHIFTREG_DIV_MODE = 1'b0;
    parameter FDA_FEEDBACK = 4'd0;
    parameter FDA_RELATIVE = 4'd0;
    parameter PLLOUT_SELECT = "GENCLK";
    parameter DIVR = 4'd0;
    parameter DIVF = 7'd0;
    parameter DIVQ = 3'd0;
    parameter FILTER_RANGE = 3'd0;
    parameter ENABLE_ICEGATE = 1'b0;
    parameter TEST_MODE = 1'b0;
    input wire REFERENCECLK, EXTFEEDBACK, BYPASS, RESETB, LATCHINPUTVALUE, SDI, SCLK;
    input wire [7:0] DYNAMICDELAY;
    output wire PLLOUTCORE, PLLOUTGLOBAL, LOCK, SDO;

    localparam HALVES = FEEDBACK_PATH == "SIMPLE" && 2 * (DIVF + 1) == (DIVR + 1) << DIVQ;
    assign LOCK = HALVES & RESETB & ~BYPASS;
    assign PLLOUTGLOBAL = LOCK & REFERENCECLK;
    assign PLLOUTCORE = PLLOUTGLOBAL;
    assign SDO = 1'b0;
endmodule
