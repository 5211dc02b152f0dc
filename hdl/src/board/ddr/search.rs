//! Finds, for each byte lane, the bit slip and the read delay in the middle of the longest run of delays that work, and says
//! whether the memory can be used. What is written to the controller at each step is in the program of
//! [`Script`](super::Script).
//!
//! ```text
//! Start ─► lane 0, 1: Lane, 32 × (Test, Test inverted, Delay or Slip), Lane, Slip…, Delay…  ─► lane 0, 1: Test, Test inverted ─► Good or Bad
//! ```
//!
//! | port | meaning |
//! |---|---|
//! | `start`, `entry`, `lane`, `invert` | to the interpreter |
//! | `done`, `bad`, `fault` | from it |
//! | `ready` | the memory is the controller's and works; stays |
//! | `failed` | it is not; stays |
//! | `failed_lane` | bit 0, 1: no delay of this lane works, or the one chosen did not when tried again |
//! | `silent` | the controller does not answer; the lanes are then not known |
//!
//! A delay works if both tests pass. Runs do not go on from one bit slip to the next; the first of equally long ones is taken, and of
//! two delays in the middle the smaller. Reset state: begins at once.
use super::program::{Part, Program, PLACE};
use crate::leaf::Reg;
use rust_hdl::prelude::*;

/// Walks the settings.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Search {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub start: Signal<Out, Bit>,
    pub entry: Signal<Out, Bits<PLACE>>,
    pub lane: Signal<Out, Bit>,
    pub invert: Signal<Out, Bit>,
    pub done: Signal<In, Bit>,
    pub bad: Signal<In, Bit>,
    pub fault: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
    pub failed: Signal<Out, Bit>,
    pub failed_lane: Signal<Out, Bits<2>>,
    pub silent: Signal<Out, Bit>,
    state: Reg<Bits<4>>,
    waiting: Reg<Bit>,
    second_lane: Reg<Bit>,
    slip: Reg<Bits<2>>,
    delay: Reg<Bits<3>>,
    run: Reg<Bits<4>>,
    longest: Reg<Bits<4>>,
    best_slip: Reg<Bits<2>>,
    best_delay: Reg<Bits<3>>,
    first_bad: Reg<Bit>,
    bad_lane: [Reg<Bit>; 2],
    quiet: Reg<Bit>,
    wants: Signal<Local, Bit>,
    last_delay: Signal<Local, Bit>,
    works: Signal<Local, Bit>,
    lane_bad: Signal<Local, Bit>,
    longer: Signal<Local, Bits<4>>,
    twice_middle: Signal<Local, Bits<5>>,
    middle: Signal<Local, Bits<5>>,
    wide_delay: Signal<Local, Bits<5>>,
    wide_run: Signal<Local, Bits<5>>,
    any_bad: Signal<Local, Bit>,
    to: [Constant<Bits<4>>; 11],
    part: [Constant<Bits<PLACE>>; 7],
}

impl Search {
    /// A search with the scripts of that program.
    pub fn new(program: &Program) -> Self {
        use Part::*;
        let parts = [Start, Lane, Slip, Delay, Test, Good, Bad];
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            entry: Default::default(),
            lane: Default::default(),
            invert: Default::default(),
            done: Default::default(),
            bad: Default::default(),
            fault: Default::default(),
            ready: Default::default(),
            failed: Default::default(),
            failed_lane: Default::default(),
            silent: Default::default(),
            state: Default::default(),
            waiting: Default::default(),
            second_lane: Default::default(),
            slip: Default::default(),
            delay: Default::default(),
            run: Default::default(),
            longest: Default::default(),
            best_slip: Default::default(),
            best_delay: Default::default(),
            first_bad: Default::default(),
            bad_lane: Default::default(),
            quiet: Default::default(),
            wants: Default::default(),
            last_delay: Default::default(),
            works: Default::default(),
            lane_bad: Default::default(),
            longer: Default::default(),
            twice_middle: Default::default(),
            middle: Default::default(),
            wide_delay: Default::default(),
            wide_run: Default::default(),
            any_bad: Default::default(),
            to: std::array::from_fn(|state| Constant::new((state as u64).into())),
            part: parts.map(|part| Constant::new(program.entry(part).into())),
        }
    }
}

impl Logic for Search {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            waiting,
            second_lane,
            slip,
            delay,
            run,
            longest
        );
        dff_setup!(self, clock, best_slip, best_delay, first_bad, quiet);
        self.state.reset.next = self.reset.val();
        self.waiting.reset.next = self.reset.val();
        self.second_lane.reset.next = self.reset.val();
        self.slip.reset.next = self.reset.val();
        self.delay.reset.next = self.reset.val();
        self.run.reset.next = self.reset.val();
        self.longest.reset.next = self.reset.val();
        self.best_slip.reset.next = self.reset.val();
        self.best_delay.reset.next = self.reset.val();
        self.first_bad.reset.next = self.reset.val();
        self.quiet.reset.next = self.reset.val();
        for i in 0..2 {
            self.bad_lane[i].clock.next = self.clock.val();
            self.bad_lane[i].reset.next = self.reset.val();
            self.bad_lane[i].d.next = self.bad_lane[i].q.val();
        }
        self.last_delay.next = self.delay.q.val() == 7;
        self.any_bad.next = self.bad_lane[0].q.val() | self.bad_lane[1].q.val();
        self.lane.next = self.second_lane.q.val();
        self.invert.next = false;
        self.wants.next = true;
        self.entry.next = self.part[0].val();
        self.lane_bad.next = false;
        self.works.next = !self.first_bad.q.val() & !self.bad.val();
        self.longer.next = self.run.q.val() + 1;
        // Of the run that ends here: (2·delay − (length − 1)) / 2.
        self.wide_delay.next = bit_cast::<5, 3>(self.delay.q.val());
        self.wide_run.next = bit_cast::<5, 4>(self.run.q.val());
        self.twice_middle.next = (self.wide_delay.val() << 1) - self.wide_run.val();
        self.middle.next = self.twice_middle.val() >> 1;

        match self.state.q.val().index() {
            // The memory from power-up.
            0 => {
                if self.done.val() {
                    self.state.d.next = self.to[1].val();
                }
            }
            // To the first setting.
            1 => {
                self.entry.next = self.part[1].val();
                if self.done.val() {
                    self.slip.d.next = 0.into();
                    self.delay.d.next = 0.into();
                    self.run.d.next = 0.into();
                    self.longest.d.next = 0.into();
                    self.state.d.next = self.to[2].val();
                }
            }
            // Does it work?
            2 => {
                self.entry.next = self.part[4].val();
                if self.done.val() {
                    self.first_bad.d.next = self.bad.val();
                    self.state.d.next = self.to[3].val();
                }
            }
            3 => {
                self.entry.next = self.part[4].val();
                self.invert.next = true;
                if self.done.val() {
                    self.state.d.next = self.to[4].val();
                    self.run.d.next = 0.into();
                    if self.works.val() {
                        self.run.d.next = self.longer.val();
                        if self.longer.val() > self.longest.q.val() {
                            self.longest.d.next = self.longer.val();
                            self.best_slip.d.next = self.slip.q.val();
                            self.best_delay.d.next = self.middle.val().get_bits::<3>(0);
                        }
                    }
                    if self.last_delay.val() & (self.slip.q.val() == 3) {
                        self.state.d.next = self.to[5].val();
                    }
                }
            }
            // To the next setting.
            4 => {
                self.entry.next = self.part[3].val();
                if self.last_delay.val() {
                    self.entry.next = self.part[2].val();
                }
                if self.done.val() {
                    self.delay.d.next = self.delay.q.val() + 1;
                    if self.last_delay.val() {
                        self.slip.d.next = self.slip.q.val() + 1;
                        self.run.d.next = 0.into();
                    }
                    self.state.d.next = self.to[2].val();
                }
            }
            // Back to the first, for the way to the best.
            5 => {
                self.entry.next = self.part[1].val();
                self.lane_bad.next = self.longest.q.val() == 0;
                if self.done.val() {
                    self.slip.d.next = 0.into();
                    self.delay.d.next = 0.into();
                    self.state.d.next = self.to[6].val();
                }
            }
            // A step of it.
            6 => {
                if self.slip.q.val() != self.best_slip.q.val() {
                    self.entry.next = self.part[2].val();
                    if self.done.val() {
                        self.slip.d.next = self.slip.q.val() + 1;
                    }
                } else if self.delay.q.val() != self.best_delay.q.val() {
                    self.entry.next = self.part[3].val();
                    if self.done.val() {
                        self.delay.d.next = self.delay.q.val() + 1;
                    }
                } else {
                    self.wants.next = false;
                    self.second_lane.d.next = !self.second_lane.q.val();
                    self.state.d.next = self.to[1].val();
                    if self.second_lane.q.val() {
                        self.state.d.next = self.to[7].val();
                    }
                }
            }
            // Both again: the second lane's steps stopped the strobe logic of the first.
            7 => {
                self.entry.next = self.part[4].val();
                self.lane_bad.next = self.done.val() & self.bad.val();
                if self.done.val() {
                    self.state.d.next = self.to[8].val();
                }
            }
            8 => {
                self.entry.next = self.part[4].val();
                self.invert.next = true;
                self.lane_bad.next = self.done.val() & self.bad.val();
                if self.done.val() {
                    self.second_lane.d.next = !self.second_lane.q.val();
                    self.state.d.next = self.to[7].val();
                    if self.second_lane.q.val() {
                        self.state.d.next = self.to[9].val();
                    }
                }
            }
            // The verdict, to the controller.
            9 => {
                self.entry.next = self.part[5].val();
                if self.any_bad.val() {
                    self.entry.next = self.part[6].val();
                }
                if self.done.val() {
                    self.state.d.next = self.to[10].val();
                }
            }
            _ => {
                self.wants.next = false;
            }
        }
        if self.lane_bad.val() {
            if self.second_lane.q.val() {
                self.bad_lane[1].d.next = true;
            } else {
                self.bad_lane[0].d.next = true;
            }
        }
        self.start.next = self.wants.val() & !self.waiting.q.val();
        if self.start.val() {
            self.waiting.d.next = true;
        }
        if self.done.val() {
            self.waiting.d.next = false;
        }
        if self.done.val() & self.fault.val() {
            self.quiet.d.next = true;
            self.state.d.next = self.to[10].val();
        }

        self.ready.next =
            (self.state.q.val() == self.to[10].val()) & !self.any_bad.val() & !self.quiet.q.val();
        self.failed.next =
            (self.state.q.val() == self.to[10].val()) & (self.any_bad.val() | self.quiet.q.val());
        self.silent.next = self.quiet.q.val();
        self.failed_lane.next = 0.into();
        if self.bad_lane[0].q.val() {
            self.failed_lane.next = 1.into();
        }
        if self.bad_lane[1].q.val() {
            self.failed_lane.next = 2.into();
            if self.bad_lane[0].q.val() {
                self.failed_lane.next = 3.into();
            }
        }
    }
}
