//! The windows in force: those of the context that has the engine. Each context's own stand in
//! [`ContextRegisters`](super::ContextRegisters), and the bus master checks every burst against what comes from here.
//!
//! Ports: `student` chooses; base and end Bits<32>, permissions Bits<2>, of four windows. Combinational, no state.
use rust_hdl::prelude::*;
use tandem_isa::register;

const WINDOWS: usize = register::WINDOWS as usize;

/// Chooses the windows of the teacher or of the student.
#[derive(LogicBlock, Default)]
pub struct OwnerWindows {
    /// The student has the engine.
    pub student: Signal<In, Bit>,
    /// First byte of the teacher's windows.
    pub teacher_base: [Signal<In, Bits<32>>; WINDOWS],
    /// First byte after each.
    pub teacher_end: [Signal<In, Bits<32>>; WINDOWS],
    /// Their permissions.
    pub teacher_permissions: [Signal<In, Bits<2>>; WINDOWS],
    /// First byte of the student's windows.
    pub student_base: [Signal<In, Bits<32>>; WINDOWS],
    /// First byte after each.
    pub student_end: [Signal<In, Bits<32>>; WINDOWS],
    /// Their permissions.
    pub student_permissions: [Signal<In, Bits<2>>; WINDOWS],
    /// First byte of the windows in force.
    pub base: [Signal<Out, Bits<32>>; WINDOWS],
    /// First byte after each.
    pub end: [Signal<Out, Bits<32>>; WINDOWS],
    /// Their permissions.
    pub permissions: [Signal<Out, Bits<2>>; WINDOWS],
}

impl Logic for OwnerWindows {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..4 {
            self.base[i].next = self.teacher_base[i].val();
            self.end[i].next = self.teacher_end[i].val();
            self.permissions[i].next = self.teacher_permissions[i].val();
            if self.student.val() {
                self.base[i].next = self.student_base[i].val();
                self.end[i].next = self.student_end[i].val();
                self.permissions[i].next = self.student_permissions[i].val();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::wired;

    wired! { owner_windows, OwnerWindows, "owner_windows"; student teacher_base teacher_end teacher_permissions
    student_base student_end student_permissions }
}
