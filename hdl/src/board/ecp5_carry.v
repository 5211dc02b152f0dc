// Model of the ECP5's carry cell, for simulation only.
module CCU2C #(
  parameter [15:0] INIT0 = 0, parameter [15:0] INIT1 = 0,
  parameter INJECT1_0 = "YES", parameter INJECT1_1 = "YES"
) (
  input CIN, input A0, B0, C0, D0, A1, B1, C1, D1, output S0, S1, COUT
);
  // A bit of the sum is its table's value ^ the carry; the carry goes on where the table is 1, otherwise it is the table's lowest quarter, by A and B.
  wire [3:0] at0 = {D0, C0, B0, A0}, at1 = {D1, C1, B1, A1};
  wire propagate0 = INIT0[at0], propagate1 = INIT1[at1];
  wire inject0 = INJECT1_0 == "YES", inject1 = INJECT1_1 == "YES";
  wire generate0 = inject0 ? 1'b0 : INIT0[{2'b00, B0, A0}];
  wire generate1 = inject1 ? 1'b0 : INIT1[{2'b00, B1, A1}];
  wire middle = propagate0 ? CIN : generate0;
  assign S0 = propagate0 ^ (inject0 ? 1'b0 : CIN);
  assign S1 = propagate1 ^ (inject1 ? 1'b0 : middle);
  assign COUT = propagate1 ? middle : generate1;
endmodule
