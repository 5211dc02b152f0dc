//! The files that package the engine for Zynq name what its Verilog has: top module, ports, size of the register space.
use std::collections::BTreeMap;
use std::path::PathBuf;
use tandem_hdl::configured::{verilog_of, TOP};
use tandem_isa::config::TINY;
use tandem_isa::register::SPACE;

/// Channel by channel, as AXI4 and AXI4-Lite name them: what Vivado infers an interface from.
const AXI4: &str = "awid awaddr awlen awsize awburst awvalid awready wdata wstrb wlast wvalid wready bid bresp bvalid bready \
                    arid araddr arlen arsize arburst arvalid arready rid rdata rresp rlast rvalid rready";
const AXI4_LITE: &str = "awaddr awvalid awready wdata wstrb wvalid wready bresp bvalid bready araddr arvalid arready rdata rresp rvalid rready";

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "constraints", "axi"]
        .iter()
        .collect()
}

fn packaging(file: &str) -> String {
    std::fs::read_to_string(folder().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// The top's ports and their bits.
fn ports() -> BTreeMap<String, u32> {
    let text = verilog_of(&TINY).unwrap();
    let start = format!("module {TOP}(");
    let body = &text[text.find(&start).expect("no top module")..];
    let body = &body[..body.find("endmodule").expect("an open module")];
    let declared = body.lines().filter_map(|line| {
        let line = line.trim().strip_suffix(';')?;
        let port = line
            .strip_prefix("input ")
            .or_else(|| line.strip_prefix("output "))?;
        let name = port.split_whitespace().last()?;
        let upper = port.split('[').nth(1).and_then(|r| r.split(':').next());
        let bits = upper.map_or(1, |upper| upper.trim().parse::<u32>().unwrap() + 1);
        Some((name.to_string(), bits))
    });
    declared.collect()
}

/// The value of `NAME VALUE` or `NAME: VALUE` in each line that has it.
fn values<'a>(text: &'a str, name: &'a str) -> Vec<&'a str> {
    let after = |line: &'a str| line.split_once(name).map(|(_, rest)| rest.trim());
    text.lines().filter_map(after).collect()
}

fn hexadecimal(word: &str) -> u64 {
    let digits = word.trim_matches(|c| "<>;,".contains(c));
    u64::from_str_radix(digits.trim_start_matches("0x"), 16)
        .unwrap_or_else(|e| panic!("{word}: {e}"))
}

/// Numbers of `<0x1 0x2>` lists after `reg =`, in order, list by list.
fn regions(text: &str) -> Vec<Vec<(u64, u64)>> {
    let lists = values(text, "reg = ").into_iter().map(|list| {
        let numbers: Vec<u64> = list.split_whitespace().map(hexadecimal).collect();
        numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect()
    });
    lists.collect()
}

#[test]
fn the_engine_has_the_usual_ports_and_no_others() {
    let mut expected: Vec<String> = ["clock", "reset", "irq"].map(String::from).into();
    expected.extend(AXI4.split_whitespace().map(|p| format!("m_axi_{p}")));
    expected.extend(AXI4_LITE.split_whitespace().map(|p| format!("s_axi_{p}")));
    expected.sort();
    let found: Vec<String> = ports().into_keys().collect();
    assert_eq!(found, expected);
}

#[test]
fn the_core_names_the_top_and_files_that_are_there() {
    let text = packaging("tandem.core");
    let tops = values(&text, "toplevel:");
    assert!(
        !tops.is_empty() && tops.iter().all(|top| *top == TOP),
        "{tops:?}"
    );
    let files = values(&text, "      - ");
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files.iter().filter(|file| **file != "axi.v") {
        assert!(folder().join(file).is_file(), "{file}");
    }
}

#[test]
fn the_packaging_script_names_top_ports_and_register_space() {
    let (text, ports) = (packaging("package_ip.tcl"), ports());
    assert_eq!(
        values(&text, "set_property top "),
        [format!("{TOP} [current_fileset]")]
    );
    for line in values(&text, "ipx::associate_bus_interfaces ") {
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.chunks_exact(2) {
            let [option, name] = pair else { continue };
            let there = match *option {
                "-busif" => ports.contains_key(&format!("{name}_awvalid")),
                _ => ports.contains_key(*name),
            };
            assert!(there || *name == "$core", "{option} {name}");
        }
    }
    for line in values(&text, "ipx::infer_bus_interface ") {
        let port = line.split_whitespace().next().unwrap();
        assert!(ports.contains_key(port), "{port}");
    }
    let space = 1u64 << ports["s_axi_awaddr"];
    assert_eq!(ports["s_axi_araddr"], ports["s_axi_awaddr"]);
    assert!(u64::from(SPACE) <= space);
    let range = values(&text, "set_property range ")[0];
    assert_eq!(range.split_whitespace().next(), Some(&*space.to_string()));
}

#[test]
fn the_device_tree_maps_all_registers_and_the_reserved_memory() {
    let (text, ports) = (packaging("tandem.dtsi"), ports());
    let regions = regions(&text);
    let [reserved, device] = &regions[..] else {
        panic!("{regions:?}")
    };
    // UIO numbers its maps in this order; the host expects registers first.
    assert_eq!(device.len(), 2);
    assert_eq!(device[0].1, 1 << ports["s_axi_awaddr"]);
    assert_eq!(device[1..], reserved[..]);
    let (at, bytes) = reserved[0];
    assert!(at + bytes <= 1 << ports["m_axi_awaddr"]);
    for (name, (at, _)) in [
        ("tandem_memory: tandem@", reserved[0]),
        ("\ttandem@", device[0]),
    ] {
        assert!(text.contains(&format!("{name}{at:x} {{")), "{name}{at:x}");
    }
}
