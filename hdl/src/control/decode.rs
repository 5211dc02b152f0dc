//! Field decoders: one leaf for each command, generated from the field tables of `tandem_isa::command`, so that no offset
//! or width stands here by hand. They split, they do not check: ranges are checked before a unit sees its command.
//!
//! Ports: `command` Bits<512> in (byte 0 in bits 7:0); one output per field, of the field's width (signed fields in two's
//! complement); one Bit per flag; [`HeaderFields`] for the header. Combinational, no clock, no state.
use rust_hdl::prelude::*;
use tandem_isa::command as cmd;
use tandem_isa::command::{Field, Format};

/// The field of that name; an unknown name fails the build.
pub const fn field(format: &'static Format, name: &str) -> &'static Field {
    let mut i = 0;
    while i < format.fields.len() {
        let a = format.fields[i].name.as_bytes();
        let b = name.as_bytes();
        let mut j = 0;
        while j < a.len() && j < b.len() && a[j] == b[j] {
            j += 1;
        }
        if j == a.len() && j == b.len() {
            return &format.fields[i];
        }
        i += 1;
    }
    panic!("no such field in this command")
}

/// Defines a decoder leaf: `decode_leaf! { /// doc  pub struct Name: Command { flags { field = FLAG, } fields { a, b, } } }`.
macro_rules! decode_leaf {
    ($(#[$meta:meta])* pub struct $leaf:ident: $command:ident {
        flags { $($bit:ident = $flag:ident),* $(,)? }
        fields { $($name:ident),* $(,)? }
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, LogicBlock)]
        pub struct $leaf {
            /// The 64 bytes, byte 0 in bits 7:0.
            pub command: Signal<In, Bits<512>>,
            $(#[doc = concat!("Flag [`", stringify!($flag), "`](cmd::", stringify!($command), "::", stringify!($flag), ").")]
            pub $bit: Signal<Out, Bit>,)*
            $(#[doc = concat!("Field [`", stringify!($name), "`](cmd::", stringify!($command), "::", stringify!($name), ").")]
            pub $name: Signal<Out, Bits<{ field(&cmd::$command::FORMAT, stringify!($name)).bits }>>,)*
        }

        impl $leaf {
            /// Names of the fields it gives out.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($name)),*];
            /// Flag bits it gives out.
            pub const FLAGS: u8 = 0 $(| cmd::$command::$flag)*;
        }

        impl Logic for $leaf {
            fn update(&mut self) {
                let command = self.command.val();
                $(self.$bit.next = command.get_bit(8 + cmd::$command::$flag.trailing_zeros() as usize);)*
                $(self.$name.next = {
                    const F: &Field = field(&cmd::$command::FORMAT, stringify!($name));
                    command.get_bits::<{ F.bits }>(8 * F.offset)
                };)*
            }
            fn connect(&mut self) {
                $(self.$bit.connect();)*
                $(self.$name.connect();)*
            }
            fn hdl(&self) -> Verilog {
                let mut text = format!("// cell {}_fields\nalways @(*) begin\n", stringify!($command).to_lowercase());
                $(text += &format!("  {} = command[{}];\n", stringify!($bit), 8 + cmd::$command::$flag.trailing_zeros());)*
                $({
                    const F: &Field = field(&cmd::$command::FORMAT, stringify!($name));
                    text += &format!("  {} = command[{}:{}];\n", F.name, 8 * F.offset + F.bits - 1, 8 * F.offset);
                })*
                Verilog::Custom(text + "end\n")
            }
        }
    };
}

decode_leaf! {
    /// Fields of a load command.
    pub struct LoadFields: Load {
        flags { skew = SKEW }
        fields { pad, top, bottom, left, right, base, address, n, m, rows, width, n_stride, m_stride, row_stride }
    }
}
decode_leaf! {
    /// Fields of a compute command.
    pub struct ComputeFields: Compute {
        flags { output_stationary = OUTPUT_STATIONARY, transpose = TRANSPOSE, accumulate = ACCUMULATE, column_sums = COLUMN_SUMS }
        fields { phase, groups, a_base, b_base, acc_base, n, y, x, k2, k1, k0,
            a_n, a_y, a_x, a_k2, a_k1, a_k0, b_k2, b_k1, b_k0, terms }
    }
}
decode_leaf! {
    /// Fields of a requantise command.
    pub struct RequantFields: Requant {
        flags { relu = RELU, mask = MASK, bias = BIAS, skip = SKIP, pool = POOL, from_v = FROM_V, last = END, freeze = FREEZE }
        fields { site, site_a, site_b, f, skip_site, skip_f, src_base, out_base, index_base, v_base, bias_base,
            n, y, x, src_n, src_y, src_x, out_n, out_y, out_x, skip_base }
    }
}
decode_leaf! {
    /// Fields of an unpool command.
    pub struct UnpoolFields: Unpool {
        flags {}
        fields { g_base, index_base, out_base, n, y, x }
    }
}
decode_leaf! {
    /// Fields of an update command.
    pub struct UpdateFields: Update {
        flags { elastic = ELASTIC }
        fields { site_d, f, f_w, lr_shift, w_base, v_base, d_base, w_out, v_out, z, y, x, mu, lr_mantissa, decay,
            i_x, key_v, key_w, index, i_z, i_y, i_lane, old_base, importance_base, strength }
    }
}
decode_leaf! {
    /// Fields of a loss command.
    pub struct LossFields: Loss {
        flags { gradient = GRADIENT, probabilities = PROBABILITIES, result = RESULT, score = SCORE, soft_targets = SOFT }
        fields { site, f, top, n, classes, z_base, record_base, g_base, p_base, result_base, target_base, temperature, share }
    }
}
decode_leaf! {
    /// Fields of a store command.
    pub struct StoreFields: Store {
        flags {}
        fields { pad, base, address, n, m, rows, width, n_stride, m_stride, row_stride }
    }
}
decode_leaf! {
    /// Fields of a select command.
    pub struct SelectFields: Select {
        flags {}
        fields { n }
    }
}

/// The header that every command opens with.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct HeaderFields {
    /// The 64 bytes, byte 0 in bits 7:0.
    pub command: Signal<In, Bits<512>>,
    /// Byte 0.
    pub opcode: Signal<Out, Bits<8>>,
    /// Byte 1.
    pub flags: Signal<Out, Bits<8>>,
    /// Byte 2: producers to take a token from.
    pub wait_mask: Signal<Out, Bits<8>>,
    /// Byte 3: consumers to give a token to.
    pub signal_mask: Signal<Out, Bits<8>>,
    /// Bytes 4 and 5.
    pub tag: Signal<Out, Bits<16>>,
}

impl Logic for HeaderFields {
    fn update(&mut self) {
        let command = self.command.val();
        self.opcode.next = command.get_bits::<8>(0);
        self.flags.next = command.get_bits::<8>(8);
        self.wait_mask.next = command.get_bits::<8>(16);
        self.signal_mask.next = command.get_bits::<8>(24);
        self.tag.next = command.get_bits::<16>(32);
    }
    fn connect(&mut self) {
        self.opcode.connect();
        self.flags.connect();
        self.wait_mask.connect();
        self.signal_mask.connect();
        self.tag.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell header_fields\n\
             always @(*) begin\n\
             \x20 opcode = command[7:0];\n\
             \x20 flags = command[15:8];\n\
             \x20 wait_mask = command[23:16];\n\
             \x20 signal_mask = command[31:24];\n\
             \x20 tag = command[47:32];\n\
             end\n"
                .into(),
        )
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
