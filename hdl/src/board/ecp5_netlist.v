// Models of the other cells of the ECP5 that a netlist of Yosys consists of, for simulation only. Written from Lattice's "ECP5 and ECP5-5G Family
// Data Sheet" (FPGA-DS-02012) and "Memory Usage Guide" (FPGA-TN-02204). A cell set up in a way that no netlist of Tandem asks for has no model, and
// names a module that does not exist.

// Multiplexers of a slice: of two tables, and of two of these.
module PFUMX (input ALUT, BLUT, C0, output Z);
  assign Z = C0 ? ALUT : BLUT;
endmodule

module L6MUX21 (input D0, D1, SD, output Z);
  assign Z = SD ? D1 : D0;
endmodule

// Flip-flop. The enable's and the reset's parameter is a constant, "INV", or the name of the pin.
module TRELLIS_FF #(
  parameter GSR = "ENABLED", parameter CEMUX = "1", parameter CLKMUX = "CLK", parameter LSRMUX = "LSR",
  parameter SRMODE = "LSR_OVER_CE", parameter REGSET = "RESET", parameter LSRMODE = "LSR"
) (input CLK, LSR, CE, DI, M, output reg Q);
  localparam SET = REGSET == "SET";
  wire enable = CEMUX == "1" ? 1'b1 : CEMUX == "INV" ? !CE : CE;
  wire reset = LSRMUX == "INV" ? !LSR : LSR;
  initial Q = SET;
  generate
    if (CLKMUX != "CLK" || SRMODE != "LSR_OVER_CE" || LSRMODE != "LSR") tandem_has_no_such_model of_trellis_ff();
  endgenerate
  always @(posedge CLK) begin
    if (reset) Q <= SET;
    else if (enable) Q <= DI;
  end
endmodule

// 16 words of 4 bits in look-up tables: written at the edge, read at once.
module TRELLIS_DPR16X4 #(
  parameter WCKMUX = "WCK", parameter WREMUX = "WRE", parameter [63:0] INITVAL = 64'd0
) (input [3:0] DI, WAD, RAD, input WRE, WCK, output [3:0] DO);
  reg [3:0] mem [0:15];
  integer i;
  initial for (i = 0; i < 16; i = i + 1) mem[i] = INITVAL[4*i +: 4];
  generate
    if (WCKMUX != "WCK" || WREMUX != "WRE") tandem_has_no_such_model of_trellis_dpr16x4();
  endgenerate
  always @(posedge WCK) if (WRE) mem[WAD] <= DI;
  assign DO = mem[RAD];
endmodule

// Block RAM of 1024 words of 18 bits, bytes of 9. A port of 18 bits has its bytes' write enables on its two lowest address lines. A port A of
// 36 bits has four of them, and the upper half of its data on B's pins; a port B of 36 bits reads the lower half onto A's pins. The ninth bits are
// out of reach of ports narrower than 9. Bits that one port writes and the other reads at the same edge are read inverted: silicon
// promises nothing, so nothing may rest on them. Both ports may write, not into one group of 36 bits at once. Resets act at the
// edge in both modes; netlists of Tandem have them tied low.
module DP16KD #(
  parameter DATA_WIDTH_A = 18, parameter DATA_WIDTH_B = 18, parameter REGMODE_A = "NOREG", parameter REGMODE_B = "NOREG",
  parameter RESETMODE = "SYNC", parameter ASYNC_RESET_RELEASE = "SYNC", parameter CSDECODE_A = "0b000", parameter CSDECODE_B = "0b000",
  parameter WRITEMODE_A = "NORMAL", parameter WRITEMODE_B = "NORMAL", parameter GSR = "ENABLED",
  parameter CLKAMUX = "CLKA", parameter CLKBMUX = "CLKB",
  parameter [319:0] INITVAL_00 = 320'd0, INITVAL_01 = 320'd0, INITVAL_02 = 320'd0, INITVAL_03 = 320'd0, INITVAL_04 = 320'd0, INITVAL_05 = 320'd0,
  INITVAL_06 = 320'd0, INITVAL_07 = 320'd0, INITVAL_08 = 320'd0, INITVAL_09 = 320'd0, INITVAL_0A = 320'd0, INITVAL_0B = 320'd0, INITVAL_0C = 320'd0,
  INITVAL_0D = 320'd0, INITVAL_0E = 320'd0, INITVAL_0F = 320'd0, INITVAL_10 = 320'd0, INITVAL_11 = 320'd0, INITVAL_12 = 320'd0, INITVAL_13 = 320'd0,
  INITVAL_14 = 320'd0, INITVAL_15 = 320'd0, INITVAL_16 = 320'd0, INITVAL_17 = 320'd0, INITVAL_18 = 320'd0, INITVAL_19 = 320'd0, INITVAL_1A = 320'd0,
  INITVAL_1B = 320'd0, INITVAL_1C = 320'd0, INITVAL_1D = 320'd0, INITVAL_1E = 320'd0, INITVAL_1F = 320'd0, INITVAL_20 = 320'd0, INITVAL_21 = 320'd0,
  INITVAL_22 = 320'd0, INITVAL_23 = 320'd0, INITVAL_24 = 320'd0, INITVAL_25 = 320'd0, INITVAL_26 = 320'd0, INITVAL_27 = 320'd0, INITVAL_28 = 320'd0,
  INITVAL_29 = 320'd0, INITVAL_2A = 320'd0, INITVAL_2B = 320'd0, INITVAL_2C = 320'd0, INITVAL_2D = 320'd0, INITVAL_2E = 320'd0, INITVAL_2F = 320'd0,
  INITVAL_30 = 320'd0, INITVAL_31 = 320'd0, INITVAL_32 = 320'd0, INITVAL_33 = 320'd0, INITVAL_34 = 320'd0, INITVAL_35 = 320'd0, INITVAL_36 = 320'd0,
  INITVAL_37 = 320'd0, INITVAL_38 = 320'd0, INITVAL_39 = 320'd0, INITVAL_3A = 320'd0, INITVAL_3B = 320'd0, INITVAL_3C = 320'd0, INITVAL_3D = 320'd0,
  INITVAL_3E = 320'd0, INITVAL_3F = 320'd0
) (
  input CLKA, CEA, OCEA, WEA, RSTA, CSA0, CSA1, CSA2,
  input ADA0, ADA1, ADA2, ADA3, ADA4, ADA5, ADA6, ADA7, ADA8, ADA9, ADA10, ADA11, ADA12, ADA13,
  input DIA0, DIA1, DIA2, DIA3, DIA4, DIA5, DIA6, DIA7, DIA8, DIA9, DIA10, DIA11, DIA12, DIA13, DIA14, DIA15, DIA16, DIA17,
  output DOA0, DOA1, DOA2, DOA3, DOA4, DOA5, DOA6, DOA7, DOA8, DOA9, DOA10, DOA11, DOA12, DOA13, DOA14, DOA15, DOA16, DOA17,
  input CLKB, CEB, OCEB, WEB, RSTB, CSB0, CSB1, CSB2,
  input ADB0, ADB1, ADB2, ADB3, ADB4, ADB5, ADB6, ADB7, ADB8, ADB9, ADB10, ADB11, ADB12, ADB13,
  input DIB0, DIB1, DIB2, DIB3, DIB4, DIB5, DIB6, DIB7, DIB8, DIB9, DIB10, DIB11, DIB12, DIB13, DIB14, DIB15, DIB16, DIB17,
  output DOB0, DOB1, DOB2, DOB3, DOB4, DOB5, DOB6, DOB7, DOB8, DOB9, DOB10, DOB11, DOB12, DOB13, DOB14, DOB15, DOB16, DOB17
);
  generate
    if (REGMODE_A != "NOREG" || REGMODE_B != "NOREG" || CLKAMUX != "CLKA" || CLKBMUX != "CLKB"
        || CSDECODE_A != "0b000" || CSDECODE_B != "0b000") tandem_has_no_such_model of_dp16kd();
  endgenerate

  wire [13:0] address_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
  wire [13:0] address_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
  wire [17:0] in_a = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0};
  wire [17:0] in_b = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0};
  reg [35:0] out_a = 36'd0, out_b = 36'd0;
  assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0}
    = DATA_WIDTH_B == 36 ? out_b[17:0] : out_a[17:0];
  assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0}
    = DATA_WIDTH_B == 36 ? out_b[35:18] : out_b[17:0];

  // Groups of 36 bits, the widest that a port reaches.
  reg [35:0] mem [0:511];
  wire [20479:0] initial_words = {
    INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39, INITVAL_38, INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34,
    INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30, INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28,
    INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20, INITVAL_1F, INITVAL_1E, INITVAL_1D, INITVAL_1C,
    INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18, INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10,
    INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08, INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04,
    INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00
  };
  integer i;
  initial for (i = 0; i < 512; i = i + 1) mem[i] = {initial_words[40*i + 20 +: 18], initial_words[40*i +: 18]};

  // Where a port's word begins within its group.
  function [5:0] place(input integer width, input [4:0] address);
    case (width)
      36: place = 6'd0;
      18: place = address[4] ? 6'd18 : 6'd0;
      9: place = 6'd9 * {4'd0, address[4:3]};
      4: place = 6'd9 * {4'd0, address[4:3]} + {3'd0, address[2], 2'd0};
      2: place = 6'd9 * {4'd0, address[4:3]} + {3'd0, address[2:1], 1'd0};
      default: place = 6'd9 * {4'd0, address[4:3]} + {3'd0, address[2:0]};
    endcase
  endfunction
  // Bits of a word, and those of them that its write enables let through.
  function [35:0] word(input integer width);
    word = 36'hfffffffff >> (36 - width);
  endfunction
  function [35:0] enabled(input integer width, input [3:0] bytes);
    case (width)
      36: enabled = {{9{bytes[3]}}, {9{bytes[2]}}, {9{bytes[1]}}, {9{bytes[0]}}};
      18: enabled = {18'd0, {9{bytes[1]}}, {9{bytes[0]}}};
      default: enabled = word(width);
    endcase
  endfunction

  wire [8:0] group_a = address_a[13:5], group_b = address_b[13:5];
  wire [5:0] place_a = place(DATA_WIDTH_A, address_a[4:0]), place_b = place(DATA_WIDTH_B, address_b[4:0]);
  wire write_a = CEA && WEA && !RSTA, write_b = CEB && WEB && !RSTB && DATA_WIDTH_B != 36;
  wire [35:0] writes_a = write_a ? enabled(DATA_WIDTH_A, address_a[3:0]) << place_a : 36'd0;
  wire [35:0] writes_b = write_b ? enabled(DATA_WIDTH_B, address_b[3:0]) << place_b : 36'd0;
  wire [35:0] data_a = (DATA_WIDTH_A == 36 ? {in_b, in_a} : {18'd0, in_a}) << place_a;
  wire [35:0] data_b = {18'd0, in_b} << place_b;
  wire [35:0] old_a = mem[group_a], old_b = mem[group_b];
  wire [35:0] new_a = old_a & ~writes_a | data_a & writes_a, new_b = old_b & ~writes_b | data_b & writes_b;
  wire [35:0] unsure_a = group_a == group_b ? writes_b : 36'd0, unsure_b = group_a == group_b ? writes_a : 36'd0;
  wire [35:0] seen_a = ((WRITEMODE_A == "WRITETHROUGH" ? new_a : old_a) ^ unsure_a) >> place_a & word(DATA_WIDTH_A);
  wire [35:0] seen_b = ((WRITEMODE_B == "WRITETHROUGH" ? new_b : old_b) ^ unsure_b) >> place_b & word(DATA_WIDTH_B);
  always @(posedge CLKA) begin
    if (write_a) mem[group_a] <= new_a;
    if (RSTA) out_a <= 36'd0;
    else if (CEA && !(WEA && WRITEMODE_A == "NORMAL")) out_a <= seen_a;
  end
  always @(posedge CLKB) begin
    if (write_b) mem[group_b] <= new_b;
    if (RSTB) out_b <= 36'd0;
    else if (CEB && !(WEB && WRITEMODE_B == "NORMAL")) out_b <= seen_b;
  end
endmodule
