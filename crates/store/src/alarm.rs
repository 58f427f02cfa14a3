//! The one failure after which the process must end: a disk that did not confirm what was written. Owns telling it, not ending.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

/// Rung once, heard by whoever waits; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Alarm {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    why: OnceLock<String>,
    rung: Notify,
}

impl Alarm {
    /// Tells why the process must end. The first reason stays.
    pub fn ring(&self, why: String) {
        tracing::error!(%why, "the process must end");
        if self.inner.why.set(why).is_ok() {
            self.inner.rung.notify_waiters();
        }
    }

    /// Why, when it was rung.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.inner.why.get().map(String::as_str)
    }

    /// Waits until it is rung, for ever when it never is.
    pub async fn rung(&self) -> String {
        loop {
            let heard = self.inner.rung.notified();
            tokio::pin!(heard);
            // Listening before looking, so that nothing rung in between is missed.
            heard.as_mut().enable();
            if let Some(why) = self.why() {
                return why.to_owned();
            }
            heard.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_heard_by_who_waits_and_by_who_comes_later_and_the_first_reason_stays() {
        let alarm = Alarm::default();
        let waiting = tokio::spawn({
            let alarm = alarm.clone();
            async move { alarm.rung().await }
        });
        tokio::task::yield_now().await;
        alarm.ring("the disk".to_owned());
        alarm.ring("something else".to_owned());
        assert_eq!(waiting.await.ok().as_deref(), Some("the disk"));
        assert_eq!(alarm.rung().await, "the disk");
    }
}
