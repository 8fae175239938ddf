//! The JSON Schema of the scenario language, for editors: it follows from the types that a file is read into.
//!
//! Draft 2020-12. A file is RON; [`crate::syntax::to_json`] says how RON is written as JSON. The schema knows
//! forms and words; whether names are known, numbers make sense and dates lie in order is what `check` says.

use super::spec::Document;
use crate::model::written::EFFECTS;
use crate::registry::Info;
use crate::{instruments, metrics, rules};
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema.
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Document>().to_value();
    for (name, all) in [
        ("EffectSpec", EFFECTS),
        ("InstrumentKind", instruments::ALL),
        ("RuleKind", rules::ALL),
        ("MetricKindSpec", metrics::ALL),
    ] {
        if let Some(forms) = schema.pointer_mut(&format!("/$defs/{name}/oneOf")) {
            describe(forms, all);
        }
    }
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), Value::from("A scenario of countermove"));
    }
    schema
}

/// Says of each form what lists say of it.
fn describe(forms: &mut Value, all: &[Info]) {
    for form in forms.as_array_mut().into_iter().flatten() {
        let named = form.pointer("/required/0").or_else(|| form.get("const"));
        let info = named
            .and_then(Value::as_str)
            .and_then(|name| all.iter().find(|info| info.name == name));
        if let (Some(info), Some(form)) = (info, form.as_object_mut()) {
            let about = format!("{}: `{}`", info.doc.trim_end_matches('.'), info.example);
            form.insert("description".to_owned(), Value::from(about));
        }
    }
}
