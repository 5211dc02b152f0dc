//! Error codes a context stops with. The engine reports the code, the command's address and the value at fault.

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $value:literal,)*) => {
        /// Why a context stopped.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum ErrorCode { $($(#[doc = $doc])* $name = $value,)* }

        impl ErrorCode {
            /// Every code with its name and meaning.
            pub const ALL: &'static [(ErrorCode, &'static str, &'static str)] =
                &[$((ErrorCode::$name, stringify!($name), concat!($($doc),*)),)*];

            /// The code of that number.
            pub fn from_u32(v: u32) -> Option<ErrorCode> {
                match v { $($value => Some(ErrorCode::$name),)* _ => None }
            }
        }
    };
}

codes! {
    /// No error.
    None = 0,
    /// Byte 0 is no opcode, or that of a unit this engine does not have. Value: the byte.
    BadOpcode = 1,
    /// A field is outside its range. Value: the field's byte offset in bits 31:24, the low 24 bits of what it holds.
    BadField = 2,
    /// A flag bit that this command does not have. Value: the flags.
    BadFlags = 3,
    /// More products a sum than cannot overflow 48 bits. Value: the `terms` field.
    TooManyTerms = 4,
    /// A read outside every window the context may read. Value: the byte address.
    ReadWindow = 5,
    /// A write outside every window the context may write. Value: the byte address.
    WriteWindow = 6,
    /// The command fetch left every window the context may read. Value: the byte address.
    FetchWindow = 7,
    /// The bus answered a read with SLVERR or DECERR. Value: the address of the burst.
    ReadResponse = 8,
    /// The bus answered a write with SLVERR or DECERR. Value: the address of the burst.
    WriteResponse = 9,
    /// Nothing moved for WATCHDOG cycles. Value: bit u set: unit u was busy or waiting.
    Timeout = 10,
    /// Alignment of `exponents` beyond 30 bits (14 with 8-bit operands) was asked for. Value: the shift.
    BadAlign = 11,
}
