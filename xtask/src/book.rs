//! Builds the book in `docs/`.
use crate::{run, tools};

/// Builds it into `target/book`.
pub fn build() -> Result<(), String> {
    let program = tools::mdbook()?;
    let out = tools::target().join("book");
    let mut command = std::process::Command::new(program);
    command
        .arg("build")
        .arg(tools::root().join("docs"))
        .arg("--dest-dir")
        .arg(&out);
    run::step_of("mdbook", &mut command)?;
    println!("book in {}", out.join("index.html").display());
    Ok(())
}
