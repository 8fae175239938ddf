//! `economy`: solve the trade model for a policy and say who gains and who loses.

mod published;

use crate::economy::solver::{Parts, decompose};
use crate::economy::{
    Base, Deficits, Equilibrium, Model, Policy, Quota, Rent, Settings, base::BaseError,
    carve::Carve, case, elasticity, shipped, solver::Critical, tables,
};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Solve the trade model for a policy and say who gains and who loses.
///
/// A place is IMPORTER:EXPORTER:SECTORS, by codes; `*` stands for all others, `goods` and `all` for
/// sectors, `+` joins several. Rates are shares (+0.25) or percent (+25%), on top of the base's.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// A shipped base (hybrid2023, wiod2011) or a folder of CSV tables.
    #[arg(long, value_name = "NAME|DIR", default_value = "hybrid2023")]
    base: String,
    /// Solve a case from a JSON file: base, policy and elasticities in one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["base", "theta", "horizon", "tariff", "export_tax", "quota", "embargo", "cost", "deficits", "rare_earths", "decompose"])]
    case: Option<PathBuf>,
    /// A tariff on top of the base's.
    #[arg(long, value_name = "IMPORTER:EXPORTER:SECTORS:+RATE", allow_hyphen_values = true)]
    tariff: Vec<String>,
    /// An export tax on top of the base's.
    #[arg(long, value_name = "IMPORTER:EXPORTER:SECTORS:+RATE", allow_hyphen_values = true)]
    export_tax: Vec<String>,
    /// A cost of delivery, paid to nobody: port fees, licence delay.
    #[arg(long, value_name = "IMPORTER:EXPORTER:SECTORS:+RATE", allow_hyphen_values = true)]
    cost: Vec<String>,
    /// A cap on quantity over baseline; the rent goes to exporter, importer or nobody (burnt).
    #[arg(long, value_name = "IMPORTER:EXPORTER:SECTOR:Q:RENT")]
    quota: Vec<String>,
    /// A stop of all trade.
    #[arg(long, value_name = "IMPORTER:EXPORTER:SECTORS")]
    embargo: Vec<String>,
    /// Trade elasticities: default, caliendo-parro, liberation-day, or one number for all sectors.
    #[arg(long, value_name = "SET", allow_hyphen_values = true)]
    theta: Option<String>,
    /// Years since the measures came into force; scales long-run elasticities down. Without it the
    /// elasticities hold as they are.
    #[arg(long, value_name = "YEARS", allow_hyphen_values = true)]
    horizon: Option<f64>,
    /// What holds trade balances in place.
    #[arg(long, value_enum, default_value = "fixed")]
    deficits: Closure,
    /// Carve out rare earths (sector RAR, assumed shares) with this elasticity of substitution in use.
    #[arg(long, value_name = "SIGMA")]
    rare_earths: Option<f64>,
    /// Split each gain into terms of trade and volume of trade.
    #[arg(long)]
    decompose: bool,
    /// Solve the policies of the table in docs/economics.md again.
    #[arg(long, conflicts_with_all = ["case", "base", "theta", "horizon", "tariff", "export_tax", "quota", "embargo", "cost", "deficits", "rare_earths", "decompose", "json"])]
    table: bool,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Closure {
    /// Constant in units of world value added.
    Fixed,
    /// Constant shares of own income.
    Scaled,
    /// Balanced first, then the policy.
    Zero,
}

/// Why the verb did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EconomyFailure {
    /// Wrong arguments or data: exit 2.
    #[error("{0}")]
    Wrong(String),
    /// Could not do it: exit 1.
    #[error("{0}")]
    Could(String),
    /// The reader of the output went away: exit 0.
    #[error("output closed")]
    Closed,
}

impl EconomyFailure {
    /// The exit code that belongs to the failure.
    #[must_use]
    pub fn exit(&self) -> u8 {
        match self {
            EconomyFailure::Wrong(_) => 2,
            EconomyFailure::Could(_) => 1,
            EconomyFailure::Closed => 0,
        }
    }
}

impl From<BaseError> for EconomyFailure {
    fn from(error: BaseError) -> EconomyFailure {
        EconomyFailure::Wrong(error.to_string())
    }
}

impl From<crate::economy::SolveError> for EconomyFailure {
    fn from(error: crate::economy::SolveError) -> EconomyFailure {
        use crate::economy::SolveError::NotConverged;
        match error {
            NotConverged { .. } => EconomyFailure::Could(error.to_string()),
            _ => EconomyFailure::Wrong(error.to_string()),
        }
    }
}

impl From<std::io::Error> for EconomyFailure {
    fn from(error: std::io::Error) -> EconomyFailure {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => EconomyFailure::Closed,
            _ => EconomyFailure::Could(error.to_string()),
        }
    }
}

/// Runs the verb, writing to `out`.
///
/// # Errors
/// See [`EconomyFailure`].
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), EconomyFailure> {
    if arguments.table {
        return published::write(arguments, out);
    }
    if let Some(path) = &arguments.case {
        let (model, policy) = case::read(&read_text(path)?)?;
        let world = model.solve(&policy, CASE)?;
        if arguments.json {
            let result = case::write(&world, model.base());
            writeln!(out, "{}", serde_json::to_string_pretty(&result).unwrap_or_default())?;
        } else {
            Report::new(&model, &world, vec!["the case's policy".into()], None).write(out)?;
        }
        return Ok(());
    }
    let (model, setting) = prepare(arguments)?;
    let (policy, words) = read_policy(arguments, model.base())?;
    let world = model.solve(&policy, Settings::default())?;
    for (k, quota) in policy.quotas.iter().enumerate() {
        if world.quota_shadow[k] <= 0.0 {
            return Err(EconomyFailure::Wrong(format!(
                "{}: cannot bind: without it {:.4} of the baseline quantity is traded, the cap is {}; \
                 lower the cap below that or leave the quota out",
                quota.place(model.base()),
                world.quota_quantity[k],
                quota.ratio
            )));
        }
    }
    let parts = if arguments.decompose {
        Some(decompose(&model, &policy, Settings::default())?)
    } else {
        None
    };
    let mut report = Report::new(&model, &world, words, parts);
    report.setting = setting;
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report.json()).unwrap_or_default())?;
        return Ok(());
    }
    report.write(out)
}

/// Cases print 12 digits, so they are solved to the last few bits.
const CASE: Settings = Settings { tolerance: 1e-12, accelerate: true };

fn read_text(path: &Path) -> Result<String, EconomyFailure> {
    std::fs::read_to_string(path)
        .map_err(|error| EconomyFailure::Wrong(format!("{}: {error}", path.display())))
}

/// Base, elasticities and closure; with the lines of the report that state them.
fn prepare(arguments: &Arguments) -> Result<(Model, Vec<String>), EconomyFailure> {
    let (mut base, own) = load_base(&arguments.base)?;
    let set = arguments.theta.as_deref().unwrap_or("default");
    let mut theta = match (set.parse::<f64>(), own) {
        (Ok(level), _) => vec![level; base.sector_count()],
        (Err(_), Some(own)) if arguments.theta.is_none() => own,
        _ => shipped::elasticities(set, base.sectors()).ok_or_else(|| {
            EconomyFailure::Wrong(format!(
                "--theta {set}: no such set for these sectors; give {} or a number",
                shipped::ELASTICITY_SETS.join(", ")
            ))
        })?,
    };
    if let Some(years) = arguments.horizon {
        if years.is_nan() || years < 0.0 {
            return Err(EconomyFailure::Wrong(format!("--horizon {years}: give years, 0 or more")));
        }
        theta.iter_mut().for_each(|t| *t *= elasticity::reached(years));
    }
    let mut critical = None;
    if let Some(sigma) = arguments.rare_earths {
        let carve = Carve::rare_earths(&base).ok_or_else(|| {
            EconomyFailure::Wrong(
                "--rare-earths: the base lacks CHN, ELE, TRQ or MCH; use hybrid2023".into(),
            )
        })?;
        let sector = base.goods();
        base = carve.apply(&base)?;
        // Between sources of the input substitution is as low as the trade elasticity of the parent.
        theta.insert(sector, theta[carve.parent].min(1.0));
        critical = Some(Critical { sector, sigma: vec![sigma; base.sector_count()] });
    }
    let model = Model::new(&base, &theta, critical)?;
    let model = match arguments.deficits {
        Closure::Zero => model.balanced(Settings::default())?,
        _ => model,
    };
    let horizon = arguments.horizon.map_or("as given by the set".into(), |h| format!("{h} years"));
    let closure = match arguments.deficits {
        Closure::Fixed => "fixed in world value added",
        Closure::Scaled => "scaled with own income",
        Closure::Zero => "none (trade balanced first)",
    };
    let setting = vec![
        format!("base          {}", about(model.base().name())),
        format!("elasticities  {set}; horizon {horizon}"),
        format!("deficits      {closure}"),
        "effects       exact general equilibrium, no approximation".into(),
    ];
    Ok((model, setting))
}

/// A base's name, with its year if it is a shipped one.
fn about(name: &str) -> String {
    let shipped = shipped::BASES.iter().find(|base| name.starts_with(**base));
    shipped.map_or(name.to_owned(), |base| format!("{name} ({})", shipped::about(base)))
}

fn load_base(name: &str) -> Result<(Base, Option<Vec<f64>>), EconomyFailure> {
    if let Some(base) = shipped::base(name) {
        return Ok((base.clone(), None));
    }
    let folder = Path::new(name);
    let entries = std::fs::read_dir(folder).map_err(|error| {
        EconomyFailure::Wrong(format!(
            "--base {name}: not a shipped base ({}) and not a readable folder: {error}",
            shipped::BASES.join(", ")
        ))
    })?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let find = |endings: &[&str]| -> Result<String, EconomyFailure> {
        let matches: Vec<&PathBuf> = files
            .iter()
            .filter(|path| {
                let file = path.file_name().and_then(|f| f.to_str()).unwrap_or_default();
                endings
                    .iter()
                    .any(|ending| file == *ending || file.ends_with(&format!("_{ending}")))
            })
            .collect();
        match matches[..] {
            [] => Ok(String::new()),
            [one] => read_text(one),
            _ => Err(EconomyFailure::Wrong(format!(
                "--base {name}: {} and {} are both a table of {}; keep one",
                matches[0].display(),
                matches[1].display(),
                endings[0]
            ))),
        }
    };
    let tables = tables::Tables {
        name: name.to_owned(),
        flows: find(&["flows.csv", "flows_tariffs.csv"])?,
        io: find(&["io.csv"])?,
        va: find(&["va.csv"])?,
        tariffs: find(&["tariffs.csv"])?,
        sectors: find(&["sectors.csv"])?,
        elasticities: find(&["elasticities.csv"])?,
    };
    for (text, table) in [(&tables.flows, "flows.csv"), (&tables.io, "io.csv")] {
        if text.is_empty() {
            return Err(EconomyFailure::Wrong(format!("--base {name}: no {table} in the folder")));
        }
    }
    Ok(tables::read(&tables)?)
}

/// The policy of the arguments, and each part in words.
fn read_policy(
    arguments: &Arguments,
    base: &Base,
) -> Result<(Policy, Vec<String>), EconomyFailure> {
    let mut policy = Policy::unchanged(base);
    let mut words = Vec::new();
    let mut add = |texts: &[String], kind: &str, target: &mut Vec<f64>| {
        for text in texts {
            let (place, rate) = split_last(text, kind)?;
            let rate = read_rate(rate, text, kind)?;
            for cell in read_place(place, base, kind)? {
                target[cell] += rate;
            }
            words.push(format!("{kind} {text}"));
        }
        Ok::<(), EconomyFailure>(())
    };
    add(&arguments.tariff, "--tariff", &mut policy.tariff)?;
    add(&arguments.export_tax, "--export-tax", &mut policy.export_tax)?;
    add(&arguments.cost, "--cost", &mut policy.iceberg)?;
    for text in &arguments.embargo {
        for cell in read_place(text, base, "--embargo")? {
            policy.iceberg[cell] = f64::INFINITY;
        }
        words.push(format!("--embargo {text}"));
    }
    for text in &arguments.quota {
        policy.quotas.push(read_quota(text, base)?);
        words.push(format!("--quota {text}"));
    }
    if arguments.deficits == Closure::Scaled {
        policy.deficits = Deficits::Scaled;
    }
    policy.check(base)?;
    if words.is_empty() {
        words.push("none: every effect is zero".into());
    }
    Ok((policy, words))
}

fn split_last<'t>(text: &'t str, flag: &str) -> Result<(&'t str, &'t str), EconomyFailure> {
    text.rsplit_once(':').ok_or_else(|| {
        EconomyFailure::Wrong(format!(
            "{flag} {text}: write IMPORTER:EXPORTER:SECTORS:+RATE, such as USA:CHN:goods:+100%"
        ))
    })
}

fn read_rate(rate: &str, text: &str, flag: &str) -> Result<f64, EconomyFailure> {
    let wrong = |why: &str| EconomyFailure::Wrong(format!("{flag} {text}: {why}"));
    let (number, percent) = match rate.strip_suffix('%') {
        Some(number) => (number, true),
        None => (rate, false),
    };
    let value: f64 =
        number.parse().map_err(|_| wrong("the rate is no number; write +25% or +0.25"))?;
    if !value.is_finite() {
        return Err(wrong("the rate is no finite number"));
    }
    if !percent && value.abs() > 10.0 {
        return Err(wrong("a share above 10 is over 1000 %; write +100% or +1.0"));
    }
    Ok(if percent { value / 100.0 } else { value })
}

/// The cells of IMPORTER:EXPORTER:SECTORS.
fn read_place(text: &str, base: &Base, flag: &str) -> Result<Vec<usize>, EconomyFailure> {
    let parts: Vec<&str> = text.split(':').collect();
    let [importers, exporters, sectors] = parts[..] else {
        return Err(EconomyFailure::Wrong(format!(
            "{flag} {text}: a place is IMPORTER:EXPORTER:SECTORS"
        )));
    };
    let (importers, exporters) = (regions(importers, base, flag)?, regions(exporters, base, flag)?);
    let sectors = read_sectors(sectors, base, flag)?;
    let mut cells = Vec::new();
    for &n in &importers {
        for &i in exporters.iter().filter(|&&i| i != n) {
            cells.extend(sectors.iter().map(|&j| base.cell(n, i, j)));
        }
    }
    if cells.is_empty() {
        return Err(EconomyFailure::Wrong(format!(
            "{flag} {text}: a region does not trade with itself; name two"
        )));
    }
    Ok(cells)
}

fn regions(word: &str, base: &Base, flag: &str) -> Result<Vec<usize>, EconomyFailure> {
    if word == "*" {
        return Ok((0..base.region_count()).collect());
    }
    word.split('+').map(|code| find(code, base.regions(), "region", flag)).collect()
}

fn read_sectors(word: &str, base: &Base, flag: &str) -> Result<Vec<usize>, EconomyFailure> {
    match word {
        "goods" => Ok((0..base.goods()).collect()),
        "all" | "*" => Ok((0..base.sector_count()).collect()),
        _ => {
            word.split(['+', ',']).map(|code| find(code, base.sectors(), "sector", flag)).collect()
        }
    }
}

fn find(code: &str, names: &[String], what: &str, flag: &str) -> Result<usize, EconomyFailure> {
    names.iter().position(|name| name == code).ok_or_else(|| {
        let near = names
            .iter()
            .max_by(|a, b| strsim::jaro(a, code).total_cmp(&strsim::jaro(b, code)))
            .map_or(String::new(), |name| format!("; did you mean {name}?"));
        EconomyFailure::Wrong(format!(
            "{flag}: no {what} `{code}` in the base{near} It has {}",
            names.join(", ")
        ))
    })
}

fn read_quota(text: &str, base: &Base) -> Result<Quota, EconomyFailure> {
    let parts: Vec<&str> = text.split(':').collect();
    let [importers, exporter, sector, ratio, rent] = parts[..] else {
        return Err(EconomyFailure::Wrong(format!(
            "--quota {text}: write IMPORTER:EXPORTER:SECTOR:Q:RENT, such as USA:CHN:ELE:0.5:exporter"
        )));
    };
    let exporter = find(exporter, base.regions(), "region", "--quota")?;
    let rent = match rent {
        "exporter" | "firms" => Rent::Exporter,
        "importer" => Rent::Importer,
        "burnt" | "none" => Rent::Burnt,
        _ => {
            return Err(EconomyFailure::Wrong(format!(
                "--quota {text}: the rent goes to exporter, importer or nobody (burnt)"
            )));
        }
    };
    let importers: Vec<usize> =
        regions(importers, base, "--quota")?.into_iter().filter(|&n| n != exporter).collect();
    if importers.is_empty() {
        return Err(EconomyFailure::Wrong(format!(
            "--quota {text}: a region does not trade with itself; name two"
        )));
    }
    Ok(Quota {
        importers,
        exporter,
        sector: find(sector, base.sectors(), "sector", "--quota")?,
        ratio: ratio.parse().map_err(|_| {
            EconomyFailure::Wrong(format!("--quota {text}: `{ratio}` is not a quantity ratio"))
        })?,
        rent,
    })
}

/// What is said about a solved world.
struct Report<'w> {
    model: &'w Model,
    world: &'w Equilibrium,
    policy: Vec<String>,
    parts: Option<Vec<Parts>>,
    setting: Vec<String>,
}

/// One region's line.
struct Line {
    region: String,
    /// Percent changes.
    income: f64,
    wage: f64,
    prices: f64,
    exports: f64,
    imports: f64,
    terms: f64,
    /// Change of tariff and export-tax revenue, billion US dollars.
    revenue: f64,
}

/// How many sectors and flows are shown.
const SHOWN: usize = 8;

impl<'w> Report<'w> {
    fn new(
        model: &'w Model,
        world: &'w Equilibrium,
        policy: Vec<String>,
        parts: Option<Vec<Parts>>,
    ) -> Report<'w> {
        Report { model, world, policy, parts, setting: Vec::new() }
    }

    fn lines(&self) -> Vec<Line> {
        let (base, world) = (self.model.base(), self.world);
        let regions = base.region_count();
        // Trade at border prices, of the baseline and the new world.
        let trade = |n: usize, i: usize| -> (f64, f64) {
            (0..base.sector_count()).fold((0.0, 0.0), |(old, new), j| {
                let cell = base.cell(n, i, j);
                let before = base.flows()[cell] / (1.0 + base.tariff()[cell]);
                (old + before, new + world.border_flows[cell])
            })
        };
        let change =
            |parts: (f64, f64)| if parts.0 > 0.0 { 100.0 * (parts.1 / parts.0 - 1.0) } else { 0.0 };
        let sum = |pairs: &mut dyn Iterator<Item = (f64, f64)>| {
            pairs.fold((0.0, 0.0), |total, pair| (total.0 + pair.0, total.1 + pair.1))
        };
        (0..regions)
            .map(|n| {
                let others = || (0..regions).filter(move |&other| other != n);
                let revenue = world.tariff_revenue[n] + world.export_tax_revenue[n]
                    - base.tariff_revenue()[n]
                    - base.export_tax_revenue()[n];
                Line {
                    region: base.regions()[n].clone(),
                    income: 100.0 * (world.real_income_hat[n] - 1.0),
                    wage: 100.0 * (world.real_wage_hat[n] - 1.0),
                    prices: 100.0 * (world.cpi_hat[n] - 1.0),
                    exports: change(sum(&mut others().map(|i| trade(i, n)))),
                    imports: change(sum(&mut others().map(|i| trade(n, i)))),
                    terms: 100.0 * (world.terms_of_trade_hat[n] - 1.0),
                    revenue: revenue / 1000.0,
                }
            })
            .collect()
    }

    /// Outputs that change most in value: region, sector, billion dollars, percent.
    fn sectors(&self) -> Vec<(String, f64, f64)> {
        let base = self.model.base();
        let s = base.sector_count();
        let changes = (0..base.output().len()).map(|at| {
            let (old, new) = (base.output()[at], self.world.gross_output[at]);
            (format!("{} {}", base.regions()[at / s], base.sectors()[at % s]), old, new)
        });
        largest(changes.collect())
    }

    /// Trade flows between regions that change most in value at border prices.
    fn flows(&self) -> Vec<(String, f64, f64)> {
        let base = self.model.base();
        let (n, s) = (base.region_count(), base.sector_count());
        let changes =
            (0..base.flows().len()).filter(|cell| cell / (n * s) != cell / s % n).map(|cell| {
                let (buyer, seller) = (cell / (n * s), cell / s % n);
                let name = format!(
                    "{} from {}, {}",
                    base.regions()[buyer],
                    base.regions()[seller],
                    base.sectors()[cell % s]
                );
                let old = base.flows()[cell] / (1.0 + base.tariff()[cell]);
                (name, old, self.world.border_flows[cell])
            });
        largest(changes.collect())
    }

    fn write(&self, out: &mut dyn Write) -> Result<(), EconomyFailure> {
        for line in &self.setting {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "policy        {}", self.policy.join("\n              "))?;
        writeln!(
            out,
            "solved        {} sweeps, last change {:.0e}{}\n",
            self.world.sweeps,
            self.world.residual,
            if self.world.safeguards > 0 { ", with safeguards" } else { "" }
        )?;
        writeln!(
            out,
            "{:<8}{:>10}{:>9}{:>10}{:>10}{:>11}{:>11}{:>10}",
            "", "real", "real", "consumer", "revenue", "", "", "terms of"
        )?;
        writeln!(
            out,
            "{:<8}{:>10}{:>9}{:>10}{:>10}{:>11}{:>11}{:>10}",
            "region",
            "income %",
            "wage %",
            "prices %",
            "USD bn",
            "exports %",
            "imports %",
            "trade %"
        )?;
        let lines = self.lines();
        for line in &lines {
            writeln!(
                out,
                "{:<8}{:>+10.3}{:>+9.3}{:>+10.3}{:>+10.2}{:>+11.2}{:>+11.2}{:>+10.3}",
                line.region,
                line.income,
                line.wage,
                line.prices,
                line.revenue,
                line.exports,
                line.imports,
                line.terms
            )?;
        }
        self.write_chart(out, &lines)?;
        for (title, rows) in
            [("output of", self.sectors()), ("trade of (border prices)", self.flows())]
        {
            writeln!(out, "\nLargest changes, {title:<28}{:>10}{:>10}", "USD bn", "%")?;
            for (name, bn, percent) in rows {
                writeln!(out, "  {name:<43}{bn:>+10.1}{percent:>+10.1}")?;
            }
        }
        for (k, shadow) in self.world.quota_shadow.iter().enumerate() {
            writeln!(
                out,
                "\nQuota {}: {:.1} % ad valorem equivalent, quantity {:.4} of baseline",
                k + 1,
                100.0 * shadow,
                self.world.quota_quantity[k]
            )?;
        }
        self.write_parts(out)
    }

    /// Bars of real income, losses to the left.
    fn write_chart(&self, out: &mut dyn Write, lines: &[Line]) -> Result<(), EconomyFailure> {
        const WIDTH: usize = 24;
        let most = lines.iter().fold(0.0, |most: f64, line| most.max(line.income.abs()));
        writeln!(out, "\nReal income, % (losses left, gains right)")?;
        let mut sorted: Vec<&Line> = lines.iter().collect();
        sorted.sort_by(|a, b| b.income.total_cmp(&a.income));
        for line in sorted {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a share of the width of a bar"
            )]
            let length = if most > 0.0 {
                (line.income.abs() / most * WIDTH as f64).round() as usize
            } else {
                0
            };
            let bar = "█".repeat(length);
            let (left, right) =
                if line.income < 0.0 { (bar, String::new()) } else { (String::new(), bar) };
            writeln!(
                out,
                "{:<8}{left:>WIDTH$}│{right:<WIDTH$} {:>+8.3}",
                line.region, line.income
            )?;
        }
        Ok(())
    }

    fn write_parts(&self, out: &mut dyn Write) -> Result<(), EconomyFailure> {
        let Some(parts) = &self.parts else { return Ok(()) };
        writeln!(
            out,
            "\nReal income by cause, log points in % (linearised: at the base's values only)"
        )?;
        writeln!(
            out,
            "{:<8}{:>12}{:>12}{:>12}{:>12}{:>12}",
            "region", "exact", "terms", "volume", "other", "linearised"
        )?;
        for (region, part) in self.model.base().regions().iter().zip(parts) {
            writeln!(
                out,
                "{region:<8}{:>+12.3}{:>+12.3}{:>+12.3}{:>+12.3}{:>+12.3}",
                100.0 * part.exact,
                100.0 * part.terms_of_trade,
                100.0 * part.volume_of_trade,
                100.0 * part.other,
                100.0 * part.linearised
            )?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let base = self.model.base();
        let mut object = case::write(self.world, base);
        object["setting"] = json!(self.setting);
        object["policy"] = json!(self.policy);
        object["regions"] = json!(base.regions());
        object["sectors"] = json!(base.sectors());
        object["theta"] = json!(self.model.theta());
        object["by_region"] = Value::from_iter(self.lines().iter().map(|line| {
            json!({
                "region": line.region,
                "real_income_percent": case::digits(line.income),
                "real_wage_percent": case::digits(line.wage),
                "consumer_prices_percent": case::digits(line.prices),
                "revenue_usd_bn": case::digits(line.revenue),
                "exports_percent": case::digits(line.exports),
                "imports_percent": case::digits(line.imports),
                "terms_of_trade_percent": case::digits(line.terms),
            })
        }));
        let ranked = |rows: Vec<(String, f64, f64)>| {
            Value::from_iter(rows.into_iter().map(|(name, bn, percent)| {
                json!({"of": name, "usd_bn": case::digits(bn), "percent": case::digits(percent)})
            }))
        };
        object["largest_output_changes"] = ranked(self.sectors());
        object["largest_trade_changes"] = ranked(self.flows());
        if let Some(parts) = &self.parts {
            object["decomposition"] =
                Value::from_iter(parts.iter().zip(base.regions()).map(|(part, region)| {
                    json!({
                        "region": region,
                        "exact": case::digits(part.exact),
                        "terms_of_trade": case::digits(part.terms_of_trade),
                        "volume_of_trade": case::digits(part.volume_of_trade),
                        "other": case::digits(part.other),
                        "linearised": case::digits(part.linearised),
                    })
                }));
        }
        object
    }
}

/// The rows that change most, as (name, change in billions, change in percent).
fn largest(mut rows: Vec<(String, f64, f64)>) -> Vec<(String, f64, f64)> {
    rows.sort_by(|a, b| (b.2 - b.1).abs().total_cmp(&(a.2 - a.1).abs()));
    rows.truncate(SHOWN);
    rows.into_iter()
        .filter(|(_, old, new)| !crate::math::same(*old, *new))
        .map(|(name, old, new)| {
            let percent = if old > 0.0 { 100.0 * (new / old - 1.0) } else { 0.0 };
            (name, (new - old) / 1000.0, percent)
        })
        .collect()
}

#[cfg(test)]
mod tests;
