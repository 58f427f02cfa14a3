//! The invariants, looked at after a story against the simulator's ledger, which is the truth.
//!
//! Owns the judgement of one story. Must not excuse anything: a reason counts only if the plot contains it.

use std::collections::BTreeMap;

use domain::attempt::{Attempt, Kind, State, is_allowed};
use domain::post::PostState;
use serde::Serialize;
use store::Post;
use store::attempt::AttemptLogEntry;
use tiktok_sim::{FaultAction, Received, Route, SimPost};

use crate::gate::LetOut;
use crate::plot::{Plot, Trouble};
use crate::report::{Breach, Outcome};
use crate::run::{Error, Granted, Story};
use crate::stage::StagedPost;

/// What is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Invariant {
    /// At most one visible post, over all tasks ever opened for it.
    I01,
    /// Every post has an end; none is stuck.
    I02,
    /// Nothing is visible before its time, by the ledger's clock.
    I03,
    /// Nothing goes out after a cancel, delete or disconnect that was confirmed.
    I04,
    /// Our state tells the truth.
    I05,
    /// Bytes, caption and options are the approved ones.
    I06,
    /// TikTok's protocol and rates are respected.
    I07,
    /// At most one attempt of a post can still become visible.
    I08,
    /// The last chunk was announced durably before it arrived.
    I09,
    /// At most one refresh at a time, and the stored token is one that TikTok honours.
    I10,
    /// No secret in the log.
    I11,
    /// After a confirmed disconnect no call carries the account's token, except revoke.
    I12,
    /// Every transition is an edge of the machine and every death has its evidence.
    I13,
    /// Each end is told once.
    I14,
    /// Nobody is asked without an allowed cause.
    I15,
    /// A post that nothing stood in the way of is out.
    Lost,
}

/// Status, creator info and init calls per minute and account that TikTok allows.
const RATES: [(Route, usize); 4] =
    [(Route::VideoInit, 6), (Route::InboxInit, 6), (Route::CreatorInfo, 20), (Route::Status, 30)];

/// Everything known about one post.
struct Case<'a> {
    staged: &'a StagedPost,
    post: Post,
    attempts: Vec<(Attempt, Vec<AttemptLogEntry>)>,
    ledger: Vec<SimPost>,
    drafts: usize,
    told: usize,
}

struct Judge<'a> {
    plot: &'a Plot,
    outcome: Outcome,
}

/// Judges a story that is over.
pub(crate) async fn judge(story: &mut Story<'_>) -> Result<Outcome, Error> {
    let mut judge = Judge {
        plot: story.plot,
        outcome: Outcome {
            seed: story.plot.seed,
            steps: story.steps,
            virtual_seconds: story.stage.time.elapsed().as_secs(),
            ..Outcome::default()
        },
    };
    let journal = story.stage.sim.journal();
    for staged in &story.stage.posts {
        let Some(case) = case(story, staged).await? else { continue };
        judge.post(&case, &journal, story);
    }
    judge.protocol(&journal);
    judge.refreshes(story);
    judge.disconnects(story);
    judge.senders(story);
    judge.log(story);
    judge.tokens(story).await?;
    Ok(judge.outcome)
}

async fn case<'a>(story: &Story<'_>, staged: &'a StagedPost) -> Result<Option<Case<'a>>, Error> {
    let store = story.stage.store();
    let Some(post) = store.post_any(staged.id).await? else { return Ok(None) };
    let mut attempts = Vec::new();
    for attempt in store.attempts(staged.id).await? {
        let log = store.attempt_log(attempt.id).await?;
        attempts.push((attempt, log));
    }
    let ours: Vec<&str> = attempts.iter().filter_map(|(attempt, _)| attempt.state.publish_id()).collect();
    let ledger = story
        .stage
        .sim
        .posts()
        .into_iter()
        .filter(|it| it.caption == staged.caption || ours.contains(&it.publish_id.as_str()))
        .collect();
    let tasks = story.stage.sim.tasks();
    let drafts = tasks
        .iter()
        .filter(|task| ours.contains(&task.publish_id.as_str()) && task.status == "SEND_TO_USER_INBOX")
        .count();
    let told = store
        .events(staged.id)
        .await?
        .iter()
        .filter(|event| matches!(event.kind.as_str(), "published" | "confirmed" | "in_inbox"))
        .count();
    Ok(Some(Case { staged, post, attempts, ledger, drafts, told }))
}

impl Judge<'_> {
    fn check(&mut self, invariant: Invariant, holds: bool, what: impl FnOnce() -> String) {
        *self.outcome.checks.entry(invariant).or_default() += 1;
        if !holds {
            self.outcome.breaches.push(Breach { invariant, what: what() });
        }
    }

    fn post(&mut self, case: &Case<'_>, journal: &[Received], story: &Story<'_>) {
        let before = self.outcome.breaches.len();
        let name = case.staged.caption.clone();
        let visible = case.ledger.len() + case.drafts;
        self.check(Invariant::I01, visible <= 1, || format!("{name}: {visible} live copies"));
        self.end(case);
        self.content(case);
        self.truth(case);
        self.granted(case, story);
        self.machine(case);
        self.announced(case, journal, &story.stage.let_out);
        let inits = case.attempts.iter().filter(|(attempt, _)| attempt.trace.init_sent_at.is_some()).count();
        self.outcome.inits.push(u32::try_from(inits).unwrap_or(u32::MAX));
        if self.outcome.breaches.len() > before {
            self.outcome.timeline.extend(timeline(case));
        }
    }

    fn end(&mut self, case: &Case<'_>) {
        let name = &case.staged.caption;
        let code = case.post.problem.as_ref().map(|problem| problem.code.clone());
        let is_open = matches!(case.post.state, PostState::Scheduled | PostState::Publishing);
        self.check(Invariant::I02, !is_open, || format!("{name}: still {:?}", case.post.state));
        let end = match &code {
            Some(code) => format!("{}: {code}", case.post.state.as_str()),
            None => case.post.state.as_str().to_owned(),
        };
        *self.outcome.ends.entry(end).or_default() += 1;
        if let Some(code) = code.filter(|_| matches!(case.post.state, PostState::Failed | PostState::NeedsAttention)) {
            if code.starts_with("outcome-unknown") {
                // Without a token nobody can ask how a post ended, until a person connects the account again.
                let unasked = code == "outcome-unknown-unresolved" && self.plot.loses_refreshed_tokens();
                let allowed = self.plot.allows_uncertain() || unasked;
                self.check(Invariant::I15, allowed, || format!("{name}: {code} without a cause in the plot"));
            } else {
                let explained = self.plot.explains(&code);
                self.check(Invariant::Lost, explained, || format!("{name}: {code} without a cause in the plot"));
            }
        } else {
            self.check(Invariant::Lost, true, String::new);
        }
    }

    fn content(&mut self, case: &Case<'_>) {
        let name = &case.staged.caption;
        for out in &case.ledger {
            // After a restore the post's row may name a time from before it was moved.
            let moved = self.plot.trouble.iter().any(|(_, it)| matches!(it, Trouble::Move { .. }));
            let due_at = case.post.due_at.filter(|_| !(self.plot.forgets() && moved));
            let due_ms = due_at.map_or(i64::MIN, |at| at.millis());
            self.check(Invariant::I03, out.created_at_ms >= due_ms, || {
                format!("{name}: {} ms early", due_ms.saturating_sub(out.created_at_ms))
            });
            let same = out.sha256 == case.staged.sha256
                && out.caption == case.staged.caption
                && out.privacy_level == "PUBLIC_TO_EVERYONE"
                && out.comment_disabled == case.staged.no_comments
                && out.is_photo == case.staged.is_photo
                // Photos know neither duets nor stitches.
                && (out.is_photo || (!out.duet_disabled && out.stitch_disabled));
            self.check(Invariant::I06, same, || format!("{name}: other bytes or options went out: {out:?}"));
        }
    }

    fn truth(&mut self, case: &Case<'_>) {
        let name = &case.staged.caption;
        let live = case.ledger.len() + case.drafts;
        let state = case.post.state;
        let asked = case.post.problem.as_ref().is_some_and(|problem| problem.code.starts_with("outcome-unknown"));
        let held =
            case.post.problem.as_ref().is_some_and(|problem| app::publishing::HELD_CODES.contains(&&*problem.code));
        let true_state = match state {
            PostState::Published | PostState::InInbox => live == 1,
            PostState::Failed | PostState::Cancelled | PostState::Draft => live == 0,
            // After a restore what is out may be held: its owner is asked.
            PostState::NeedsAttention => asked || live == 0 || (held && self.plot.forgets()),
            // Judged by I02.
            PostState::Scheduled | PostState::Publishing => true,
        };
        self.check(Invariant::I05, true_state, || format!("{name}: {state:?} with {live} live copies"));
        for (attempt, _) in &case.attempts {
            if let State::Dead { publish_id: Some(publish_id), .. } = &attempt.state {
                let visible = case.ledger.iter().any(|it| &it.publish_id == publish_id);
                self.check(Invariant::I05, !visible, || format!("{name}: an attempt called dead is visible"));
            }
        }
        let told_once = match state {
            PostState::Published | PostState::InInbox => case.told >= 1,
            PostState::Failed
            | PostState::Cancelled
            | PostState::Draft
            | PostState::NeedsAttention
            | PostState::Scheduled
            | PostState::Publishing => true,
        };
        self.check(Invariant::I14, told_once && case.told <= 2, || format!("{name}: told {} times", case.told));
    }

    fn granted(&mut self, case: &Case<'_>, story: &Story<'_>) {
        let name = &case.staged.caption;
        for granted in &story.granted {
            match granted {
                Granted::Cancelled { post, .. } => {
                    if story.stage.posts.get(*post).map(|post| post.id) != Some(case.post.id) {
                        continue;
                    }
                    let live = case.ledger.len() + case.drafts;
                    self.check(Invariant::I04, live == 0, || format!("{name}: out after a confirmed cancel"));
                }
                Granted::Rested { account, at_ms, until_ms } => {
                    if case.staged.account != *account {
                        continue;
                    }
                    let rest = *at_ms..*until_ms;
                    let out = case.ledger.iter().any(|out| rest.contains(&out.created_at_ms));
                    // Also of drafts, which the ledger does not hold.
                    let announced = case.attempts.iter().flat_map(|(_, log)| log).any(|line| {
                        line.to == Kind::FinalIntent
                            && line.from != Some(Kind::FinalIntent)
                            && rest.contains(&line.at.millis())
                    });
                    let meanwhile = out || (announced && !self.plot.clocks_are_off());
                    self.check(Invariant::I04, !meanwhile, || format!("{name}: out while its account rests"));
                }
                Granted::Disconnected { account, at_ms, .. } => {
                    if case.staged.account != *account {
                        continue;
                    }
                    let after = case.ledger.iter().any(|out| out.created_at_ms > *at_ms + 1000);
                    self.check(Invariant::I04, !after, || format!("{name}: out after a confirmed disconnect"));
                }
            }
        }
    }

    fn machine(&mut self, case: &Case<'_>) {
        let name = &case.staged.caption;
        let alive = case.attempts.iter().filter(|(attempt, _)| attempt.state.kind() != Kind::Dead).count();
        self.check(Invariant::I08, alive <= 1, || format!("{name}: {alive} attempts alive"));
        for (attempt, log) in &case.attempts {
            let mut at = None;
            for line in log {
                let follows = line.from == at && line.from.is_none_or(|from| is_allowed(from, line.to));
                self.check(Invariant::I13, follows, || {
                    format!("{name}: {:?} -> {:?} after {at:?}", line.from, line.to)
                });
                at = Some(line.to);
            }
            let ends = at == Some(attempt.state.kind());
            self.check(Invariant::I13, ends, || {
                format!("{name}: the log ends at {at:?}, not {:?}", attempt.state.kind())
            });
        }
    }

    fn announced(&mut self, case: &Case<'_>, journal: &[Received], let_out: &LetOut) {
        if self.plot.forgets() {
            // The announcement may be among what was forgotten.
            return;
        }
        let name = &case.staged.caption;
        for (attempt, log) in &case.attempts {
            for at_ms in let_out.of(attempt.id) {
                let clocks_are_off = self.plot.clocks_are_off();
                let announced = log
                    .iter()
                    .any(|line| line.to == Kind::FinalIntent && (clocks_are_off || line.at.millis() <= at_ms));
                self.check(Invariant::I09, announced, || format!("{name}: pictures that nobody announced"));
            }
        }
        for call in journal.iter().filter(|call| carries_the_last_byte(call)) {
            let Some(publish_id) = call.publish_id.as_deref() else { continue };
            let Some((_, log)) =
                case.attempts.iter().find(|(attempt, _)| attempt.state.publish_id() == Some(publish_id))
            else {
                continue;
            };
            // By clocks that are right, the announcement also has to be the earlier one.
            let clocks_are_off = self.plot.clocks_are_off();
            let announced = log
                .iter()
                .any(|line| line.to == Kind::FinalIntent && (clocks_are_off || line.at.millis() <= call.at_ms));
            self.check(Invariant::I09, announced, || format!("{name}: a last chunk that nobody announced"));
        }
    }

    fn protocol(&mut self, journal: &[Received]) {
        let mut calls: BTreeMap<(String, &'static str), Vec<i64>> = BTreeMap::new();
        let mut asked: BTreeMap<&str, i64> = BTreeMap::new();
        for call in journal {
            let clean = call.unknown_members.is_empty() && call.notes.is_empty();
            self.check(Invariant::I07, clean, || {
                format!("breach of protocol: {:?} {:?}", call.notes, call.unknown_members)
            });
            let Some(username) = call.username.as_deref() else { continue };
            if call.route == Route::CreatorInfo {
                asked.insert(username, call.at_ms);
            }
            if call.route == Route::VideoInit {
                self.check(Invariant::I07, asked.contains_key(username), || "init without creator info".to_owned());
            }
            if RATES.iter().any(|(route, _)| *route == call.route) {
                calls.entry((username.to_owned(), call.route.as_str())).or_default().push(call.at_ms);
            }
        }
        for ((username, route), times) in calls {
            let is_init = route.ends_with("init");
            if is_init && (self.plot.clocks_are_off() || self.plot.forgets()) {
                // Inits are counted by what each node wrote down, and when; TikTok refuses what comes too early.
                continue;
            }
            // The windows of reads are kept by each process for itself.
            let processes = if is_init { 1 } else { self.plot.nodes.saturating_add(self.plot.ends()) };
            let limit =
                RATES.iter().find(|(it, _)| it.as_str() == route).map_or(usize::MAX, |(_, limit)| limit * processes);
            let most = most_within_a_minute(&times);
            self.check(Invariant::I07, most <= limit, || format!("{username}: {most} {route} calls in a minute"));
        }
    }

    fn refreshes(&mut self, story: &Story<'_>) {
        let sent = story.stage.outbox.all();
        let mut refreshes: Vec<_> = sent.iter().filter(|call| call.is_refresh).collect();
        refreshes.sort_by_key(|call| call.at_ms);
        // With one account, two refreshes that overlap are two of the same account.
        if self.plot.accounts == 1 && story.plot.trouble.iter().all(|(_, it)| !it.ends_processes()) {
            let overlap = refreshes.windows(2).any(|pair| match pair {
                [first, second] => second.at_ms < first.until_ms,
                _ => false,
            });
            self.check(Invariant::I10, !overlap, || "two refreshes at the same time".to_owned());
        }
    }

    fn disconnects(&mut self, story: &Story<'_>) {
        let grants = story.stage.sim.grants();
        for granted in &story.granted {
            let Granted::Disconnected { account, at_ms, .. } = granted else { continue };
            let Some(username) = story.stage.accounts.get(*account).map(|account| &account.username) else { continue };
            let sent = story.stage.outbox.all();
            let late = sent.iter().find(|call| {
                call.at_ms > *at_ms
                    && call.path != "/v2/oauth/revoke/"
                    && call.bearer.as_deref().is_some_and(|token| {
                        grants.iter().any(|grant| &grant.username == username && grant.access_token == token)
                    })
            });
            self.check(Invariant::I12, late.is_none(), || format!("{username}: {late:?} after a confirmed disconnect"));
        }
    }

    /// Bytes of one task come from one process at a time: from whoever holds the row.
    fn senders(&mut self, story: &Story<'_>) {
        // The call of a frozen process stays open while another one goes on.
        if self.plot.nodes == 1 || self.plot.trouble.iter().any(|(_, it)| matches!(it, Trouble::Freeze { .. })) {
            return;
        }
        let sent = story.stage.outbox.all();
        let uploads: Vec<_> = sent.iter().filter(|call| call.upload.is_some()).collect();
        for (number, first) in uploads.iter().enumerate() {
            let both = uploads.iter().skip(number.saturating_add(1)).find(|second| {
                second.upload == first.upload
                    && second.node != first.node
                    && second.at_ms < first.until_ms
                    && first.at_ms < second.until_ms
            });
            self.check(Invariant::I08, both.is_none(), || {
                format!("nodes {} and {:?} send bytes of one task at once", first.node, both.map(|it| it.node))
            });
        }
    }

    /// Nothing that opens an account or an upload stands in what the nodes logged.
    fn log(&mut self, story: &Story<'_>) {
        let Some(log) = &story.log else { return };
        let mut secrets: Vec<String> = vec![crate::stage::SECRET.to_owned()];
        for call in story.stage.outbox.all() {
            secrets.extend(call.bearer);
            secrets.extend(call.upload.and_then(|url| url.split_once('?').map(|(_, query)| query.to_owned())));
        }
        for grant in story.stage.sim.grants() {
            secrets.extend([grant.access_token, grant.refresh_token]);
        }
        let text = log.text();
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            let line = text.lines().find(|line| line.contains(secret.as_str()));
            self.check(Invariant::I11, line.is_none(), || format!("a secret in the log: {line:?}"));
        }
    }

    /// The stored token is the one that TikTok honours: asked for once more, in peace, it works.
    async fn tokens(&mut self, story: &Story<'_>) -> Result<(), Error> {
        let grants = story.stage.sim.grants();
        for account in &story.stage.accounts {
            let removed = grants.iter().any(|grant| grant.username == account.username && grant.removed);
            let connection = story.stage.store().connection_any(account.connection).await?;
            let active = connection.is_some_and(|it| it.state == domain::connection::ConnectionState::Active);
            if removed || !active {
                continue;
            }
            let tokens = &story.stage.door.app().tokens;
            let mut token = tokens.access_token(account.connection, 60).await;
            if matches!(token, Err(app::tokens::TokenError::Busy)) {
                // Whoever died while renewing it is waited for.
                tokio::time::sleep(std::time::Duration::from_secs(120)).await;
                token = tokens.access_token(account.connection, 60).await;
            }
            // Where TikTok changes the refresh token at each use, a lost answer loses it for good: a person connects again.
            let may_be_lost = story.plot.loses_refreshed_tokens() || story.plot.forgets();
            let lost = matches!(token, Err(app::tokens::TokenError::ReconnectNeeded)) && may_be_lost;
            let holds = token.is_ok() || lost;
            self.check(Invariant::I10, holds, || format!("{}: no token that works: {token:?}", account.username));
        }
        Ok(())
    }
}

fn most_within_a_minute(times: &[i64]) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, at) in times.iter().enumerate() {
        while times.get(first).is_some_and(|start| at - start >= 60_000) {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

fn carries_the_last_byte(call: &Received) -> bool {
    let range = call.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-range"));
    let Some((bytes, total)) = range.and_then(|(_, value)| value.trim_start_matches("bytes ").split_once('/')) else {
        return false;
    };
    let last = bytes.split_once('-').and_then(|(_, last)| last.parse::<u64>().ok());
    last.zip(total.parse::<u64>().ok()).is_some_and(|(last, total)| last + 1 == total)
}

fn timeline(case: &Case<'_>) -> Vec<String> {
    let mut lines = vec![format!(
        "{} ({:?}, due {:?}): {:?}",
        case.staged.caption, case.post.state, case.post.due_at, case.post.problem
    )];
    for (attempt, log) in &case.attempts {
        for line in log {
            lines.push(format!(
                "  {} {} epoch {} {:?} -> {:?} {}",
                line.at.millis(),
                attempt.ordinal,
                line.epoch,
                line.from,
                line.to,
                line.cause
            ));
        }
    }
    lines
}

/// Overdue posts that begin without a question after a start.
const MANY_OVERDUE: usize = 3;
/// Drafts that TikTok keeps for one person in a day (reference: error `spam_risk_too_many_pending_share`).
const PENDING_DRAFTS: usize = 5;

impl Plot {
    fn clocks_are_off(&self) -> bool {
        self.clock_offsets_ms.iter().any(|offset| *offset != 0)
            || self.trouble.iter().any(|(_, trouble)| matches!(trouble, Trouble::ClockJump { .. }))
    }

    /// How often a process ends.
    fn ends(&self) -> usize {
        self.trouble.iter().filter(|(_, trouble)| trouble.ends_processes()).count()
    }

    /// TikTok may change the refresh token without our hearing of it.
    fn loses_refreshed_tokens(&self) -> bool {
        self.trouble.iter().any(|(_, trouble)| {
            let Trouble::Script { rule } = trouble else { return false };
            matches!(rule.route, Route::Any | Route::Token | Route::TokenRefresh)
                && matches!(
                    rule.action,
                    FaultAction::DropAfter | FaultAction::StatusAfter(_) | FaultAction::Truncate(_)
                )
        })
    }

    /// The plot holds something that truly leads to this end.
    fn explains(&self, code: &str) -> bool {
        let drafts = self.posts.iter().filter(|post| post.to_inbox).count();
        let too_many = code == "too-many-drafts" && drafts > PENDING_DRAFTS;
        let overdue = is_held(code) && self.posts.len() > MANY_OVERDUE;
        too_many || overdue || self.trouble.iter().any(|(_, trouble)| trouble.explains(code, self))
    }
}

impl Trouble {
    const fn ends_processes(&self) -> bool {
        matches!(
            self,
            Self::Kill { .. }
                | Self::Trip { .. }
                | Self::Restart { .. }
                | Self::Freeze { .. }
                | Self::LoseCommits { .. }
                | Self::Restore { .. }
        )
    }

    /// Whether a post that this happened to may end with this code.
    fn explains(&self, code: &str, plot: &Plot) -> bool {
        let delays = plot.hold_when_late_minutes > 0;
        match self {
            Self::Kill { down_ms: ms, .. }
            | Self::Restart { down_ms: ms, .. }
            | Self::Freeze { for_ms: ms, .. }
            | Self::DatabaseDown { for_ms: ms, .. }
            | Self::Pause { for_ms: ms, .. }
            | Self::HoldProcessing { for_ms: ms, .. } => {
                (delays && *ms > 60_000 && is_late(code)) || (*ms > 60_000 && is_held(code))
            }
            Self::Trip { down_ms, .. } => *down_ms > 60_000 && ((delays && is_late(code)) || is_held(code)),
            Self::Network { for_ms, .. } => (delays && *for_ms > 60_000 && is_late(code)) || is_upload(code),
            Self::Slow { .. } => (delays && is_late(code)) || is_upload(code) || code == "connection-too-slow",
            Self::ClockJump { .. } => is_late(code) || is_held(code),
            Self::CommitUnknown { .. } | Self::EndScripts | Self::Cancel { .. } => false,
            // What is in doubt goes out by itself only when TikTok tells what became of it.
            Self::LoseCommits { .. } | Self::Restore { .. } => {
                matches!(code, "held-after-restore" | "reconnect-needed" | "tiktok-internal")
                    || is_late(code)
                    || is_held(code)
            }
            // What was agreed to and what stands in the row differ.
            Self::Scribble { .. } => code == "consent-missing",
            // A script may answer anything TikTok can answer, for as long as it lasts.
            Self::Script { .. } => true,
            Self::FailNext { .. } => !is_late(code) && code != "media-changed" && code != "disconnected",
            Self::Ban { .. } => code.starts_with("creator") || code.starts_with("spam_risk") || code == "banned",
            Self::ExpireToken { .. } => code == "reconnect-needed",
            Self::WithdrawGrant { .. } | Self::Disconnect { .. } => {
                matches!(code, "disconnected" | "reconnect-needed" | "auth_removed" | "auth-removed")
            }
            Self::Move { .. } => false,
            // What was announced and cannot be sent ends with TikTok's hour; by then it is late as well.
            Self::Damage { .. } | Self::Lose { .. } => matches!(code, "media-changed" | "pull-failed") || is_late(code),
        }
    }
}

fn is_late(code: &str) -> bool {
    code == "too-late"
}

/// Held at a start after a long stop, or with many overdue posts: their owners decide.
fn is_held(code: &str) -> bool {
    code == "held-overdue"
}

fn is_upload(code: &str) -> bool {
    matches!(code, "upload-expired" | "upload-failed-often" | "upload-refused")
}
