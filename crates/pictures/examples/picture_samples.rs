//! Writes one picture of each kind, of made-up values.
//!
//! ```sh
//! cargo run -p unspoof-pictures --example picture_samples -- DIR
//! ```

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use unspoof_pictures::Look;

#[path = "../tests/it/samples.rs"]
mod samples;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).context("give a folder")?;
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder)?;
    for (scheme_name, scheme) in samples::SCHEMES {
        for (name, draw) in samples::all() {
            let look = Look {
                id: name.to_owned(),
                scheme,
            };
            fs::write(
                folder.join(format!("{name}-{scheme_name}.svg")),
                draw(&look),
            )?;
        }
    }
    Ok(())
}
