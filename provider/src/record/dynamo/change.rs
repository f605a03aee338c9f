//! The UpdateItem of each write: what it sets, what it removes, and on which condition.

use super::attributes::{
    ANSWER, BEFORE, CREATE_TAKEN, EXPIRES_AT, LEDGER, LOOK, LOOK_MESSAGE, NEWEST, NEWEST_CREATE, OBJECT,
    RANK, REQUEST_ID, RESOURCE, SEEN, SUCCEEDED, json, stamp_map,
};
use crate::protocol::RequestType;
use crate::record::order::rank;
use crate::record::state::create_taken;
use crate::record::{Ending, LookStamp, SEEN_KEPT, Stamp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use std::collections::HashMap;

/// How many surplus ids a write drops from `Seen`. One UpdateItem cannot both add to a list and drop from it, so a
/// begin adds and the writes after it drop; begins that no write follows are few.
const SEEN_DROPPED: usize = 8;

/// The parts of one UpdateItem. Attributes are named `#Name`, values `:Name`: DynamoDB reserves many words, and
/// refuses names and values that no expression uses.
#[derive(Debug, Default)]
pub(super) struct Change {
    set: Vec<String>,
    remove: Vec<String>,
    pub(super) condition: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

/// Makes a request the newest one, if it is.
pub(super) fn begin(stamp: &Stamp, proves_create_taken: bool) -> Change {
    let newest = stamp_map(stamp);
    let id = AttributeValue::S(stamp.request_id.clone());
    let mut change = Change::default()
        .set(NEWEST, newest.clone())
        .set(RANK, AttributeValue::N(rank(stamp).to_string()))
        .set_to(SEEN, &format!("list_append(:{SEEN}, if_not_exists(#{SEEN}, :None))"))
        .value(SEEN, AttributeValue::L(vec![id.clone()]))
        .value("None", AttributeValue::L(Vec::new()))
        .remove(LOOK)
        .remove(LOOK_MESSAGE)
        .remove(ANSWER)
        .remove(EXPIRES_AT);
    if stamp.request_type == RequestType::Create {
        change = change.set(NEWEST_CREATE, newest);
    }
    if let Some(taken) = create_taken(stamp.request_type, proves_create_taken) {
        change = change.set(CREATE_TAKEN, AttributeValue::Bool(taken));
    }
    change.name(RESOURCE).value(REQUEST_ID, id).only_if(&format!(
        "attribute_not_exists(#{RESOURCE}) OR (NOT contains(#{SEEN}, :{REQUEST_ID}) AND #{RANK} <= :{RANK})"
    ))
}

/// Makes a look the newest of the newest request, before its answer, if it is.
pub(super) fn resume(request_id: &str, look: &LookStamp) -> Change {
    let higher = format!("attribute_not_exists(#{LOOK}) OR #{LOOK} < :{LOOK}");
    let same = format!("#{LOOK} = :{LOOK} AND #{LOOK_MESSAGE} = :{LOOK_MESSAGE}");
    Change::default()
        .set(LOOK, AttributeValue::N(look.number.to_string()))
        .set(LOOK_MESSAGE, AttributeValue::S(look.message_id.clone()))
        .only_while_newest(request_id)
        .unanswered()
        .and(&format!("({higher} OR ({same}))"))
}

/// Writes the ledger of the newest request, before its answer.
pub(super) fn save(request_id: &str, ledger: &Value, object: Option<&str>) -> Change {
    amend(request_id, ledger, object).unanswered()
}

/// Writes the ledger of the newest request, answered or not.
pub(super) fn amend(request_id: &str, ledger: &Value, object: Option<&str>) -> Change {
    let change = Change::default().only_while_newest(request_id).set(LEDGER, json(ledger));
    let change = match object {
        Some(object) => change.set(OBJECT, AttributeValue::S(object.to_owned())),
        None => change.remove(OBJECT),
    };
    change.forget_oldest()
}

/// Records the answer of the newest request; its properties are [`Change::succeed`]'s.
pub(super) fn end(request_id: &str, ending: &Ending) -> Change {
    let change = save(request_id, &ending.ledger, ending.object.as_deref())
        .set(ANSWER, AttributeValue::S(ending.answer.clone()));
    match ending.tombstone_until {
        Some(seconds) => change.set(EXPIRES_AT, AttributeValue::N(seconds.to_string())),
        None => change,
    }
}

impl Change {
    /// Notes properties answered SUCCESS, unless they are the last ones on record already: then the condition fails.
    pub(super) fn succeed(self, properties: &Value) -> Self {
        self.set(SUCCEEDED, json(properties))
            .set_to(BEFORE, &format!("if_not_exists(#{SUCCEEDED}, :None)"))
            .value("None", AttributeValue::Null(true))
            .and(&format!("(attribute_not_exists(#{SUCCEEDED}) OR #{SUCCEEDED} <> :{SUCCEEDED})"))
    }

    /// `SET ... REMOVE ...`
    pub(super) fn update_expression(&self) -> String {
        let mut expression = format!("SET {}", self.set.join(", "));
        if !self.remove.is_empty() {
            expression.push_str(" REMOVE ");
            expression.push_str(&self.remove.join(", "));
        }
        expression
    }

    fn only_while_newest(self, request_id: &str) -> Self {
        self.name(NEWEST)
            .name(REQUEST_ID)
            .value(REQUEST_ID, AttributeValue::S(request_id.to_owned()))
            .only_if(&format!("#{NEWEST}.#{REQUEST_ID} = :{REQUEST_ID}"))
    }

    fn unanswered(self) -> Self {
        self.name(ANSWER).and(&format!("attribute_not_exists(#{ANSWER})"))
    }

    fn and(self, condition: &str) -> Self {
        let both = format!("{} AND {condition}", self.condition);
        self.only_if(&both)
    }

    /// Drops what is beyond the requests that a record keeps; newest first, so a shorter list loses nothing.
    fn forget_oldest(mut self) -> Self {
        let surplus = SEEN_KEPT..SEEN_KEPT + SEEN_DROPPED;
        self.remove.extend(surplus.map(|index| format!("#{SEEN}[{index}]")));
        self.name(SEEN)
    }

    fn set(self, attribute: &str, value: AttributeValue) -> Self {
        self.set_to(attribute, &format!(":{attribute}")).value(attribute, value)
    }

    fn set_to(mut self, attribute: &str, operand: &str) -> Self {
        self.set.push(format!("#{attribute} = {operand}"));
        self.name(attribute)
    }

    fn remove(mut self, attribute: &str) -> Self {
        self.remove.push(format!("#{attribute}"));
        self.name(attribute)
    }

    fn only_if(mut self, condition: &str) -> Self {
        condition.clone_into(&mut self.condition);
        self
    }

    fn name(mut self, attribute: &str) -> Self {
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
        self
    }

    fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(format!(":{name}"), value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Sent;
    use serde_json::json;

    fn stamp(request_type: RequestType) -> Stamp {
        Stamp { request_id: "r".to_owned(), request_type, sent: Sent::amz_date(7) }
    }

    fn ending(succeeded: Option<Value>) -> Ending {
        Ending {
            answer: "bytes".to_owned(),
            ledger: json!({"made": []}),
            object: Some("arn".to_owned()),
            succeeded,
            tombstone_until: Some(9),
        }
    }

    fn look() -> LookStamp {
        LookStamp { number: 3, message_id: "m".to_owned() }
    }

    /// DynamoDB refuses a name or value that no expression uses, and one that is used but not given.
    fn check_placeholders(change: &Change) {
        let text = format!("{} {}", change.update_expression(), change.condition);
        let words = |mark: char| {
            let mut words: Vec<_> = text
                .split(|c: char| !(c.is_alphanumeric() || c == '#' || c == ':'))
                .filter(|word| word.starts_with(mark))
                .map(str::to_owned)
                .collect();
            words.sort();
            words.dedup();
            words
        };
        let given = |keys: Vec<&String>| {
            let mut keys: Vec<_> = keys.into_iter().cloned().collect();
            keys.sort();
            keys
        };
        assert_eq!(words('#'), given(change.names.keys().collect()), "{text}");
        assert_eq!(words(':'), given(change.values.keys().collect()), "{text}");
    }

    #[test]
    fn every_change_gives_the_names_and_values_that_it_uses_and_no_others() {
        for request_type in [RequestType::Create, RequestType::Update, RequestType::Delete] {
            check_placeholders(&begin(&stamp(request_type), false));
            check_placeholders(&begin(&stamp(request_type), true));
        }
        check_placeholders(&resume("r", &look()));
        check_placeholders(&save("r", &json!({}), None));
        check_placeholders(&amend("r", &json!({}), Some("arn")));
        check_placeholders(&end("r", &ending(None)));
        check_placeholders(&end("r", &ending(None)).succeed(&json!({"Name": "n"})));
    }

    #[test]
    fn a_begin_is_refused_for_what_was_seen_and_for_what_ranks_lower() {
        let change = begin(&stamp(RequestType::Delete), false);
        assert_eq!(
            change.condition,
            "attribute_not_exists(#Resource) OR (NOT contains(#Seen, :RequestId) AND #Rank <= :Rank)"
        );
        assert_eq!(change.values.get(":Rank"), Some(&AttributeValue::N("14001".to_owned())));
    }

    #[test]
    fn a_look_is_taken_of_the_newest_unanswered_request_when_it_is_higher_or_comes_again() {
        assert_eq!(
            resume("r", &look()).condition,
            "#Newest.#RequestId = :RequestId AND attribute_not_exists(#Answer) AND (attribute_not_exists(#Look) OR \
             #Look < :Look OR (#Look = :Look AND #LookMessage = :LookMessage))"
        );
    }

    #[test]
    fn a_delete_without_a_real_id_leaves_the_create_as_it_is() {
        let change = begin(&stamp(RequestType::Delete), false);
        assert!(!change.names.contains_key("#CreateTaken"));
        assert!(!change.names.contains_key("#NewestCreate"));
    }

    #[test]
    fn an_answer_is_recorded_only_for_the_newest_unanswered_request() {
        let change = end("r", &ending(None));
        assert_eq!(change.condition, "#Newest.#RequestId = :RequestId AND attribute_not_exists(#Answer)");
        assert!(!change.names.contains_key("#Succeeded"));
    }
}
