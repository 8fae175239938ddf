//! The verb `solve`: a game file in, equilibria with their certificates out.
//!
//! Without a method the file decides: all equilibria where they can be listed, backward induction under
//! perfect information, Shapley's iteration for zero-sum stochastic games, logit equilibria at lambda 1 otherwise;
//! the answer names the method and the rule of selection. A time limit or an interrupt ends the
//! search, and what was found so far is printed, marked partial.

mod answer;
mod extensive;
mod normal;
mod stochastic;
mod table;

use crate::game::error::GameError;
use crate::game::{efg, nfg, stochastic_file};
use answer::Answer;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Largest file read.
const LARGEST_FILE: u64 = 64 << 20;

/// Solve a game file: Gambit's .nfg and .efg, or a stochastic game as .json.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SolveArgs {
    /// Game file: .nfg, .efg or .json
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// All Nash equilibria (two players: all extreme ones, exactly)
    #[arg(long)]
    pub all: bool,
    /// Nash equilibria in pure strategies
    #[arg(long)]
    pub pure: bool,
    /// One Nash equilibrium, fast
    #[arg(long)]
    pub one: bool,
    /// Logit equilibria at these precisions, in one over the payoffs' unit
    #[arg(long, value_name = "LAMBDA", value_delimiter = ',', value_parser = precision)]
    pub qre: Vec<f64>,
    /// The whole branch of logit equilibria from 0 up to this precision
    #[arg(long, value_name = "TO", value_parser = precision)]
    pub path: Option<f64>,
    /// Subgame-perfect equilibria by backward induction (trees with perfect information)
    #[arg(long)]
    pub spe: bool,
    /// Value and optimal strategies of a zero-sum game
    #[arg(long)]
    pub zero_sum: bool,
    /// Counterfactual regret minimisation with this many iterations (zero-sum trees)
    #[arg(long, value_name = "N")]
    pub cfr: Option<usize>,
    /// The correlated equilibrium of greatest total payoff
    #[arg(long)]
    pub correlated: bool,
    /// Stop after this many seconds and print what was found so far
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time: Option<f64>,
    /// Print JSON instead of tables
    #[arg(long)]
    pub json: bool,
}

impl SolveArgs {
    fn names_a_method(&self) -> bool {
        self.all
            || self.pure
            || self.one
            || self.spe
            || self.zero_sum
            || self.correlated
            || self.cfr.is_some()
            || self.wants_logit()
    }

    fn wants_logit(&self) -> bool {
        !self.qre.is_empty() || self.path.is_some()
    }

    /// Precisions to report, ascending, each once, and the end of the path.
    fn lambdas(&self) -> Vec<f64> {
        let mut list: Vec<f64> = self.qre.iter().chain(&self.path).copied().collect();
        list.sort_by(f64::total_cmp);
        list.dedup();
        list
    }
}

fn precision(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() && x >= 0.0 => Ok(x),
        _ => Err("a precision is a finite number, 0 or more".into()),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x > 0.0 && x <= 1e9 => Ok(x),
        _ => Err("a time limit is a positive number of seconds".into()),
    }
}

/// Why nothing was solved.
#[derive(Debug)]
pub enum SolveError {
    /// The file could not be read, or the answer not be written.
    Io(PathBuf, io::Error),
    /// The file holds no valid game.
    File(PathBuf, GameError),
    /// The game is valid, but the method does not apply to it.
    Method(GameError),
}

impl SolveError {
    /// The exit code: 1 for input and output, 2 for a wrong file or method.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Io(..) => 1,
            Self::File(..) | Self::Method(_) => 2,
        }
    }
}

impl fmt::Display for SolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, e) => write!(f, "{}: {e}", path.display()),
            Self::File(path, e) => write!(f, "{}: {e}", path.display()),
            Self::Method(e) => write!(f, "{e}"),
        }
    }
}

impl std::error::Error for SolveError {}

impl From<GameError> for SolveError {
    fn from(e: GameError) -> Self {
        Self::Method(e)
    }
}

/// Set by the interrupt signal.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Runs the verb under its own time limit and the interrupt signal; gives the exit code: 0, or 130
/// after an interrupt (what was found so far is printed in both cases).
///
/// # Errors
/// When the file cannot be read or is no valid game, or the method does not apply.
pub fn run(args: &SolveArgs, out: &mut dyn Write) -> Result<u8, SolveError> {
    // If another part of the program has the handler already, only the time limit stops us.
    let _ = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed));
    let deadline = args.time.map(|s| Instant::now() + Duration::from_secs_f64(s));
    let stop =
        || INTERRUPTED.load(Ordering::Relaxed) || deadline.is_some_and(|d| Instant::now() >= d);
    run_until(args, out, &stop)?;
    Ok(if INTERRUPTED.load(Ordering::Relaxed) { 130 } else { 0 })
}

/// As [`run`], stopped by `stop` alone.
///
/// # Errors
/// As [`run`].
pub fn run_until(
    args: &SolveArgs,
    out: &mut dyn Write,
    stop: &dyn Fn() -> bool,
) -> Result<(), SolveError> {
    let answer = solve(args, stop)?;
    let text = if args.json { answer.json() } else { table::text(&answer) };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(SolveError::Io(PathBuf::from("output"), e))
        }
        _ => Ok(()),
    }
}

fn solve(args: &SolveArgs, stop: &dyn Fn() -> bool) -> Result<Answer, SolveError> {
    let path = || args.file.clone();
    let size = std::fs::metadata(&args.file).map_err(|e| SolveError::Io(path(), e))?.len();
    if size > LARGEST_FILE {
        let message = format!("the file has {size} bytes, more than the {LARGEST_FILE} allowed");
        return Err(SolveError::File(path(), GameError::new(message)));
    }
    let bytes = std::fs::read(&args.file).map_err(|e| SolveError::Io(path(), e))?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let valid = String::from_utf8_lossy(&e.as_bytes()[..e.utf8_error().valid_up_to()]);
        let error = GameError::at(&valid, valid.len(), "the file is not UTF-8 text");
        SolveError::File(path(), error)
    })?;
    let wrong = |e| SolveError::File(path(), e);
    let extension = args.file.extension().and_then(|e| e.to_str()).unwrap_or("");
    let answer = match kind(extension, &text) {
        Some("nfg") => normal::solve(&nfg::read(&text).map_err(wrong)?.game, args, stop)?,
        Some("efg") => extensive::solve(&efg::read(&text).map_err(wrong)?, args, stop)?,
        Some("json") => {
            stochastic::solve(&stochastic_file::read(&text).map_err(wrong)?, args, stop)?
        }
        _ => {
            return Err(wrong(GameError::at(
                &text,
                0,
                "no game file: expected `NFG 1`, `EFG 2` or a JSON object",
            )));
        }
    };
    Ok(answer)
}

/// The format, by the file's name or else by its first word.
fn kind(extension: &str, text: &str) -> Option<&'static str> {
    let start = text.trim_start();
    match extension.to_ascii_lowercase().as_str() {
        "nfg" => Some("nfg"),
        "efg" => Some("efg"),
        "json" => Some("json"),
        _ if start.starts_with("NFG") => Some("nfg"),
        _ if start.starts_with("EFG") => Some("efg"),
        _ if start.starts_with('{') => Some("json"),
        _ => None,
    }
}

/// Refuses methods that a form does not know, by the flag's name.
fn refuse(form: &str, flags: &[(bool, &str)]) -> Result<(), SolveError> {
    match flags.iter().find(|(set, _)| *set) {
        Some((_, flag)) => {
            Err(SolveError::Method(GameError::new(format!("{flag} is not offered for {form}"))))
        }
        None => Ok(()),
    }
}
