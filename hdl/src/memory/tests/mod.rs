//! Tests of the memory cells: each alone first, then all together with a random memory.
mod alone;
mod axi;
mod bench;
mod campaign;
mod cells;
mod episode;
mod overlap;
mod throughput;
