// Model of the look-up table of the ECP5, for simulation only: A is the lowest bit of the index. After Lattice's FPGA-DS-02012.
module LUT4 #(parameter [15:0] INIT = 16'd0) (input A, B, C, D, output Z);
  wire [3:0] at = {D, C, B, A};
  assign Z = INIT[at];
endmodule
