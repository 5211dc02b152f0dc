//! Ctrl-C: the first asks whatever runs to leave its device idle and end, the second ends the program at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Exit code of a program that was stopped by Ctrl-C, as shells know it.
pub const CODE: u8 = 130;

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// True from the first Ctrl-C on (or a request to terminate).
pub fn flag() -> Arc<AtomicBool> {
    let set_up = || {
        let flag = Arc::new(AtomicBool::new(false));
        use signal_hook::consts::{SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM] {
            // In this order: the signal that sets the flag must not see it set. Without handlers the signal ends the program.
            let code = CODE.into();
            let ends = signal_hook::flag::register_conditional_shutdown(signal, code, flag.clone());
            if ends.is_ok() {
                let _ = signal_hook::flag::register(signal, flag.clone());
            }
        }
        flag
    };
    FLAG.get_or_init(set_up).clone()
}

/// Whether the program was asked to end.
pub fn asked() -> bool {
    FLAG.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}
