// How many beats a cycle the generated controller's port takes and gives: bursts of LEN beats of 2^SZ bytes one after the other, reads
// if RD, writes if WR. Data do not matter. docs/boards/ecpix5.md has the command.
`timescale 1ns/1ps
module tb;
reg [15:0] w0=0,w1=0,w2=0,w3=0;
reg clk=0; always #5 clk=~clk;
wire c,r; integer rb=0,wb=0,t=0;
reg [28:0] ra=0,wa=0; wire arready,awready,rv,wready,bv; reg [8:0] wleft=0; 
reg go=0; integer t0; wire doread = go && `RD; wire dowrite = go && `WR;
litedram_core dut(.clk(clk),.rst(1'b0),.user_clk(c),.user_rst(r),.wb_ctrl_cyc(1'b0),.wb_ctrl_stb(1'b0),.wb_ctrl_we(1'b0),.wb_ctrl_adr(30'd0),.wb_ctrl_sel(4'd0),.wb_ctrl_cti(3'd0),.wb_ctrl_bte(2'd0),.wb_ctrl_dat_w(0),
 .user_port_engine_arvalid(doread),.user_port_engine_araddr(ra),.user_port_engine_arlen(`LEN-1),.user_port_engine_arsize(`SZ),.user_port_engine_arburst(2'd1),.user_port_engine_arid(4'd3),.user_port_engine_arready(arready),.user_port_engine_rready(1'b1),.user_port_engine_rvalid(rv),
 .user_port_engine_awvalid(dowrite && wleft==0),.user_port_engine_awaddr(wa),.user_port_engine_awlen(`LEN-1),.user_port_engine_awsize(`SZ),.user_port_engine_awburst(2'd1),.user_port_engine_awid(4'd3),.user_port_engine_awready(awready),
 .user_port_engine_wvalid(wleft!=0),.user_port_engine_wdata(64'h123),.user_port_engine_wstrb({16{1'b1}}),.user_port_engine_wlast(wleft==1),.user_port_engine_wready(wready),.user_port_engine_bready(1'b1),.user_port_engine_bvalid(bv),
 .user_port_link_awvalid(1'b0),.user_port_link_arvalid(1'b0),.user_port_link_wvalid(1'b0));
always @(posedge c) begin t=t+1;
 if (t==800) begin go<=1; rb=0;wb=0;t0=t; end
 if (doread&&arready) ra<=ra+`LEN*(1<<`SZ);
 if (rv) rb=rb+1;
 if (wleft!=0&&wready) begin wleft<=wleft-1; wb=wb+1; end
 if (dowrite&&wleft==0&&awready) begin wleft<=`LEN; wa<=wa+`LEN*(1<<`SZ); end
 if (t==800+6000) begin $display("len %0d size %0d rd %0d wr %0d: read beats/cycle %f write %f => bytes/cycle %f", `LEN,`SZ,`RD,`WR, rb/6000.0, wb/6000.0, (rb+wb)*(1<<`SZ)/6000.0); $finish; end
end
initial begin force dut.crg_por_count=0; force dut.init_done_storage=1; end
endmodule
