//! Control: command fetch, check and issue, tokens between units, the two contexts, errors.
//!
//! | module | what |
//! |---|---|
//! | [`decode`] | splits a command into its fields, for the units |
//! | [`check`] | refuses what the contract refuses |
//! | [`tokens`] | token counters between units |
//! | [`queue`] | commands of one unit, started when their tokens are there |
//! | [`dispatch`] | queues and tokens of all units |
//! | [`fetch`] | reads commands ahead of their use |
//! | [`issue`] | checks a command and gives it to its queue |
//! | [`context`] | state and registers of one context |
//! | [`watchdog`] | tells when nothing moves |
//! | [`abort`] | stops everything and resets the units |
//! | [`faults`] | keeps the first error and says whose it is |
//! | [`scheduler`] | turns between the contexts |
//! | [`top`] | all of it joined: [`Control`](top::Control) |
//! | [`command_shift`], [`word`] | eight beats, or 64 bytes, as one word |
pub mod abort;
pub mod check;
pub mod command_shift;
pub mod context;
pub mod decode;
pub mod dispatch;
pub mod faults;
pub mod fetch;
pub mod issue;
pub mod queue;
pub mod scheduler;
pub mod tokens;
pub mod top;
pub mod watchdog;
pub mod word;
