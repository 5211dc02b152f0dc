// Primitives of the ECP5 as far as a simulation of the generated controller needs them: clocks of the right ratio, locks that come,
// outputs that change. What a read gives comes from the bench. Not models of the part.
module EHXPLLL(input CLKI,RST,STDBY, output CLKOP,CLKOS,CLKOS2,output reg LOCK);
parameter CLKFB_DIV=1,CLKI_DIV=1,CLKOP_CPHASE=0,CLKOP_DIV=1,CLKOP_ENABLE="",CLKOP_FPHASE=0,CLKOS2_CPHASE=0,CLKOS2_DIV=1,CLKOS2_ENABLE="",CLKOS2_FPHASE=0,CLKOS_CPHASE=0,CLKOS_DIV=1,CLKOS_ENABLE="",CLKOS_FPHASE=0,FEEDBK_PATH="";
assign CLKOP=CLKI; assign CLKOS=CLKI; assign CLKOS2=0; reg [5:0] n=0; initial LOCK=0;
always @(posedge CLKI) if (RST) begin n<=0; LOCK<=0; end else begin if (n!=63) n<=n+1; LOCK<=n==63; end
endmodule
module FD1S3BX(input CK,D,PD,output reg Q); always @(posedge CK or posedge PD) if (PD) Q<=1; else Q<=D; endmodule
module ECLKBRIDGECS(input CLK0,SEL,output ECSOUT); assign ECSOUT=CLK0; endmodule
module ECLKSYNCB(input ECLKI,STOP,output ECLKO); reg s=0; always @(negedge ECLKI) s<=STOP; assign ECLKO=ECLKI&~s; endmodule
module CLKDIVF(input ALIGNWD,CLKI,RST,output reg CDIVX); parameter DIV="2.0"; initial CDIVX=0; always @(posedge CLKI) CDIVX<=RST?0:~CDIVX; endmodule
module DDRDLLA(input CLK,FREEZE,RST,UDDCNTLN,output DDRDEL,output reg LOCK); assign DDRDEL=0; reg [7:0] n=0; initial LOCK=0;
always @(posedge CLK) begin if (RST) n<=0; else if (n!=255) n<=n+1; LOCK<=n>200; end endmodule
module DELAYG(input A,output Z); parameter DEL_VALUE=0, DEL_MODE=""; assign Z=A; endmodule
module DQSBUFM(input DDRDEL,DQSI,ECLK,PAUSE,RDDIRECTION,RDLOADN,RDMOVE,READ0,READ1,READCLKSEL0,READCLKSEL1,READCLKSEL2,RST,SCLK,WRDIRECTION,WRLOADN,WRMOVE,output BURSTDET,DATAVALID,DQSR90,DQSW,DQSW270,RDPNTR0,RDPNTR1,RDPNTR2,WRPNTR0,WRPNTR1,WRPNTR2);
parameter DQS_LI_DEL_ADJ="",DQS_LI_DEL_VAL=0,DQS_LO_DEL_ADJ="",DQS_LO_DEL_VAL=0;
parameter LO=8, HI=8; // set by defparam
wire [2:0] sel={READCLKSEL2,READCLKSEL1,READCLKSEL0};
assign BURSTDET = READ0 && sel>=LO && sel<=HI && !PAUSE;
assign DATAVALID=0, DQSR90=0, DQSW=0, DQSW270=0, RDPNTR0=0,RDPNTR1=0,RDPNTR2=0,WRPNTR0=0,WRPNTR1=0,WRPNTR2=0;
endmodule
module ODDRX2F(input D0,D1,D2,D3,ECLK,RST,SCLK,output Q); assign Q=D0; endmodule
module ODDRX2DQA(input D0,D1,D2,D3,DQSW270,ECLK,RST,SCLK,output Q); assign Q=D0; endmodule
module ODDRX2DQSB(input D0,D1,D2,D3,DQSW,ECLK,RST,SCLK,output Q); assign Q=D0; endmodule
module TSHX2DQSA(input T0,T1,DQSW,ECLK,RST,SCLK,output Q); assign Q=T0; endmodule
module TSHX2DQA(input T0,T1,DQSW270,ECLK,RST,SCLK,output Q); assign Q=T0; endmodule
module IDDRX2DQA(input D,DQSR90,ECLK,RDPNTR0,RDPNTR1,RDPNTR2,RST,SCLK,WRPNTR0,WRPNTR1,WRPNTR2,output Q0,Q1,Q2,Q3); parameter J=0; assign Q0=tb.w0[J],Q1=tb.w1[J],Q2=tb.w2[J],Q3=tb.w3[J]; endmodule
module TRELLIS_IO(inout B,input I,T,output O); parameter DIR=""; assign B=T?1'bz:I; assign O=B; endmodule
