//! Scripted failures: which route fails, how, how often. It decides only which fault applies to a call;
//! `http::gate` carries it out.

use serde::{Deserialize, Serialize};

use crate::journal::Route;

/// One scripted fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRule {
    /// Which calls it applies to.
    pub route: Route,
    /// What happens to them.
    pub action: FaultAction,
    /// How many calls it hits; none means until cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// How many matching calls pass unharmed first.
    #[serde(default)]
    pub skip: u32,
}

impl FaultRule {
    /// Hits the next matching call, once.
    #[must_use]
    pub fn once(route: Route, action: FaultAction) -> Self {
        Self { route, action, times: Some(1), skip: 0 }
    }

    /// Hits every matching call until cleared.
    #[must_use]
    pub fn always(route: Route, action: FaultAction) -> Self {
        Self { route, action, times: None, skip: 0 }
    }

    /// The same, letting the first `skip` matching calls pass.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }
}

/// A refusal made up by the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultStatus {
    /// HTTP status.
    pub status: u16,
    /// Error code for the route's answer family; none means an empty body, as from a gateway.
    #[serde(default)]
    pub code: Option<String>,
    /// `Retry-After`, seconds.
    #[serde(default)]
    pub retry_after_s: Option<u32>,
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultAction {
    /// Answer so without processing.
    Status(FaultStatus),
    /// Process, but answer so.
    StatusAfter(FaultStatus),
    /// Wait in real time, then go on as usual, milliseconds.
    Latency(u64),
    /// Close the connection without processing.
    DropBefore,
    /// Process, then close the connection without an answer.
    DropAfter,
    /// Process, answer with only this many bytes of the body, then close.
    Truncate(usize),
    /// Read this many bytes of the request body, then close without processing.
    ResetAfter(u64),
    /// Read the request body no faster than this, bytes per real second (at least 10); then as usual.
    Trickle(u32),
}

impl FaultAction {
    /// A few words for the console and the journal.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Status(status) => format!("answer {} without processing", status.status),
            Self::StatusAfter(status) => format!("process, then answer {}", status.status),
            Self::Latency(ms) => format!("wait {ms} ms"),
            Self::DropBefore => "drop the connection before processing".to_owned(),
            Self::DropAfter => "process, then drop the answer".to_owned(),
            Self::Truncate(bytes) => format!("process, cut the answer after {bytes} bytes"),
            Self::ResetAfter(bytes) => format!("reset after {bytes} request bytes"),
            Self::Trickle(rate) => format!("read at {rate} bytes per second"),
        }
    }
}

/// The active script.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<FaultRule>,
}

impl Faults {
    pub(crate) fn add(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[FaultRule] {
        &self.rules
    }

    /// The fault for this call, if any; counts it off.
    pub(crate) fn take(&mut self, matches: &[Route]) -> Option<FaultAction> {
        let mut found = None;
        // Pictures are not part of the API that a script breaks by `any`.
        let any = !matches.contains(&Route::Image);
        for rule in
            self.rules.iter_mut().filter(|rule| (any && rule.route == Route::Any) || matches.contains(&rule.route))
        {
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            if let Some(times) = &mut rule.times {
                if *times == 0 {
                    continue;
                }
                *times -= 1;
            }
            found = Some(rule.action.clone());
            break;
        }
        self.rules.retain(|rule| rule.times != Some(0));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_skips_then_hits_then_disappears() {
        let mut faults = Faults::default();
        faults.add(FaultRule::once(Route::Upload, FaultAction::DropAfter).after(1));
        assert_eq!(faults.take(&[Route::Status]), None);
        assert_eq!(faults.take(&[Route::Upload]), None);
        assert_eq!(faults.take(&[Route::Upload, Route::UploadFinalChunk]), Some(FaultAction::DropAfter));
        assert_eq!(faults.take(&[Route::Upload]), None);
        assert!(faults.rules().is_empty());
    }

    #[test]
    fn a_picture_breaks_only_when_it_is_named() {
        let mut faults = Faults::default();
        faults.add(FaultRule::always(Route::Any, FaultAction::DropBefore));
        assert_eq!(faults.take(&[Route::Image]), None);
        faults.add(FaultRule::once(Route::Image, FaultAction::DropAfter));
        assert_eq!(faults.take(&[Route::Image]), Some(FaultAction::DropAfter));
    }
}
