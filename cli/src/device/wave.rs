//! `--wave`: what happens inside the simulated RTL, for a viewer of waves.

use crate::error::{wrong, CliError};
use std::path::PathBuf;

/// Where waves go, and which.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Args {
    /// Write the signals of the simulated RTL to this FST file, for GTKWave or Surfer; an engine opened later writes to FILE-2.fst,
    /// and so on
    #[arg(long, value_name = "FILE.fst", help_heading = "Waves")]
    wave: Option<PathBuf>,
    /// Only these cycles, counted from the opening of the engine, such as 5000..6000
    #[arg(
        long,
        value_name = "FROM..TO",
        requires = "wave",
        help_heading = "Waves"
    )]
    wave_cycles: Option<String>,
    /// Only while a unit works on this layer of a network, counted from 0
    #[arg(
        long,
        value_name = "N",
        requires = "wave",
        conflicts_with = "wave_cycles",
        help_heading = "Waves"
    )]
    wave_layer: Option<u16>,
}

impl Args {
    /// Refuses waves of a device that has none to show.
    pub fn refuse(&self) -> Result<(), CliError> {
        match &self.wave {
            None => Ok(()),
            Some(file) => Err(wrong(
                "--wave",
                "device",
                format_args!("another, with {}", file.display()),
                "the simulated RTL",
                "give --device rtl",
            )),
        }
    }
}

#[cfg(feature = "rtl")]
mod simulated {
    use super::{wrong, Args, CliError};
    use std::ops::Range;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tandem::schedule::Part;
    use tandem_sim::rtl::{Waves, Window};

    /// Engines whose waves are written.
    static OPENED: AtomicUsize = AtomicUsize::new(0);

    impl Args {
        /// Waves of the engine that is opened now, if any are asked for.
        pub fn next(&self) -> Result<Option<Waves>, CliError> {
            let Some(file) = &self.wave else {
                return Ok(None);
            };
            let window = self.window()?;
            if !cfg!(feature = "trace") {
                let found = file.display();
                let remedy =
                    "run it as `cargo xtask VERB --wave …`, or build with `--features trace`";
                return Err(wrong("--wave", "build", found, "one with waves", remedy));
            }
            let file = match OPENED.fetch_add(1, Ordering::Relaxed) {
                0 => file.clone(),
                n => {
                    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
                    let extension = file.extension().unwrap_or_default().to_string_lossy();
                    file.with_file_name(format!("{stem}-{}.{extension}", n + 1))
                }
            };
            Ok(Some(Waves { file, window }))
        }

        fn window(&self) -> Result<Window, CliError> {
            if let Some(layer) = self.wave_layer {
                // Greater marks are the loss's.
                if layer > MOST {
                    let expected = format!("0 to {MOST}");
                    let remedy =
                        "count from the layer that takes the input, pools with their layer";
                    return Err(wrong("--wave-layer", "layer", layer, expected, remedy));
                }
                let (mark, mask) = Part::layer(layer);
                return Ok(Window::Marked { mark, mask });
            }
            match &self.wave_cycles {
                None => Ok(Window::All),
                Some(text) => range(text).map(Window::Cycles).ok_or_else(|| {
                    wrong(
                        "--wave-cycles",
                        "cycles",
                        format_args!("`{text}`"),
                        "FROM..TO with FROM below TO",
                        "give such as 5000..6000",
                    )
                }),
            }
        }
    }

    const MOST: u16 = 0xffe;

    fn range(text: &str) -> Option<Range<u64>> {
        let (from, to) = text.split_once("..")?;
        let range = from.parse().ok()?..to.parse().ok()?;
        (!range.is_empty()).then_some(range)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn windows_are_read_and_wrong_ones_named() {
            let args = |cycles: Option<&str>, wave_layer| Args {
                wave: Some("x.fst".into()),
                wave_cycles: cycles.map(String::from),
                wave_layer,
            };
            assert_eq!(args(None, None).window().unwrap(), Window::All);
            assert_eq!(
                args(Some("5..70"), None).window().unwrap(),
                Window::Cycles(5..70)
            );
            let layer = args(None, Some(3)).window().unwrap();
            assert!(matches!(
                layer,
                Window::Marked {
                    mark: 0x30,
                    mask: 0xfff0
                }
            ));
            for text in ["5", "..7", "7..7", "9..3", "a..b", "-1..5"] {
                let error = args(Some(text), None).window().unwrap_err().to_string();
                assert!(error.contains(text) && error.contains("FROM"), "{error}");
            }
            let error = args(None, Some(0xfff)).window().unwrap_err().to_string();
            assert!(error.contains("4095"), "{error}");
        }

        #[test]
        fn waves_are_of_the_rtl() {
            let args = Args {
                wave: Some("x.fst".into()),
                ..Args::default()
            };
            assert!(args
                .refuse()
                .unwrap_err()
                .to_string()
                .contains("--device rtl"));
            assert!(Args::default().refuse().is_ok());
        }
    }
}
