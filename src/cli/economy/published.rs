//! `economy --table`: the policies of docs/economics.md, solved again on the shipped base.

use super::{Arguments, EconomyFailure, prepare, read_policy};
use crate::economy::{Reading, Settings};
use std::io::Write;

/// Goods of the United States from China, and of China from the United States.
const US_100: &[&str] = &["USA:CHN:goods:+100%"];
const WAR: &[&str] = &["USA:CHN:goods:+145%", "CHN:USA:goods:+125%"];
const TRUCE: &[&str] = &["USA:CHN:goods:+30%", "CHN:USA:goods:+10%"];
const ALL_10: &[&str] = &["USA:*:goods:+10%"];

/// Tariffs and elasticities of each row.
const ROWS: [(&[&str], &str); 9] = [
    (US_100, "default"),
    (WAR, "default"),
    (TRUCE, "default"),
    (ALL_10, "default"),
    (US_100, "4"),
    (US_100, "2"),
    (US_100, "0.76"),
    (WAR, "0.76"),
    (US_100, "caliendo-parro"),
];

/// Prints the table.
pub(super) fn write(arguments: &Arguments, out: &mut dyn Write) -> Result<(), EconomyFailure> {
    writeln!(
        out,
        "Real income, %, and US goods imports from China over baseline; base hybrid2023, exact\n\n\
         {:<48} {:<15} {:>7} {:>7} {:>7} {:>8}",
        "tariffs on top of the base's", "elasticities", "USA", "CHN", "MEX", "imports"
    )?;
    for (tariffs, theta) in ROWS {
        let row = Arguments {
            tariff: tariffs.iter().map(|&text| text.to_owned()).collect(),
            theta: Some(theta.to_owned()),
            ..arguments.clone()
        };
        let (model, _) = prepare(&row)?;
        let base = model.base();
        let (policy, _) = read_policy(&row, base)?;
        let world = model.solve(&policy, Settings::default())?;
        let region = |code: &str| {
            base.region(code).ok_or_else(|| EconomyFailure::Wrong(format!("the base lacks {code}")))
        };
        let (usa, chn, mex) = (region("USA")?, region("CHN")?, region("MEX")?);
        let income = |n: usize| 100.0 * (world.real_income_hat[n] - 1.0);
        let before: f64 = (0..base.goods())
            .map(|j| base.cell(usa, chn, j))
            .map(|cell| base.flows()[cell] / (1.0 + base.tariff()[cell]))
            .sum();
        let imports = 1e3 * Reading::Flow(usa, chn).of(&world, base) / before;
        writeln!(
            out,
            "{:<48} {theta:<15} {:>+7.3} {:>+7.3} {:>+7.3} {imports:>8.3}",
            tariffs.join(" "),
            income(usa),
            income(chn),
            income(mex)
        )?;
    }
    Ok(())
}
