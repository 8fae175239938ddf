//! A case: base, policy and elasticities in one JSON text, and the solved world as JSON.
//!
//! `base` is an object (`regions`, `sectors`, `X0`, `value_added_share`, `input_share`,
//! `trade_elasticity`, optional `tariff0`, `export_tax0`, `goods`, `critical`) or the name of a shipped base, with an
//! optional `theta` beside it (a set's name or one number by sector). `policy` is an object of full
//! arrays (`tariff`, `export_tax`, `iceberg`, `embargo`, `open`, `productivity`, `quota`, `deficit`) or
//! a list of changes (`importer`, `exporter`, `sectors`, `tariff_add` or `export_tax`). Index order of
//! arrays: buyer, seller, sector.

use super::base::{Accounts, Base, BaseError};
use super::policy::{Deficits, Policy, Quota, Rent};
use super::shipped;
use super::solver::{Critical, Equilibrium, Model};
use serde_json::{Map, Value, json};

/// Reads a case: the calibrated model and the policy to solve it under.
///
/// # Errors
/// The text is not JSON, a field is missing or misshapen, or the base or policy is not valid; the
/// message names the field and the cell.
pub fn read(text: &str) -> Result<(Model, Policy), BaseError> {
    let case: Value = serde_json::from_str(text)
        .map_err(|error| fault("case", error.to_string(), "give one JSON object"))?;
    let (base, mut theta, critical) = match case.get("base") {
        Some(Value::String(name)) => {
            let base = shipped::base(name).ok_or_else(|| {
                fault("base", format!("`{name}` is not shipped"), shipped::BASES.join(" or "))
            })?;
            let theta = shipped::elasticities("default", base.sectors());
            (base.clone(), theta.unwrap_or_default(), None)
        }
        Some(Value::Object(fields)) => read_base(fields)?,
        _ => return Err(fault("base", "missing", "give an object or a shipped base's name")),
    };
    match case.get("theta") {
        None | Some(Value::Null) => {}
        Some(Value::String(set)) => {
            theta = shipped::elasticities(set, base.sectors()).ok_or_else(|| {
                fault(
                    "theta",
                    format!("no set `{set}` for these sectors"),
                    shipped::ELASTICITY_SETS.join(" or "),
                )
            })?;
        }
        Some(Value::Number(level)) => {
            theta.fill(level.as_f64().unwrap_or(f64::NAN));
        }
        Some(list) => theta = numbers(list, "theta", &[base.sector_count()])?,
    }
    let model = Model::new(&base, &theta, critical)?;
    let policy = match case.get("policy") {
        None | Some(Value::Null) => Policy::unchanged(&base),
        Some(Value::Object(fields)) => read_levels(fields, &base)?,
        Some(Value::Array(changes)) => read_changes(changes, &base)?,
        Some(_) => return Err(fault("policy", "neither object nor list", "see docs/economics.md")),
    };
    Ok((model, policy))
}

fn fault(
    place: impl Into<String>,
    problem: impl Into<String>,
    remedy: impl Into<String>,
) -> BaseError {
    BaseError::new(place, problem, remedy)
}

fn read_base(fields: &Map<String, Value>) -> Result<(Base, Vec<f64>, Option<Critical>), BaseError> {
    let names = |field: &str| -> Result<Vec<String>, BaseError> {
        let list = fields.get(field).and_then(Value::as_array);
        list.and_then(|list| list.iter().map(|v| v.as_str().map(str::to_owned)).collect())
            .ok_or_else(|| fault(format!("base.{field}"), "missing", "give a list of names"))
    };
    let (regions, sectors) = (names("regions")?, names("sectors")?);
    let (n, s) = (regions.len(), sectors.len());
    let table =
        |field: &str, dims: &[usize], default: Option<f64>| match (fields.get(field), default) {
            (None | Some(Value::Null), Some(value)) => Ok(vec![value; dims.iter().product()]),
            (None | Some(Value::Null), None) => {
                Err(fault(format!("base.{field}"), "missing", "give the table"))
            }
            (Some(value), _) => numbers(value, &format!("base.{field}"), dims),
        };
    let theta = table("trade_elasticity", &[s], None)?;
    let goods = fields.get("goods").and_then(Value::as_u64);
    let base = Base::new(Accounts {
        name: "case".into(),
        goods: goods.and_then(|g| usize::try_from(g).ok()).unwrap_or(s),
        flows: table("X0", &[n, n, s], None)?,
        tariff: table("tariff0", &[n, n, s], Some(0.0))?,
        export_tax: table("export_tax0", &[n, n, s], Some(0.0))?,
        input_share: table("input_share", &[n, s, s], Some(0.0))?,
        value_added_share: match fields.get("value_added_share") {
            None | Some(Value::Null) => Vec::new(),
            Some(value) => numbers(value, "base.value_added_share", &[n, s])?,
        },
        regions,
        sectors,
    })?;
    let critical = match fields.get("critical") {
        None | Some(Value::Null) => None,
        Some(nest) => Some(Critical {
            sector: index(nest.get("k"), &base, "base.critical.k", false)?,
            sigma: numbers(nest.get("sigma").unwrap_or(&Value::Null), "base.critical.sigma", &[s])?,
        }),
    };
    Ok((base, theta, critical))
}

/// Reads a nested list of the given shape into a flat one; `"inf"` is infinity, `true` is 1.
fn numbers(value: &Value, path: &str, dims: &[usize]) -> Result<Vec<f64>, BaseError> {
    let mut flat = Vec::with_capacity(dims.iter().product());
    gather(value, path, dims, &mut flat)?;
    Ok(flat)
}

fn gather(value: &Value, path: &str, dims: &[usize], flat: &mut Vec<f64>) -> Result<(), BaseError> {
    let Some((&size, rest)) = dims.split_first() else {
        flat.push(match value {
            Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
            Value::Bool(yes) => f64::from(u8::from(*yes)),
            Value::String(word) if word.eq_ignore_ascii_case("inf") => f64::INFINITY,
            _ => return Err(fault(path, format!("{value} is not a number"), "give a number")),
        });
        return Ok(());
    };
    let list = value
        .as_array()
        .ok_or_else(|| fault(path, "not a list", format!("give a list of {size}")))?;
    if list.len() != size {
        return Err(fault(
            path,
            format!("{} entries where {size} are needed", list.len()),
            "give every cell, 0 where there is nothing",
        ));
    }
    list.iter().enumerate().try_for_each(|(at, v)| gather(v, &format!("{path}[{at}]"), rest, flat))
}

/// A region or sector by number or code.
fn index(value: Option<&Value>, base: &Base, path: &str, region: bool) -> Result<usize, BaseError> {
    let names = if region { base.regions() } else { base.sectors() };
    let found = match value {
        Some(Value::Number(number)) => {
            number.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|&n| n < names.len())
        }
        Some(Value::String(code)) => names.iter().position(|name| name == code),
        _ => None,
    };
    found.ok_or_else(|| {
        let given = value.map_or("nothing".to_owned(), Value::to_string);
        fault(path, format!("{given} is not in the base"), format!("one of {}", names.join(", ")))
    })
}

fn read_levels(fields: &Map<String, Value>, base: &Base) -> Result<Policy, BaseError> {
    let mut policy = Policy::unchanged(base);
    let (n, s) = (base.region_count(), base.sector_count());
    for (field, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let path = format!("policy.{field}");
        match field.as_str() {
            "tariff" => policy.tariff = numbers(value, &path, &[n, n, s])?,
            "export_tax" => policy.export_tax = numbers(value, &path, &[n, n, s])?,
            "iceberg" => policy.iceberg = numbers(value, &path, &[n, n, s])?,
            "open" => policy.open = numbers(value, &path, &[n, n, s])?,
            "productivity" => policy.productivity = numbers(value, &path, &[n, s])?,
            "deficit" => policy.deficits = read_deficits(value, &path, n)?,
            "embargo" => read_embargo(value, &path, base, &mut policy)?,
            "quota" => {
                let list = value.as_array().map(Vec::as_slice);
                for (at, quota) in list.unwrap_or(std::slice::from_ref(value)).iter().enumerate() {
                    policy.quotas.push(read_quota(quota, &format!("{path}[{at}]"), base)?);
                }
            }
            _ => {
                return Err(fault(
                    path,
                    "unknown field",
                    "tariff, export_tax, iceberg, embargo, open, productivity, quota or deficit",
                ));
            }
        }
    }
    policy.check(base)?;
    Ok(policy)
}

fn read_deficits(value: &Value, path: &str, regions: usize) -> Result<Deficits, BaseError> {
    match value.as_str() {
        Some("fixed") => Ok(Deficits::Fixed),
        Some("scaled") => Ok(Deficits::Scaled),
        Some("zero") => Ok(Deficits::Given(vec![0.0; regions])),
        Some(_) => Err(fault(path, format!("{value} is no closure"), "fixed, scaled or zero")),
        None => Ok(Deficits::Given(numbers(value, path, &[regions])?)),
    }
}

/// Embargoes: a full array that is not 0 where trade stops, or a list of `{n, i, j}` (no `j`: all).
fn read_embargo(
    value: &Value,
    path: &str,
    base: &Base,
    policy: &mut Policy,
) -> Result<(), BaseError> {
    let (n, s) = (base.region_count(), base.sector_count());
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.iter().all(Value::is_object) && !list.is_empty() {
        for (at, place) in list.iter().enumerate() {
            let path = format!("{path}[{at}]");
            let buyer = index(place.get("n"), base, &format!("{path}.n"), true)?;
            let seller = index(place.get("i"), base, &format!("{path}.i"), true)?;
            let sectors = match place.get("j") {
                None | Some(Value::Null) => 0..s,
                some => {
                    let j = index(some, base, &format!("{path}.j"), false)?;
                    j..j + 1
                }
            };
            for j in sectors {
                policy.iceberg[base.cell(buyer, seller, j)] = f64::INFINITY;
            }
        }
    } else if !list.is_empty() {
        for (cell, stop) in numbers(value, path, &[n, n, s])?.iter().enumerate() {
            if !crate::math::same(*stop, 0.0) {
                policy.iceberg[cell] = f64::INFINITY;
            }
        }
    }
    Ok(())
}

fn read_quota(value: &Value, path: &str, base: &Base) -> Result<Quota, BaseError> {
    let importers = match value.get("n") {
        Some(Value::Array(list)) => list
            .iter()
            .map(|n| index(Some(n), base, &format!("{path}.n"), true))
            .collect::<Result<_, _>>()?,
        some => vec![index(some, base, &format!("{path}.n"), true)?],
    };
    let rent = match value.get("rent").and_then(Value::as_str) {
        Some("exporter" | "firms") | None => Rent::Exporter,
        Some("importer") => Rent::Importer,
        Some("burnt" | "none") => Rent::Burnt,
        Some(word) => {
            let places = "exporter, importer or burnt";
            return Err(fault(format!("{path}.rent"), format!("`{word}` gets no rent"), places));
        }
    };
    Ok(Quota {
        importers,
        exporter: index(value.get("i"), base, &format!("{path}.i"), true)?,
        sector: index(value.get("j"), base, &format!("{path}.j"), false)?,
        ratio: value.get("q").and_then(Value::as_f64).unwrap_or(f64::NAN),
        rent,
    })
}

fn read_changes(changes: &[Value], base: &Base) -> Result<Policy, BaseError> {
    let mut policy = Policy::unchanged(base);
    for (at, change) in changes.iter().enumerate() {
        let path = format!("policy[{at}]");
        let importer = index(change.get("importer"), base, &format!("{path}.importer"), true)?;
        let exporter = index(change.get("exporter"), base, &format!("{path}.exporter"), true)?;
        let sectors: Vec<usize> = match change.get("sectors") {
            Some(Value::String(word)) if word == "goods" => (0..base.goods()).collect(),
            Some(Value::String(word)) if word == "all" => (0..base.sector_count()).collect(),
            Some(Value::Array(list)) => list
                .iter()
                .map(|j| index(Some(j), base, &format!("{path}.sectors"), false))
                .collect::<Result<_, _>>()?,
            some => vec![index(some, base, &format!("{path}.sectors"), false)?],
        };
        let rate = |field: &str| change.get(field).map(|v| v.as_f64().unwrap_or(f64::NAN));
        let (tariff, export_tax) = (rate("tariff_add"), rate("export_tax"));
        if tariff.is_none() && export_tax.is_none() {
            let both = "give tariff_add or export_tax";
            return Err(fault(path, "no rate", both));
        }
        for j in sectors {
            let cell = base.cell(importer, exporter, j);
            policy.tariff[cell] += tariff.unwrap_or(0.0);
            policy.export_tax[cell] += export_tax.unwrap_or(0.0);
        }
    }
    policy.check(base)?;
    Ok(policy)
}

/// The fields of a solved world as JSON, numbers with 12 significant digits, arrays nested.
#[must_use]
pub fn write(world: &Equilibrium, base: &Base) -> Value {
    let (n, s) = (base.region_count(), base.sector_count());
    let list = |values: &[f64]| Value::from_iter(values.iter().map(|&v| digits(v)));
    let table = |values: &[f64]| Value::from_iter(values.chunks(s).map(list));
    let cube = |values: &[f64]| Value::from_iter(values.chunks(n * s).map(table));
    let mut result = json!({
        "wage_hat": list(&world.wage_hat),
        "cpi_hat": list(&world.cpi_hat),
        "real_income_hat": list(&world.real_income_hat),
        "real_wage_hat": list(&world.real_wage_hat),
        "nominal_income": list(&world.nominal_income),
        "tariff_revenue": list(&world.tariff_revenue),
        "export_tax_revenue": list(&world.export_tax_revenue),
        "gross_output": table(&world.gross_output),
        "price_hat": table(&world.price_hat),
        "unit_cost_hat": table(&world.unit_cost_hat),
        "expenditure_flows": cube(&world.expenditure_flows),
        "quantity_hat": cube(&world.quantity_hat),
        "terms_of_trade_hat": list(&world.terms_of_trade_hat),
        "solver_residual": digits(world.residual),
        "solver_sweeps": world.sweeps,
        "solver_safeguards": world.safeguards,
    });
    if !world.quota_shadow.is_empty() {
        result["quota_shadow_ad_valorem"] = list(&world.quota_shadow);
        result["quota_quantity_hat"] = list(&world.quota_quantity);
    }
    result
}

/// A number cut to 12 significant digits.
#[must_use]
pub fn digits(value: f64) -> Value {
    let cut: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    Value::from(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_the_field() {
        for (text, part) in [
            ("[", "case"),
            ("{}", "base"),
            (r#"{"base": "gtap"}"#, "hybrid2023"),
            (r#"{"base": {"regions": ["A"]}}"#, "base.sectors"),
            (
                r#"{"base": {"regions": ["A"], "sectors": ["S"], "trade_elasticity": [2], "X0": [[[1, 2]]]}}"#,
                "base.X0[0][0]",
            ),
            (r#"{"base": "hybrid2023", "policy": {"tarif": 1}}"#, "policy.tarif"),
            (
                r#"{"base": "hybrid2023", "policy": [{"importer": "USA", "exporter": "XXX"}]}"#,
                "policy[0].exporter",
            ),
            (
                r#"{"base": "hybrid2023", "policy": [{"importer": "USA", "exporter": "CHN", "sectors": "goods", "tariff_add": -2}]}"#,
                "tariff of USA on CHN, AGR",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn twelve_digits() {
        assert_eq!(digits(1.059_741_554_839_999).to_string(), "1.05974155484");
        assert_eq!(digits(0.0).to_string(), "0.0");
    }
}
