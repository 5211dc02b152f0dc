//! The schedule keeps the array busy where it should, by the compiler's own prediction; the counters of the RTL are compared with it elsewhere.

use tandem::network::{Extent, Kind, Stage};
use tandem::schedule::{Emitter, Program};
use tandem::tile::axis::{backward, forward};
use tandem::tile::os::Os;
use tandem::tile::ws::Ws;
use tandem::tile::{Finish, Source, Tensor};
use tandem_isa::command::{phase, NO_SITE};
use tandem_isa::config::E8X16;

fn layer(h: usize, ci: usize, co: usize, k: usize) -> Stage {
    let e = Extent {
        input: h,
        kernel: k,
        stride: 1,
        pad: k / 2,
    };
    Stage {
        name: "layer".into(),
        source: None,
        skip: None,
        ci,
        co,
        y: e,
        x: e,
        relu: true,
        pool: false,
        kind: Kind::Conv,
    }
}

fn tensor(address: u32, c: usize, h: usize) -> Tensor {
    Tensor {
        address,
        blocks: c.div_ceil(16),
        h,
        w: h,
    }
}

/// The three products of a layer, one program each.
fn programs(s: &Stage, n: usize) -> [Program; 3] {
    let h = s.y.input;
    let (x, g) = (tensor(0, s.ci, h), tensor(1 << 24, s.co, h));
    let finish = Finish {
        site: 0,
        site_a: NO_SITE,
        site_b: NO_SITE,
        f: 20,
        wide: false,
        freeze: false,
        end: true,
        store: true,
    };
    let products = [false, true].map(|back| {
        let mut e = Emitter::new(&E8X16, false, 0);
        Ws {
            layer: &s.name,
            n,
            source: Source::Tensor(if back { g } else { x }),
            y: if back { backward(&s.y) } else { forward(&s.y) },
            x: if back { backward(&s.x) } else { forward(&s.x) },
            weights: 3 << 24,
            one_block: false,
            co_blocks: g.blocks,
            ci_blocks: x.blocks,
            kernel: (s.y.kernel, s.x.kernel),
            transpose: back,
            out: Tensor {
                address: 2 << 24,
                ..if back { x } else { g }
            },
            pooled: None,
            bias: (!back).then_some(5 << 24),
            mask: back.then_some(x),
            skip: None,
            relu: !back,
            phase: if back { phase::DX } else { phase::FORWARD },
            groups: 2,
            terms: 288,
            finish,
        }
        .emit(&mut e)
        .unwrap();
        e.finish().unwrap()
    });
    let mut e = Emitter::new(&E8X16, false, 0);
    Os {
        layer: &s.name,
        n,
        source: Source::Tensor(x),
        g,
        y: s.y,
        x: s.x,
        ci_blocks: x.blocks,
        groups: 2,
        terms: 4096,
        d: 3 << 24,
        db: 5 << 24,
        finish,
        finish_bias: Finish { site: 1, ..finish },
    }
    .emit(&mut e)
    .unwrap();
    let [a, b] = products;
    [a, b, e.finish().unwrap()]
}

#[test]
fn a_middle_layer_keeps_the_array_busy() {
    for (h, ci, co, k, n, least) in [
        (16, 32, 32, 3, 16, 0.9),
        (28, 64, 64, 3, 4, 0.9),
        (14, 128, 128, 3, 4, 0.9),
        (16, 64, 64, 1, 16, 0.45),
    ] {
        let s = layer(h, ci, co, k);
        let ideal = s.macs() * n as u64 / E8X16.cells() as u64;
        for (p, name) in programs(&s, n).iter().zip(["forward", "dX", "dW"]) {
            let predicted = p.predicted(&E8X16);
            let busy = ideal as f64 / predicted as f64;
            println!(
                "{h}x{h} {ci}->{co} k{k} n{n} {name}: {} commands, {predicted} cycles, {:.1} %",
                p.commands.len(),
                100.0 * busy
            );
            assert!(
                busy >= least && busy <= 1.0,
                "{name} of {h}x{h}x{ci}->{co}: {busy:.3}"
            );
        }
    }
}
