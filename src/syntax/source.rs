//! A scenario text and its name.

use crate::diagnostic::{Diagnostic, Diagnostics, Places, Span};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The largest scenario file that is read: 4 MiB.
const LARGEST: u64 = 4 << 20;

/// A scenario text together with the name under which messages speak of it.
#[derive(Debug, Clone)]
pub struct Source {
    /// File name, or whatever messages should call the text.
    pub name: String,
    text: Arc<str>,
}

impl Source {
    /// A text that is already in memory.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Source {
        Source { name: name.into(), text: text.into() }
    }

    /// Reads a file of at most 4 MiB.
    ///
    /// # Errors
    /// One finding with reason and remedy: `E001` the file cannot be read, is empty or is a
    /// directory; `E002` it is not UTF-8; `E003` it is too large.
    pub fn read(path: impl AsRef<Path>) -> Result<Source, Diagnostics> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let text = Source::load(path, &name).map_err(|refusal| Diagnostics::from(*refusal))?;
        Ok(Source::new(name, text))
    }

    fn load(path: &Path, name: &str) -> Result<String, Box<Diagnostic>> {
        let unreadable = |error: std::io::Error| -> Box<Diagnostic> {
            let found = Diagnostic::error("E001", format!("cannot read `{name}`: {error}"));
            Box::new(match error.kind() {
                std::io::ErrorKind::NotFound => {
                    found.help("check the path; relative paths start at the current directory")
                }
                std::io::ErrorKind::PermissionDenied => {
                    found.help("allow the file to be read, or copy it to a place of your own")
                }
                _ => found.help("name a scenario file, such as one made by `countermove new`"),
            })
        };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().is_ok_and(|about| about.is_dir()) {
            return Err(Diagnostic::error("E001", format!("`{name}` is a directory"))
                .help("name the scenario file inside it")
                .into());
        }
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LARGEST {
            return Err(Diagnostic::error("E003", format!("`{name}` is larger than 4 MiB"))
                .help("a scenario is a few dozen kilobytes of text: is this the right file?")
                .into());
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let good = String::from_utf8_lossy(&error.as_bytes()[..valid]);
            let (line, column) = Places::new(&good).line_column(valid);
            Diagnostic::error(
                "E002",
                format!("`{name}` is not UTF-8 text: bad byte at line {line}, column {column}"),
            )
            .help("save the file as UTF-8, without a legacy encoding such as Latin-1 or UTF-16")
        })?;
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            return Err(Diagnostic::error("E001", format!("`{name}` is empty"))
                .help("`countermove new` writes a commented scenario to start from")
                .into());
        }
        Ok(text)
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset, both from 1, the column in characters. Costs a pass over
    /// the text; offsets past the end mean the end.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        Places::new(&self.text).line_column(offset)
    }

    /// The text under a span; empty if the span does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> Diagnostic {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ron");
        std::fs::write(&path, bytes).unwrap();
        let found = Source::read(&path).unwrap_err().into_iter().next().unwrap();
        assert!(!found.help.is_empty());
        found
    }

    #[test]
    fn reads_a_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ron");
        std::fs::write(&path, "(a: 1,\n ü: 2)").unwrap();
        let source = Source::read(&path).unwrap();
        assert_eq!(source.text(), "(a: 1,\n ü: 2)");
        assert_eq!(source.line_column(10), (2, 3));
        assert_eq!(source.slice(Span::new(1, 2)), "a");
        assert_eq!(source.slice(Span::new(9, 999)), "");
        assert!(source.name.ends_with("x.ron"));
    }

    #[test]
    fn bad_files_are_refused_with_a_remedy() {
        let missing = Source::read("/no/such/file.ron").unwrap_err();
        assert_eq!(missing.iter().next().unwrap().code, "E001");
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Source::read(folder.path()).unwrap_err().iter().next().unwrap().code, "E001");
        assert_eq!(refused(b"").code, "E001");
        assert_eq!(refused(b"\xef\xbb\xbf \n").code, "E001");
        let latin = refused(b"(\n a: \"\xe9\")");
        assert_eq!(latin.code, "E002");
        assert!(latin.message.contains("line 2, column 6"), "{}", latin.message);
        assert_eq!(refused(&vec![b' '; (4 << 20) + 1]).code, "E003");
        assert_eq!(refused(&vec![b' '; 4 << 20]).code, "E001", "4 MiB exactly are read");
    }
}
