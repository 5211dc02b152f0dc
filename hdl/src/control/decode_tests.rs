//! Every field of every command against the decoder of the contract, in Rust and in the emitted text.
use super::*;
use crate::control::word::pack;
use crate::parity::wired;

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// The range of `command` that the text gives to `name`, as (low, width).
fn range(text: &str, name: &str) -> (usize, usize) {
    let start = format!("  {name} = command[");
    let line = text.lines().find(|l| l.starts_with(&start)).unwrap();
    let inner = &line[start.len()..line.find(']').unwrap()];
    match inner.split_once(':') {
        Some((hi, lo)) => {
            let (hi, lo): (usize, usize) = (hi.parse().unwrap(), lo.parse().unwrap());
            (lo, hi - lo + 1)
        }
        None => (inner.parse().unwrap(), 1),
    }
}

fn slice(bytes: &[u8; 64], (low, width): (usize, usize)) -> u64 {
    (0..width).fold(0, |v, i| {
        v | u64::from(bytes[(low + i) / 8] >> ((low + i) % 8) & 1) << i
    })
}

macro_rules! check {
    ($leaf:ident: $command:ident { $($bit:ident = $flag:ident),* } { $($name:ident),* }) => {{
        let format = &cmd::$command::FORMAT;
        assert_eq!($leaf::FLAGS, format.flag_mask(), "{}", format.name);
        for f in format.fields {
            // `wide` says nothing to an engine with 16-bit operands.
            assert!(f.name.starts_with("reserved") || f.name == "wide" || $leaf::FIELDS.contains(&f.name), "{}.{}", format.name, f.name);
        }
        assert_eq!($leaf::FIELDS, [$(stringify!($name)),*]);
        let mut leaf = $leaf::default();
        leaf.connect_all();
        let Verilog::Custom(text) = leaf.hdl() else { panic!("not a leaf") };
        let mut state = 0x9e37_79b9_7f4a_7c15u64 ^ u64::from(format.opcode);
        for _ in 0..50 {
            let mut bytes = [0u8; 64];
            bytes.fill_with(|| random(&mut state) as u8);
            leaf.command.next = pack(&bytes);
            assert!(simulate(&mut leaf, 10));
            $({
                let expected = bytes[1] & cmd::$command::$flag != 0;
                assert_eq!(leaf.$bit.val(), expected, "{}.{}", format.name, stringify!($bit));
                assert_eq!(slice(&bytes, range(&text, stringify!($bit))), u64::from(expected));
            })*
            $({
                let f = format.fields.iter().find(|f| f.name == stringify!($name)).unwrap();
                let expected = f.read(&bytes) as u64 & (u64::MAX >> (64 - f.bits));
                assert_eq!(leaf.$name.val().to_u64(), expected, "{}.{}", format.name, f.name);
                assert_eq!(range(&text, f.name), (8 * f.offset, f.bits));
                assert_eq!(slice(&bytes, range(&text, f.name)), expected);
            })*
        }
    }};
}

#[test]
fn every_field_of_every_command() {
    check!(LoadFields: Load { skew = SKEW }
        { pad, top, bottom, left, right, base, address, n, m, rows, width, n_stride, m_stride, row_stride });
    check!(ComputeFields: Compute { output_stationary = OUTPUT_STATIONARY, transpose = TRANSPOSE, accumulate = ACCUMULATE, column_sums = COLUMN_SUMS }
        { phase, groups, a_base, b_base, acc_base, n, y, x, k2, k1, k0, a_n, a_y, a_x, a_k2, a_k1, a_k0, b_k2, b_k1, b_k0, terms });
    check!(RequantFields: Requant { relu = RELU, mask = MASK, bias = BIAS, skip = SKIP, pool = POOL, from_v = FROM_V, last = END, freeze = FREEZE }
        { site, site_a, site_b, f, skip_site, skip_f, src_base, out_base, index_base, v_base, bias_base,
          n, y, x, src_n, src_y, src_x, out_n, out_y, out_x, skip_base });
    check!(UnpoolFields: Unpool {} { g_base, index_base, out_base, n, y, x });
    check!(UpdateFields: Update { elastic = ELASTIC } { site_d, f, f_w, lr_shift, w_base, v_base, d_base, w_out, v_out, z, y, x, mu, lr_mantissa, decay,
        i_x, key_v, key_w, index, i_z, i_y, i_lane, old_base, importance_base, strength });
    check!(LossFields: Loss { gradient = GRADIENT, probabilities = PROBABILITIES, result = RESULT, score = SCORE, soft_targets = SOFT }
        { site, f, top, n, classes, z_base, record_base, g_base, p_base, result_base, target_base, temperature, share });
    check!(StoreFields: Store {} { pad, base, address, n, m, rows, width, n_stride, m_stride, row_stride });
    check!(SelectFields: Select {} { n });
}

#[test]
fn header() {
    let mut state = 77;
    let mut leaf = HeaderFields::default();
    leaf.connect_all();
    let Verilog::Custom(text) = leaf.hdl() else {
        panic!("not a leaf")
    };
    for _ in 0..50 {
        let mut bytes = [0u8; 64];
        bytes.fill_with(|| random(&mut state) as u8);
        leaf.command.next = pack(&bytes);
        assert!(simulate(&mut leaf, 10));
        let tag = u64::from(u16::from_le_bytes([bytes[4], bytes[5]]));
        for (name, found, expected) in [
            ("opcode", leaf.opcode.val().to_u64(), u64::from(bytes[0])),
            ("flags", leaf.flags.val().to_u64(), u64::from(bytes[1])),
            (
                "wait_mask",
                leaf.wait_mask.val().to_u64(),
                u64::from(bytes[2]),
            ),
            (
                "signal_mask",
                leaf.signal_mask.val().to_u64(),
                u64::from(bytes[3]),
            ),
            ("tag", leaf.tag.val().to_u64(), tag),
        ] {
            assert_eq!(found, expected, "{name}");
            assert_eq!(slice(&bytes, range(&text, name)), expected, "{name}");
        }
    }
}

wired! { load_fields, LoadFields, "load_fields_alone"; command }
wired! { compute_fields, ComputeFields, "compute_fields_alone"; command }
wired! { requant_fields, RequantFields, "requant_fields_alone"; command }
wired! { unpool_fields, UnpoolFields, "unpool_fields_alone"; command }
wired! { update_fields, UpdateFields, "update_fields_alone"; command }
wired! { loss_fields, LossFields, "loss_fields_alone"; command }
wired! { store_fields, StoreFields, "store_fields_alone"; command }
wired! { select_fields, SelectFields, "select_fields_alone"; command }
wired! { header_fields, HeaderFields, "header_fields_alone"; command }
