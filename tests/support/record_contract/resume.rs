//! Looks at a request that waits in the queue.

use super::{Outcome, Resource, create, delete, ending, made, update};
use futures_util::future::join_all;
use provider::record::{Begun, LookStamp, Records};

fn look(number: u32, message_id: &str) -> LookStamp {
    LookStamp { number, message_id: message_id.to_owned() }
}

async fn resume(
    resource: &Resource<'_>,
    id: &str,
    look: &LookStamp,
) -> Result<Option<Begun>, super::Failure> {
    Ok(resource.records.resume(&resource.key, id, look).await?)
}

/// Resumes by a look that must run.
async fn runs(resource: &Resource<'_>, id: &str, look: &LookStamp) -> Outcome {
    match resume(resource, id, look).await? {
        Some(Begun::Run(record)) if record.look.as_ref() == Some(look) => Ok(()),
        other => Err(format!("{look:?} did not run: {other:?}").into()),
    }
}

/// Resumes by a look that must not run.
async fn waits(resource: &Resource<'_>, id: &str, look: &LookStamp) -> Outcome {
    let record = resource.record().await?;
    assert_eq!(resume(resource, id, look).await?, Some(Begun::Waiting(record.clone())), "{look:?}");
    assert_eq!(resource.record().await?, record);
    Ok(())
}

pub async fn a_look_runs_and_is_on_record(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-look");
    resource.run(&create("c", 100)).await?;
    resource.save("c", &made("share")).await?;
    let before = resource.record().await?;
    assert_eq!(before.look, None);
    for number in [1, 2, 3, 9, 10, 64] {
        let look = look(number, &format!("m{number}"));
        runs(&resource, "c", &look).await?;
        let record = resource.record().await?;
        assert_eq!(record.look, Some(look));
        assert_eq!((&record.ledger, &record.seen), (&before.ledger, &before.seen));
    }
    Ok(())
}

pub async fn a_message_that_comes_again_runs_again(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-look-again");
    resource.run(&create("c", 100)).await?;
    runs(&resource, "c", &look(1, "m")).await?;
    runs(&resource, "c", &look(1, "m")).await
}

pub async fn another_message_of_the_same_look_and_those_before_do_not_run(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "duplicate-looks");
    resource.run(&create("c", 100)).await?;
    runs(&resource, "c", &look(10, "m10")).await?;
    for late in [look(10, "other"), look(9, "m9"), look(2, "m10"), look(1, "m1")] {
        waits(&resource, "c", &late).await?;
    }
    runs(&resource, "c", &look(11, "m11")).await
}

pub async fn of_many_messages_of_one_look_at_once_one_runs(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "looks-at-once");
    resource.run(&create("c", 100)).await?;
    let looks: Vec<_> = (0..10).map(|n| look(1, &format!("m{n}"))).collect();
    let begun = join_all(looks.iter().map(|look| resume(&resource, "c", look))).await;
    let ran = begun.into_iter().filter(|found| matches!(found, Ok(Some(Begun::Run(_))))).count();
    assert_eq!(ran, 1);
    Ok(())
}

pub async fn a_redelivery_of_a_request_that_waits_does_not_run(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-waiting-request");
    let stamp = create("c", 100);
    resource.run(&stamp).await?;
    runs(&resource, "c", &look(1, "m")).await?;
    let record = resource.record().await?;
    assert_eq!(resource.begin(&stamp).await?, Begun::Waiting(record.clone()));
    assert_eq!(resource.record().await?, record);
    Ok(())
}

pub async fn a_look_at_an_answered_request_gets_the_answer(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "an-answered-look");
    let stamp = create("c", 100);
    resource.run(&stamp).await?;
    runs(&resource, "c", &look(1, "m")).await?;
    resource.answer("c", &ending("bytes")).await?;
    let record = resource.record().await?;
    let answered = Begun::Answered { answer: "bytes".to_owned(), record: record.clone() };
    for look in [look(1, "m"), look(1, "n"), look(2, "o")] {
        assert_eq!(resume(&resource, "c", &look).await?, Some(answered.clone()));
    }
    assert_eq!(resource.begin(&stamp).await?, answered);
    assert_eq!(resource.record().await?, record);
    Ok(())
}

pub async fn a_look_at_a_superseded_request_is_superseded_and_changes_nothing(
    records: &dyn Records,
) -> Outcome {
    for (name, newer) in [("a-look-too-late", update("u", 101)), ("a-look-after-a-delete", delete("d", 101))]
    {
        let resource = Resource::new(records, name);
        resource.run(&create("c", 100)).await?;
        runs(&resource, "c", &look(1, "m")).await?;
        resource.run(&newer).await?;
        let record = resource.record().await?;
        assert_eq!(record.look, None, "the newer request waits for nothing yet");
        for look in [look(1, "m"), look(2, "n")] {
            assert_eq!(resume(&resource, "c", &look).await?, Some(Begun::Superseded(record.clone())));
        }
        assert_eq!(resource.record().await?, record);
        runs(&resource, &newer.request_id, &look(1, "x")).await?;
    }
    Ok(())
}

pub async fn a_look_at_no_record_makes_none(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-look-at-nothing");
    assert_eq!(resume(&resource, "c", &look(1, "m")).await?, None);
    assert_eq!(records.get(&resource.key).await?, None);
    Ok(())
}
