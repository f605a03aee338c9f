//! One mistake in what was right: a change at one place, meant to break one rule.

use super::dice::Dice;
use super::rules::Rule;
use super::valid_properties::value;
use serde_json::{Value, json};

/// The rule broken in properties of a type, if chance would have it; who asks must see whether that rule alone is.
/// `right` is given the property that the rule is about where it has none.
pub fn broken(kind: &str, rule: &Rule, right: &mut Value, dice: &mut Dice) -> Option<Value> {
    if let Some(name) = rule.at.first().filter(|name| right.get(name).is_none()) {
        let made = value(kind, name, dice);
        if rule.id.starts_with("/allOf") {
            // What a condition asks of a property is mostly that it is not there.
            let mut wrong = right.clone();
            wrong[name] = made;
            return Some(wrong);
        }
        right[name] = made;
    }
    let mut wrong = right.clone();
    let there = wrong.pointer_mut(&place(&rule.at, right, dice)?)?;
    change(kind, rule, there, dice).then_some(wrong)
}

/// A JSON pointer to a place where a rule counts.
fn place(at: &[String], instance: &Value, dice: &mut Dice) -> Option<String> {
    let mut place = String::new();
    for step in at {
        let here = instance.pointer(&place)?;
        if step == "*" {
            let items = here.as_array().filter(|items| !items.is_empty())?;
            place = format!("{place}/{}", dice.below(items.len()));
        } else {
            place = format!("{place}/{step}");
        }
    }
    Some(place)
}

fn change(kind: &str, rule: &Rule, there: &mut Value, dice: &mut Dice) -> bool {
    let changed = match rule.keyword.as_str() {
        "type" => dice.pick(&other_types(&rule.says)).clone(),
        "enum" => other_choice(there, dice),
        "pattern" => edited(&text(there), dice).into(),
        "minLength" => dice.text("a", usize::try_from(rule.says.as_u64().unwrap()).unwrap() - 1).into(),
        "maxLength" => {
            let longer = usize::try_from(rule.says.as_u64().unwrap()).unwrap() + 1 + dice.below(40);
            dice.text("abc", longer).into()
        }
        "minItems" => json!([]),
        "maxItems" => more_items(kind, rule, dice),
        "required" => return remove(there, rule.says.as_str().unwrap()),
        "additionalProperties" => return add(there, dice),
        "not" => forbidden(&rule.says),
        "false" => return false,
        other => panic!("no mistake is known against {other}"),
    };
    *there = changed;
    true
}

fn other_types(wanted: &Value) -> Vec<Value> {
    let scalars = [json!("text"), json!(12), json!(true)];
    let (list, object) = ([json!(["text"]), json!([])], [json!({ "a": "b" }), json!({})]);
    match wanted.as_str() {
        Some("array") => [&scalars[..], &object[..]].concat(),
        Some("object") => [&scalars[..], &list[..]].concat(),
        _ => [&list[..], &object[..]].concat(),
    }
}

fn other_choice(there: &Value, dice: &mut Dice) -> Value {
    let fixed = [
        json!("yes"),
        json!("no"),
        json!(1),
        json!(0),
        json!(""),
        json!("on"),
        json!(true),
        json!(false),
        json!([]),
    ];
    let edited = edited(&text(there), dice);
    // The provider reads these too: a template of another tool may write them.
    let is_read = ["true", "false"].iter().any(|word| edited.trim().eq_ignore_ascii_case(word));
    if dice.once_in(3) && !is_read { edited.into() } else { dice.pick(&fixed).clone() }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text with one to three changes.
fn edited(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = dice.below(letters.len() + 1);
        let new = dice.text("abzAZ09:/-_.*? \n\u{e9}\u{663}", 1).chars().next().unwrap();
        match dice.below(6) {
            0 => letters.insert(at, new),
            1 => letters.push(new),
            2 => letters.truncate(at),
            3 if at < letters.len() => letters[at] = new,
            4 if at < letters.len() => letters[at] = letters[at].to_ascii_uppercase(),
            _ if at < letters.len() => drop(letters.remove(at)),
            _ => letters.insert(0, new),
        }
    }
    letters.into_iter().collect()
}

fn more_items(kind: &str, rule: &Rule, dice: &mut Dice) -> Value {
    let most = usize::try_from(rule.says.as_u64().unwrap()).unwrap();
    let name = rule.at.first().unwrap();
    assert!(kind == "LicenseConfigShare" && name == "Tags", "no longer list is known for {kind} {name}");
    let count = most + 1 + dice.below(4);
    (0..count).map(|number| json!({ "Key": format!("k{number}"), "Value": dice.text("ab", 3) })).collect()
}

fn remove(there: &mut Value, name: &str) -> bool {
    there.as_object_mut().is_some_and(|members| members.remove(name).is_some())
}

/// A member that is none: often the name of one that is, misspelt.
fn add(there: &mut Value, dice: &mut Dice) -> bool {
    let Some(members) = there.as_object_mut() else { return false };
    let known: Vec<String> = members.keys().cloned().collect();
    let name = if dice.once_in(3) {
        dice.text("abcXYZ", 7)
    } else {
        {
            let known = &known[dice.below(known.len())];
            edited(known, dice)
        }
    };
    let is_new = !members.contains_key(&name) && !name.starts_with("Fn::");
    members.insert(name, "x".into());
    is_new
}

/// An object of the constants that must not come together.
fn forbidden(schema: &Value) -> Value {
    let consts = schema["properties"].as_object().unwrap().iter();
    consts.map(|(name, member)| (name.clone(), member["const"].clone())).collect()
}
