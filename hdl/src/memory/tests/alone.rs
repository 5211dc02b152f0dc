//! Parity of each larger cell alone under inputs without any order: whatever comes, Rust and Verilog agree. Outputs that are
//! named as still are constant, or move only when neighbours keep to the rules: the campaign has those.
use crate::memory::issue::Issue;
use crate::memory::load::Load;
use crate::memory::master::Master;
use crate::memory::read::ReadEngine;
use crate::memory::sender::Sender;
use crate::memory::store::Store;
use crate::memory::write::WriteEngine;
use crate::parity::alone;

alone! { issue_stage, Issue, "issue_alone";
room write window_base window_end window_permissions burst_valid burst_address burst_beats burst_tag burst_turn
burst_last ready epoch; rare hard_reset reset halt; narrow }
alone! { write_sender, Sender, "sender_alone";
promise data_valid data wready; rare hard_reset reset halt; narrow beats }
alone! { read_engine, ReadEngine, "read_alone";
window_base window_end window_permissions fetch_request_valid fetch_request_address fetch_ready
load_request_valid load_request_address load_request_turn load_ready arready rid rdata rresp rlast rvalid epoch;
rare hard_reset reset halt; narrow fetch_request_beats load_request_beats }
alone! { write_engine, WriteEngine, "write_alone";
window_base window_end window_permissions request_valid request_address request_turn data_valid data
awready wready bid bresp bvalid epoch; rare hard_reset reset halt; narrow request_beats; still bready }
alone! { master, Master, "master_alone";
window_base window_end window_permissions fetch_request_valid fetch_request_address fetch_ready
load_request_valid load_request_address load_request_turn load_ready store_request_valid store_request_address store_request_turn store_valid
store_data awready wready bid bresp bvalid arready rid rdata rresp rlast rvalid epoch;
rare hard_reset reset kill; narrow fetch_request_beats load_request_beats store_request_beats;
still load_valid store_finished awsize awburst bready arsize arburst rready }
alone! { load_unit, Load<8>, "load_alone";
command request_ready data_valid data; rare reset start; narrow }
alone! { store_unit, Store<8>, "store_alone";
command rdata request_ready data_ready finished; rare reset start; narrow; still done }
