//! A story as a list of steps in the order of true time, for whoever replays a seed. Owns wording only.

use tiktok_sim::Received;

use crate::run::{Error, Story};
use crate::time::START_MS;

pub(crate) async fn of(story: &Story<'_>) -> Result<Vec<String>, Error> {
    let mut steps: Vec<(i64, String)> = story
        .plot
        .trouble
        .iter()
        .map(|(at, trouble)| (*at, format!("trouble  {}", serde_json::to_string(trouble).unwrap_or_default())))
        .collect();
    steps.extend(story.stage.sim.journal().iter().map(|call| (call.at_ms.saturating_sub(START_MS), call_line(call))));
    for staged in &story.stage.posts {
        let due = story.stage.store().post_any(staged.id).await?.and_then(|post| post.due_at);
        if let Some(due) = due {
            steps.push((due.millis().saturating_sub(START_MS), format!("due      {}", staged.caption)));
        }
        for attempt in story.stage.store().attempts(staged.id).await? {
            for line in story.stage.store().attempt_log(attempt.id).await? {
                let from = line.from.map_or("-", |kind| kind.as_str());
                let text = format!(
                    "attempt  {} #{} {from} -> {} ({}), epoch {}",
                    staged.caption,
                    attempt.ordinal,
                    line.to.as_str(),
                    line.cause,
                    line.epoch
                );
                steps.push((line.at.millis().saturating_sub(START_MS), text));
            }
        }
    }
    steps.sort_by_key(|(at, _)| *at);
    Ok(steps.into_iter().map(|(at, text)| format!("{:>12} ms  {text}", at)).collect())
}

fn call_line(call: &Received) -> String {
    let answer = match (&call.status, &call.code) {
        (Some(status), Some(code)) => format!("{status} {code}"),
        (Some(status), None) => status.to_string(),
        (None, _) => "no answer".to_owned(),
    };
    let fault = call.fault.as_deref().map_or_else(String::new, |fault| format!(" [{fault}]"));
    let who = call.username.as_deref().unwrap_or("-");
    format!("call     {who} {} {} {answer}{fault}", call.route.as_str(), call.publish_id.as_deref().unwrap_or(""))
}
