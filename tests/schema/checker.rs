//! A checker of JSON against a JSON Schema, as far as the schema of scenarios goes: a keyword that it does not
//! know stops the test, so that nothing passes unseen.

use serde_json::Value;

/// What is wrong with a value, the deepest complaint first; nothing if it fits.
pub fn check(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    at(root, schema, value, "")
}

fn at(root: &Value, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
    let rules = match schema {
        Value::Bool(true) => return Ok(()),
        Value::Bool(false) => return Err(format!("{path}: nothing may stand here")),
        Value::Object(rules) => rules,
        other => panic!("{other} is no schema"),
    };
    let wrong = |why: String| Err(format!("{path}: {why}"));
    for (keyword, rule) in rules {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "default" | "$defs" | "format" => {}
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                let target =
                    root.pointer(pointer).unwrap_or_else(|| panic!("{rule} leads nowhere"));
                at(root, target, value, path)?;
            }
            "type" => {
                let one = |name: &Value| is(name.as_str().unwrap(), value);
                let fits = rule.as_array().map_or_else(|| one(rule), |all| all.iter().any(one));
                if !fits {
                    return wrong(format!("{rule} is wanted"));
                }
            }
            "const" => {
                if value != rule {
                    return wrong(format!("{rule} is wanted"));
                }
            }
            "enum" => {
                if !rule.as_array().unwrap().contains(value) {
                    return wrong(format!("one of {rule} is wanted"));
                }
            }
            "anyOf" | "oneOf" => {
                let forms = rule.as_array().unwrap();
                let tried: Vec<_> = forms.iter().map(|form| at(root, form, value, path)).collect();
                let fits = tried.iter().filter(|one| one.is_ok()).count();
                if fits == 0 {
                    let deepest = tried.into_iter().filter_map(Result::err);
                    return Err(deepest
                        .max_by_key(|why| why.split(": ").next().map(str::len))
                        .unwrap());
                }
                if keyword == "oneOf" && fits > 1 {
                    return wrong(format!("{fits} forms fit"));
                }
            }
            "properties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = rule.get(name) {
                        at(root, schema, inner, &format!("{path}/{name}"))?;
                    }
                }
            }
            "required" => {
                for name in rule.as_array().unwrap() {
                    if value
                        .as_object()
                        .is_some_and(|all| !all.contains_key(name.as_str().unwrap()))
                    {
                        return wrong(format!("{name} lacks"));
                    }
                }
            }
            "additionalProperties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    let known = rules.get("properties").is_some_and(|all| all.get(name).is_some());
                    if !known {
                        at(root, rule, inner, &format!("{path}/{name}"))?;
                    }
                }
            }
            "prefixItems" => {
                let schemas = rule.as_array().unwrap();
                for (k, inner) in value.as_array().into_iter().flatten().enumerate() {
                    if let Some(schema) = schemas.get(k) {
                        at(root, schema, inner, &format!("{path}/{k}"))?;
                    }
                }
            }
            "items" => {
                let before =
                    rules.get("prefixItems").map_or(0, |all| all.as_array().unwrap().len());
                for (k, inner) in value.as_array().into_iter().flatten().enumerate().skip(before) {
                    at(root, rule, inner, &format!("{path}/{k}"))?;
                }
            }
            "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
                let size = match (keyword.ends_with("Items"), value) {
                    (true, Value::Array(all)) => all.len(),
                    (false, Value::Object(all)) => all.len(),
                    _ => continue,
                };
                let bound = usize::try_from(rule.as_u64().unwrap()).unwrap();
                if (keyword.starts_with("min") && size < bound)
                    || (keyword.starts_with("max") && size > bound)
                {
                    return wrong(format!("{size} parts, {keyword} {bound}"));
                }
            }
            "minimum" | "maximum" => {
                let Some(number) = value.as_f64() else { continue };
                let bound = rule.as_f64().unwrap();
                if (keyword == "minimum" && number < bound)
                    || (keyword == "maximum" && number > bound)
                {
                    return wrong(format!("{number}, {keyword} {bound}"));
                }
            }
            "pattern" => {
                let Some(text) = value.as_str() else { continue };
                if !matches(rule.as_str().unwrap(), text) {
                    return wrong(format!("`{text}` does not look like {rule}"));
                }
            }
            other => panic!("the checker does not know `{other}`"),
        }
    }
    Ok(())
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type is called `{other}`"),
    }
}

/// The two patterns of dates.
fn matches(pattern: &str, text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    match pattern {
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" => shape == "0000-00-00",
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$" => {
            shape == "0000-00-00" || shape == "0000-00-00T00:00"
        }
        other => panic!("the checker does not know the pattern {other}"),
    }
}
