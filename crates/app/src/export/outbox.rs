//! Posts as an ActivityStreams 2.0 collection, for programs that know no table of ours. Owns the mapping; the tables say more.

use std::collections::HashMap;

use domain::id::MediaId;
use domain::post::PostState;
use domain::time::UnixMillis;
use serde_json::{Value, json};
use store::export::read::ExportScope;
use store::{Media, Post};

use super::archive::{Archive, Pack};
use super::beat::Beat;
use super::build::media_name;
use crate::{App, Result};

/// Posts read at once; each has 35 pictures at most.
const POSTS: u32 = 50;

fn urn(id: impl std::fmt::Display) -> String {
    format!("urn:uuid:{id}")
}

fn attachment(media: &Media) -> Value {
    let kind = match &media.facts {
        None => "Document",
        Some(domain::media::FileFacts::Video(_)) => "Video",
        Some(domain::media::FileFacts::Photo(_)) => "Image",
    };
    let mime = media.facts.as_ref().map_or("application/octet-stream", domain::media::FileFacts::mime);
    json!({ "type": kind, "mediaType": mime, "name": media.file_name, "url": media_name(media) })
}

fn activity(post: &Post, files: &HashMap<MediaId, Media>) -> Value {
    let pictures = post.photos.as_ref().map_or_else(|| vec![post.media_id], |photos| photos.pictures().to_vec());
    let attachments: Vec<_> = pictures.iter().filter_map(|id| files.get(id)).map(attachment).collect();
    let title = post.content.photos.as_ref().map(|photos| photos.title.as_str()).filter(|title| !title.is_empty());
    let planned = post.due_at.filter(|_| post.state == PostState::Scheduled);
    let published = post.published_at.map(UnixMillis::in_utc);
    let object = filled([
        ("type", Some(json!(if post.photos.is_some() { "Note" } else { "Video" }))),
        ("id", Some(json!(urn(post.id)))),
        ("name", title.map(|title| json!(title))),
        ("content", Some(json!(post.content.caption))),
        ("published", published.as_ref().map(|at| json!(at))),
        ("updated", Some(json!(post.updated_at.in_utc()))),
        ("startTime", planned.map(|at| json!(at.in_utc()))),
        ("generator", Some(json!(urn(post.connection_id)))),
        ("state", Some(json!(post.state.as_str()))),
        ("attachment", Some(json!(attachments))),
    ]);
    filled([
        ("type", Some(json!("Create"))),
        ("id", Some(json!(format!("{}#create", urn(post.id))))),
        ("actor", Some(json!(urn(post.author_id)))),
        ("published", published.map(|at| json!(at))),
        ("object", Some(object)),
    ])
}

/// An object with the fields that are there.
fn filled<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    fields.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value))).collect()
}

impl App {
    /// Writes `outbox.json`, the oldest post first.
    pub(super) async fn export_outbox(
        &self,
        archive: &mut Archive<'_>,
        scope: &ExportScope,
        beat: &mut Beat<'_>,
    ) -> Result<()> {
        let mut entry = archive.begin("outbox.json".to_owned(), Pack::Deflate).await?;
        let context = json!(["https://www.w3.org/ns/activitystreams", { "state": "urn:moloko:export:1#state" }]);
        let head = format!(
            "{{\"@context\":{context},\"type\":\"OrderedCollection\",\"id\":\"{}\",\"orderedItems\":[",
            urn(scope.workspace)
        );
        entry.write(head.as_bytes()).await?;
        let (mut after, mut count) = (None, 0_u64);
        loop {
            let posts = self.store.posts_walk(scope.workspace, after, POSTS).await?;
            let Some(last) = posts.last() else { break };
            after = Some(last.id);
            let mut ids: Vec<_> = posts.iter().map(|post| post.media_id).collect();
            ids.extend(posts.iter().filter_map(|post| post.photos.as_ref()).flat_map(|it| it.pictures().to_vec()));
            ids.sort_by_key(ToString::to_string);
            ids.dedup();
            let files = self.store.media_many(scope.workspace, &ids).await?;
            let files: HashMap<_, _> = files.into_iter().map(|media| (media.id, media)).collect();
            let mut text = String::new();
            for post in &posts {
                text.push_str(if count == 0 { "\n" } else { ",\n" });
                text.push_str(&activity(post, &files).to_string());
                count += 1;
            }
            entry.write(text.as_bytes()).await?;
            beat.more(i64::try_from(posts.len()).unwrap_or(0)).await?;
        }
        entry.write(format!("\n],\"totalItems\":{count}}}\n").as_bytes()).await?;
        entry.finish().await
    }
}
