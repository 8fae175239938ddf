//! Prints simulated shares of October 2025 beside historic ones: `cargo run --release --example validation
//! [TRIALS] [BRANCH]`. Nothing is tuned to them and no test asserts a match; docs/validation.md reads them.

use countermove::draws::TrialKey;
use countermove::model::Model;
use countermove::model::ids::{ActorId, MeasureId};
use countermove::model::path::Path;
use countermove::scenario;
use countermove::sim::journal::{Entry, Journal};
use countermove::sim::program::Program;
use countermove::sim::trial::{Workspace, run_trial};
use countermove::stats::interval::wilson;
use countermove::syntax::Source;
use countermove::units::{MINUTES_PER_DAY, Tick};

const FILE: &str = include_str!("../scenarios/october-2025.ron");
const HISTORY: &str = include_str!("../docs/validation-history.csv");

/// What is counted, in the order of the page.
const MEASURES: [(&str, &str); 5] = [
    ("china_answers_7", "a US escalation day is answered by China within 7 days"),
    ("us_answers_7", "a Chinese escalation day is answered by the US within 7 days"),
    ("step_without_deal", "a dated US tariff step is taken, no agreement in between"),
    ("step_with_deal", "a dated US tariff step is taken, an agreement in between"),
    ("talks_30", "ministers or leaders meet within 30 days of an escalation"),
];

/// Cases and how many of them are yes, by trial: cases of one trial hang together.
#[derive(Default)]
struct Count(Vec<(u64, u64)>);

impl Count {
    /// Share, cases, and 95 % half-width of the ratio of sums over trials (Cochran 1977, 6.13).
    fn ratio(&self) -> (f64, u64, f64) {
        let (yes, n) = self.0.iter().fold((0, 0), |(a, b), (y, n)| (a + y, b + n));
        if n == 0 {
            return (f64::NAN, 0, f64::NAN);
        }
        let share = yes as f64 / n as f64;
        let spread: f64 = self
            .0
            .iter()
            .map(|(y, m)| {
                let d = *y as f64 - share * *m as f64;
                d * d
            })
            .sum();
        (share, n, 1.96 * spread.sqrt() / n as f64)
    }
}

fn day(tick: Tick) -> i64 {
    tick.0.div_euclid(MINUTES_PER_DAY)
}

/// Days on which an actor escalates.
fn escalations(path: &Path, by: ActorId) -> Vec<i64> {
    let acts = path.acts.iter().filter(|a| a.by == by && a.weight >= 1.0);
    let mut days: Vec<i64> = acts.map(|a| day(a.at)).collect();
    days.dedup();
    days
}

fn answered(path: &Path, one: ActorId, other: ActorId, last: i64) -> (u64, u64) {
    let answers = escalations(path, other);
    let cases: Vec<i64> = escalations(path, one).into_iter().filter(|d| d + 7 <= last).collect();
    let yes = cases.iter().filter(|d| answers.iter().any(|a| (0..=7).contains(&(a - *d))));
    (yes.count() as u64, cases.len() as u64)
}

fn talks(
    model: &Model,
    path: &Path,
    journal: &Journal,
    sides: [ActorId; 2],
    last: i64,
) -> (u64, u64) {
    let held: Vec<i64> = journal
        .entries
        .iter()
        .filter_map(|(at, entry)| match entry {
            Entry::MeetingHeld(m) => {
                let name = model.meetings[m.index()].name.as_str();
                ["asia", "apec", "next_round"].contains(&name).then(|| day(*at))
            }
            _ => None,
        })
        .collect();
    let mut cases: Vec<i64> = sides.iter().flat_map(|side| escalations(path, *side)).collect();
    cases.retain(|d| d + 30 <= last);
    let yes = cases.iter().filter(|d| held.iter().any(|h| (0..=30).contains(&(h - *d))));
    (yes.count() as u64, cases.len() as u64)
}

/// Dated tariff steps of the US for which an order stands: those of the file and those signed in the
/// trial. By whether an agreement came before the date: taken within 3 days, and all.
fn steps(model: &Model, journal: &Journal, us: ActorId, last: i64) -> [(u64, u64); 2] {
    let tariff = |m: MeasureId| {
        let measure = model.measure(m);
        measure.owner == us
            && ["us_tariff_100", "us_cranes", "us_24"].contains(&measure.name.as_str())
    };
    // Date from which a step counts, and its date.
    let mut dated: Vec<(MeasureId, i64, i64)> = Vec::new();
    for (k, measure) in model.measures.iter().enumerate() {
        let id = MeasureId::at(k);
        use countermove::model::measure::Start;
        match measure.start {
            Start::Announced { on, ordered: true, .. } if tariff(id) => {
                dated.push((id, 0, day(on)));
            }
            Start::Suspended { until, .. } if tariff(id) => {
                dated.push((id, 0, day(until)));
            }
            _ => {}
        }
    }
    for (at, entry) in &journal.entries {
        match entry {
            Entry::Ordered(m, on) | Entry::Announced(m, _, on, true) if tariff(*m) => {
                dated.push((*m, day(*at), day(*on)));
            }
            _ => {}
        }
    }
    let mut counts = [(0, 0); 2];
    for (id, from, on) in dated.into_iter().filter(|(_, _, on)| on + 3 <= last) {
        let has = |test: &dyn Fn(&Entry) -> bool, first: i64, end: i64| {
            journal.entries.iter().any(|(at, e)| (first..=end).contains(&day(*at)) && test(e))
        };
        let deal = has(&|e| matches!(e, Entry::Signed(..)), from, on);
        let taken = has(&|e| matches!(e, Entry::Effective(m, _) if *m == id), on, on + 3);
        let count = &mut counts[usize::from(deal)];
        count.0 += u64::from(taken);
        count.1 += 1;
    }
    counts
}

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let trials: u64 =
        arguments.next().map_or(Ok(2_000), |n| n.parse()).map_err(|_| "TRIALS is a number")?;
    let branch = arguments.next().unwrap_or_else(|| "baseline".to_owned());
    let source = Source::new("october-2025.ron", FILE);
    let render = |d: countermove::diagnostic::Diagnostics| d.render(&source.name, FILE, false);
    let scenario = scenario::load(&source).map_err(render)?;
    let program = Program::new(scenario.model(&branch).map_err(render)?);
    let model = &program.model;
    let actor = |name: &str| model.actors.iter().position(|a| a.name == name).map(ActorId::at);
    let (us, cn) = actor("US").zip(actor("CN")).ok_or("the file has no US or CN")?;
    let last = day(model.horizon);
    let mut counts: Vec<Count> = MEASURES.iter().map(|_| Count::default()).collect();
    let mut work = Workspace::new();
    work.keep_journal(true);
    let mut inputs = Vec::new();
    for trial in 0..trials {
        let key = TrialKey::new(1, trial);
        program.inputs(key, &mut inputs);
        let path = run_trial(&program, &inputs, key, &mut work)
            .map_err(|runaway| format!("trial {trial} ran away: {:?}", runaway.sources))?
            .clone();
        let journal = work.journal().ok_or("no journal was kept")?;
        let [without, with] = steps(model, journal, us, last);
        let all = [
            answered(&path, us, cn, last),
            answered(&path, cn, us, last),
            without,
            with,
            talks(model, &path, journal, [us, cn], last),
        ];
        counts.iter_mut().zip(all).for_each(|(count, case)| count.0.push(case));
    }
    println!("| what | history (95 % Wilson) | simulated, {branch} (95 %) |");
    println!("| --- | --- | --- |");
    let mut reader = csv::Reader::from_reader(HISTORY.as_bytes());
    let rows: Vec<csv::StringRecord> =
        reader.records().collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    for ((id, say), count) in MEASURES.iter().zip(&counts) {
        let past: Vec<String> = rows
            .iter()
            .filter(|row| &row[0] == *id)
            .map(|row| {
                let (yes, n) = (row[2].parse().unwrap_or(0), row[3].parse().unwrap_or(0));
                let around = wilson(yes, n, 0.95);
                let share = yes as f64 / n as f64;
                format!(
                    "{}: {share:.2} ({:.2} to {:.2}), n = {n}",
                    &row[1], around.low, around.high
                )
            })
            .collect();
        let (share, n, half) = count.ratio();
        let sim =
            if n == 0 { "no case".to_owned() } else { format!("{share:.2} ± {half:.2}, n = {n}") };
        println!("| {say} | {} | {sim} |", past.join("; "));
    }
    Ok(())
}
