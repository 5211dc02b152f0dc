//! System suites, each written once and run on every device.
