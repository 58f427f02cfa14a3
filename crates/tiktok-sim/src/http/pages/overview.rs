//! The console's main page: time, posts with their video, tasks, users, apps, faults, webhooks, flags, duplicates.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::console::version_of;
use super::layout::{Frame, masked, page, time};
use crate::config::{AppSpec, UserSpec};
use crate::faults::FaultRule;
use crate::journal::Route;
use crate::rules::post_info::Privacy;
use crate::simulator::Simulator;
use crate::views::{Duplicate, SimGrant, SimPost, SimTask, SimWebhook, UxFlag, WebhookOutcome};

/// Rows shown of what grows without end.
const ROWS: usize = 30;

pub(super) async fn show(State(simulator): State<Simulator>) -> Response {
    let now_ms = simulator.now_ms();
    let posts = simulator.posts();
    let tasks = simulator.tasks();
    let body = html! {
        (clock(now_ms))
        (duplicates(&simulator.duplicates()))
        (posts_section(&posts))
        (tasks_section(&tasks))
        (faults(&simulator.faults()))
        (users(&simulator.users()))
        (apps(&simulator.apps(), &simulator.grants()))
        (webhooks(&simulator.webhooks()))
        (flags(&simulator.flags()))
    };
    page(200, &Frame { title: "Simulator console", is_narrow: false, version: Some(version_of(&simulator)) }, &body)
}

fn clock(now_ms: i64) -> Markup {
    html! {
        section id="time" {
            h2 { "Time" }
            p { "It is " strong { (time(now_ms)) } "." }
            div.actions {
                @for (minutes, label) in [(1, "+1 min"), (60, "+1 h"), (1440, "+24 h")] {
                    form method="post" action="/console/clock" {
                        button name="minutes" value=(minutes) { (label) }
                    }
                }
                form.row method="post" action="/console/clock" {
                    label { "Minutes" input type="number" name="minutes" value="10" required; }
                    button { "Move" }
                }
            }
        }
    }
}

fn privacy_select(selected: &str) -> Markup {
    html! {
        select name="privacy_level" aria-label="Privacy level" {
            @for privacy in Privacy::ALL {
                option value=(privacy.as_str()) selected[privacy.as_str() == selected] { (privacy.as_str()) }
            }
        }
    }
}

/// Video players or pictures of a post.
pub(super) fn media(post: &SimPost) -> Markup {
    html! {
        @for part in 0..post.files.len() {
            @let address = format!("/console/media/{}/{part}", post.post_id);
            @if post.is_photo { img src=(address) alt=(format!("Picture {} of the post", part + 1)); }
            @else { video src=(address) controls preload="metadata" playsinline {} }
        }
    }
}

/// Settings of a post in short.
pub(super) fn tags(post: &SimPost) -> Markup {
    let marks = [
        (post.comment_disabled, "comments off"),
        (post.duet_disabled, "duet off"),
        (post.stitch_disabled, "stitch off"),
        (post.brand_content, "paid partnership"),
        (post.brand_organic, "promotional content"),
        (post.is_aigc, "AI-generated"),
    ];
    html! {
        ul.tags {
            li { (post.privacy_level) }
            li { @if post.is_public { "public now" } @else if post.public_at_ms.is_some() { "in moderation" } @else { "not public" } }
            @for (_, word) in marks.iter().filter(|(is_on, _)| *is_on) { li { (word) } }
            @if let Some(cover_ms) = post.cover_ms { li { "cover at " (cover_ms) " ms" } }
        }
    }
}

fn posts_section(posts: &[SimPost]) -> Markup {
    html! {
        section id="posts" {
            h2 { "Posts" }
            @if posts.is_empty() { p.quiet { "Nothing was posted yet. A post appears here with the video as it was received." } }
            div.posts {
                @for post in posts.iter().rev().take(ROWS) {
                    article.post data-post-id=(post.post_id) {
                        (media(post))
                        p { strong { (post.caption) } }
                        p.quiet {
                            a href=(format!("/@{}/{}/{}", post.username, if post.is_photo { "photo" } else { "video" }, post.post_id)) { "@" (post.username) }
                            " · " (time(post.created_at_ms)) " · " (post.size_bytes) " bytes"
                            @if let Some(facts) = &post.media {
                                " · " (facts.codec) " " (facts.width_px) "×" (facts.height_px) " · " (facts.duration_ms) " ms"
                            }
                        }
                        (tags(post))
                        details {
                            summary.quiet { "Ids and visibility" }
                            p.quiet { "post " (post.post_id) br; "publish " (post.publish_id) br; "sha256 " (post.sha256) }
                            form.row method="post" action="/console/posts" {
                                input type="hidden" name="post_id" value=(post.post_id);
                                (privacy_select(&post.privacy_level))
                                button { "Change" }
                            }
                            form.row method="post" action="/console/posts/delete" {
                                input type="hidden" name="post_id" value=(post.post_id);
                                button { "Delete" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn tasks_section(tasks: &[SimTask]) -> Markup {
    let mut newest: Vec<&SimTask> = tasks.iter().collect();
    newest.sort_by_key(|task| std::cmp::Reverse(task.created_at_ms));
    html! {
        section id="tasks" {
            h2 { "Publishing tasks" }
            @if tasks.is_empty() { p.quiet { "No init yet." } }
            div.scroll { table {
                tr { th { "Started" } th { "Creator" } th { "What" } th { "Bytes" } th { "Status" } td {} }
                @for task in newest.into_iter().take(ROWS) {
                    tr {
                        td { (time(task.created_at_ms)) }
                        td { "@" (task.username) }
                        td { (task.channel) br; span.quiet { (task.publish_id) } }
                        td { (task.received_bytes) " / " (task.size_bytes) }
                        td { (task.status) @if let Some(reason) = &task.fail_reason { br; span.warn { (reason) } } }
                        td {
                            @if task.status == "SEND_TO_USER_INBOX" || (task.channel.starts_with("inbox") && task.status == "PUBLISH_COMPLETE") {
                                form.row method="post" action="/console/drafts" {
                                    input type="hidden" name="publish_id" value=(task.publish_id);
                                    (privacy_select("PUBLIC_TO_EVERYONE"))
                                    button { "Post as the creator" }
                                }
                            }
                        }
                    }
                }
            } }
        }
    }
}

fn duplicates(found: &[Duplicate]) -> Markup {
    html! {
        section id="duplicates" {
            h2 { "Duplicates" }
            @if found.is_empty() { p.quiet { "None. Nothing was published twice." } }
            ul.plain {
                @for duplicate in found {
                    li.warn {
                        @match duplicate {
                            Duplicate::SameContentTwice { username, sha256, publish_ids } => {
                                "@" (username) " has the same content live more than once: " (publish_ids.join(", ")) " (sha256 " (sha256) ")"
                            }
                            Duplicate::InitAfterFinalByte { username, first_publish_id, second_publish_id } => {
                                "@" (username) ": " (second_publish_id) " was opened although " (first_publish_id) " has every byte"
                            }
                        }
                    }
                }
            }
        }
    }
}

fn faults(rules: &[FaultRule]) -> Markup {
    let actions = [
        ("status", "answer this status"),
        ("status_after", "process, then answer this status"),
        ("latency", "wait this many ms"),
        ("drop_before", "drop before processing"),
        ("drop_after", "process, then drop the answer"),
        ("truncate", "process, cut the answer after n bytes"),
        ("reset_after", "reset after n request bytes"),
        ("trickle", "read n bytes per second"),
    ];
    html! {
        section id="faults" {
            h2 { "Faults" }
            @if rules.is_empty() { p.quiet { "None: every call is answered as it should be." } }
            ul.plain {
                @for rule in rules {
                    li {
                        strong { (rule.route.as_str()) } ": " (rule.action.describe())
                        @match rule.times { Some(times) => { ", " (times) " more" } None => { ", until cleared" } }
                        @if rule.skip > 0 { ", after " (rule.skip) " more calls" }
                    }
                }
            }
            form.row method="post" action="/console/faults" {
                label { "Route" select name="route" { @for route in Route::FAULTABLE { option value=(route.as_str()) { (route.as_str()) } } } }
                label { "What happens" select name="action" { @for (value, label) in actions { option value=(value) { (label) } } } }
                label { "Number" input type="number" name="value" value="503" min="0"; }
                label { "Error code" input type="text" name="code" placeholder="none: empty body"; }
                label { "Times" input type="number" name="times" value="1" min="1"; }
                label { "Skip first" input type="number" name="skip" value="0" min="0"; }
                button.main { "Switch on" }
            }
            @if !rules.is_empty() { form method="post" action="/console/faults/clear" { button { "Clear all" } } }
        }
    }
}

fn users(users: &[UserSpec]) -> Markup {
    html! {
        section id="users" {
            h2 { "Users" }
            div.grid {
                @for user in users {
                    details.card {
                        summary { strong { (user.nickname) } " " span.quiet { "@" (user.username) @if user.is_private() { " · private" } @if user.banned { " · banned" } } }
                        form.row method="post" action="/console/users" {
                            input type="hidden" name="username" value=(user.username);
                            @for (name, label, is_on) in [
                                ("private", "Private account", user.is_private()),
                                ("comment_disabled", "Comments off", user.comment_disabled),
                                ("duet_disabled", "Duet off", user.duet_disabled),
                                ("stitch_disabled", "Stitch off", user.stitch_disabled),
                                ("banned", "Banned from posting", user.banned),
                                ("processing_held", "Hold processing", user.processing_held),
                            ] {
                                label.tick { input type="checkbox" name=(name) checked[is_on]; (label) }
                            }
                            label { "Longest video, s" input type="number" name="max_video_post_duration_sec" min="1" value=(user.max_video_post_duration_sec); }
                            label { "Posts elsewhere today" input type="number" name="posts_elsewhere_today" min="0" value=(user.posts_elsewhere_today); }
                            label { "Fail next with" input type="text" name="fail_next" placeholder="spam_risk_text, internal" value=(user.fail_next.join(", ")); }
                            button { "Save" }
                        }
                    }
                }
            }
        }
    }
}

fn apps(apps: &[AppSpec], grants: &[SimGrant]) -> Markup {
    html! {
        section id="apps" {
            h2 { "Apps" }
            @for app in apps {
                p { strong { (app.name) } " · " (app.stage.as_str()) " · key " (app.client_key) " · secret " (masked(&app.client_secret)) }
                p.quiet { "Redirects: " (app.redirect_uris.join(", ")) br; "Webhooks: " (app.webhook_url.as_deref().unwrap_or("none")) }
                ul.plain {
                    @for grant in grants.iter().rev().filter(|grant| grant.client_key == app.client_key && !grant.removed).take(ROWS) {
                        li {
                            form.row method="post" action="/console/disconnect" {
                                span { "@" (grant.username) " connected " (time(grant.granted_at_ms)) br; span.quiet { (grant.scopes.join(", ")) } }
                                input type="hidden" name="client_key" value=(app.client_key);
                                input type="hidden" name="username" value=(grant.username);
                                button { "Disconnect as the user" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn webhooks(webhooks: &[SimWebhook]) -> Markup {
    html! {
        section id="webhooks" {
            h2 { "Webhooks" }
            @if webhooks.is_empty() { p.quiet { "No event yet." } }
            div.scroll { table {
                tr { th { "Event" } th { "Content" } th { "Fate" } }
                @for webhook in webhooks.iter().rev().take(ROWS) {
                    tr {
                        td { (webhook.event) br; span.quiet { (time(webhook.created_at_ms)) } }
                        td { code { (webhook.content) } }
                        td {
                            @match webhook.outcome {
                                WebhookOutcome::Waiting(due_at_ms) => { "next try " (time(due_at_ms)) }
                                WebhookOutcome::Sending => { "on its way" }
                                WebhookOutcome::Delivered(at_ms) => { "delivered " (time(at_ms)) }
                                WebhookOutcome::Dropped => { span.warn { "given up" } }
                                WebhookOutcome::NoAddress => { "the app has no address" }
                            }
                            @if webhook.attempts > 0 { br; span.quiet { (webhook.attempts) " sent" @if let Some(status) = webhook.last_status { ", last answer " (status) } } }
                        }
                    }
                }
            } }
        }
    }
}

fn flags(flags: &[UxFlag]) -> Markup {
    html! {
        section id="flags" {
            h2 { "Guideline flags" }
            @if flags.is_empty() { p.quiet { "None." } }
            ul.plain {
                @for flag in flags.iter().rev().take(ROWS) {
                    li.warn { (time(flag.at_ms)) " @" (flag.username) ": " (format!("{:?}", flag.kind)) }
                }
            }
        }
    }
}
