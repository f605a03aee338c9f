//! Which of two requests is the newer one, and what a request that comes again or too late gets.
//!
//! Both implementations of the port decide by this file: the memory's by [`place`], DynamoDB's by comparing [`rank`]
//! in its condition and reading the refused item with [`repeated`], [`resumed`] and [`refused`].

use super::{Begun, LookStamp, Record, Stamp, Written};
use crate::protocol::RequestType;

/// Where a request stands beside the newest one on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is newer than all on record.
    Newer,
    /// It is the newest on record: another delivery of it.
    Newest,
    /// It is older than the newest on record, or was superseded before.
    Older,
}

/// A number that grows with the order of requests: a request whose rank is at least that of the newest is newer.
///
/// Times of `X-Amz-Date` are whole seconds. In the same one a Delete ranks above a Create or Update, for
/// CloudFormation deletes what it has just given up, and never makes anew in the second of a Delete. Other ties go
/// to the request that comes later. Times of arrival are compared as they are.
pub(super) fn rank(stamp: &Stamp) -> u64 {
    let delete = u64::from(stamp.request_type == RequestType::Delete);
    stamp.sent.milliseconds.saturating_mul(2).saturating_add(delete)
}

/// Where a request stands in a record.
pub(super) fn place(record: &Record, stamp: &Stamp) -> Place {
    if record.newest.request_id == stamp.request_id {
        return Place::Newest;
    }
    let seen = record.seen.contains(&stamp.request_id);
    if seen || rank(stamp) < rank(&record.newest) { Place::Older } else { Place::Newer }
}

/// What a request gets that is not newer than all on record.
pub(super) fn repeated(record: Record, request_id: &str) -> Begun {
    if record.newest.request_id != request_id {
        return Begun::Superseded(record);
    }
    match record.answer.clone() {
        Some(answer) => Begun::Answered { answer, record },
        None if record.look.is_some() => Begun::Waiting(record),
        None => Begun::Run(record),
    }
}

/// What a look gets at a request; [`Begun::Run`] where it is the newest look, or becomes it.
pub(super) fn resumed(record: Record, request_id: &str, look: &LookStamp) -> Begun {
    let claimed = record.look.as_ref().is_some_and(|newest| {
        newest.number > look.number || (newest.number == look.number && newest.message_id != look.message_id)
    });
    if record.newest.request_id != request_id {
        return Begun::Superseded(record);
    }
    match record.answer.clone() {
        Some(answer) => Begun::Answered { answer, record },
        None if claimed => Begun::Waiting(record),
        None => Begun::Run(record),
    }
}

/// What a write gets that the record refused; `None` where the record would take it.
///
/// `answer` is what the write wanted to record as the answer, if it did.
pub(super) fn refused(record: Option<&Record>, request_id: &str, answer: Option<&str>) -> Option<Written> {
    let Some(record) = record else { return Some(Written::Superseded(None)) };
    if record.newest.request_id != request_id {
        return Some(Written::Superseded(Some(record.clone())));
    }
    let recorded = record.answer.as_deref()?;
    if answer == Some(recorded) {
        return Some(Written::Done);
    }
    Some(Written::Answered { answer: recorded.to_owned(), record: record.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Sent;
    use RequestType::{Create, Delete, Update};

    fn stamp(id: &str, request_type: RequestType, sent: Sent) -> Stamp {
        Stamp { request_id: id.to_owned(), request_type, sent }
    }

    /// The newest request on record, the one that comes, and where it stands.
    fn check(newest: (RequestType, Sent), comes: (RequestType, Sent), expected: Place) {
        let record = Record::first(&stamp("newest", newest.0, newest.1), false);
        let found = place(&record, &stamp("comes", comes.0, comes.1));
        assert_eq!(found, expected, "{comes:?} after {newest:?}");
    }

    #[test]
    fn a_later_request_is_newer_whatever_it_asks_for() {
        for newest in [Create, Update, Delete] {
            for comes in [Create, Update, Delete] {
                check((newest, Sent::amz_date(100)), (comes, Sent::amz_date(101)), Place::Newer);
                check((newest, Sent::amz_date(101)), (comes, Sent::amz_date(100)), Place::Older);
            }
        }
    }

    #[test]
    fn in_the_same_second_a_delete_is_newer_and_else_the_one_that_comes_later() {
        let table = [
            (Create, Create, Place::Newer),
            (Create, Update, Place::Newer),
            (Create, Delete, Place::Newer),
            (Update, Create, Place::Newer),
            (Update, Update, Place::Newer),
            (Update, Delete, Place::Newer),
            (Delete, Create, Place::Older),
            (Delete, Update, Place::Older),
            (Delete, Delete, Place::Newer),
        ];
        for (newest, comes, expected) in table {
            check((newest, Sent::amz_date(100)), (comes, Sent::amz_date(100)), expected);
        }
    }

    #[test]
    fn times_of_arrival_are_compared_as_they_are() {
        let table = [
            (Sent::arrival(100_500), Sent::arrival(100_501), Place::Newer),
            (Sent::arrival(100_500), Sent::arrival(100_499), Place::Older),
            (Sent::arrival(100_500), Sent::amz_date(100), Place::Older),
            (Sent::amz_date(100), Sent::arrival(100_001), Place::Newer),
            (Sent::amz_date(100), Sent::arrival(100_000), Place::Newer),
        ];
        for (newest, comes, expected) in table {
            check((Create, newest), (Update, comes), expected);
        }
        check((Delete, Sent::amz_date(100)), (Create, Sent::arrival(100_000)), Place::Older);
    }

    #[test]
    fn a_seen_request_stays_older_however_late_its_time() {
        let record = Record::first(&stamp("first", Create, Sent::arrival(1)), false);
        let record = record.followed_by(&stamp("second", Update, Sent::arrival(2)), false);
        assert_eq!(place(&record, &stamp("first", Create, Sent::arrival(9))), Place::Older);
        assert_eq!(place(&record, &stamp("second", Update, Sent::arrival(0))), Place::Newest);
    }

    #[test]
    fn ranks_at_the_end_of_time_do_not_overflow() {
        assert_eq!(rank(&stamp("a", Delete, Sent::arrival(u64::MAX))), u64::MAX);
    }

    #[test]
    fn a_repeated_request_runs_until_it_is_answered() {
        let mut record = Record::first(&stamp("a", Create, Sent::amz_date(1)), false);
        assert_eq!(repeated(record.clone(), "a"), Begun::Run(record.clone()));
        assert_eq!(repeated(record.clone(), "b"), Begun::Superseded(record.clone()));
        record.answer = Some("bytes".to_owned());
        let answered = Begun::Answered { answer: "bytes".to_owned(), record: record.clone() };
        assert_eq!(repeated(record, "a"), answered);
    }

    #[test]
    fn a_repeated_request_that_waits_in_the_queue_does_not_run() {
        let mut record = Record::first(&stamp("a", Create, Sent::amz_date(1)), false);
        record.look = Some(look(1, "m"));
        assert_eq!(repeated(record.clone(), "a"), Begun::Waiting(record));
    }

    fn look(number: u32, message_id: &str) -> LookStamp {
        LookStamp { number, message_id: message_id.to_owned() }
    }

    #[test]
    fn of_the_looks_at_a_request_the_first_message_of_the_highest_number_runs() {
        let mut record = Record::first(&stamp("a", Create, Sent::amz_date(1)), false);
        assert_eq!(resumed(record.clone(), "a", &look(1, "m")), Begun::Run(record.clone()));
        record.look = Some(look(2, "m"));
        for (comes, runs) in
            [(look(1, "m"), false), (look(2, "m"), true), (look(2, "n"), false), (look(3, "n"), true)]
        {
            let expected = if runs { Begun::Run(record.clone()) } else { Begun::Waiting(record.clone()) };
            assert_eq!(resumed(record.clone(), "a", &comes), expected, "{comes:?}");
        }
    }

    #[test]
    fn a_look_at_a_request_that_is_over_does_not_run() {
        let mut record = Record::first(&stamp("a", Create, Sent::amz_date(1)), false);
        assert_eq!(resumed(record.clone(), "b", &look(1, "m")), Begun::Superseded(record.clone()));
        record.answer = Some("bytes".to_owned());
        let answered = Begun::Answered { answer: "bytes".to_owned(), record: record.clone() };
        assert_eq!(resumed(record, "a", &look(1, "m")), answered);
    }

    #[test]
    fn a_write_is_refused_by_a_newer_request_and_by_another_answer() {
        let mut record = Record::first(&stamp("a", Create, Sent::amz_date(1)), false);
        assert_eq!(refused(None, "a", None), Some(Written::Superseded(None)));
        assert_eq!(refused(Some(&record), "a", None), None);
        assert_eq!(refused(Some(&record), "b", None), Some(Written::Superseded(Some(record.clone()))));
        record.answer = Some("one".to_owned());
        let answered = Written::Answered { answer: "one".to_owned(), record: record.clone() };
        assert_eq!(refused(Some(&record), "a", None), Some(answered.clone()));
        assert_eq!(refused(Some(&record), "a", Some("two")), Some(answered));
        assert_eq!(refused(Some(&record), "a", Some("one")), Some(Written::Done));
    }
}
