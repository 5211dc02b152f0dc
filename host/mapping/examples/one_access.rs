//! Register accesses as the host makes them, for the test that counts what the compiler makes of them.
//!
//! `cargo rustc --release -p tandem-mapping --example one_access -- --emit=llvm-ir`

use tandem_mapping::Mapping;

/// Reads a register.
#[inline(never)]
pub fn one_read(registers: &Mapping, offset: u32) -> Option<u32> {
    registers.load(offset as usize)
}

/// Writes a register.
#[inline(never)]
pub fn one_write(registers: &Mapping, offset: u32, value: u32) -> Option<()> {
    registers.store(offset as usize, value)
}

fn main() -> std::io::Result<()> {
    let file = std::fs::File::options().read(true).write(true).open(
        std::env::args()
            .nth(1)
            .ok_or(std::io::ErrorKind::InvalidInput)?,
    )?;
    let registers = Mapping::new(&file, 0, 4096)?;
    one_write(&registers, 8, 1);
    println!("{:?}", one_read(&registers, 8));
    Ok(())
}
