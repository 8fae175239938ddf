//! Standard output and standard error, with colour only where it is wanted.

use super::Failure;
use crate::diagnostic::Diagnostics;
use crate::report::plain;
use crate::syntax::Source;
use std::io::{self, IsTerminal, Write};

/// Writes results to standard output.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::Closed
        } else {
            Failure::Could(format!("cannot write to standard output: {error}"))
        }
    })
}

/// Writes a message to standard error; nobody can be told if that fails.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes an error message.
pub(crate) fn error(message: &str) {
    let message: Vec<_> = message.lines().map(plain::line).collect();
    let message = message.join("\n");
    if coloured() {
        note(&format!("\u{1b}[1;31merror\u{1b}[0m: {message}"));
    } else {
        note(&format!("error: {message}"));
    }
}

/// Writes what was found in a scenario.
pub(crate) fn findings(found: &Diagnostics, source: Option<&Source>, name: &str) {
    if !found.is_empty() {
        let text = source.map_or("", Source::text);
        let _ = write!(io::stderr().lock(), "{}", found.render(name, text, coloured()));
    }
}

/// Whether standard error is a terminal that wants colour.
fn coloured() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !set("NO_COLOR") && !dumb
}
