//! Schemas and decoders agree: on thousands of made-up properties, of which each wrong one differs from a right one in one
//! place, and every rule of every schema is broken many times. What is made up here is written down for
//! `tests/cfn_lint/test_agreement.py`, where cfn-lint judges it too.

use crate::schemas::{decoded_errors, schema};
use crate::support::dice::Dice;
use crate::support::mistakes::broken;
use crate::support::rules::{Rule, rules};
use crate::support::valid_properties::properties;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use provider::resource::TYPES;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How often each rule is broken.
const TIMES: usize = 25;
/// CloudFormation judges these itself, before anything is sent.
const CLOUDFORMATION: [&str; 2] = ["ServiceToken", "ServiceTimeout"];

/// A mistake as a validator tells it: the rule, and the place as cfn-lint shows it.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistake {
    pub rule: String,
    place: String,
    pointer: String,
    /// Whether another value at the place would be right; else the member is missing, or must not be there.
    by_value: bool,
}

/// What is right, and the same with one mistake.
struct Pair {
    kind: &'static str,
    right: Value,
    wrong: Value,
    mistake: Mistake,
}

/// As CloudFormation sends properties: every scalar a string.
fn as_sent(value: &Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => value.to_string().into(),
        Value::Array(items) => items.iter().map(as_sent).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), as_sent(member))).collect()
        }
        other => other.clone(),
    }
}

/// `Tags[0].Key` of `/Tags/0/Key`.
fn shown(pointer: &str, member: Option<&str>) -> String {
    let mut place = String::new();
    for step in pointer.split('/').skip(1) {
        let index = step.bytes().all(|byte| byte.is_ascii_digit());
        place = if index { format!("{place}[{step}]") } else { format!("{place}.{step}") };
    }
    let place = place + &member.map(|name| format!(".{name}")).unwrap_or_default();
    let place = place.strip_prefix('.').unwrap_or(&place);
    if place.is_empty() { "Properties".to_owned() } else { place.to_owned() }
}

/// What a validator says of properties as CloudFormation would send them.
pub fn mistakes(validator: &Validator, properties: &Value) -> Vec<Mistake> {
    let sent = as_sent(properties);
    let told = validator.iter_errors(&sent).map(|error| {
        let (rule, pointer) = (error.schema_path().to_string(), error.instance_path().to_string());
        let (rule, member) = match error.kind() {
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap().to_owned();
                (format!("{rule}/{name}"), Some(name))
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => (rule, unexpected.first().cloned()),
            _ => (rule, None),
        };
        let by_value = member.is_none() && !matches!(error.kind(), ValidationErrorKind::FalseSchema);
        Mistake { rule, place: shown(&pointer, member.as_deref()), pointer, by_value }
    });
    told.collect()
}

/// Properties of a type with one mistake against `rule` alone, and without it.
fn pair(kind: &'static str, validator: &Validator, rule: &Rule, dice: &mut Dice) -> Pair {
    for _ in 0..2_000 {
        let mut right = properties(kind, dice);
        let Some(wrong) = broken(kind, rule, &mut right, dice) else { continue };
        let mut told = mistakes(validator, &wrong);
        if told.len() == 1 && told[0].rule == rule.id && mistakes(validator, &right).is_empty() {
            return Pair { kind, right, wrong, mistake: told.remove(0) };
        }
    }
    panic!("nothing breaks {kind} {} alone", rule.id);
}

/// All pairs, and how often each rule is broken.
fn pairs() -> (Vec<Pair>, BTreeMap<String, usize>) {
    let (mut pairs, mut hits) = (Vec::new(), BTreeMap::new());
    let mut dice = Dice(20_261_125);
    for kind in TYPES {
        let (name, schema) = (kind.short_name(), schema(kind.short_name()));
        let validator = jsonschema::draft7::new(&schema).unwrap();
        for rule in rules(&schema, &CLOUDFORMATION) {
            for _ in 0..TIMES {
                let pair = pair(name, &validator, &rule, &mut dice);
                *hits.entry(format!("{name} {}", pair.mistake.rule)).or_default() += 1;
                pairs.push(pair);
            }
        }
    }
    (pairs, hits)
}

/// A value that only the deployment knows.
fn function(dice: &mut Dice) -> Value {
    let functions = [
        json!({ "Ref": "Text" }),
        json!({ "Fn::Sub": "arn:${AWS::Partition}:x:${Text}" }),
        json!({ "Fn::ImportValue": "elsewhere" }),
        json!({ "Fn::GetAtt": ["Other", "Arn"] }),
        json!({ "Fn::GetAtt": "Other.Arn" }),
        json!({ "Fn::Select": [0, { "Ref": "List" }] }),
        json!({ "Fn::Split": [",", { "Ref": "Text" }] }),
        json!({ "Fn::Join": ["", ["a", { "Ref": "Text" }]] }),
        json!({ "Fn::FindInMap": ["Map", "a", "b"] }),
        json!({ "Fn::If": ["Sometimes", { "Ref": "Text" }, { "Fn::ImportValue": "elsewhere" }] }),
        json!("{{resolve:ssm:/licenses/x}}"),
    ];
    dice.pick(&functions).clone()
}

/// The same with functions instead of some values, and optional properties that a condition leaves out or not.
fn with_functions(right: &Value, dice: &mut Dice) -> Value {
    let mut members = right.as_object().unwrap().clone();
    for value in members.values_mut() {
        match (dice.below(4), &mut *value) {
            (0, there) => *there = function(dice),
            (1, Value::Array(items)) if !items.is_empty() => {
                let at = dice.below(items.len());
                items[at] = function(dice);
            }
            (2, there) => {
                *there = json!({ "Fn::If": ["Sometimes", there.clone(), { "Ref": "AWS::NoValue" }] });
            }
            _ => {}
        }
    }
    if dice.once_in(8) {
        let include = json!({ "Name": "AWS::Include", "Parameters": { "Location": { "Ref": "Text" } } });
        members.insert("Fn::Transform".to_owned(), include);
    }
    members.into()
}

fn at(properties: &Value, pointer: &str, put: impl FnOnce(Value) -> Value) -> Value {
    let mut changed = properties.clone();
    let there = changed.pointer_mut(pointer).unwrap();
    *there = put(there.take());
    changed
}

/// A template with a resource, and where cfn-lint is to find the one mistake; `None`: it is to say nothing.
fn case(kind: &str, properties: &Value, place: Option<&str>) -> Value {
    let resource = json!({ "Type": format!("Custom::{kind}"), "Properties": properties });
    let template = json!({
        "Parameters": { "Text": { "Type": "String" }, "List": { "Type": "CommaDelimitedList" } },
        "Conditions": { "Sometimes": { "Fn::Equals": [{ "Ref": "Text" }, "a"] } },
        "Mappings": { "Map": { "a": { "b": "c" } } },
        "Resources": { "Resource": resource, "Other": { "Type": "AWS::SNS::Topic" } },
    });
    json!({ "template": template, "place": place })
}

/// The templates that come of a pair, by what they are.
fn cases(pair: &Pair, dice: &mut Dice) -> Vec<(&'static str, Value)> {
    let (kind, Mistake { place, pointer, by_value, .. }) = (pair.kind, &pair.mistake);
    let mut cases = vec![
        ("right", case(kind, &pair.right, None)),
        ("wrong", case(kind, &pair.wrong, Some(place))),
        ("right with functions", case(kind, &with_functions(&pair.right, dice), None)),
    ];
    if *by_value {
        let hidden = at(&pair.wrong, pointer, |_| function(dice));
        cases.push(("wrong behind a function", case(kind, &hidden, None)));
        let chosen = |wrong: Value| {
            let otherwise = pair.right.pointer(pointer).cloned().unwrap_or_else(|| function(dice));
            json!({ "Fn::If": ["Sometimes", wrong, otherwise] })
        };
        let branch = at(&pair.wrong, pointer, chosen);
        cases.push(("wrong in a branch", case(kind, &branch, Some(place))));
    }
    cases
}

fn write(name: &str, text: &str) {
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), text).unwrap();
}

#[test]
fn the_decoder_and_the_schemas_judge_thousands_of_properties_alike() {
    let (pairs, hits) = pairs();
    assert!(pairs.len() >= 1_500, "{}", pairs.len());
    let mut disagreed = Vec::new();
    for Pair { kind, right, wrong, mistake } in &pairs {
        let (of_right, of_wrong) =
            (decoded_errors(kind, &as_sent(right)), decoded_errors(kind, &as_sent(wrong)));
        if !of_right.is_empty() {
            disagreed.push(format!("{kind}: refused: {of_right:?}: {right}"));
        }
        if of_wrong.is_empty() {
            disagreed.push(format!(
                "{kind}: taken in spite of {mistake:?}: {}",
                wrong.pointer(&mistake.pointer).unwrap()
            ));
        }
    }
    assert!(disagreed.is_empty(), "{} disagreements:\n{}", disagreed.len(), disagreed.join("\n"));
    for (rule, times) in &hits {
        assert!(*times >= 20, "{rule} is broken {times} times");
    }
    let (mut dice, mut lines, mut counts) = (Dice(7), Vec::new(), Map::new());
    for (what, case) in pairs.iter().flat_map(|pair| cases(pair, &mut dice)) {
        lines.push(json!({ "what": what, "place": case["place"], "template": case["template"] }).to_string());
        let count = counts.get(what).and_then(Value::as_u64).unwrap_or_default();
        counts.insert(what.to_owned(), json!(count + 1));
    }
    write("agreement.jsonl", &lines.join("\n"));
    write("agreement.json", &json!({ "templates": counts, "hits": hits }).to_string());
}

#[test]
fn the_2020_12_schemas_say_the_same() {
    let (pairs, _) = pairs();
    for kind in TYPES {
        let document = crate::schemas::document(&format!("{}/properties.2020-12.json", kind.short_name()));
        let validator = jsonschema::draft202012::new(&document).unwrap();
        for pair in pairs.iter().filter(|pair| pair.kind == kind.short_name()) {
            assert_eq!(mistakes(&validator, &pair.right), []);
            let told = mistakes(&validator, &pair.wrong);
            assert_eq!(told.len(), 1);
            assert_eq!(told[0].place, pair.mistake.place);
        }
    }
}

/// The schemas are strict where the provider is not: a request may come from a template that no schema has judged.
#[test]
fn words_for_true_and_false_in_other_letters_are_for_the_provider_alone() {
    let validator = jsonschema::draft7::new(&schema("LicenseConfigShare")).unwrap();
    for word in ["TRUE", "False", " true"] {
        let share = json!({ "ServiceToken": "t", "Name": "n", "AdoptExisting": word });
        assert_eq!(mistakes(&validator, &share).len(), 1, "{word}");
        assert_eq!(decoded_errors("LicenseConfigShare", &share), [], "{word}");
    }
}
