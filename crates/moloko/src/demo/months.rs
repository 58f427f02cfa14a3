//! Months of data for the demo: the shared clock goes back, posts go out one after the other by the real engine, and their numbers are read by the real
//! sampler at the times at which it would have read them; then the clock is where it was. Owns the order; must not write to the database itself.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use app::posts::{DraftInput, Submit, When};
use app::publishing::Engine;
use app::sign_in::Purpose;
use app::{Actor, App};
use domain::consent::Declaration;
use domain::creator::PrivacyLevel;
use domain::id::ConnectionId;
use domain::post::{Delivery, PostContent, PostState};
use domain::privacy::purposes::Reading;
use domain::schedule::Zone;
use domain::time::UnixMillis;
use tiktok_sim::Simulator;

use super::sample;
use super::seed::{demo_account, sign_in, upload_bytes, walk};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Days of a month.
const MONTH_DAYS: i64 = 30;
/// The weekly slots of the demo in UTC: days after Monday, and minutes after midnight. Simulated people look most on evenings.
const WEEK: [(i64, i64); 3] = [(1, 8 * 60), (3, 17 * 60 + 30), (5, 11 * 60)];
/// The engine is given so many real looks of ten milliseconds at each post.
const LOOKS: u32 = 2_000;

const CAPTIONS: [&str; 8] = [
    "Milk at first light #morning",
    "Утро на ферме: как просыпается молоко #молоко #morning",
    "Three glasses, one cow #dairy",
    "Сырники по бабушкиному рецепту #молоко",
    "The sound of pouring, nothing else #dairy",
    "Как отличить парное молоко за десять секунд #молоко",
    "Honey cake, layer by layer #dairy",
    "Последний луг перед снегом",
];

/// Sets the shared clock back by so many months, before anybody has looked at it; gives by how many milliseconds, as a negative number.
pub fn go_back(simulator: &Simulator, many: u32) -> i64 {
    let back = i64::from(many).saturating_mul(-MONTH_DAYS * DAY_MS);
    simulator.advance(back);
    back
}

/// Lets the months since then pass, in which posts go out and are read; then it is now again.
pub async fn months(app: &Arc<App>, simulator: &Simulator, mut back: i64) -> anyhow::Result<()> {
    let (actor, _) = sign_in(app, simulator, "a browser of the demo").await?;
    let account = demo_account(app, &actor).await?;
    for reading in Reading::ALL {
        walk(app, simulator, &actor, Purpose::Allow(&actor, account, reading)).await?;
    }
    let engine = Engine::spawn(Arc::clone(app));
    let went = posts(app, simulator, &actor, account, &mut back).await;
    engine.stop().await;
    // Whatever happened, the demo's clock is the machine's again.
    simulator.advance(-back);
    went
}

async fn posts(
    app: &Arc<App>,
    simulator: &Simulator,
    actor: &Actor,
    account: ConnectionId,
    back: &mut i64,
) -> anyhow::Result<()> {
    let milk = sample::milk().bytes;
    for (n, caption) in (0_u8..).zip(CAPTIONS.iter().cycle()) {
        if *back > -2 * HOUR_MS {
            break;
        }
        // A box that says nothing makes each file another one.
        let mut bytes = milk.clone();
        bytes.extend([0, 0, 0, 9, b'f', b'r', b'e', b'e', n]);
        let media = upload_bytes(app, actor, "milk-at-first-light.mp4", bytes).await?;
        let group = app.create_drafts(actor, media, &[account]).await?;
        let draft = app.compose(actor, group, None, None).await?.current.post.id;
        let content = PostContent {
            caption: (*caption).to_owned(),
            privacy: Some(PrivacyLevel::PublicToEveryone),
            ..PostContent::default()
        };
        let input =
            DraftInput { delivery: Delivery::Direct, content, local_time: None, time_zone: Zone::utc(), photos: None };
        let revision = app.post(actor, draft).await?.revision;
        app.submit(actor, draft, &Submit { revision, input, when: When::Now, declaration: Declaration::Music }).await?;
        let mut looks = 0;
        while app.post(actor, draft).await?.tiktok_ids.is_empty() {
            if looks == LOOKS || app.post(actor, draft).await?.state == PostState::Failed {
                bail!("a post of the demo did not go out");
            }
            looks += 1;
            step(simulator, back, 1_000);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let now = app.now().millis();
        let until = UnixMillis::from_millis(next_slot(now).min(now - *back));
        read_until(app, simulator, until, back).await?;
    }
    Ok(())
}

/// The next slot after an instant, milliseconds since 1970, which began on a Thursday.
fn next_slot(now_ms: i64) -> i64 {
    let monday = (now_ms.div_euclid(DAY_MS) + 3).div_euclid(7) * 7 - 3;
    let slots = (0..2).flat_map(|week| WEEK.map(|(day, minute)| (monday + week * 7 + day) * DAY_MS + minute * 60_000));
    slots.filter(|at| *at > now_ms).min().unwrap_or(now_ms + DAY_MS)
}

/// Lets numbers be read whenever their time comes, until an instant.
async fn read_until(app: &Arc<App>, simulator: &Simulator, until: UnixMillis, back: &mut i64) -> anyhow::Result<()> {
    loop {
        while app.sample_round().await? > 0 {}
        let next = app.store.metric_next_turn().await?.context("nothing is read")?.min(until);
        let now = app.now();
        if now >= until {
            return Ok(());
        }
        step(simulator, back, next.millis_since(now).max(1_000));
    }
}

fn step(simulator: &Simulator, back: &mut i64, ms: i64) {
    simulator.advance(ms);
    *back += ms;
}
