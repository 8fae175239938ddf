//! Work on all cores with results in order: the only place that names rayon.
//!
//! Jobs are numbered. Threads take them in order, one after the other, and results are handed over on
//! the calling thread strictly by number, whichever thread was quicker. A fold over them therefore
//! gives the same bits on any number of threads, which a tree reduction that follows the stealing
//! would not. At most four results a thread are in flight when folding, so memory stays bounded.
//!
//! Each thread has a workspace of its own, made once and reused. A job must not let its result depend
//! on what earlier jobs left there; clearing it is the job's duty.
//!
//! A job that panics does not end the program: the jobs before it are finished and handed over, those
//! after it are not, and its number and message come back as the error. Which of several panics is
//! reported does not depend on the threads either: the first by number.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};

/// Results in flight for each thread of a fold.
const IN_FLIGHT: usize = 4;

/// A wish to stop, shared between the threads that work and whoever interrupts them.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A token that has not been cancelled.
    #[must_use]
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Asks for a stop: no job starts from now on. Cannot be taken back.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why work could not be finished.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// A job panicked: a mistake of the program, not of its input.
    #[error("job {index} failed: {message}")]
    Panicked {
        /// Number of the first job that panicked.
        index: usize,
        /// What it said.
        message: String,
    },
    /// The system gave no threads.
    #[error("cannot start {threads} threads: {message}")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// The system's reason.
        message: String,
    },
}

/// Number of threads that `threads` stands for: 0 means one for each core.
#[must_use]
pub fn thread_count(threads: usize) -> usize {
    match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        _ => threads,
    }
}

/// Results of jobs `0..n` by index; None for a job that a cancel kept from starting.
///
/// # Errors
/// A job panicked, or the system gave no threads.
pub fn map_ordered<T, F>(
    threads: usize,
    n: usize,
    cancel: &Cancel,
    job: F,
) -> Result<Vec<Option<T>>, WorkError>
where
    T: Send,
    F: Fn(usize) -> T + Sync,
{
    map_ordered_with(threads, n, cancel, || (), |(), index| job(index))
}

/// As [`map_ordered`], with a workspace for each thread.
///
/// # Errors
/// A job panicked, or the system gave no threads.
pub fn map_ordered_with<W, T>(
    threads: usize,
    n: usize,
    cancel: &Cancel,
    make: impl Fn() -> W + Sync,
    job: impl Fn(&mut W, usize) -> T + Sync,
) -> Result<Vec<Option<T>>, WorkError>
where
    T: Send,
{
    let mut results = Vec::with_capacity(n);
    run(threads, n, n, cancel, make, job, |_, result| results.push(result))?;
    Ok(results)
}

/// Calls `sink` on the calling thread with the results of jobs `0..n`, in order, as they become
/// available. Returns how many it was given: all `n`, or after a cancel the first so many.
///
/// # Errors
/// A job panicked, or the system gave no threads. `sink` has then had the results before it.
pub fn fold_ordered<W, T>(
    threads: usize,
    n: usize,
    cancel: &Cancel,
    make: impl Fn() -> W + Sync,
    job: impl Fn(&mut W, usize) -> T + Sync,
    mut sink: impl FnMut(usize, T),
) -> Result<usize, WorkError>
where
    T: Send,
{
    let mut given = 0;
    let window = IN_FLIGHT * thread_count(threads);
    run(threads, n, window, cancel, make, job, |index, result| {
        // After the first gap nothing more: what was given stays the first so many.
        if let Some(result) = result
            && index == given
        {
            sink(index, result);
            given += 1;
        }
    })?;
    Ok(given)
}

/// What the threads of one run share.
struct Shared<'a> {
    n: usize,
    /// Most results between the oldest not yet handed over and the newest begun.
    window: usize,
    cancel: &'a Cancel,
    next: AtomicUsize,
    /// The first job known to have panicked; jobs after it need not run.
    first_panic: AtomicUsize,
    /// How many results were handed over; the number of jobs once nobody listens any more.
    handed_over: Mutex<usize>,
    moved_on: Condvar,
}

impl Shared<'_> {
    /// The next job to do, once the window has room for it.
    fn take(&self) -> Option<usize> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        if index >= self.n {
            return None;
        }
        let mut handed_over = self.handed_over.lock().unwrap_or_else(PoisonError::into_inner);
        while index - (*handed_over).min(index) >= self.window {
            handed_over = self.moved_on.wait(handed_over).unwrap_or_else(PoisonError::into_inner);
        }
        Some(index)
    }

    fn set_handed_over(&self, count: usize) {
        *self.handed_over.lock().unwrap_or_else(PoisonError::into_inner) = count;
        self.moved_on.notify_all();
    }

    /// Does one job, unless it was cancelled or follows a panic.
    fn attempt<W, T>(
        &self,
        index: usize,
        workspace: &mut Option<W>,
        make: &impl Fn() -> W,
        job: &impl Fn(&mut W, usize) -> T,
    ) -> Result<Option<T>, String> {
        if self.cancel.is_cancelled() || index > self.first_panic.load(Ordering::Relaxed) {
            return Ok(None);
        }
        // The workspace is thrown away after a panic, so nobody sees it half changed.
        let outcome =
            catch_unwind(AssertUnwindSafe(|| job(workspace.get_or_insert_with(make), index)));
        outcome.map(Some).map_err(|payload| {
            *workspace = None;
            self.first_panic.fetch_min(index, Ordering::Relaxed);
            message_of(payload.as_ref())
        })
    }
}

/// Lets waiting threads go when the calling thread leaves, even by a panic of its own.
struct Leaving<'a>(&'a Shared<'a>);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.next.store(self.0.n, Ordering::Relaxed);
        self.0.set_handed_over(self.0.n);
    }
}

/// Does all jobs and gives each result, or None, to `receive` in order.
fn run<W, T: Send>(
    threads: usize,
    n: usize,
    window: usize,
    cancel: &Cancel,
    make: impl Fn() -> W + Sync,
    job: impl Fn(&mut W, usize) -> T + Sync,
    mut receive: impl FnMut(usize, Option<T>),
) -> Result<(), WorkError> {
    let threads = thread_count(threads).min(n);
    let shared = Shared {
        n,
        window: window.max(1),
        cancel,
        next: AtomicUsize::new(0),
        first_panic: AtomicUsize::new(usize::MAX),
        handed_over: Mutex::new(0),
        moved_on: Condvar::new(),
    };
    if threads <= 1 {
        let mut workspace = None;
        for index in 0..n {
            match shared.attempt(index, &mut workspace, &make, &job) {
                Ok(result) => receive(index, result),
                Err(message) => return Err(WorkError::Panicked { index, message }),
            }
        }
        return Ok(());
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| WorkError::Threads { threads, message: error.to_string() })?;
    let (sender, results) = mpsc::channel();
    let mut failure: Option<(usize, String)> = None;
    pool.in_place_scope(|scope| {
        let leaving = Leaving(&shared);
        for _ in 0..threads {
            let sender = sender.clone();
            let (shared, make, job) = (&shared, &make, &job);
            scope.spawn(move |_| {
                let mut workspace = None;
                while let Some(index) = shared.take() {
                    let outcome = shared.attempt(index, &mut workspace, make, job);
                    // Nobody listens only when the calling thread is unwinding.
                    if sender.send((index, outcome)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (index, outcome) in &results {
            early.insert(index, outcome);
            while let Some(outcome) = early.remove(&due) {
                match outcome {
                    Ok(result) if failure.is_none() => receive(due, result),
                    Err(message) if failure.is_none() => failure = Some((due, message)),
                    _ => {}
                }
                due += 1;
                shared.set_handed_over(due);
            }
        }
        drop(leaving);
    });
    match failure {
        Some((index, message)) => Err(WorkError::Panicked { index, message }),
        None => Ok(()),
    }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::sleep;
    use std::time::Duration;

    /// Jobs that end in another order than they start in.
    fn uneven(index: usize) -> u64 {
        sleep(Duration::from_micros((index as u64 * 7919) % 300));
        index as u64 * 3
    }

    #[test]
    fn results_come_by_index_on_any_number_of_threads() {
        for threads in [0, 1, 2, 5, 64] {
            let got = map_ordered(threads, 100, &Cancel::new(), uneven).unwrap();
            assert!(got.iter().enumerate().all(|(i, r)| *r == Some(i as u64 * 3)));
            assert_eq!(got.len(), 100);
        }
        assert!(map_ordered(4, 0, &Cancel::new(), uneven).unwrap().is_empty());
    }

    #[test]
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    fn float_folds_have_the_same_bits_on_any_number_of_threads() {
        let fold = |threads| {
            let mut sum = 0.0_f64;
            let given = fold_ordered(
                threads,
                500,
                &Cancel::new(),
                || (),
                |(), index| 1.0 / (uneven(index) as f64 + 0.7),
                |_, x| sum += x,
            );
            assert_eq!(given, Ok(500));
            sum.to_bits()
        };
        let one = fold(1);
        assert!([2, 3, 8].iter().all(|&threads| fold(threads) == one));
    }

    #[test]
    fn at_most_a_window_of_results_is_in_flight() {
        let begun = AtomicUsize::new(0);
        let mut given = 0;
        let result = fold_ordered(
            3,
            200,
            &Cancel::new(),
            || (),
            |(), index| {
                begun.fetch_max(index, Ordering::SeqCst);
                index
            },
            |index, result| {
                assert_eq!((index, result), (given, given));
                given += 1;
                sleep(Duration::from_micros(50));
                // The job begun last may be the window's first beyond this one.
                assert!(begun.load(Ordering::SeqCst) <= index + 3 * IN_FLIGHT);
            },
        );
        assert_eq!(result, Ok(200));
    }

    #[test]
    fn each_thread_makes_one_workspace() {
        let made = AtomicUsize::new(0);
        let make = || {
            made.fetch_add(1, Ordering::SeqCst);
            Vec::<usize>::new()
        };
        let job = |seen: &mut Vec<usize>, index: usize| {
            seen.push(index);
            uneven(index)
        };
        let results = map_ordered_with(3, 90, &Cancel::new(), make, job).unwrap();
        assert_eq!(results.len(), 90);
        assert!((1..=3).contains(&made.load(Ordering::SeqCst)));
    }

    #[test]
    fn a_cancel_keeps_the_first_results() {
        for threads in [1, 4] {
            let cancel = Cancel::new();
            let mut seen = Vec::new();
            let given = fold_ordered(
                threads,
                1000,
                &cancel,
                || (),
                |(), index| uneven(index),
                |index, _| {
                    seen.push(index);
                    if index == 20 {
                        cancel.cancel();
                    }
                },
            )
            .unwrap();
            assert!((21..1000).contains(&given), "{given}");
            assert_eq!(seen, (0..given).collect::<Vec<_>>());
        }
        let cancel = Cancel::new();
        cancel.cancel();
        assert!(map_ordered(4, 10, &cancel, uneven).unwrap().iter().all(Option::is_none));
    }

    #[test]
    fn the_first_panic_is_reported_and_what_was_before_it_is_kept() {
        for threads in [1, 2, 6] {
            let mut seen = 0;
            let result = fold_ordered(
                threads,
                300,
                &Cancel::new(),
                || (),
                |(), index| {
                    assert!(index % 50 != 37, "trial {index} lost its way");
                    uneven(index)
                },
                |_, _| seen += 1,
            );
            let message = "trial 37 lost its way".to_owned();
            assert_eq!(result, Err(WorkError::Panicked { index: 37, message }));
            assert_eq!(seen, 37);
        }
    }

    #[test]
    fn a_panic_of_the_sink_does_not_hang() {
        let outcome = catch_unwind(|| {
            fold_ordered(4, 500, &Cancel::new(), || (), |(), i| uneven(i), |i, _| assert!(i < 9))
        });
        assert!(outcome.is_err());
    }
}
