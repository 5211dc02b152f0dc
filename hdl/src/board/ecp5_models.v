// Models of the ECP5 blocks that Tandem's Verilog names or that Yosys maps memories to; for simulation only. Written from Lattice's
// "ECP5 and ECP5-5G sysDSP Usage Guide" (FPGA-TN-02205) and "Memory Usage Guide" (FPGA-TN-02204); only what is used here is modelled.

// 18x18 multiplier. Registers are taken as present where their clock is not "NONE"; resets are synchronous.
module MULT18X18D #(
  parameter REG_INPUTA_CLK = "NONE", parameter REG_INPUTA_CE = "CE0", parameter REG_INPUTA_RST = "RST0",
  parameter REG_INPUTB_CLK = "NONE", parameter REG_INPUTB_CE = "CE0", parameter REG_INPUTB_RST = "RST0",
  parameter REG_PIPELINE_CLK = "NONE", parameter REG_PIPELINE_CE = "CE0", parameter REG_PIPELINE_RST = "RST0",
  parameter REG_OUTPUT_CLK = "NONE", parameter REG_OUTPUT_CE = "CE0", parameter REG_OUTPUT_RST = "RST0"
) (
  input CLK0, input CE0, input CE1, input CE2, input RST0, input SIGNEDA, input SIGNEDB, input SOURCEA, input SOURCEB,
  input A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17,
  input B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17,
`ifdef TANDEM_NETLIST
  input C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C15, C16, C17, // of a pre-adder that is not used: only netlists of Yosys name them
`endif
  output P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17,
  output P18, P19, P20, P21, P22, P23, P24, P25, P26, P27, P28, P29, P30, P31, P32, P33, P34, P35
);
  wire [17:0] a_in = {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
  wire [17:0] b_in = {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
  reg [17:0] a_r = 0, b_r = 0;
  reg [35:0] pipe_r = 0, p_r = 0;
  wire enable_a = REG_INPUTA_CE == "CE2" ? CE2 : REG_INPUTA_CE == "CE1" ? CE1 : CE0;
  wire enable_b = REG_INPUTB_CE == "CE2" ? CE2 : REG_INPUTB_CE == "CE1" ? CE1 : CE0;
  wire enable_p = REG_OUTPUT_CE == "CE2" ? CE2 : REG_OUTPUT_CE == "CE1" ? CE1 : CE0;
  wire enable_pipe = REG_PIPELINE_CE == "CE2" ? CE2 : REG_PIPELINE_CE == "CE1" ? CE1 : CE0;
  wire [17:0] a = REG_INPUTA_CLK == "NONE" ? a_in : a_r;
  wire [17:0] b = REG_INPUTB_CLK == "NONE" ? b_in : b_r;
  wire [35:0] a_wide = {{18{SIGNEDA & a[17]}}, a};
  wire [35:0] b_wide = {{18{SIGNEDB & b[17]}}, b};
  wire [35:0] product = a_wide * b_wide;
  wire [35:0] pipe = REG_PIPELINE_CLK == "NONE" ? product : pipe_r;
  always @(posedge CLK0) begin
    if (RST0) begin
      a_r <= 0; b_r <= 0; pipe_r <= 0; p_r <= 0;
    end else begin
      if (enable_a) a_r <= a_in;
      if (enable_b) b_r <= b_in;
      if (enable_pipe) pipe_r <= product;
      if (enable_p) p_r <= pipe;
    end
  end
  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
          P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0}
    = REG_OUTPUT_CLK == "NONE" ? pipe : p_r;
endmodule
