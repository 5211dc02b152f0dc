// The set-up on the generated controller: what the primitives of primitives.v give is made here, a burst of the memory S0 and S1 beats
// late on the two lanes, right where the read delay is from LO to HI. LAT: cycles from the read command until the controller
// takes the data, 13. docs/boards/ecpix5.md has the command.
`timescale 1ns/1ps
module tb;
reg clk=0; always #5 clk=~clk;
wire user_clk,user_rst; wire [29:0] adr; wire [31:0] dw,dr; wire we,stb,ack,err,ready,failed,silent; wire [1:0] fl; wire done,error;
litedram_core dut(.clk(clk),.rst(1'b0),.user_clk(user_clk),.user_rst(user_rst),.init_done(done),.init_error(error),
 .wb_ctrl_adr(adr),.wb_ctrl_dat_w(dw),.wb_ctrl_dat_r(dr),.wb_ctrl_sel(4'hf),.wb_ctrl_cyc(stb),.wb_ctrl_stb(stb),.wb_ctrl_we(we),.wb_ctrl_ack(ack),.wb_ctrl_err(err),.wb_ctrl_cti(3'd0),.wb_ctrl_bte(2'd0),
 .user_port_engine_awvalid(1'b0),.user_port_engine_arvalid(1'b0),.user_port_engine_wvalid(1'b0),.user_port_link_awvalid(1'b0),.user_port_link_arvalid(1'b0),.user_port_link_wvalid(1'b0));
reg reset=1; always @(posedge user_clk) reset<=user_rst;
tandem_ddr_set_up u(.clock(user_clk),.reset(reset),.adr(adr),.dat_w(dw),.we(we),.stb(stb),.dat_r(dr),.ack(ack),.err(err),.ready(ready),.failed(failed),.failed_lane(fl),.silent(silent));
integer s0,s1,lo0,hi0,lo1,hi1;
reg [15:0] mem [0:7]; // beats
integer cyc=0, v=-1000; reg [15:0] w0,w1,w2,w3; integer writes=0, reads=0, acts=0, pres=0, mrs=0;
wire c0 = !dut.ddrphy_dfi_p0_cs_n, c1 = !dut.ddrphy_dfi_p1_cs_n;
integer k;
function [15:0] at(input integer pos); integer b0,b1; begin
  b0=pos-4*(v-3)-s0; b1=pos-4*(v-3)-s1;
  at = {$random};
  if (b0>=0&&b0<8&&dut.ddrphy_rdly0>=lo0&&dut.ddrphy_rdly0<=hi0) at[7:0]=mem[b0][7:0];
  if (b1>=0&&b1<8&&dut.ddrphy_rdly1>=lo1&&dut.ddrphy_rdly1<=hi1) at[15:8]=mem[b1][15:8];
end endfunction
always @(posedge user_clk) begin
  cyc<=cyc+1;
  if (c0 && !dut.ddrphy_dfi_p0_ras_n && dut.ddrphy_dfi_p0_cas_n && dut.ddrphy_dfi_p0_we_n) acts=acts+1;
  if (c0 && !dut.ddrphy_dfi_p0_ras_n && dut.ddrphy_dfi_p0_cas_n && !dut.ddrphy_dfi_p0_we_n) pres=pres+1;
  if (c0 && !dut.ddrphy_dfi_p0_ras_n && !dut.ddrphy_dfi_p0_cas_n && !dut.ddrphy_dfi_p0_we_n && !ready) begin mrs=mrs+1; $display("MR%0d = %h at %0d", dut.ddrphy_dfi_p0_bank, dut.ddrphy_dfi_p0_address, cyc); end
  if (dut.ddrphy_dfi_p1_wrdata_en) begin
    if (dut.ddrphy_dfi_p1_cas_n || dut.ddrphy_dfi_p1_we_n || !c1 || |dut.ddrphy_dfi_p1_wrdata_mask || |dut.ddrphy_dfi_p0_wrdata_mask) $display("odd write");
    for (k=0;k<4;k=k+1) begin mem[k]=dut.ddrphy_dfi_p0_wrdata[16*k +: 16]; mem[4+k]=dut.ddrphy_dfi_p1_wrdata[16*k +: 16]; end
    writes=writes+1;
  end
  if (dut.ddrphy_dfi_p0_rddata_en) begin v=cyc+`LAT; reads=reads+1; if (dut.ddrphy_dfi_p0_cas_n||!c0) $display("odd read"); end
  // values of the next cycle
  w0<=at(4*(cyc+1)); w1<=at(4*(cyc+1)+1); w2<=at(4*(cyc+1)+2); w3<=at(4*(cyc+1)+3);
  if (ready|failed) begin
    $display("ready %b failed %b lanes %b silent %b | slip %0d %0d delay %0d %0d | done %b error %b sel %b | cycles %0d writes %0d reads %0d acts %0d pres %0d mrs %0d", ready,failed,fl,silent,dut.ddrphy_bitslip0_value,dut.ddrphy_bitslip15_value,dut.ddrphy_rdly0,dut.ddrphy_rdly1,done,error,dut.litedramcore_sel,cyc,writes,reads,acts,pres,mrs);
    $finish;
  end
  if (cyc>200000) begin $display("never"); $finish; end
end
defparam dut.IDDRX2DQA.J=0, dut.IDDRX2DQA_1.J=1, dut.IDDRX2DQA_2.J=2, dut.IDDRX2DQA_3.J=3, dut.IDDRX2DQA_4.J=4, dut.IDDRX2DQA_5.J=5, dut.IDDRX2DQA_6.J=6, dut.IDDRX2DQA_7.J=7, dut.IDDRX2DQA_8.J=8, dut.IDDRX2DQA_9.J=9, dut.IDDRX2DQA_10.J=10, dut.IDDRX2DQA_11.J=11, dut.IDDRX2DQA_12.J=12, dut.IDDRX2DQA_13.J=13, dut.IDDRX2DQA_14.J=14, dut.IDDRX2DQA_15.J=15;
defparam dut.DQSBUFM.LO=`LO0, dut.DQSBUFM.HI=`HI0, dut.DQSBUFM_1.LO=`LO1, dut.DQSBUFM_1.HI=`HI1;
initial begin s0=`S0; s1=`S1; lo0=`LO0; hi0=`HI0; lo1=`LO1; hi1=`HI1; w0=0;w1=0;w2=0;w3=0;
    force dut.crg_por_count = 0;
end
endmodule
