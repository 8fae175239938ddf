//! Solved cases of the trade model: every hat of an independent solution must be met.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what fails by failing")]

use countermove::economy::{Settings, case};
use serde_json::Value;
use std::path::Path;

/// Largest relative gap between two JSON values of one shape.
fn gap(found: &Value, expected: &Value, path: &str) -> (f64, String) {
    match (found, expected) {
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{path}");
            let gaps =
                a.iter().zip(b).enumerate().map(|(k, (x, y))| gap(x, y, &format!("{path}[{k}]")));
            gaps.fold((0.0, String::new()), |most, g| if g.0 > most.0 { g } else { most })
        }
        _ => {
            let (a, b) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            let gap = if b.abs() < 1e-300 { a.abs() } else { (a - b).abs() / b.abs() };
            (gap, path.to_owned())
        }
    }
}

fn agrees(name: &str, tolerance: f64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/economy").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let (model, policy) = case::read(&text).unwrap();
    let settings = Settings { tolerance: 1e-13, ..Settings::default() };
    let world = model.solve(&policy, settings).unwrap_or_else(|error| panic!("{name}: {error}"));
    println!(
        "{name}: {} sweeps, {} safeguards, {:.1e}",
        world.sweeps, world.safeguards, world.residual
    );
    assert!(world.balance_gap(model.base()) < 1e-10, "{name}");
    let found = case::write(&world, model.base());
    for (field, value) in expected["result"].as_object().unwrap() {
        // Revenue is a difference of nearly equal numbers where nothing is taxed.
        let (gap, place) = gap(&found[field], value, field);
        assert!(gap <= tolerance, "{name}, {place}: off by {gap:.2e}");
    }
}

#[test]
fn two_regions_one_sector() {
    agrees("s02_2x1_noio_t25.json", 1e-9);
}

#[test]
fn three_regions_with_deficits() {
    agrees("s06_3x2_noio_deficits_t100.json", 1e-9);
}

#[test]
fn input_output_links_and_a_base_with_tariffs() {
    agrees("s08_3x3_io_t100_base5.json", 1e-9);
}

#[test]
fn quota_with_rents_to_the_exporter() {
    agrees("s13_3x3_io_quota_exporter.json", 1e-7);
}

#[test]
fn critical_input_of_low_substitution() {
    agrees("s15_4x3_critical_sigma0p2.json", 1e-9);
}

#[test]
fn the_real_base() {
    agrees("r_hybrid2023_us100_on_china.json", 1e-8);
}
