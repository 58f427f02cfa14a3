//! The handle everybody holds: starting, steering and inspecting a simulator. It guards the world with one lock,
//! never held across an await, and runs the background work (webhooks, time).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::clock::SimClock;
use crate::config::{AppSpec, BaseUrls, MediaPolicy, PullRoute, SimConfig, UserSpec};
use crate::error::SimError;
use crate::faults::FaultRule;
use crate::http;
use crate::journal::Received;
use crate::rules::post_info::Privacy;
use crate::rules::redirect::{self, Platform};
use crate::scope::Scope;
use crate::store::Store;
use crate::views::{Duplicate, GrantedTokens, SignedWebhook, SimGrant, SimPost, SimTask, SimWebhook, UxFlag};
use crate::world::{CodeRequest, RemovalReason, TaskState, WebhookState, World};

/// A simulated TikTok. Clones are handles to the same one.
#[derive(Clone)]
pub struct Simulator {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    world: Mutex<World>,
    clock: SimClock,
    base_urls: RwLock<BaseUrls>,
    fixed_base_urls: bool,
    pub(crate) config: SimConfig,
    pub(crate) store: Store,
    /// Built at the first webhook or pull: loading trust roots takes longer than starting everything else.
    client: OnceLock<Option<reqwest::Client>>,
    pull_door: RwLock<Option<(String, axum::Router)>>,
    /// Wakes the background work.
    nudge: Notify,
    /// Counts finished background work, for those who wait for it.
    finished: watch::Sender<u64>,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Simulator").finish_non_exhaustive()
    }
}

impl Simulator {
    /// Builds a simulator.
    ///
    /// # Errors
    /// A configuration TikTok's portal would refuse, or a data folder that cannot be made.
    pub fn new(config: SimConfig) -> Result<Self, SimError> {
        config.check()?;
        let store = Store::open(config.data_dir.as_deref())?;
        let base_urls = config.base_urls.clone().unwrap_or_else(|| BaseUrls::under("http://127.0.0.1"));
        Ok(Self {
            shared: Arc::new(Shared {
                world: Mutex::new(World::new(&config)),
                clock: SimClock::new(config.clock),
                base_urls: RwLock::new(base_urls),
                fixed_base_urls: config.base_urls.is_some(),
                store,
                client: OnceLock::new(),
                pull_door: RwLock::new(None),
                nudge: Notify::new(),
                finished: watch::Sender::new(0),
                config,
            }),
        })
    }

    /// All routes. Mounted without [`Simulator::serve`], scripted connection drops become broken answers that carry
    /// the extension [`Dropped`](crate::Dropped), and webhooks are not sent unless
    /// [`Simulator::run_background`] runs.
    pub fn router(&self) -> axum::Router {
        http::router(self.clone())
    }

    /// Serves on a bound listener until the task is dropped.
    ///
    /// # Errors
    /// When the listener has no local address.
    pub async fn serve(self, listener: TcpListener) -> Result<(), SimError> {
        let bound = listener.local_addr().map_err(SimError::io("read its own address"))?;
        self.bound_to(bound);
        let background = {
            let simulator = self.clone();
            async move { simulator.run_background().await }
        };
        tokio::select! {
            () = http::serve(listener, self.router()) => {}
            () = background => {}
        }
        Ok(())
    }

    /// Serves on a free loopback port in a background task.
    ///
    /// # Errors
    /// As [`Simulator::new`], or when no port is free.
    pub async fn start(config: SimConfig) -> Result<Running, SimError> {
        let simulator = Self::new(config)?;
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(SimError::io("bind a loopback port"))?;
        let bound = listener.local_addr().map_err(SimError::io("read its own address"))?;
        // Known before the first request, so that the caller may use it at once.
        simulator.bound_to(bound);
        let serving = simulator.clone();
        let task = tokio::spawn(async move {
            if let Err(error) = serving.serve(listener).await {
                tracing::error!(%error, "the simulator stopped");
            }
        });
        Ok(Running { url: format!("http://{bound}"), simulator, task })
    }

    /// From now on `router` answers pulls of `origin` (for example `https://m.example`) in this process, without a network.
    pub fn answer_pulls_with(&self, origin: &str, router: axum::Router) {
        let door = (origin.trim_end_matches('/').to_owned(), router);
        *self.shared.pull_door.write().unwrap_or_else(PoisonError::into_inner) = Some(door);
    }

    /// The router for this address and the address's path, where one was given.
    pub(crate) fn pull_door(&self, source: &str) -> Option<(axum::Router, String)> {
        let door = self.shared.pull_door.read().unwrap_or_else(PoisonError::into_inner);
        let (origin, router) = door.as_ref()?;
        let rest = source.strip_prefix(origin.as_str()).filter(|rest| rest.starts_with('/'))?;
        Some((router.clone(), rest.to_owned()))
    }

    fn bound_to(&self, bound: SocketAddr) {
        if self.shared.fixed_base_urls {
            return;
        }
        let host = if bound.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { bound.ip() };
        let origin = format!("http://{}", SocketAddr::new(host, bound.port()));
        *self.shared.base_urls.write().unwrap_or_else(PoisonError::into_inner) = BaseUrls::under(&origin);
    }

    /// The public addresses in use.
    #[must_use]
    pub fn base_urls(&self) -> BaseUrls {
        self.shared.base_urls.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client for webhooks and pulls; none when this machine cannot make one.
    pub(crate) fn outgoing(&self) -> Option<&reqwest::Client> {
        let build = || {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(Duration::from_secs(5))
                .build()
        };
        let client = self.shared.client.get_or_init(|| {
            build().inspect_err(|error| tracing::error!(%error, "no webhooks and pulls: the HTTP client failed")).ok()
        });
        client.as_ref()
    }

    pub(crate) fn media_policy(&self) -> MediaPolicy {
        self.world().quirks.media.clone()
    }

    pub(crate) fn pull_routes(&self) -> &[PullRoute] {
        &self.shared.config.pull_routes
    }

    /// The state at this moment, brought up to date.
    fn settled_world(&self) -> MutexGuard<'_, World> {
        let now_ms = self.now_ms();
        let mut world = self.world();
        world.settle(now_ms);
        world
    }

    /// Virtual time, milliseconds since 1970 UTC.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.shared.clock.now_ms()
    }

    /// Moves virtual time and applies what became due.
    pub fn advance(&self, ms: i64) {
        self.shared.clock.advance(ms);
        drop(self.settled_world());
        self.wake();
    }

    /// The clock; clones follow the same time.
    #[must_use]
    pub fn clock(&self) -> SimClock {
        self.shared.clock.clone()
    }

    /// Registers an app, or replaces the one with this client key.
    ///
    /// # Errors
    /// When the portal would refuse it.
    pub fn add_app(&self, app: AppSpec) -> Result<(), SimError> {
        app.check(&self.shared.config)?;
        self.world().apps.insert(app.client_key.clone(), app);
        Ok(())
    }

    /// Changes an app.
    ///
    /// # Errors
    /// When it does not exist or the portal would refuse the change.
    pub fn set_app(&self, client_key: &str, change: impl FnOnce(&mut AppSpec)) -> Result<(), SimError> {
        let mut app = self.world().app(client_key)?.clone();
        change(&mut app);
        self.add_app(app)
    }

    /// Adds an account, or replaces the one with this username.
    ///
    /// # Errors
    /// When the username is malformed.
    pub fn add_user(&self, user: UserSpec) -> Result<(), SimError> {
        user.check()?;
        self.world().users.insert(user.username.clone(), user);
        Ok(())
    }

    /// Changes an account.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn set_user(&self, username: &str, change: impl FnOnce(&mut UserSpec)) -> Result<(), SimError> {
        {
            let mut world = self.settled_world();
            change(world.user_mut(username)?);
        }
        drop(self.settled_world());
        self.wake();
        Ok(())
    }

    /// All accounts, those that can post first.
    #[must_use]
    pub fn users(&self) -> Vec<UserSpec> {
        self.world().users_in_order()
    }

    /// All apps.
    #[must_use]
    pub fn apps(&self) -> Vec<AppSpec> {
        self.world().apps.values().cloned().collect()
    }

    /// Adds a scripted fault.
    pub fn fault(&self, rule: FaultRule) {
        self.world().faults.add(rule);
    }

    /// Ends all scripted faults.
    pub fn clear_faults(&self) {
        self.world().faults.clear();
    }

    /// Faults still to come.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultRule> {
        self.world().faults.rules().to_vec()
    }

    /// Everything posted.
    #[must_use]
    pub fn posts(&self) -> Vec<SimPost> {
        let now_ms = self.now_ms();
        self.settled_world().posts.iter().map(|post| SimPost::of(post, now_ms)).collect()
    }

    /// Every task ever opened.
    #[must_use]
    pub fn tasks(&self) -> Vec<SimTask> {
        self.settled_world().tasks.values().map(SimTask::of).collect()
    }

    /// Every request received, oldest first (the last 20,000), with secrets.
    #[must_use]
    pub fn journal(&self) -> Vec<Received> {
        self.world().journal.all().cloned().collect()
    }

    /// Forgets the journal so far.
    pub fn clear_journal(&self) {
        self.world().journal.clear();
    }

    /// Signs of publishing twice.
    #[must_use]
    pub fn duplicates(&self) -> Vec<Duplicate> {
        self.settled_world().duplicates()
    }

    /// Breaches of the posting guidelines.
    #[must_use]
    pub fn flags(&self) -> Vec<UxFlag> {
        self.world().flags.clone()
    }

    /// Every webhook and its fate.
    #[must_use]
    pub fn webhooks(&self) -> Vec<SimWebhook> {
        self.settled_world().webhooks.iter().map(SimWebhook::of).collect()
    }

    /// Every consent.
    #[must_use]
    pub fn grants(&self) -> Vec<SimGrant> {
        self.world().grants.iter().map(SimGrant::of).collect()
    }

    fn scopes(&self, client_key: &str, username: &str, names: &[&str]) -> Result<Vec<Scope>, SimError> {
        let world = self.world();
        let app = world.app(client_key)?;
        world.user(username)?;
        names
            .iter()
            .map(|name| {
                Scope::parse(name)
                    .filter(|scope| app.scopes.contains(scope))
                    .ok_or_else(|| SimError::Scope((*name).to_owned()))
            })
            .collect()
    }

    /// Tokens as if the person had agreed and the code had been exchanged.
    ///
    /// # Errors
    /// When the app, the user or a scope does not exist.
    pub fn issue_grant(&self, client_key: &str, username: &str, scopes: &[&str]) -> Result<GrantedTokens, SimError> {
        let scopes = self.scopes(client_key, username, scopes)?;
        let now_ms = self.now_ms();
        let mut world = self.world();
        let pair = world.grant(client_key, username, scopes.clone(), now_ms);
        let open_id = world.grants.get(pair.grant).map(|grant| grant.open_id.clone()).unwrap_or_default();
        Ok(GrantedTokens {
            access_token: pair.access_token,
            expires_in: 86_400,
            refresh_token: pair.refresh_token,
            refresh_expires_in: 31_536_000,
            open_id,
            scope: Scope::join(&scopes),
        })
    }

    /// An authorization code as if the person had agreed on the consent page.
    ///
    /// # Errors
    /// When the app, the user or a scope does not exist.
    pub fn grant_code(
        &self,
        client_key: &str,
        username: &str,
        scopes: &[&str],
        redirect_uri: &str,
        code_challenge: Option<&str>,
    ) -> Result<String, SimError> {
        let scopes = self.scopes(client_key, username, scopes)?;
        let request = CodeRequest {
            client_key: client_key.to_owned(),
            username: username.to_owned(),
            scopes,
            redirect_uri: redirect_uri.to_owned(),
            challenge: code_challenge.map(str::to_owned),
            platform: redirect::platform(redirect_uri).unwrap_or(Platform::Web),
        };
        let now_ms = self.now_ms();
        Ok(self.world().issue_code(request, now_ms))
    }

    /// The person, or TikTok, ends the connection: tokens die, the app gets a webhook.
    ///
    /// # Errors
    /// When the app or the user does not exist.
    pub fn disconnect(&self, client_key: &str, username: &str, reason: RemovalReason) -> Result<(), SimError> {
        {
            let now_ms = self.now_ms();
            let mut world = self.settled_world();
            world.app(client_key)?;
            world.user(username)?;
            world.remove_grants(client_key, username, reason, now_ms);
        }
        self.wake();
        Ok(())
    }

    /// The person finishes a draft in the phone app; may happen several times for one draft.
    ///
    /// # Errors
    /// When no such draft lies in an inbox, or the privacy level is none of TikTok's words.
    pub fn publish_draft(&self, publish_id: &str, privacy_level: &str) -> Result<(), SimError> {
        let privacy = Privacy::parse(privacy_level).ok_or_else(|| SimError::unknown("privacy level", privacy_level))?;
        let now_ms = self.now_ms();
        self.settled_world().publish_draft(publish_id, privacy, now_ms)?;
        self.wake();
        Ok(())
    }

    /// The person changes who sees a post, in the phone app.
    ///
    /// # Errors
    /// When the post does not exist, or the privacy level is none of TikTok's words.
    pub fn change_privacy(&self, post_id: u64, privacy_level: &str) -> Result<(), SimError> {
        let privacy = Privacy::parse(privacy_level).ok_or_else(|| SimError::unknown("privacy level", privacy_level))?;
        let now_ms = self.now_ms();
        self.settled_world().change_privacy(post_id, privacy, now_ms)?;
        self.wake();
        Ok(())
    }

    /// The person deletes a post, in the phone app.
    ///
    /// # Errors
    /// When the post does not exist.
    pub fn delete_post(&self, post_id: u64) -> Result<(), SimError> {
        let now_ms = self.now_ms();
        self.settled_world().delete_post(post_id, now_ms)?;
        self.wake();
        Ok(())
    }

    pub(crate) fn wake(&self) {
        self.shared.nudge.notify_one();
    }

    pub(crate) fn background_work_done(&self) {
        self.shared.finished.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Waits until no webhook is due or on its way and no pull is running, at the present virtual time.
    pub async fn settled(&self) {
        let mut finished = self.shared.finished.subscribe();
        loop {
            finished.borrow_and_update();
            self.wake();
            let busy = {
                let now_ms = self.now_ms();
                let world = self.settled_world();
                let webhooks = world.webhooks.iter().any(|webhook| {
                    webhook.state == WebhookState::Sending || webhook.due_at_ms().is_some_and(|due| due <= now_ms)
                });
                webhooks || world.tasks.values().any(|task| matches!(task.state, TaskState::Downloading { .. }))
            };
            if !busy || finished.changed().await.is_err() {
                return;
            }
        }
    }

    /// Takes every webhook that is due, signed, for whoever carries them instead of [`Simulator::run_background`]. Each must be
    /// reported back with [`Simulator::webhook_answered`].
    #[must_use]
    pub fn due_webhooks(&self) -> Vec<SignedWebhook> {
        let now_ms = self.now_ms();
        let due = self.settled_world().due_webhooks(now_ms);
        due.into_iter().map(http::webhooks::signed).collect()
    }

    /// What the receiver of a webhook answered; none when it did not.
    pub fn webhook_answered(&self, index: usize, status: Option<u16>) {
        let now_ms = self.now_ms();
        self.world().delivered(index, status, now_ms);
    }

    /// Ends a user's access tokens before their time; refresh tokens live on.
    pub fn expire_access_tokens(&self, username: &str) {
        self.world().end_access_tokens(username);
    }

    /// Applies time and sends webhooks, for ever. [`Simulator::serve`] runs it already.
    pub async fn run_background(&self) {
        loop {
            let moved = self.clock().subscribe();
            let (due, next_due_ms) = {
                let now_ms = self.now_ms();
                let mut world = self.settled_world();
                (world.due_webhooks(now_ms), world.next_due_ms())
            };
            if due.is_empty() {
                self.background_work_done();
                self.wait_for_work(next_due_ms, moved).await;
            } else {
                http::webhooks::send_all(self, due).await;
            }
        }
    }

    async fn wait_for_work(&self, next_due_ms: Option<i64>, mut moved: watch::Receiver<i64>) {
        let clock = self.clock();
        let due = async {
            match next_due_ms {
                Some(due_ms) => clock.sleep_until(due_ms).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.shared.nudge.notified() => {}
            () = due => {}
            _ = moved.changed() => {}
        }
    }
}

/// A simulator serving on a loopback port; stops when dropped.
#[derive(Debug)]
pub struct Running {
    /// Address without a final slash: the authorization page is at `/v2/auth/authorize/`, the API at `/v2`,
    /// uploads at `/upload`, the console at `/console`, the admin API at `/admin`.
    pub url: String,
    /// Handle.
    pub simulator: Simulator,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
