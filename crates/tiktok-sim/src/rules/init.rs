//! Opening a publishing task: the documented checks of the three init calls, in one fixed order:
//! bearer, scope, rate, fields, ban, caps, active creators, audit, privacy, ownership.

use serde_json::{Map, Value};

use super::chunks::Plan;
use super::post_info::{PostInfo, Privacy};
use super::{caps, ownership};
use crate::answer::{ApiFault, Call};
use crate::config::{AppSpec, InvalidParamSpelling, UserSpec};
use crate::journal::Route;
use crate::json::{self, Members, Noticed};
use crate::scope::Scope;
use crate::views::{UxFlag, UxFlagKind};
use crate::world::{Bearer, Channel, NewTask, World};

const INITS_PER_MINUTE: usize = 6;
const PHOTOS_MAX: usize = 35;
const PHOTO_DRAFT_APP: [u32; 2] = [31, 8];
const SOURCE_INFO: &str = "The request source info is empty or incorrect";

/// An init call as received.
pub(crate) struct InitCall<'a> {
    pub(crate) call: &'a Call,
    pub(crate) bearer: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
    /// Prefix of upload URLs.
    pub(crate) upload_base: &'a str,
}

/// A task was opened.
pub(crate) struct Opened {
    pub(crate) publish_id: String,
    pub(crate) upload_url: Option<String>,
}

fn source_fault() -> ApiFault {
    ApiFault::new(400, "invalid_params", SOURCE_INFO)
}

/// Media as declared.
enum Source {
    File(Plan),
    Pull(String),
}

impl Source {
    fn read(world: &World, top: &Members<'_>, noticed: &mut Noticed) -> Result<Self, ApiFault> {
        let map = top.object("source_info")?.ok_or_else(source_fault)?;
        let known = ["source", "video_size", "chunk_size", "total_chunk_count", "video_url"];
        let members = Members::new(map, "source_info", &known, noticed);
        match members.text("source")? {
            Some("FILE_UPLOAD") => {
                let size = members.integer("video_size")?.ok_or_else(source_fault)?;
                let chunk = members.integer("chunk_size")?.ok_or_else(source_fault)?;
                let count = members.integer("total_chunk_count")?.ok_or_else(source_fault)?;
                Plan::declared(size, chunk, count, world.quirks.one_chunk_identity).map(Self::File)
            }
            Some("PULL_FROM_URL") => {
                members.text("video_url")?.map(|url| Self::Pull(url.to_owned())).ok_or_else(source_fault)
            }
            Some(_) | None => Err(source_fault()),
        }
    }

    /// Ownership is the last check of all.
    fn owned(self, app: &AppSpec) -> Result<(Option<Plan>, Vec<String>), ApiFault> {
        match self {
            Self::File(plan) => Ok((Some(plan), Vec::new())),
            Self::Pull(url) => ownership::check(app, &url).map(|url| (None, vec![url.to_string()])),
        }
    }
}

/// The body as an object, if it says it is JSON.
fn body(request: &InitCall<'_>) -> Result<Map<String, Value>, ApiFault> {
    let kind = request.content_type.unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(ApiFault::new(400, "invalid_params", "The content type must be application/json; charset=UTF-8"));
    }
    json::object(request.body)
}

fn parties(world: &World, bearer: &Bearer) -> Result<(AppSpec, UserSpec), ApiFault> {
    let app = world.apps.get(&bearer.client_key).cloned().ok_or_else(ApiFault::token_invalid)?;
    let user = world.users.get(&bearer.username).cloned().ok_or_else(ApiFault::token_invalid)?;
    Ok((app, user))
}

/// Flags kept; a client that collects more has been told enough.
const FLAGS_MAX: usize = 10_000;

fn flag(world: &mut World, request: &InitCall<'_>, bearer: &Bearer, kind: UxFlagKind) {
    if world.flags.len() >= FLAGS_MAX {
        return;
    }
    world.flags.push(UxFlag {
        at_ms: request.call.at_ms,
        client_key: bearer.client_key.clone(),
        username: bearer.username.clone(),
        kind,
    });
}

/// The conformance recorder for direct posts.
fn watch(world: &mut World, request: &InitCall<'_>, bearer: &Bearer, info: &PostInfo, is_photo: bool) {
    let seen_at_ms = world.grants.get(bearer.grant).and_then(|grant| grant.creator_info_at_ms);
    let fresh_since = request.call.at_ms.saturating_sub(world.quirks.creator_info_fresh_ms);
    if seen_at_ms.is_none_or(|at| at < fresh_since) {
        flag(world, request, bearer, UxFlagKind::NoFreshCreatorInfo);
    }
    let video_only_missing = !is_photo && (info.disable_duet.is_none() || info.disable_stitch.is_none());
    if info.disable_comment.is_none() || video_only_missing {
        flag(world, request, bearer, UxFlagKind::InteractionMissing);
    }
    if info.brand_content.is_none() || info.brand_organic.is_none() {
        flag(world, request, bearer, UxFlagKind::BrandToggleMissing);
    }
    if info.is_private_advertising() {
        flag(world, request, bearer, UxFlagKind::PrivateBrandedContent);
    }
}

fn not_private_advertising(info: &PostInfo) -> Result<(), ApiFault> {
    if info.is_private_advertising() {
        return Err(ApiFault::new(400, "invalid_param", "Branded content visibility cannot be set to private"));
    }
    Ok(())
}

/// Ban, caps, active creators, audit, privacy: in this order.
fn may_post(
    world: &World,
    app: &AppSpec,
    user: &UserSpec,
    privacy: Option<Privacy>,
    now_ms: i64,
) -> Result<Privacy, ApiFault> {
    if user.banned {
        return Err(ApiFault::guideline("spam_risk_user_banned_from_posting"));
    }
    if caps::is_at_post_cap(world, user, now_ms) {
        return Err(ApiFault::guideline("spam_risk_too_many_posts"));
    }
    if caps::is_beyond_active_users(world, app, &user.username, now_ms) {
        return Err(ApiFault::guideline("reached_active_user_cap"));
    }
    caps::check_privacy(world, app, user, privacy)
}

fn may_draft(world: &World, user: &UserSpec, now_ms: i64) -> Result<(), ApiFault> {
    if user.banned {
        return Err(ApiFault::guideline("spam_risk_user_banned_from_posting"));
    }
    if caps::is_at_draft_cap(world, user, now_ms) {
        return Err(ApiFault::guideline("spam_risk_too_many_pending_share"));
    }
    Ok(())
}

fn open(
    world: &mut World,
    request: &InitCall<'_>,
    bearer: Bearer,
    channel: Channel,
    info: PostInfo,
    media: (Option<Plan>, Vec<String>),
) -> Opened {
    let (plan, sources) = media;
    let task = NewTask {
        channel,
        client_key: bearer.client_key,
        username: bearer.username,
        open_id: bearer.open_id,
        info,
        plan,
        sources,
    };
    let publish_id = world.open_task(task, request.call.at_ms);
    let upload = world.tasks.get(&publish_id).and_then(|task| task.upload.as_ref());
    let upload_url = upload
        .map(|upload| format!("{}/video/?upload_id={}&upload_token={}", request.upload_base, upload.id, upload.token));
    if let Some(received) = world.journal.get_mut(request.call.seq) {
        received.publish_id = Some(publish_id.clone());
    }
    Opened { publish_id, upload_url }
}

/// Runs one init, recording who called, undocumented members, and the spelling of the refusal.
fn recorded(
    world: &mut World,
    request: &InitCall<'_>,
    route: Route,
    scopes: &[Scope],
    run: impl FnOnce(&mut World, Bearer, &mut Noticed) -> Result<Opened, ApiFault>,
) -> Result<Opened, ApiFault> {
    let bearer = world.bearer(request.bearer, route, INITS_PER_MINUTE, request.call.at_ms)?;
    if let Some(received) = world.journal.get_mut(request.call.seq) {
        received.client_key = Some(bearer.client_key.clone());
        received.username = Some(bearer.username.clone());
    }
    let bearer = bearer.allowed(scopes)?;
    let mut noticed = Noticed::default();
    let result = run(world, bearer, &mut noticed);
    if let Some(received) = world.journal.get_mut(request.call.seq) {
        received.unknown_members = noticed.unknown;
    }
    result.map_err(|fault| respell(world.quirks.invalid_param, fault))
}

/// Applies the quirk of the two spellings.
pub(crate) fn respell(spelling: InvalidParamSpelling, fault: ApiFault) -> ApiFault {
    if fault.code != "invalid_param" && fault.code != "invalid_params" {
        return fault;
    }
    match spelling {
        InvalidParamSpelling::Mixed => fault,
        InvalidParamSpelling::Plural => ApiFault { code: "invalid_params".into(), ..fault },
        InvalidParamSpelling::Singular => ApiFault { code: "invalid_param".into(), ..fault },
    }
}

/// Direct video.
pub(crate) fn direct_video(world: &mut World, request: &InitCall<'_>) -> Result<Opened, ApiFault> {
    recorded(world, request, Route::VideoInit, &[Scope::VideoPublish], |world, bearer, noticed| {
        let map = body(request)?;
        let top = Members::new(&map, "", &["post_info", "source_info"], noticed);
        let post_info = top
            .object("post_info")?
            .ok_or_else(|| ApiFault::new(400, "invalid_params", "The request post info is empty or incorrect"))?;
        let info = PostInfo::video(post_info, noticed)?;
        watch(world, request, &bearer, &info, false);
        let source = Source::read(world, &top, noticed)?;
        not_private_advertising(&info)?;
        let (app, user) = parties(world, &bearer)?;
        let privacy = may_post(world, &app, &user, info.privacy, request.call.at_ms)?;
        let channel = match source {
            Source::File(_) => Channel::DirectFile,
            Source::Pull(_) => Channel::DirectPull,
        };
        let media = source.owned(&app)?;
        let info = PostInfo { privacy: Some(privacy), ..info };
        Ok(open(world, request, bearer, channel, info, media))
    })
}

/// Draft video: `post_info` is thrown away.
pub(crate) fn inbox_video(world: &mut World, request: &InitCall<'_>) -> Result<Opened, ApiFault> {
    recorded(world, request, Route::InboxInit, &[Scope::VideoUpload], |world, bearer, noticed| {
        let map = body(request)?;
        let top = Members::new(&map, "", &["source_info"], noticed);
        if top.has("post_info") {
            flag(world, request, &bearer, UxFlagKind::PostInfoOnDraft);
        }
        let source = Source::read(world, &top, noticed)?;
        let (app, user) = parties(world, &bearer)?;
        may_draft(world, &user, request.call.at_ms)?;
        let channel = match source {
            Source::File(_) => Channel::InboxFile,
            Source::Pull(_) => Channel::InboxPull,
        };
        let media = source.owned(&app)?;
        Ok(open(world, request, bearer, channel, PostInfo::default(), media))
    })
}

/// Photos, posted directly or sent as a draft.
pub(crate) fn photos(world: &mut World, request: &InitCall<'_>) -> Result<Opened, ApiFault> {
    // The scope depends on the mode, and the scope is judged before the body: look ahead.
    let mode = json::object(request.body).ok().and_then(|map| map.get("post_mode")?.as_str().map(str::to_owned));
    let scopes: &[Scope] = match mode.as_deref() {
        Some("DIRECT_POST") => &[Scope::VideoPublish],
        Some("MEDIA_UPLOAD") => &[Scope::VideoUpload],
        Some(_) | None => &[Scope::VideoPublish, Scope::VideoUpload],
    };
    recorded(world, request, Route::ContentInit, scopes, |world, bearer, noticed| {
        let map = body(request)?;
        let top = Members::new(&map, "", &["media_type", "post_mode", "post_info", "source_info"], noticed);
        let is_direct = match (top.text("media_type")?, top.text("post_mode")?) {
            (Some("PHOTO"), Some("DIRECT_POST")) => true,
            (Some("PHOTO"), Some("MEDIA_UPLOAD")) => false,
            (_, _) => return Err(ApiFault::new(400, "invalid_param", "Invalid media_type or post_mode")),
        };
        let post_info = top
            .object("post_info")?
            .ok_or_else(|| ApiFault::new(400, "invalid_params", "The request post info is empty or incorrect"))?;
        let info = PostInfo::photo(post_info, noticed)?;
        if is_direct {
            watch(world, request, &bearer, &info, true);
        }
        let urls = photo_urls(&top, noticed)?;
        let (app, user) = parties(world, &bearer)?;
        let (channel, info) = if is_direct {
            not_private_advertising(&info)?;
            let privacy = may_post(world, &app, &user, info.privacy, request.call.at_ms)?;
            (Channel::PhotoDirect, PostInfo { privacy: Some(privacy), ..info })
        } else {
            if user.phone_app_version < PHOTO_DRAFT_APP {
                return Err(ApiFault::new(
                    400,
                    "app_version_check_failed",
                    "The user's TikTok app must be 31.8 or newer",
                ));
            }
            may_draft(world, &user, request.call.at_ms)?;
            // Only the texts survive a draft.
            let info = PostInfo { title: info.title, description: info.description, ..PostInfo::default() };
            (Channel::PhotoInbox, info)
        };
        let owned = urls
            .iter()
            .map(|url| ownership::check(&app, url).map(|url| url.to_string()))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(open(world, request, bearer, channel, info, (None, owned)))
    })
}

fn photo_urls(top: &Members<'_>, noticed: &mut Noticed) -> Result<Vec<String>, ApiFault> {
    let map = top.object("source_info")?.ok_or_else(source_fault)?;
    let members = Members::new(map, "source_info", &["source", "photo_images", "photo_cover_index"], noticed);
    if members.text("source")? != Some("PULL_FROM_URL") {
        return Err(source_fault());
    }
    let urls = members
        .texts("photo_images")?
        .filter(|urls| (1..=PHOTOS_MAX).contains(&urls.len()))
        .ok_or_else(source_fault)?;
    let cover = members.integer("photo_cover_index")?.and_then(|index| usize::try_from(index).ok());
    if cover.is_none_or(|index| index >= urls.len()) {
        return Err(source_fault());
    }
    Ok(urls.into_iter().map(str::to_owned).collect())
}
