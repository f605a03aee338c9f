//! What the provider may do: the list of operations of each type against the role in `provider.yaml`, and against the calls
//! that requests make.

use crate::schemas::document;
use crate::support::operations::every_flow;
use crate::support::world::ACCOUNT;
use crate::support::yaml;
use provider::resource::{Handler, TYPES};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The policies of `provider.yaml` that are the function's own, whatever the types.
const OF_THE_FUNCTION: [&str; 3] = ["Record", "Wait", "Tell"];

/// What is allowed, by action: resources and condition, in one form.
type Allowed = BTreeMap<String, BTreeSet<String>>;

fn list(value: &Value) -> Vec<Value> {
    let mut items = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    items.sort_by_key(Value::to_string);
    items
}

fn condition(statement: &Value) -> Value {
    let operators = statement["Condition"].as_object().into_iter().flatten();
    let keys = |keys: &Value| -> Value {
        keys.as_object().unwrap().iter().map(|(key, values)| (key.clone(), json!(list(values)))).collect()
    };
    operators.map(|(operator, under)| (operator.clone(), keys(under))).collect()
}

fn add(allowed: &mut Allowed, statement: &Value) {
    assert_eq!(statement["Effect"], "Allow", "{statement}");
    let what = json!([list(&statement["Resource"]), condition(statement)]).to_string();
    for action in list(&statement["Action"]) {
        allowed.entry(action.as_str().unwrap().to_owned()).or_default().insert(what.clone());
    }
}

fn statements(document: &Value) -> impl Iterator<Item = &Value> {
    document["Statement"].as_array().unwrap().iter()
}

fn read(name: &str) -> Value {
    let path = format!("{}/../cfn-templates/{name}", env!("CARGO_MANIFEST_DIR"));
    yaml::template(&std::fs::read_to_string(path).unwrap())
}

/// What the role's policies for the resource types allow.
fn by_the_template(template: &Value) -> Allowed {
    let mut allowed = Allowed::new();
    for policy in template["Resources"]["Role"]["Properties"]["Policies"].as_array().unwrap() {
        let policy = policy.pointer("/Fn::If/1").unwrap_or(policy);
        if !OF_THE_FUNCTION.contains(&policy["PolicyName"].as_str().unwrap()) {
            statements(&policy["PolicyDocument"]).for_each(|statement| add(&mut allowed, statement));
        }
    }
    allowed
}

/// What the generated statements of all types allow.
fn by_the_types() -> Allowed {
    let mut allowed = Allowed::new();
    for kind in TYPES {
        let policy = document(&format!("{}/iam.json", kind.short_name()));
        statements(&policy).for_each(|statement| add(&mut allowed, statement));
    }
    allowed
}

#[test]
fn the_role_allows_what_the_types_need_and_nothing_else() {
    let (role, types) = (by_the_template(&read("provider.yaml")), by_the_types());
    assert!(types.len() > 15, "{types:?}");
    for action in role.keys().chain(types.keys()) {
        assert_eq!(role.get(action), types.get(action), "{action}");
    }
}

#[test]
fn a_statement_that_allows_more_is_found() {
    let text = "Resources:\n  Role:\n    Properties:\n      Policies:\n        - PolicyName: Record\n        - !If\n          - C\n          - PolicyName: A\n            PolicyDocument:\n              Statement:\n                - Effect: Allow\n                  Action: ram:GetResourceShares\n                  Resource: !Sub x\n          - !Ref AWS::NoValue\n";
    let role = by_the_template(&yaml::template(text));
    assert_eq!(role["ram:GetResourceShares"], BTreeSet::from([r#"[[{"Fn::Sub":"x"}],{}]"#.to_owned()]));
    assert_ne!(role.get("ram:GetResourceShares"), by_the_types().get("ram:GetResourceShares"));
}

fn handler(request_type: &str) -> Handler {
    match request_type {
        "Create" => Handler::Create,
        "Update" => Handler::Update,
        "Delete" => Handler::Delete,
        other => panic!("{other}"),
    }
}

/// What the flows have shown: triples of type, request and action, and the actions in other accounts, through a role.
#[derive(Debug, Default)]
struct Seen {
    here: BTreeSet<(String, Handler, String)>,
    elsewhere: BTreeSet<String>,
}

async fn seen() -> Seen {
    let mut seen = Seen::default();
    let requests = every_flow().await.into_iter().flat_map(|world| world.handled());
    for request in requests {
        let handler = handler(&request.request_type);
        for call in request.calls {
            let action = format!("{}:{}", call.service, call.operation);
            if call.account == ACCOUNT {
                seen.here.insert((request.resource_type.clone(), handler, action));
            } else {
                seen.elsewhere.insert(action);
            }
        }
    }
    seen
}

/// All such triples that the list of operations has. Read stands for the others' looks, and no request is one.
fn listed() -> BTreeSet<(String, Handler, String)> {
    let of_type = |kind: &provider::resource::ResourceType| {
        let name = kind.name;
        let operations = kind.operations.iter();
        operations.flat_map(move |operation| {
            let requests = operation.handlers.iter().filter(|handler| **handler != Handler::Read);
            requests.map(move |handler| (name.to_owned(), *handler, operation.action.to_owned()))
        })
    };
    TYPES.iter().flat_map(of_type).collect()
}

#[tokio::test(start_paused = true)]
async fn every_call_is_one_of_the_list_and_every_one_of_the_list_is_made() {
    let (seen, listed) = (seen().await, listed());
    let member = by_the_template(&read("stackset-member-acceptance.yaml"));
    assert_eq!(seen.elsewhere, member.into_keys().collect());
    let unlisted: Vec<_> = seen.here.difference(&listed).collect();
    let unseen: Vec<_> = listed.difference(&seen.here).collect();
    assert!(
        unlisted.is_empty() && unseen.is_empty(),
        "not in the list: {unlisted:#?}\nnever called: {unseen:#?}"
    );
}

#[test]
fn what_reads_is_all_that_a_read_may_do() {
    let reads = |action: &str| {
        let name = action.split(':').nth(1).unwrap();
        ["Get", "List", "Describe"].iter().any(|start| name.starts_with(start))
    };
    for kind in TYPES {
        let mut names = BTreeSet::new();
        for operation in kind.operations {
            // A role is assumed to look, to change, or both.
            let looks = operation.handlers.contains(&Handler::Read);
            assert!(
                operation.action == "sts:AssumeRole" || looks == reads(operation.action),
                "{operation:?}"
            );
            assert!(operation.handlers.is_sorted(), "{operation:?}");
            assert!(names.insert(operation.action), "{} twice", operation.action);
        }
        assert!(!names.is_empty());
    }
}
