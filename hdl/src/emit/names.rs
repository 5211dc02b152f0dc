//! What may and may not be a Verilog name.

/// A plain Verilog identifier.
pub fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A reserved word of Verilog-2005, or of SystemVerilog where tools read it as such by default.
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.split_ascii_whitespace().any(|k| k == name)
}

const KEYWORDS: &str = "
always and assign automatic begin buf bufif0 bufif1 case casex casez cell cmos config deassign default defparam
design disable edge else end endcase endconfig endfunction endgenerate endmodule endprimitive endspecify endtable
endtask event for force forever fork function generate genvar highz0 highz1 if ifnone incdir include initial inout
input instance integer join large liblist library localparam macromodule medium module nand negedge nmos nor
noshowcancelled not notif0 notif1 or output parameter pmos posedge primitive pull0 pull1 pulldown pullup
pulsestyle_onevent pulsestyle_ondetect rcmos real realtime reg release repeat rnmos rpmos rtran rtranif0 rtranif1
scalared showcancelled signed small specify specparam strong0 strong1 supply0 supply1 table task time tran tranif0
tranif1 tri tri0 tri1 triand trior trireg unsigned use uwire vectored wait wand weak0 weak1 while wire wor xnor xor
alias assert assume before bind bins bit break byte chandle class clocking const constraint context continue cover
do enum expect export extends extern final first_match foreach import inside int interface intersect local logic
longint matches modport new null package packed priority program property protected pure rand randc ref return
sequence shortint static string struct super tagged this throughout timeprecision timeunit type typedef union
unique var virtual void with within
accept_on checker endchecker eventually global implements implies interconnect let nettype nexttime reject_on restrict
s_always s_eventually s_nexttime s_until s_until_with soft strong sync_accept_on sync_reject_on unique0 until until_with
untyped weak
";
