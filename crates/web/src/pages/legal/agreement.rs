//! A person's answer to a changed policy or changed terms, and the page that explains the choices. Owns its looks and routes; the strip
//! on every page is a component, and what an answer permits is decided in `app`.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::privacy::documents::{Answer, Document, Standing, Version};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use store::PolicyAnswer;

use super::today;
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::policy::{document_name as name, parse_shown, shown};
use crate::ui::{Button, Frame, Kind, Nav, When, app_page, button, page_head, when};

/// The page of the choices.
pub struct AgreementPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// How the person stands today.
    pub standing: &'a Standing,
    /// What they said before.
    pub answers: &'a [PolicyAnswer],
    /// The day of the reading.
    pub today: Date,
    /// The reader's clock.
    pub when: &'a When,
}

/// `/agreement`
#[must_use]
pub fn agreement_page(page: &AgreementPage<'_>) -> Markup {
    let l = page.frame.locale;
    let latest: Vec<&'static Version> = Document::ALL.into_iter().filter_map(Document::latest_material).collect();
    let agreed = page.standing.unanswered.is_empty() && page.standing.refused.is_empty();
    let lede = match (page.standing.may_plan(), agreed) {
        (_, true) => t!(l, "agreement-lede-agreed"),
        (true, false) => t!(l, "agreement-lede-before"),
        (false, false) => t!(l, "agreement-lede-barred"),
    };
    let content = html! {
        (page_head(&t!(l, "agreement-title"), Some(&lede), None))
        div.stack.loose.choices {
            section.card.stack aria-labelledby="versions" {
                h2 id="versions" { (t!(l, "agreement-versions")) }
                ul {
                    @for version in told(&latest, page.standing) {
                        li {
                            (from(l, version, page.today)) " "
                            a href=(version.path()) { (t!(l, "legal-read-it")) } " · "
                            a href=(format!("{}/changes", version.path())) { (t!(l, "legal-what-changes")) }
                        }
                    }
                }
                form method="post" action="/agreement" {
                    input type="hidden" name="shown" value=(shown(&latest));
                    input type="hidden" name="next" value="/agreement";
                    @if !agreed {
                        (button(&Button { label: &t!(l, "agreement-read"), kind: Kind::Primary, sends: Some(("answer", "read")), ..Button::default() }))
                    }
                    @if page.standing.refused.is_empty() {
                        (button(&Button { label: &t!(l, "agreement-refuse"), sends: Some(("answer", "refused")), ..Button::default() }))
                    }
                }
            }
            section.card.stack aria-labelledby="otherwise" {
                h2 id="otherwise" { (t!(l, "agreement-otherwise")) }
                p { (t!(l, "agreement-otherwise-text")) }
                ul {
                    li { a href="/queue" { (t!(l, "agreement-way-queue")) } " – " (t!(l, "agreement-way-queue-why")) }
                    li { a href="/settings" { (t!(l, "agreement-way-export")) } " – " (t!(l, "agreement-way-export-why")) }
                    li { a href="/connections" { (t!(l, "agreement-way-disconnect")) } " – " (t!(l, "agreement-way-disconnect-why")) }
                    li { a href="/settings" { (t!(l, "agreement-way-delete")) } " – " (t!(l, "agreement-way-delete-why")) }
                }
            }
            @if !page.answers.is_empty() {
                section.card.stack aria-labelledby="answers" {
                    h2 id="answers" { (t!(l, "agreement-answers")) }
                    ul { @for answer in page.answers { li { (said(l, answer, page.when)) } } }
                }
            }
        }
    };
    app_page(page.frame, t!(l, "agreement-title"), &content)
}

/// The latest versions and those before them that were not agreed to either, oldest first within their document.
fn told(latest: &[&'static Version], standing: &Standing) -> Vec<&'static Version> {
    let all = Document::ALL.into_iter().flat_map(Document::versions);
    all.filter(|it| latest.contains(it) || standing.behind.contains(it)).collect()
}

fn from(l: Locale, version: &Version, today: Date) -> String {
    let (document, date) = (name(l, version.document), when::full_date(l, version.effective));
    if version.effective > today {
        t!(l, "agreement-from", document = document, version = version.id, date = date)
    } else {
        t!(l, "agreement-since", document = document, version = version.id, date = date)
    }
}

fn said(l: Locale, answer: &PolicyAnswer, when: &When) -> Markup {
    let word = match answer.given.answer {
        Answer::Accepted => t!(l, "agreement-said-accepted"),
        Answer::Read => t!(l, "agreement-said-read"),
        Answer::Refused => t!(l, "agreement-said-refused"),
    };
    html! { (name(l, answer.given.document)) " " (answer.given.version) " – " (word) ", " (when.moment(answer.at)) }
}

/// `GET /agreement`.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let standing = state.app.policy_standing(&me.actor).await?;
    let answers = state.app.policy_answers(&me.actor).await?;
    // The page itself is the strip in long.
    let frame = Frame { policy: None, ..me.frame(Nav::None, "/agreement") };
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let today = today(&state);
    let page = AgreementPage { frame: &frame, standing: &standing, answers: &answers, today, when: &when };
    Ok(agreement_page(&page).into_response())
}

/// The answer.
#[derive(Debug, Deserialize)]
pub struct AgreementForm {
    answer: String,
    shown: String,
    #[serde(default)]
    next: String,
}

/// `POST /agreement`: records the answer and leads back.
///
/// # Errors
/// For an answer to what is not, or no longer, asked.
pub async fn answer(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<AgreementForm>,
) -> Result<Response, WebError> {
    let refused = WebError::coded(axum::http::StatusCode::CONFLICT, "policy-newer-version");
    let versions = parse_shown(&form.shown).ok_or(refused)?;
    let answer = match form.answer.as_str() {
        "read" => Answer::Read,
        "refused" => Answer::Refused,
        _ => return Err(WebError::status(axum::http::StatusCode::UNPROCESSABLE_ENTITY)),
    };
    state.app.answer_policy(&me.actor, &versions, answer).await?;
    Ok(match answer {
        Answer::Read | Answer::Accepted => me.flash(&form.next, "policy-read"),
        Answer::Refused => me.flash("/agreement", "policy-refused"),
    })
}

#[cfg(test)]
mod tests {
    use domain::privacy::documents::{Given, day_of};
    use domain::time::UnixMillis;
    use jiff::civil::date;

    use super::*;
    use crate::pages::check;

    const BEFORE: Date = date(2026, 12, 1);
    const AFTER: Date = date(2027, 1, 1);

    fn said(answer: Option<Answer>, today: Date) -> Standing {
        let given = answer.map(|answer| {
            Document::ALL.map(|document| Given { document, version: document.newest().id.to_owned(), answer }).to_vec()
        });
        Standing::of(&given.unwrap_or_default(), today)
    }

    #[test]
    fn pp_9_3_the_page_of_the_choices_renders_for_everybody_before_and_after_the_day() {
        let at = UnixMillis::from_seconds(1_798_761_600);
        let when = When::new(Locale::En, "Europe/Berlin", at);
        for answer in [None, Some(Answer::Read), Some(Answer::Refused)] {
            for today in [BEFORE, AFTER] {
                let standing = said(answer, today);
                let given = Given { document: Document::Terms, version: "1.0".to_owned(), answer: Answer::Accepted };
                let answers = [PolicyAnswer { given, at }];
                check::in_every_language(|frame| {
                    agreement_page(&AgreementPage { frame, standing: &standing, answers: &answers, today, when: &when })
                });
            }
        }
        assert_eq!(day_of(at), AFTER);
    }
}
