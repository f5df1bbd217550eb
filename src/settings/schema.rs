//! The JSON schema of `supconv.toml`, by which editors complete and check it: `docs/supconv.schema.json`.

use serde_json::{Map, Value, json};

use super::{KEYS, Kind};
use crate::rules::{Target, catalogue};

/// The schema.
#[must_use]
pub fn schema() -> Value {
    let property = |key: &super::Key| {
        let mut schema = of(key.kind);
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".to_owned(), json!(key.doc));
        }
        (key.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = KEYS.iter().map(property).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "supconv.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "definitions": {
            "rule": {
                "anyOf": [
                    {"enum": catalogue().iter().flat_map(|rule| [rule.code, rule.name]).collect::<Vec<_>>()},
                    {"type": "string", "pattern": "^[Ss][Uu][Pp][0-9]{1,2}$"},
                ],
            },
            "rules": {"type": "array", "items": {"$ref": "#/definitions/rule"}},
            "severity": {"enum": ["error", "warning", "info"]},
        },
    })
}

fn of(kind: Kind) -> Value {
    match kind {
        Kind::Rules => json!({"$ref": "#/definitions/rules", "type": "array"}),
        Kind::Severity => json!({"enum": ["error", "warning", "info"]}),
        Kind::Target => json!({"enum": Target::ALL.map(Target::name)}),
        Kind::Python => json!({"type": "string", "pattern": "^3\\.([89]|1[0-4])$"}),
        Kind::File => json!({"type": "string", "minLength": 1}),
        Kind::Severities => json!({
            "type": "object",
            "propertyNames": {"$ref": "#/definitions/rule"},
            "additionalProperties": {"$ref": "#/definitions/severity"},
        }),
        Kind::Patterns => json!({"type": "object", "additionalProperties": {"$ref": "#/definitions/rules"}}),
    }
}
