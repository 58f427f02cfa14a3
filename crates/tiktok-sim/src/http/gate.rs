//! The gate before every platform route: files the call in the journal, carries out scripted faults, stamps answers
//! with the virtual date and the log id. It knows nothing of what the routes do.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;

use super::connection::Connection;
use crate::answer::{self, AnswerCode, ApiFault, Call, OAuthFault};
use crate::clock::UtcInstant;
use crate::faults::{FaultAction, FaultStatus};
use crate::journal::{MAX_BODY_BYTES, Received, ReceivedBody, Route};
use crate::rules::chunks::ByteRange;
use crate::simulator::Simulator;

/// Largest body of anything but an upload.
const MAX_REQUEST_BYTES: usize = 1024 * 1024;

/// Marks an answer that stands for a dropped connection, for transports that call the router in-process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped;

/// A path TikTok does not have.
pub(super) async fn not_found() -> Response {
    answer::with_code(answer::bare(404), "not_found")
}

/// Wraps every platform route.
pub(super) async fn gate(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let connection = parts.extensions.get::<ConnectInfo<Connection>>().map(|info| info.0.clone());
    let route = Route::of_path(parts.uri.path());
    let (body, received_body) = if route == Route::Upload {
        let length = header_text(&parts, header::CONTENT_LENGTH.as_str()).and_then(|text| text.parse().ok());
        (body, ReceivedBody::Bytes(length.unwrap_or(0)))
    } else {
        match axum::body::to_bytes(body, MAX_REQUEST_BYTES).await {
            Ok(bytes) => {
                let kept = received_text(&bytes);
                (Body::from(bytes), kept)
            }
            Err(_) => return answer::bare(413),
        }
    };
    let (call, fault) = file(&simulator, &parts, route, received_body);
    parts.extensions.insert(call.clone());
    let request = Request::from_parts(parts, body);
    let answered = perform(fault, route, &call, connection.as_ref(), request, next).await;
    simulator.wake();
    let Some(mut response) = answered else {
        // Never reaches the wire: the connection is cut.
        return answer::bare(500);
    };
    answer::set_header(&mut response, header::DATE, &UtcInstant::from_ms(call.at_ms).http_date());
    answer::set_header(&mut response, HeaderName::from_static("x-tt-logid"), &call.log_id);
    let mut world = simulator.world();
    if let Some(received) = world.journal.get_mut(call.seq).filter(|_| response.extensions().get::<Dropped>().is_none())
    {
        received.status = Some(response.status().as_u16());
        received.code = response.extensions().get::<AnswerCode>().map(|code| code.0.clone());
    }
    response
}

/// Does what the fault says; `None` when the connection was cut.
async fn perform(
    fault: Option<FaultAction>,
    route: Route,
    call: &Call,
    connection: Option<&Connection>,
    request: Request,
    next: Next,
) -> Option<Response> {
    match fault {
        None => Some(next.run(request).await),
        Some(FaultAction::Status(status)) => Some(scripted(route, call, &status)),
        Some(FaultAction::StatusAfter(status)) => {
            drop(next.run(request).await);
            Some(scripted(route, call, &status))
        }
        Some(FaultAction::Latency(ms)) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Some(next.run(request).await)
        }
        Some(FaultAction::DropBefore) => cut(connection),
        Some(FaultAction::DropAfter) => {
            drop(next.run(request).await);
            cut(connection)
        }
        Some(FaultAction::Truncate(bytes)) => truncate(next.run(request).await, bytes).await,
        Some(FaultAction::Trickle(rate)) => {
            let (parts, body) = request.into_parts();
            Some(next.run(Request::from_parts(parts, trickled(body, rate))).await)
        }
        Some(FaultAction::ResetAfter(bytes)) => {
            let mut body = request.into_body().into_data_stream();
            let mut read = 0_u64;
            while read < bytes {
                match body.next().await {
                    Some(Ok(part)) => read = read.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX)),
                    Some(Err(_)) | None => break,
                }
            }
            cut(connection)
        }
    }
}

/// Hands a body on in tenths of a second.
fn trickled(body: Body, bytes_per_second: u32) -> Body {
    let piece = usize::try_from(bytes_per_second / 10).unwrap_or(1).max(1);
    let parts = body.into_data_stream().map(move |part| {
        let pieces: Vec<_> = match part {
            Ok(bytes) => bytes.chunks(piece).map(|slice| Ok(Bytes::copy_from_slice(slice))).collect(),
            Err(error) => vec![Err(error)],
        };
        futures::stream::iter(pieces).then(|piece| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            piece
        })
    });
    Body::from_stream(parts.flatten())
}

fn cut(connection: Option<&Connection>) -> Option<Response> {
    match connection {
        Some(connection) => {
            connection.cut();
            None
        }
        // Mounted in a foreign server or called in-process: break the answer instead, and say so.
        None => {
            let mut response = broken(Bytes::new(), 1);
            response.extensions_mut().insert(Dropped);
            Some(response)
        }
    }
}

/// An answer that promises `length` bytes, sends some and breaks off.
fn broken(sent: Bytes, length: usize) -> Response {
    let parts = futures::stream::once(async { Ok(sent) }).chain(futures::stream::once(async {
        // Without a pause the server would drop what it has not flushed yet.
        tokio::task::yield_now().await;
        Err(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "truncated by a scripted fault"))
    }));
    let mut response = Response::new(Body::from_stream(parts));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

async fn truncate(response: Response, bytes: usize) -> Option<Response> {
    let (parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, MAX_REQUEST_BYTES).await.ok()?;
    let sent = whole.slice(..bytes.min(whole.len().saturating_sub(1)));
    let mut cut_short = broken(sent, whole.len().max(1));
    *cut_short.status_mut() = parts.status;
    for (name, value) in &parts.headers {
        if name != header::CONTENT_LENGTH {
            cut_short.headers_mut().insert(name, value.clone());
        }
    }
    Some(cut_short)
}

/// A refusal made up by the script, in the form of the route's family.
fn scripted(route: Route, call: &Call, fault: &FaultStatus) -> Response {
    let mut response = match (&fault.code, route) {
        (None, _) | (Some(_), Route::Upload | Route::UploadFinalChunk | Route::Image) => answer::bare(fault.status),
        (Some(code), Route::Token | Route::TokenExchange | Route::TokenRefresh | Route::Revoke) => {
            let body = serde_json::json!({"error": code, "error_description": OAuthFault::MALFORMED.description, "log_id": call.log_id});
            answer::with_code(answer::json_answer(fault.status, &body), code)
        }
        (Some(code), _) => {
            let message = answer::GUIDELINES.into();
            answer::api(call, Err(ApiFault { status: fault.status, code: code.clone().into(), message }))
        }
    };
    if let Some(seconds) = fault.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn header_text<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}

fn received_text(bytes: &Bytes) -> ReceivedBody {
    if bytes.is_empty() {
        return ReceivedBody::Empty;
    }
    let kept = bytes.get(..MAX_BODY_BYTES).unwrap_or(bytes);
    ReceivedBody::Text(String::from_utf8_lossy(kept).into_owned())
}

/// All route names a call answers to in fault rules.
fn names(parts: &Parts, route: Route, body: &ReceivedBody) -> Vec<Route> {
    let mut names = vec![route];
    if route == Route::Upload
        && header_text(parts, header::CONTENT_RANGE.as_str())
            .and_then(ByteRange::parse)
            .is_some_and(ByteRange::is_final)
    {
        names.push(Route::UploadFinalChunk);
    }
    if let (Route::Token, ReceivedBody::Text(text)) = (route, body) {
        for (key, value) in url::form_urlencoded::parse(text.as_bytes()) {
            match (&*key, &*value) {
                ("grant_type", "authorization_code") => names.push(Route::TokenExchange),
                ("grant_type", "refresh_token") => names.push(Route::TokenRefresh),
                (_, _) => {}
            }
        }
    }
    names
}

/// Files the call and picks its fault.
fn file(simulator: &Simulator, parts: &Parts, route: Route, body: ReceivedBody) -> (Call, Option<FaultAction>) {
    let at_ms = simulator.now_ms();
    let names = names(parts, route, &body);
    let mut world = simulator.world();
    world.settle(at_ms);
    let log_id = world.log_id(at_ms);
    let fault = world.faults.take(&names);
    let seq = world.journal.push(Received {
        seq: 0,
        at_ms,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body,
        route,
        log_id: log_id.clone(),
        client_key: None,
        username: None,
        publish_id: None,
        unknown_members: Vec::new(),
        notes: notes(parts, route),
        fault: fault.as_ref().map(FaultAction::describe),
        status: None,
        code: None,
    });
    (Call { seq, log_id, at_ms }, fault)
}

/// Breaches TikTok tolerates but a careful client avoids.
fn notes(parts: &Parts, route: Route) -> Vec<String> {
    let mut notes = Vec::new();
    if route == Route::Upload && parts.headers.contains_key(header::AUTHORIZATION) {
        notes.push("the upload host needs no Authorization header; do not send tokens there".to_owned());
    }
    if route == Route::Image && parts.headers.contains_key(header::AUTHORIZATION) {
        notes.push("the image host needs no Authorization header; do not send tokens there".to_owned());
    }
    if route == Route::Upload && parts.headers.contains_key(header::TRANSFER_ENCODING) {
        notes.push("chunked transfer encoding instead of a Content-Length".to_owned());
    }
    if parts.headers.contains_key(header::COOKIE) && !matches!(route, Route::Authorize | Route::Image | Route::Unknown)
    {
        notes.push("cookies do not belong on API calls".to_owned());
    }
    if parts.uri.path() == "/v2/auth/authorize" {
        notes.push("the authorization page is documented with a final slash".to_owned());
    }
    notes
}
