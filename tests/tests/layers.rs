//! Random layers on the RTL, bit for bit against the model: forward and dX with and without a skip operand, pools both ways, dX, dW, bias gradient and update, under random bus stalls.
//!
//! `TANDEM_SEED=N` runs one seed alone.

use tandem::Engine;
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_sim::rtl::{RtlDevice, Stalls};
use tandem_tests::layers::layers;
use tandem_tests::rtl::settled;

const MEMORY: usize = 8 << 20;

fn compare(config: &'static Config, seeds: std::ops::Range<u64>) {
    let only = std::env::var("TANDEM_SEED")
        .ok()
        .and_then(|s| s.parse().ok());
    let mut rtl = Engine::open(RtlDevice::open(config, MEMORY, None).unwrap()).unwrap();
    let mut model = Engine::open(Model::new(config, MEMORY)).unwrap();
    for seed in seeds {
        if only.is_some_and(|o: u64| o != seed) {
            continue;
        }
        let percent = [0, 10, 50, 80][seed as usize % 4];
        let longest = 1 + seed as u32 % 20;
        rtl.device_mut()
            .core()
            .set_stalls(Stalls::uniform(seed, percent, longest));
        let expected = layers(&mut model, seed);
        let found = layers(&mut rtl, seed);
        for ((name, e), (_, f)) in expected.iter().zip(&found) {
            assert_eq!(e.len(), f.len(), "{name}, {} seed {seed}", config.name);
            let differ: Vec<usize> = (0..e.len()).filter(|&i| e[i] != f[i]).collect();
            if let Some(&i) = differ.first() {
                panic!(
                    "{name}: {} of {} values differ (0 is f, 1 the mask), first {i}: rtl {}, model {}; again: \
                     TANDEM_SEED={seed} cargo test -p tandem-tests --features rtl --test layers {}",
                    differ.len(), e.len(), f[i], e[i], config.name
                );
            }
        }
        assert_eq!(rtl.device_mut().core().axi_violation(), None, "seed {seed}");
    }
    settled(&mut rtl);
}

#[test]
fn random_layers_on_tiny() {
    compare(&TINY, 0..160);
}

#[test]
fn random_layers_on_8x16() {
    compare(&E8X16, 1000..1150);
}
