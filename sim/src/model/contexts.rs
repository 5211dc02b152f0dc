//! One of the two contexts: its program, its state and error registers, its windows.

use super::memory::Window;
use tandem_isa::command::COMMAND_BYTES;
use tandem_isa::register::{self, state};
use tandem_isa::ErrorCode;

/// What a running context does next.
pub enum Next {
    /// Runs the command at this address.
    Command(u32),
    /// Is done.
    End,
}

/// A context.
#[derive(Clone, Debug, Default)]
pub struct Context {
    program: u32,
    length: u32,
    state: u32,
    issued: u32,
    code: u32,
    command: u32,
    value: u32,
    windows: [Window; register::WINDOWS as usize],
    /// Its last command was a yield.
    pub at_yield: bool,
}

impl Context {
    /// True from the doorbell to the end or an error.
    pub fn is_running(&self) -> bool {
        self.state == state::RUNNING
    }

    /// Its windows.
    pub fn windows(&self) -> &[Window; register::WINDOWS as usize] {
        &self.windows
    }

    /// Back to idle; windows stay.
    pub fn reset(&mut self) {
        self.state = state::IDLE;
        self.issued = 0;
        self.code = 0;
        self.command = 0;
        self.value = 0;
        self.at_yield = false;
    }

    /// Takes the next command.
    pub fn next(&mut self) -> Next {
        self.at_yield = false;
        if self.issued >= self.length {
            self.state = state::IDLE;
            return Next::End;
        }
        let at = self
            .program
            .wrapping_add(self.issued.wrapping_mul(COMMAND_BYTES as u32));
        self.issued += 1;
        Next::Command(at)
    }

    /// Stops with an error.
    pub fn stop(&mut self, code: ErrorCode, command: u32, value: u32) {
        self.state = state::FAULTED;
        self.code = code as u32;
        self.command = command;
        self.value = value;
    }

    fn window(offset: u32) -> Option<(usize, u32)> {
        let at = offset.checked_sub(register::WINDOW_BASE)?;
        let w = at / register::WINDOW_SIZE;
        (w < register::WINDOWS).then_some((w as usize, at % register::WINDOW_SIZE))
    }

    /// Reads a register of its block.
    pub fn read(&self, offset: u32) -> u32 {
        match offset {
            register::PROGRAM => self.program,
            register::LENGTH => self.length,
            register::STATE => self.state,
            register::ISSUED => self.issued,
            register::ERROR_CODE => self.code,
            register::ERROR_COMMAND => self.command,
            register::ERROR_VALUE => self.value,
            _ => match Self::window(offset) {
                Some((w, 0)) => self.windows[w].base,
                Some((w, 4)) => self.windows[w].end,
                Some((w, 8)) => self.windows[w].permissions,
                _ => 0,
            },
        }
    }

    /// Writes a register of its block; while it runs everything is locked.
    pub fn write(&mut self, offset: u32, value: u32) {
        if self.is_running() {
            return;
        }
        match offset {
            register::PROGRAM => self.program = value & !63,
            register::LENGTH => self.length = value,
            register::DOORBELL if value & 1 != 0 => {
                self.reset();
                self.state = state::RUNNING;
            }
            _ => match Self::window(offset) {
                Some((w, 0)) => self.windows[w].base = value & !7,
                Some((w, 4)) => self.windows[w].end = value & !7,
                Some((w, 8)) => self.windows[w].permissions = value & 3,
                _ => {}
            },
        }
    }
}
