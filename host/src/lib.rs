//! The driver and library of the Tandem engine: devices, networks compiled to commands, training and selection.
