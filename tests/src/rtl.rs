//! What must hold of the RTL at the end of every suite, whatever it did.

use tandem::{Counters, Engine};
use tandem_sim::rtl::RtlDevice;

/// Checks that no bus rule was broken and that the cycle counters add up; gives the counters.
pub fn settled(engine: &mut Engine<RtlDevice>) -> Counters {
    assert_eq!(engine.device_mut().core().axi_violation(), None);
    let counters = engine.counters().unwrap_or_else(|e| panic!("{e}"));
    assert!(counters.total > 0, "the total does not count");
    counters
}
