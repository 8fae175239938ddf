//! A Chromium that stands on this machine: prints a page to PDF.
//!
//! Nothing of a browser is part of this program. The page asks the network for nothing, so the sandbox is
//! given up only where the system has none to give, as for root and in most containers.

use super::Failure;
use crate::output;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Names under which a Chromium is found on the PATH.
const NAMES: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
];
/// Where it stands on a Mac, which has it on no PATH.
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
/// How long a page may take to print.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program that CHROMIUM names, or the first that is found.
pub(crate) fn find() -> Result<PathBuf, Failure> {
    if let Some(named) = std::env::var_os("CHROMIUM").filter(|named| !named.is_empty()) {
        let found = on_path(&named).or_else(|| Some(PathBuf::from(&named)).filter(|p| p.is_file()));
        return found.ok_or_else(|| {
            let named = PathBuf::from(&named);
            Failure::Could(format!("CHROMIUM names {}, which is no program", named.display()))
        });
    }
    let mut names = NAMES.iter().map(OsString::from);
    let found = names.find_map(|name| on_path(&name));
    let found = found.or_else(|| Some(PathBuf::from(MAC)).filter(|path| path.is_file()));
    found.ok_or_else(|| {
        Failure::Could(
            "no Chromium was found to print with: install one, or name it in CHROMIUM; the HTML file can also be \
             printed from any browser"
                .to_owned(),
        )
    })
}

/// A program by its name in the folders of the PATH.
fn on_path(name: &OsString) -> Option<PathBuf> {
    let mut file = name.clone();
    file.push(std::env::consts::EXE_SUFFIX);
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

/// Prints `page` of a run folder as `name` into it.
pub(crate) fn print(chromium: &Path, folder: &Path, page: &str, name: &str) -> Result<(), Failure> {
    let from = std::path::absolute(folder.join(page))
        .map_err(|error| Failure::Could(format!("cannot find {page}: {error}")))?;
    let failed = |why: String| {
        Failure::Could(format!(
            "{} could not print {}: {why}",
            chromium.display(),
            folder.join(page).display()
        ))
    };
    output::replace_by(folder, name, |draft| {
        let mut said = run(chromium, &from, draft, false).map_err(failed)?;
        if !draft.is_file() && said.contains("sandbox") {
            said = run(chromium, &from, draft, true).map_err(failed)?;
        }
        let printed = std::fs::read(draft).is_ok_and(|bytes| bytes.starts_with(b"%PDF"));
        if printed { Ok(()) } else { Err(failed(last_line(&said))) }
    })
}

/// The last line that says anything.
fn last_line(said: &str) -> String {
    let line = said.lines().rev().find(|line| !line.trim().is_empty());
    line.unwrap_or("it wrote no PDF and said nothing").trim().to_owned()
}

/// Lets Chromium print; gives what it said.
fn run(chromium: &Path, page: &Path, to: &Path, bare: bool) -> Result<String, String> {
    let profile = std::env::temp_dir().join(format!("countermove-print-{}", std::process::id()));
    let mut command = Command::new(chromium);
    command
        .args(["--headless", "--disable-gpu", "--no-first-run", "--disable-extensions"])
        .args(["--disable-dev-shm-usage", "--no-pdf-header-footer", "--print-to-pdf-no-header"])
        .arg(joined("--user-data-dir=", &profile))
        .arg(joined("--print-to-pdf=", to))
        .args(bare.then_some("--no-sandbox"))
        .arg(url(page))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let done = command.spawn().map_err(|error| error.to_string()).and_then(finish);
    // What Chromium keeps about its window is of no use to anybody.
    let _ = std::fs::remove_dir_all(&profile);
    done
}

fn joined(flag: &str, path: &Path) -> OsString {
    let mut word = OsString::from(flag);
    word.push(path);
    word
}

/// Waits for its end, and gives what it said; one that takes too long is stopped.
fn finish(mut child: Child) -> Result<String, String> {
    let stderr = child.stderr.take();
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            // What cannot be read is not told.
            let _ = std::io::Read::read_to_end(&mut stderr, &mut said);
        }
        String::from_utf8_lossy(&said).into_owned()
    });
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if start.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it was not done after {} s", PATIENCE.as_secs()));
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(20)),
            Err(error) => return Err(error.to_string()),
        }
    }
    reader.join().map_err(|_| "what it said could not be read".to_owned())
}

/// The address of a file.
fn url(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut out = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_any_name() {
        assert_eq!(url(Path::new("/a b/ü#1?.html")), "file:///a%20b/%C3%BC%231%3F.html");
        assert_eq!(url(Path::new("C:\\runs\\x.html")), "file:///C:/runs/x.html");
        assert_eq!(last_line("first\nlast \n\n"), "last");
    }
}
