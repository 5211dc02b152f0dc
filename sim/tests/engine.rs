//! The engine of every configuration, alive on the simulated bus.
use tandem::device::Device;
use tandem_isa::config::ALL;
use tandem_isa::register;
use tandem_sim::rtl::RtlDevice;

#[test]
fn every_configuration_says_what_it_is() {
    // Narrow operands are another engine's.
    for config in ALL.iter().filter(|c| c.operand_bits == 16) {
        let mut device = RtlDevice::open(config, 1 << 16, None).unwrap();
        let mut read = |offset| device.read_register(offset).unwrap();
        assert_eq!(read(register::ID), register::ID_VALUE, "{}", config.name);
        assert_eq!(read(register::VERSION), register::VERSION_VALUE);
        assert_eq!(read(register::CONFIG_HASH), config.hash());
        let shape = config.rows as u32 | (config.lanes as u32) << 16;
        assert_eq!(read(register::SHAPE), shape);
        assert_eq!(device.core().axi_violation(), None);
        assert_eq!(device.core().counts().read_bursts, 0, "it reads unasked");
    }
}

#[test]
fn waiting_in_vain_ends() {
    let mut device = RtlDevice::open(&ALL[0], 1 << 16, None).unwrap();
    let error = device.wait(1, 20_000).unwrap_err().to_string();
    assert!(error.contains("20000 cycles"), "{error}");
    assert!((20_000..21_000).contains(&device.core().cycles()));
}
