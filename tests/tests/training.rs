//! Whole training steps, inference and selection: the RTL ends with the very weights, rankings, kept samples and counts of the model.

use tandem::Engine;
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_sim::rtl::{RtlDevice, Stalls};
use tandem_tests::networks::networks;
use tandem_tests::rtl::settled;
use tandem_tests::training::{distilling, holding, training};

const MEMORY: usize = 16 << 20;

fn compare(config: &'static Config, which: usize, percent: u8) {
    let network = &networks()[which];
    let seed = 3 + which as u64;
    let mut device = RtlDevice::open(config, MEMORY, None).unwrap();
    device
        .core()
        .set_stalls(Stalls::uniform(seed, percent, 1 + u32::from(percent) / 8));
    let model = Engine::open(Model::new(config, MEMORY)).unwrap();
    let expected = training(model, network, seed).unwrap();
    let found = training(Engine::open(&mut device).unwrap(), network, seed).unwrap();
    settled(&mut Engine::open(device).unwrap());
    let differ = expected.iter().zip(&found).filter(|(e, f)| e != f).count();
    assert_eq!(
        (differ, expected.len()),
        (0, found.len()),
        "{} network {which}, stalls {percent} %",
        config.name
    );
}

#[test]
fn soft_targets_on_tiny() {
    for (which, share) in [(0, 0.5), (0, 1.0), (1, 0.3)] {
        let network = &networks()[which];
        let model = Engine::open(Model::new(&TINY, MEMORY)).unwrap();
        let expected = distilling(model, network, 5, share).unwrap();
        let mut device = RtlDevice::open(&TINY, MEMORY, None).unwrap();
        device.core().set_stalls(Stalls::uniform(5, 20, 3));
        let found = distilling(Engine::open(&mut device).unwrap(), network, 5, share).unwrap();
        settled(&mut Engine::open(device).unwrap());
        assert!(
            expected == found,
            "network {which}, share {share}: the weights differ"
        );
    }
}

fn compare_held(config: &'static Config, which: usize, strength: u16) {
    let network = &networks()[which];
    let model = || Engine::open(Model::new(config, MEMORY)).unwrap();
    let expected = holding(model(), network, 5, strength).unwrap();
    let mut device = RtlDevice::open(config, MEMORY, None).unwrap();
    device.core().set_stalls(Stalls::uniform(5, 20, 3));
    let found = holding(Engine::open(&mut device).unwrap(), network, 5, strength).unwrap();
    settled(&mut Engine::open(device).unwrap());
    assert!(
        expected == found,
        "{} network {which}, strength {strength}: the weights differ",
        config.name
    );
    assert!(
        expected != holding(model(), network, 5, 0).unwrap(),
        "nothing was held"
    );
}

#[test]
fn elastic_weights_on_tiny() {
    for (which, strength) in [(0, 16_384), (1, 65_535), (3, 900)] {
        compare_held(&TINY, which, strength);
    }
}

#[test]
fn elastic_weights_on_8x16() {
    compare_held(&E8X16, 1, 16_384);
}

#[test]
fn training_on_tiny() {
    for which in 0..networks().len() {
        compare(&TINY, which, 30);
    }
}

#[test]
fn training_on_8x16() {
    for which in 0..networks().len() {
        compare(&E8X16, which, 0);
        compare(&E8X16, which, 40);
    }
}
