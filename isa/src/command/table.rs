//! What a command is made of: fields with their place, range and meaning, and the macro that turns a table of them
//! into a struct, its encoder and its decoder.

use core::fmt;

/// One field of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name.
    pub name: &'static str,
    /// First byte within the 64 (little-endian).
    pub offset: usize,
    /// Width in bits.
    pub bits: usize,
    /// Two's complement.
    pub signed: bool,
    /// Least legal value.
    pub min: i64,
    /// Greatest legal value.
    pub max: i64,
    /// Meaning and unit.
    pub doc: &'static str,
}

impl Field {
    /// The field's value in an encoded command.
    pub fn read(&self, bytes: &[u8; 64]) -> i64 {
        let n = self.bits / 8;
        let mut v = 0u64;
        for i in 0..n {
            v |= (bytes[self.offset + i] as u64) << (8 * i);
        }
        if self.signed {
            let s = 64 - self.bits;
            ((v << s) as i64) >> s
        } else {
            v as i64
        }
    }

    /// Whether the range check can fail at all.
    pub fn is_checked(&self) -> bool {
        let (lo, hi) = if self.signed {
            (-(1i64 << (self.bits - 1)), (1i64 << (self.bits - 1)) - 1)
        } else {
            (0, (1i64 << self.bits) - 1)
        };
        self.min > lo || self.max < hi
    }
}

/// One kind of command.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Name.
    pub name: &'static str,
    /// Opcode, byte 0.
    pub opcode: u8,
    /// The unit that runs it; `None`: control itself.
    pub unit: Option<super::Unit>,
    /// What it does.
    pub doc: &'static [&'static str],
    /// Legal flag bits (byte 1) and their meanings.
    pub flags: &'static [(&'static str, u8, &'static str)],
    /// Fields after the header.
    pub fields: &'static [Field],
}

impl Format {
    /// All legal flag bits.
    pub const fn flag_mask(&self) -> u8 {
        let mut m = 0;
        let mut i = 0;
        while i < self.flags.len() {
            m |= self.flags[i].1;
            i += 1;
        }
        m
    }
}

/// Why a command is refused: the same check stands in the engine, which reports the code and the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The command's name (`?` when the opcode is unknown).
    pub command: &'static str,
    /// Field at fault.
    pub field: &'static str,
    /// Its value.
    pub found: i64,
    /// Least legal value.
    pub min: i64,
    /// Greatest legal value.
    pub max: i64,
    /// The code the engine reports.
    pub code: crate::error::ErrorCode,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "command {}: field `{}` is {}, expected {} to {} (error code {})",
            self.command, self.field, self.found, self.min, self.max, self.code as u32
        )
    }
}

impl core::error::Error for DecodeError {}

/// Integers that stand in a command.
pub(crate) trait Word: Copy {
    const BITS: usize;
    const SIGNED: bool;
    fn put(self, at: &mut [u8]);
    fn get(at: &[u8]) -> Self;
}

macro_rules! word {
    ($($t:ty, $signed:expr;)*) => {$(
        impl Word for $t {
            const BITS: usize = <$t>::BITS as usize;
            const SIGNED: bool = $signed;
            fn put(self, at: &mut [u8]) {
                at[..core::mem::size_of::<$t>()].copy_from_slice(&self.to_le_bytes());
            }
            fn get(at: &[u8]) -> Self {
                let mut b = [0; core::mem::size_of::<$t>()];
                b.copy_from_slice(&at[..core::mem::size_of::<$t>()]);
                <$t>::from_le_bytes(b)
            }
        }
    )*};
}
word! { u8, false; i8, true; u16, false; i16, true; u32, false; i32, true; }

macro_rules! commands {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident = $opcode:literal on $unit:expr, flags { $($(#[doc = $fdoc:literal])* $flag:ident = $bit:literal,)* } {
            $($(#[doc = $vdoc:literal])* $field:ident: $ty:ty, $min:literal ..= $max:expr;)*
        }
    )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub struct $name {
                /// Flag bits.
                pub flags: u8,
                /// Producers (bit = [`Unit`] number) this command takes one token from before it starts.
                pub wait: u8,
                /// Consumers (bit = [`Unit`] number) this command gives one token to when it is done.
                pub signal: u8,
                /// The host's mark (layer, tile): reported with errors and seen in waves, otherwise unused.
                pub tag: u16,
                $($(#[doc = $vdoc])* pub $field: $ty,)*
            }

            impl $name {
                /// Opcode, byte 0.
                pub const OPCODE: u8 = $opcode;
                $($(#[doc = $fdoc])* pub const $flag: u8 = $bit;)*
                /// Place, range and meaning of everything in it.
                pub const FORMAT: Format = {
                    #[allow(unused_assignments, unused_mut, unused_variables)]
                    const FIELDS: &[Field] = {
                        const NAMES: &[&str] = &[$(stringify!($field)),*];
                        const N: usize = NAMES.len();
                        const F: [Field; N] = {
                            let mut at = HEADER_BYTES;
                            [$({
                                let field = Field {
                                    name: stringify!($field),
                                    offset: at,
                                    bits: <$ty as Word>::BITS,
                                    signed: <$ty as Word>::SIGNED,
                                    min: $min,
                                    max: $max as i64,
                                    doc: concat!($($vdoc),*),
                                };
                                at += <$ty as Word>::BITS / 8;
                                assert!(at <= COMMAND_BYTES);
                                field
                            }),*]
                        };
                        &F
                    };
                    Format {
                        name: stringify!($name),
                        opcode: $opcode,
                        unit: $unit,
                        doc: &[$($doc),*],
                        flags: &[$((stringify!($flag), $bit, concat!($($fdoc),*))),*],
                        fields: FIELDS,
                    }
                };

                /// The 64 bytes as they stand in DDR.
                pub fn encode(&self) -> [u8; COMMAND_BYTES] {
                    let mut b = [0; COMMAND_BYTES];
                    b[0] = Self::OPCODE;
                    b[$crate::command::FLAGS_BYTE] = self.flags;
                    b[$crate::command::WAIT_BYTE] = self.wait;
                    b[$crate::command::SIGNAL_BYTE] = self.signal;
                    self.tag.put(&mut b[4..]);
                    #[allow(unused_mut, unused_assignments)]
                    let mut at = HEADER_BYTES;
                    $(self.$field.put(&mut b[at..]); at += <$ty as Word>::BITS / 8;)*
                    let _ = at;
                    b
                }

                fn read(b: &[u8; COMMAND_BYTES]) -> Self {
                    #[allow(unused_mut, unused_assignments)]
                    let mut at = HEADER_BYTES;
                    $(let $field = <$ty as Word>::get(&b[at..]); at += <$ty as Word>::BITS / 8;)*
                    let _ = at;
                    Self { flags: b[$crate::command::FLAGS_BYTE], wait: b[$crate::command::WAIT_BYTE], signal: b[$crate::command::SIGNAL_BYTE], tag: u16::get(&b[4..]), $($field),* }
                }
            }

            impl From<$name> for Command {
                fn from(c: $name) -> Command { Command::$name(c) }
            }
        )*

        /// Any command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Command {
            $($(#[doc = $doc])* $name($name),)*
        }

        /// Every kind of command.
        pub const FORMATS: &[Format] = &[$($name::FORMAT),*];

        impl Command {
            /// The 64 bytes as they stand in DDR.
            pub fn encode(&self) -> [u8; COMMAND_BYTES] {
                match self { $(Command::$name(c) => c.encode(),)* }
            }

            /// What kind it is.
            pub fn format(&self) -> &'static Format {
                match self { $(Command::$name(_) => const { &$name::FORMAT },)* }
            }

            /// Header of the command: the host's mark.
            pub fn tag(&self) -> u16 { match self { $(Command::$name(c) => c.tag,)* } }
            /// Header of the command: producers waited for.
            pub fn wait(&self) -> u8 { match self { $(Command::$name(c) => c.wait,)* } }
            /// Header of the command: consumers signalled.
            pub fn signal(&self) -> u8 { match self { $(Command::$name(c) => c.signal,)* } }
            /// Header of the command, writable: producers waited for.
            pub fn wait_mut(&mut self) -> &mut u8 { match self { $(Command::$name(c) => &mut c.wait,)* } }
            /// Header of the command, writable: consumers signalled.
            pub fn signal_mut(&mut self) -> &mut u8 { match self { $(Command::$name(c) => &mut c.signal,)* } }

            /// Decodes and checks one command exactly as the engine does.
            pub fn decode(b: &[u8; COMMAND_BYTES]) -> Result<Command, DecodeError> {
                match b[0] {
                    $($opcode => { check(&$name::FORMAT, b)?; Ok(Command::$name($name::read(b))) })*
                    other => Err(DecodeError {
                        command: "?", field: "opcode", found: other as i64, min: 1, max: FORMATS.len() as i64,
                        code: crate::error::ErrorCode::BadOpcode,
                    }),
                }
            }
        }
    };
}
pub(crate) use commands;
