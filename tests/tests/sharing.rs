//! Time sharing: teacher requests that arrive while the student trains change nothing but the time.

use tandem::lower::{Job, Options, SiteSet};
use tandem::Engine;
use tandem_isa::config::E8X16;
use tandem_isa::Command;
use tandem_sim::model::Model;
use tandem_tests::sharing::{pair, train, Pair, Shared};

const MEMORY: usize = 16 << 20;

fn model() -> Engine<Model> {
    Engine::open(Model::new(&E8X16, MEMORY)).unwrap()
}

fn same(run: &Shared, expected: &Shared, what: &str) {
    assert_eq!(run.ranks, expected.ranks, "rankings, {what}");
    assert!(run.words == expected.words, "weights, {what}");
}

#[test]
fn requests_during_training_change_nothing_on_the_model() {
    let alone = train(model(), false, |_, _| ());
    let shared = train(model(), true, |_, _| ());
    same(&shared, &alone, "shared");
    assert!(shared.switches >= 8, "{} switches", shared.switches);
}

#[test]
fn the_bound_between_yields_shrinks_with_their_distance() {
    let mut p = pair(model());
    let job = Job::Train {
        first: SiteSet::default(),
    };
    let bound = |p: &mut Pair<Model>, yield_after| {
        let options = Options {
            yield_after,
            ..Default::default()
        };
        p.session.set_options(p.student, options);
        let program = p.session.program(p.student, job, 8).unwrap();
        let yields = program
            .commands
            .iter()
            .filter(|c| matches!(c, Command::Yield(_)))
            .count();
        (program.bound, yields)
    };
    let never = bound(&mut p, None);
    let far = bound(&mut p, Some(5_000));
    let near = bound(&mut p, Some(1));
    assert_eq!(never.1, 0);
    assert!(
        near.0 <= far.0 && far.0 < never.0,
        "{near:?} {far:?} {never:?}"
    );
    // One tile is the least there can be between two yield points.
    assert!(near.1 > far.1 && far.1 > 0);
}

#[cfg(feature = "rtl")]
mod rtl {
    use super::*;
    use tandem::measure::{sharing, Load};
    use tandem_sim::rtl::RtlDevice;
    use tandem_tests::rtl::settled;

    fn device() -> RtlDevice {
        RtlDevice::open(&E8X16, MEMORY, None).unwrap()
    }

    #[test]
    fn requests_during_training_change_nothing_and_wait_less_than_the_bound() {
        let expected = train(model(), false, |_, _| ());
        let run = |share, what| {
            let mut device = device();
            let engine = Engine::open(&mut device).unwrap();
            let found = train(engine, share, |d, cycles| d.core().run(cycles));
            same(&found, &expected, what);
            settled(&mut Engine::open(device).unwrap());
            found
        };
        run(false, "alone");
        let shared = run(true, "shared");
        assert!(shared.switches >= 8, "{} switches", shared.switches);
        assert!(
            u64::from(shared.latency) <= shared.bound,
            "latency {} cycles, bound {}",
            shared.latency,
            shared.bound
        );
    }

    #[test]
    fn at_half_load_requests_hardly_wait_and_the_student_gets_the_rest() {
        let mut device = device();
        let s = sharing(Engine::open(&mut device).unwrap(), &Load::default()).unwrap();
        println!("{s:?}");
        settled(&mut Engine::open(device).unwrap());
        assert!((0.4..0.6).contains(&s.teacher_share), "{s:?}");
        assert!(s.switches >= 200, "{s:?}");
        assert!(s.p99_added <= s.bound + 256, "{s:?}");
        assert!(s.student_fraction >= 0.95, "{s:?}");
        assert!(s.switch_cycles <= 200.0, "{s:?}");
    }
}
