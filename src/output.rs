//! Run folders: the only module that writes files.
//!
//! A folder is written under a hidden temporary name beside its place and renamed when it is whole, so
//! that a killed run leaves nothing that looks complete, and a failed one leaves nothing at all. The
//! same run again replaces its folder if a manifest of ours stands in it; anything else there is left
//! alone.

use crate::report::manifest::{self, Manifest};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Name of the manifest in a run folder.
pub const MANIFEST: &str = "manifest.json";

/// Why something could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The file system refused.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The file system refused.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Something else has the name of the run folder.
    #[error(
        "{} exists and is not a run folder of this program; move it away or choose another `--out`",
        path.display()
    )]
    Foreign {
        /// The place.
        path: PathBuf,
    },
    /// A file to be written new is there already.
    #[error("{} exists; it is not overwritten", path.display())]
    Exists {
        /// The place.
        path: PathBuf,
    },
    /// A file is not as it was written.
    #[error(
        "{} was changed or cut short after the run; run it again with `{again}`", path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// The command of the run.
        again: String,
    },
    /// No run folder.
    #[error("{} is not a run folder: {reason}", path.display())]
    NoRun {
        /// The place.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

fn write_error(path: &Path) -> impl FnOnce(io::Error) -> OutputError + '_ {
    move |error| OutputError::Write { path: path.to_owned(), error }
}

/// A run folder being written.
#[derive(Debug)]
pub struct Folder {
    place: PathBuf,
    draft: PathBuf,
    finished: bool,
    hashes: Mutex<BTreeMap<String, String>>,
}

/// A writer that keeps the hash of what went through it.
struct Hashed<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Folder {
    /// Begins a folder that will be called `parent/name`; both are made as needed.
    ///
    /// # Errors
    /// Something that is not ours stands there, or the parent cannot be written to.
    pub fn create(parent: &Path, name: &str) -> Result<Folder, OutputError> {
        let place = parent.join(name);
        refuse_foreign(&place)?;
        fs::create_dir_all(parent).map_err(write_error(parent))?;
        sweep(parent, name);
        let draft = parent.join(format!(".{name}.writing-{}", std::process::id()));
        if draft.exists() {
            fs::remove_dir_all(&draft).map_err(write_error(&draft))?;
        }
        fs::create_dir(&draft).map_err(write_error(&draft))?;
        Ok(Folder { place, draft, finished: false, hashes: Mutex::default() })
    }

    /// Where the folder will stand.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Writes one file of the folder; `name` may name a subfolder.
    ///
    /// # Errors
    /// The file system refused, for example because the disk is full.
    pub fn write(
        &self,
        name: &str,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let path = self.draft.join(name);
        let shown = self.place.join(name);
        let filled = || -> io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let file = Hashed { to: File::create(&path)?, hash: Sha256::new() };
            let mut file = BufWriter::with_capacity(1 << 18, file);
            fill(&mut file)?;
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.flush()?;
            if made_from(name) {
                let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
                hashes.insert(name.to_owned(), manifest::hex(&file.hash.finalize()));
            }
            Ok(())
        };
        filled().map_err(write_error(&shown))
    }

    /// Hashes of the files written so far that others are made from, by name.
    #[must_use]
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes one file from bytes.
    ///
    /// # Errors
    /// As [`Folder::write`].
    pub fn bytes(&self, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
        self.write(name, |out| out.write_all(bytes))
    }

    /// Gives the folder its name, in place of an earlier run of the same name.
    ///
    /// # Errors
    /// The file system refused, or something that is not ours has come to stand there.
    pub fn finish(mut self) -> Result<PathBuf, OutputError> {
        refuse_foreign(&self.place)?;
        let old = hidden(&self.place, "replaced");
        let had = self.place.exists();
        if had {
            fs::rename(&self.place, &old).map_err(write_error(&self.place))?;
        }
        if let Err(error) = fs::rename(&self.draft, &self.place) {
            if had {
                // Put the earlier run back; the first error is the one to report.
                let _ = fs::rename(&old, &self.place);
            }
            return Err(OutputError::Write { path: self.place.clone(), error });
        }
        self.finished = true;
        if had {
            // What is left of it is hidden and is swept by the next run.
            let _ = fs::remove_dir_all(&old);
        }
        Ok(self.place.clone())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing can be done about a failure here, and the name says what it is.
            let _ = fs::remove_dir_all(&self.draft);
        }
    }
}

/// A hidden name beside `place`.
fn hidden(place: &Path, what: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{what}-{}", std::process::id()));
    place.with_file_name(name)
}

/// Fails if something stands at `place` that is not a run folder of ours.
fn refuse_foreign(place: &Path) -> Result<(), OutputError> {
    let known = match fs::symlink_metadata(place) {
        Err(_) => true,
        Ok(found) => found.is_dir() && read_manifest(place).is_ok(),
    };
    if known { Ok(()) } else { Err(OutputError::Foreign { path: place.to_owned() }) }
}

/// Removes drafts that killed processes left for this run.
fn sweep(parent: &Path, name: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let file = entry.file_name();
        let Some(text) = file.to_str() else { continue };
        let Some(rest) = text.strip_prefix(&format!(".{name}.")) else { continue };
        let process = rest.strip_prefix("writing-").or_else(|| rest.strip_prefix("replaced-"));
        let Some(process) = process.and_then(|id| id.parse::<u32>().ok()) else { continue };
        if !may_live(process) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether a process may still run; where the system does not tell, it may.
fn may_live(process: u32) -> bool {
    let processes = Path::new("/proc");
    !processes.join("self").exists() || processes.join(process.to_string()).exists()
}

/// Reads the manifest of a run folder.
///
/// # Errors
/// There is none, or it is not ours.
pub fn read_manifest(folder: &Path) -> Result<Manifest, OutputError> {
    let path = folder.join(MANIFEST);
    let no_run = |reason: String| OutputError::NoRun { path: folder.to_owned(), reason };
    let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            no_run(format!("there is no {MANIFEST} in it"))
        }
        _ => OutputError::Read { path: path.clone(), error },
    })?;
    Manifest::parse(&text)
        .map_err(|reason| no_run(format!("its {MANIFEST} cannot be read ({reason})")))
}

/// Whether charts and reports are made from a file: drawings are not, they are made again.
fn made_from(name: &str) -> bool {
    name != MANIFEST && (!name.starts_with("charts/") || name.ends_with(".json"))
}

/// Reads a file of a run folder that must be as the run wrote it.
///
/// # Errors
/// The file system refused, or the file's hash is not that of the manifest.
pub fn read_unchanged(
    folder: &Path,
    manifest: &Manifest,
    name: &str,
) -> Result<Vec<u8>, OutputError> {
    let bytes = read(folder, name)?;
    let hash = manifest::hex(&Sha256::digest(&bytes));
    if manifest.files.get(name).is_some_and(|known| *known == hash) {
        Ok(bytes)
    } else {
        let path = folder.join(name);
        Err(OutputError::Changed { path, again: manifest.command.clone() })
    }
}

/// Reads a file of a run folder.
///
/// # Errors
/// The file system refused.
pub fn read(folder: &Path, name: &str) -> Result<Vec<u8>, OutputError> {
    let path = folder.join(name);
    fs::read(&path).map_err(|error| OutputError::Read { path, error })
}

/// Writes a new file; one that exists is left alone.
///
/// # Errors
/// The file exists, or the file system refused.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => OutputError::Exists { path: path.to_owned() },
        _ => OutputError::Write { path: path.to_owned(), error },
    };
    let mut file = File::create_new(path).map_err(fail)?;
    file.write_all(bytes).and_then(|()| file.flush()).map_err(|error| {
        // A half-written copy would be taken for a whole one.
        let _ = fs::remove_file(path);
        OutputError::Write { path: path.to_owned(), error }
    })
}

/// Replaces a file of a run folder whole.
///
/// # Errors
/// The file system refused.
pub fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(write_error(&path))?;
    }
    replace_by(folder, name, |draft| {
        let written = || -> io::Result<()> {
            let mut file = File::create(draft)?;
            file.write_all(bytes)?;
            // A full disk may show itself no earlier than here.
            file.sync_all()
        };
        written().map_err(write_error(&path))
    })
}

/// Replaces a file of a run folder by one that `make` writes under another name; where it fails, what
/// stood there stays, and nothing half made is left.
///
/// # Errors
/// Making failed, or the file system refused.
pub fn replace_by<E: From<OutputError>>(
    folder: &Path,
    name: &str,
    make: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let path = folder.join(name);
    let draft = hidden(&path, "writing");
    let made = make(&draft)
        .and_then(|()| fs::rename(&draft, &path).map_err(|error| write_error(&path)(error).into()));
    made.inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(seed: u64) -> String {
        format!(
            r#"{{"program":"countermove","version":"0","scenario":"s","title":"s","file":"s.ron",
            "hash":"","seed":{seed},"draws":"","ties":"file","branches":[],"trials_planned":1,
            "trials":1,"complete":true,"form":"table","rows":1,"panel_trials":0,"chunk":1024,
            "results_hash":"","events":0,"memo_hit_rate":null,"threads":1,"wall_seconds":0.0,
            "cpu_seconds":null,"date":"","charts":[],"command":"","files":{{}}}}"#
        )
    }

    fn names(parent: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(parent)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_appears_whole_and_replaces_its_like() {
        let parent = tempfile::tempdir().unwrap();
        for seed in [1, 2] {
            let folder = Folder::create(parent.path(), "run").unwrap();
            folder.bytes("charts/fan.svg", b"<svg/>").unwrap();
            folder.bytes(MANIFEST, manifest(seed).as_bytes()).unwrap();
            folder.finish().unwrap();
            assert_eq!(names(parent.path()), ["run"]);
            assert_eq!(read_manifest(&parent.path().join("run")).unwrap().seed, seed);
        }
    }

    #[test]
    fn a_changed_file_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::create(parent.path(), "run").unwrap();
        folder.bytes("trials.csv", b"branch,trial\n").unwrap();
        folder.bytes("charts/fan.svg", b"<svg/>").unwrap();
        let mut known = Manifest::parse(&manifest(1)).unwrap();
        known.files = folder.hashes();
        assert_eq!(known.files.len(), 1);
        folder.bytes(MANIFEST, known.to_json().as_bytes()).unwrap();
        let place = folder.finish().unwrap();
        assert_eq!(read_unchanged(&place, &known, "trials.csv").unwrap(), b"branch,trial\n");
        fs::write(place.join("trials.csv"), "branch,tri").unwrap();
        let said = read_unchanged(&place, &known, "trials.csv").unwrap_err().to_string();
        assert!(said.contains("changed or cut short"), "{said}");
        assert!(read_unchanged(&place, &known, "charts/fan.svg").is_err());
    }

    #[test]
    fn an_unfinished_folder_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::create(parent.path(), "run").unwrap();
        folder.bytes("trials.csv", b"x").unwrap();
        assert!(names(parent.path())[0].starts_with(".run.writing-"));
        drop(folder);
        assert!(names(parent.path()).is_empty());
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("run")).unwrap();
        fs::write(parent.path().join("run/thesis.txt"), "x").unwrap();
        assert!(matches!(Folder::create(parent.path(), "run"), Err(OutputError::Foreign { .. })));
        fs::write(parent.path().join("file"), "x").unwrap();
        assert!(Folder::create(parent.path(), "file").is_err());
        // The parent is a file.
        assert!(Folder::create(&parent.path().join("file"), "run").is_err());
    }

    #[test]
    fn drafts_of_killed_runs_are_swept() {
        let parent = tempfile::tempdir().unwrap();
        // Above the largest process number of any system.
        fs::create_dir(parent.path().join(".run.writing-4294967295")).unwrap();
        fs::create_dir(parent.path().join(".other.writing-4294967295")).unwrap();
        drop(Folder::create(parent.path(), "run").unwrap());
        assert_eq!(names(parent.path()), [".other.writing-4294967295"]);
    }

    #[test]
    fn new_files_do_not_overwrite() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("copy.ron");
        write_new(&path, b"one").unwrap();
        assert!(matches!(write_new(&path, b"two"), Err(OutputError::Exists { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }
}
