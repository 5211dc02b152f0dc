// Models of the ECP5's PLL and output register of two edges, for simulation of Tandem's boards; names of ports and parameters from
// Lattice's "ECP5 and ECP5-5G sysCLOCK PLL/DLL Design and Usage Guide" (FPGA-TN-02200) and "High-Speed I/O Interface" (FPGA-TN-02035).

// The PLL: not its frequency, its output is its input. Locked after 16 cycles.
module EHXPLLL #(
  parameter PLLRST_ENA = "DISABLED", parameter INTFB_WAKE = "DISABLED", parameter STDBY_ENABLE = "DISABLED",
  parameter DPHASE_SOURCE = "DISABLED", parameter OUTDIVIDER_MUXA = "DIVA", parameter OUTDIVIDER_MUXB = "DIVB",
  parameter OUTDIVIDER_MUXC = "DIVC", parameter OUTDIVIDER_MUXD = "DIVD", parameter CLKI_DIV = 1, parameter CLKFB_DIV = 1,
  parameter FEEDBK_PATH = "CLKOP", parameter CLKOP_ENABLE = "ENABLED", parameter CLKOP_DIV = 8, parameter CLKOP_CPHASE = 7,
  parameter CLKOP_FPHASE = 0
) (
  input CLKI, input CLKFB, input RST, input STDBY, input PHASESEL0, input PHASESEL1, input PHASEDIR, input PHASESTEP,
  input PHASELOADREG, input PLLWAKESYNC, input ENCLKOP, input ENCLKOS, input ENCLKOS2, input ENCLKOS3,
  output CLKOP, output CLKOS, output CLKOS2, output CLKOS3, output LOCK, output INTLOCK, output REFCLK, output CLKINTFB
);
  reg [4:0] seen = 5'd0;
  always @(posedge CLKI) if (!seen[4]) seen <= seen + 5'd1;
  assign CLKOP = CLKI;
  assign {CLKOS, CLKOS2, CLKOS3, REFCLK, CLKINTFB} = 5'd0;
  assign LOCK = seen[4];
  assign INTLOCK = seen[4];
endmodule

// D0 while the clock is high, D1 while it is low; not its latency.
module ODDRX1F (input SCLK, input RST, input D0, input D1, output Q);
  reg high = 1'b0, low = 1'b0;
  always @(posedge SCLK) begin
    high <= D0 & !RST;
    low <= D1 & !RST;
  end
  assign Q = SCLK ? high : low;
endmodule
