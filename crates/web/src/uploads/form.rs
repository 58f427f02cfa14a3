//! An upload by a plain form, for browsers without scripts. Owns the form's fields and their limits; the file goes the way of a
//! resumable upload. Must never hold more than a few pieces of the form in memory.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::{Actor, App, Error};
use axum::extract::multipart::Field;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;

use super::headers::number;
use crate::error::WebError;
use crate::session::{ClientIp, SignedIn};
use crate::state::WebState;
use crate::ui::preferences::local_path;

/// Longest text field, bytes.
const TEXT_MAX: usize = 1_024;
/// Pieces of a file that wait for the disk.
const PIECES_WAITING: usize = 4;

/// `POST /library`: takes the files of a form and leads back to its page.
///
/// # Errors
/// 411 without a length, 429 for too many, 400 for a form that breaks off (it cannot be resumed), and as for resumable uploads.
pub async fn receive(
    State(state): State<WebState>,
    me: SignedIn,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    mut form: Multipart,
) -> Result<Response, WebError> {
    let mut next = "/library".to_owned();
    // The form's own length bounds the file's: what is declared too much is given back when the file turns out shorter.
    let declared = number(&headers, &header::CONTENT_LENGTH).ok_or(WebError::status(StatusCode::LENGTH_REQUIRED))?;
    while let Some(field) = form.next_field().await.map_err(|_| bad())? {
        match field.name() {
            Some("next") => next = local_path(&short_text(field).await?).to_owned(),
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                if name.is_empty() {
                    continue;
                }
                state.throttle.upload(ip).map_err(WebError::too_many)?;
                keep(&state.app, &me.actor, name, declared, field).await?;
            }
            Some(_) | None => {}
        }
    }
    Ok(Redirect::to(&next).into_response())
}

const fn bad() -> WebError {
    WebError::status(StatusCode::BAD_REQUEST)
}

async fn short_text(mut field: Field<'_>) -> Result<String, WebError> {
    let mut text = Vec::new();
    while let Some(piece) = field.next().await {
        text.extend_from_slice(&piece.map_err(|_| bad())?);
        if text.len() > TEXT_MAX {
            return Err(WebError::status(StatusCode::PAYLOAD_TOO_LARGE));
        }
    }
    String::from_utf8(text).map_err(|_| bad())
}

/// What travels from the form to the disk.
enum Piece {
    Bytes(Bytes),
    /// The field ended by itself. A form that is dropped never sends it.
    End,
}

/// Keeps one file. The work goes on in a task of its own, because the field borrows the form and may be dropped with it.
async fn keep(
    app: &Arc<App>,
    actor: &Actor,
    name: String,
    declared: u64,
    mut field: Field<'_>,
) -> Result<(), WebError> {
    let (sender, receiver) = mpsc::channel(PIECES_WAITING);
    let (app, actor) = (Arc::clone(app), actor.clone());
    let taking = tokio::spawn(async move { take(&app, &actor, &name, declared, receiver).await });
    let mut ended = true;
    while let Some(piece) = field.next().await {
        let Ok(piece) = piece else {
            ended = false;
            break;
        };
        if sender.send(Piece::Bytes(piece)).await.is_err() {
            // It was refused; the task says why.
            break;
        }
    }
    if ended {
        // Nobody to tell it to means that it was refused, too.
        let _ = sender.send(Piece::End).await;
    }
    drop(sender);
    let whole = taking.await.map_err(|error| Error::Io(io::Error::other(error)))??;
    if whole { Ok(()) } else { Err(bad()) }
}

/// `false` when the form broke off: what arrived of it would look like a file, so nothing of it is kept.
async fn take(
    app: &Arc<App>,
    actor: &Actor,
    name: &str,
    declared: u64,
    receiver: mpsc::Receiver<Piece>,
) -> app::Result<bool> {
    let whole = Arc::new(AtomicBool::new(false));
    let body = Box::pin(pieces(receiver, Arc::clone(&whole)));
    let ended = || whole.load(Ordering::Relaxed);
    Ok(app.upload_whole(actor, name, declared, body, ended).await?.is_some())
}

fn pieces(
    receiver: mpsc::Receiver<Piece>,
    whole: Arc<AtomicBool>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    futures::stream::unfold((receiver, whole), |(mut receiver, whole)| async move {
        match receiver.recv().await? {
            Piece::Bytes(bytes) => Some((Ok(bytes), (receiver, whole))),
            Piece::End => {
                whole.store(true, Ordering::Relaxed);
                None
            }
        }
    })
}
