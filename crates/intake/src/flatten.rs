//! Working copies of attachments: pictures of pages, made where nothing can get out.
//!
//! An attachment comes from a stranger. It is never opened by a program that reaches the case or a
//! network: `bubblewrap` gives the converter an empty file system, no network, no other process and
//! one folder to write to, and `prlimit`'s bounds stop it. What comes out are PNG pictures of pixels
//! alone, without what the original carries besides: scripts, places, names of devices. The original
//! stays sealed as it was.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::IntakeError;

/// Pages of a document that are drawn, at most.
const PAGES: u32 = 200;
/// Seconds that a conversion may take.
const SECONDS: u32 = 120;
/// Bytes of memory that it may use.
const MEMORY_BYTES: u64 = 2 << 30;
/// Bytes of a file that it may write.
const FILE_BYTES: u64 = 256 << 20;

/// Tells by its first bytes what can be drawn, where nobody has yet: `pdf`, `picture` or `other`.
#[must_use]
pub fn kind_of(first: &[u8]) -> &'static str {
    let pictures: [&[u8]; 7] = [
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF8",
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"RIFF",
    ];
    let is_heif = first.get(4..8) == Some(b"ftyp");
    if first.starts_with(b"%PDF-") {
        "pdf"
    } else if is_heif || pictures.iter().any(|mark| first.starts_with(mark)) {
        "picture"
    } else {
        "other"
    }
}

/// Makes pictures of an attachment; gives their paths in order. `kind` is what the file's first bytes
/// said; only `picture` and `pdf` can be flattened.
///
/// # Errors
/// [`IntakeError::Flatten`] without the sandbox or a converter, or where the file cannot be drawn.
pub fn flatten(original: &Path, kind: &str, into: &Path) -> Result<Vec<PathBuf>, IntakeError> {
    let wrong = |why: String, hint: Option<&'static str>| IntakeError::Flatten { why, hint };
    let (program, arguments): (&str, Vec<String>) = match kind {
        "pdf" => (
            "pdftoppm",
            [
                "-png",
                "-r",
                "110",
                "-l",
                &PAGES.to_string(),
                "/in",
                "/out/page",
            ]
            .iter()
            .map(ToString::to_string)
            .collect(),
        ),
        "picture" => (
            "convert",
            [
                "/in",
                "-auto-orient",
                "-strip",
                "-resize",
                "2400x2400>",
                "PNG24:/out/page-%03d.png",
            ]
            .iter()
            .map(ToString::to_string)
            .collect(),
        ),
        other => {
            return Err(wrong(
                format!("a file of kind `{other}` cannot be drawn"),
                Some("take the original to a machine that is kept for such files"),
            ));
        }
    };
    let converter = if program == "convert" {
        "install Debian's imagemagick"
    } else {
        "install Debian's poppler-utils"
    };
    // The sandbox knows no other folder of programs.
    for (needed, package) in [
        ("bwrap", "install Debian's bubblewrap"),
        ("prlimit", "install Debian's util-linux"),
        (program, converter),
    ] {
        if !Path::new("/usr/bin").join(needed).is_file() {
            return Err(wrong(
                format!("there is no `/usr/bin/{needed}`"),
                Some(package),
            ));
        }
    }
    std::fs::create_dir_all(into).map_err(IntakeError::io("make", into))?;
    let run = sandbox(original, into)
        .arg(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| wrong(format!("the sandbox did not start: {error}"), None))?;
    let mut pages: Vec<PathBuf> = std::fs::read_dir(into)
        .map_err(IntakeError::io("read", into))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
        .collect();
    pages.sort();
    if pages.is_empty() || !run.status.success() {
        for page in &pages {
            let _ = std::fs::remove_file(page);
        }
        // The converter's own words may repeat what is in the file.
        return Err(wrong(
            format!("the file could not be drawn ({})", run.status),
            Some("it may be damaged, or not what its first bytes say"),
        ));
    }
    Ok(pages)
}

/// The sandbox around a program: read-only system, no network, no home, nothing of the case but the
/// one file and the one folder.
fn sandbox(original: &Path, into: &Path) -> Command {
    let mut command = Command::new("/usr/bin/bwrap");
    command
        .args(["--unshare-all", "--die-with-parent", "--new-session"])
        .args(["--clearenv", "--setenv", "PATH", "/usr/bin:/bin"])
        .args(["--setenv", "HOME", "/tmp"])
        .args(["--ro-bind", "/usr", "/usr"])
        .args(["--symlink", "usr/bin", "/bin"])
        .args(["--symlink", "usr/lib", "/lib"])
        .args(["--symlink", "usr/lib64", "/lib64"])
        .args(["--ro-bind-try", "/etc/fonts", "/etc/fonts"])
        .args(["--ro-bind-try", "/etc/ImageMagick-6", "/etc/ImageMagick-6"])
        .args(["--ro-bind-try", "/etc/ImageMagick-7", "/etc/ImageMagick-7"])
        .args(["--ro-bind-try", "/etc/alternatives", "/etc/alternatives"])
        .args(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"])
        .arg("--ro-bind")
        .args([original, Path::new("/in")])
        .arg("--bind")
        .args([into, Path::new("/out")])
        .args(["--chdir", "/tmp", "--"])
        .arg("prlimit")
        .arg(format!("--cpu={SECONDS}"))
        .arg(format!("--as={MEMORY_BYTES}"))
        .arg(format!("--fsize={FILE_BYTES}"))
        .args(["--core=0", "--nofile=64"])
        .args(["--"]);
    command
}
