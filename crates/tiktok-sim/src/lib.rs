//! A strict, self-contained simulator of TikTok's Login Kit, Content Posting API, Display API and webhooks.
//!
//! It owns its own parsers and rules and shares no types with any client: two independent readings of the
//! platform's documentation must agree before a test passes. It must never be reachable under a real TikTok name.
//!
#![doc = include_str!("../README.md")]

mod answer;
mod clock;
mod config;
mod error;
mod faults;
mod http;
mod journal;
mod json;
mod media;
mod random;
mod rules;
mod scope;
mod simulator;
mod store;
mod views;
mod world;

pub use clock::{ClockMode, SimClock};
pub use config::{
    AccountVisibility, AppSpec, AppStage, AvatarSpec, BaseUrls, InvalidParamSpelling, MediaPolicy, PostIdForm,
    Processing, ProgressForm, PullRoute, Quirks, RefreshRotation, SimConfig, UnauditedOptions, UserSpec,
};
pub use error::SimError;
pub use faults::{FaultAction, FaultRule, FaultStatus};
pub use http::Dropped;
pub use journal::{Received, ReceivedBody, Route};
pub use media::{Container, MediaFacts, sample_jpeg, sample_mp4};
pub use scope::Scope;
pub use simulator::{Running, Simulator};
pub use views::{
    Duplicate, GrantedTokens, SignedWebhook, SimGrant, SimPost, SimTask, SimWebhook, UxFlag, UxFlagKind, WebhookOutcome,
};
pub use world::RemovalReason;
