//! The places where a delivery touches the world: before and after each AWS call, record call and PUT. A test can stop
//! a delivery at any one of them, for good or for a while.

use super::s3::S3;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, pending};
use provider::protocol::{ResponseUrl, Upload, UploadError};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// The points of one process.
#[derive(Clone, Debug, Default)]
pub struct Points {
    state: Arc<Mutex<State>>,
    reached: Arc<Notify>,
    released: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    passed: Vec<String>,
    stop: Option<Stop>,
}

#[derive(Clone, Copy, Debug)]
struct Stop {
    /// Waits here until it is released.
    held: Option<usize>,
    /// Stops here for good.
    dead: Option<usize>,
}

impl Points {
    /// A process that stops for good at its `at`-th point, from 0.
    pub fn dead_at(at: usize) -> Self {
        Self::stopping(Stop { held: None, dead: Some(at) })
    }

    /// A process that waits at its `at`-th point, from 0, until it is released.
    pub fn held_at(at: usize) -> Self {
        Self::stopping(Stop { held: Some(at), dead: None })
    }

    /// A process that waits at its `at`-th point, goes on when it is released, and stops for good at the next: what it
    /// was about to do is done, and it never learns.
    pub fn held_then_dead_at(at: usize) -> Self {
        Self::stopping(Stop { held: Some(at), dead: Some(at + 1) })
    }

    fn stopping(stop: Stop) -> Self {
        let points = Self::default();
        points.state.lock().unwrap().stop = Some(stop);
        points
    }

    /// Lets a held process go on.
    pub fn release(&self) {
        self.released.notify_one();
    }

    /// Where the process is.
    pub fn last(&self) -> String {
        self.state.lock().unwrap().passed.last().cloned().unwrap_or_default()
    }

    /// How often it came to a place of this name.
    pub fn count(&self, name: &str) -> usize {
        self.state.lock().unwrap().passed.iter().filter(|passed| *passed == name).count()
    }

    /// Where it makes a difference to stop: before each call, and at the end. Nothing happens between the end of a call
    /// and the next one, so that to stop before that is to stop after the first.
    pub fn that_differ(&self) -> Vec<usize> {
        let passed = &self.state.lock().unwrap().passed;
        let last = passed.len().checked_sub(1);
        let before = passed.iter().enumerate().filter(|(_, name)| name.starts_with("before"));
        before.map(|(index, _)| index).chain(last).collect()
    }

    /// What a wrapper calls at each point.
    pub async fn pass(&self, name: impl Into<String>) {
        let (index, stop) = {
            let mut state = self.state.lock().unwrap();
            state.passed.push(name.into());
            (state.passed.len() - 1, state.stop)
        };
        let Some(stop) = stop else { return };
        if stop.held == Some(index) {
            self.reached.notify_one();
            self.released.notified().await;
        }
        if stop.dead == Some(index) {
            self.reached.notify_one();
            pending::<()>().await;
        }
    }

    /// Runs a delivery until it ends, or comes to the point where it stops.
    pub async fn until_stopped<T>(&self, delivery: impl Future<Output = T>) -> Run<T> {
        tokio::select! {
            biased;
            () = self.reached.notified() => Run::Stopped,
            ended = delivery => Run::Ended(ended),
        }
    }
}

/// How far a delivery came.
#[derive(Debug)]
pub enum Run<T> {
    Ended(T),
    Stopped,
}

/// The bucket, with a point before and after each PUT.
#[derive(Debug)]
pub struct PointedUpload {
    pub points: Points,
    pub s3: Arc<S3>,
}

impl Upload for PointedUpload {
    fn put<'a>(&'a self, url: &'a ResponseUrl, body: &'a str) -> BoxFuture<'a, Result<u16, UploadError>> {
        async move {
            self.points.pass("before the PUT").await;
            let result = self.s3.put(url, body).await;
            self.points.pass("after the PUT").await;
            result
        }
        .boxed()
    }
}
