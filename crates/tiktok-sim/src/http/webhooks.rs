//! Sending webhooks: signed with the client secret, one POST each, only 200 counts.

use std::time::Duration;

use aws_lc_rs::hmac;
use futures::StreamExt;

use crate::rules::pkce::hex;
use crate::simulator::Simulator;
use crate::views::SignedWebhook;
use crate::world::Delivery;

/// A receiver must answer at once.
const TIMEOUT: Duration = Duration::from_secs(10);

/// `t=<seconds>,s=<hex HMAC-SHA256 of "t.body">`
fn signature(secret: &str, timestamp_s: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp_s}.{body}").as_bytes());
    format!("t={timestamp_s},s={}", hex(tag.as_ref()))
}

/// A delivery as it goes out.
pub(crate) fn signed(delivery: Delivery) -> SignedWebhook {
    let signature = signature(&delivery.secret, delivery.timestamp_s, &delivery.body);
    SignedWebhook { index: delivery.index, signature, body: delivery.body }
}

/// Sends everything that is due and files the answers.
pub(crate) async fn send_all(simulator: &Simulator, due: Vec<Delivery>) {
    futures::stream::iter(due)
        .for_each_concurrent(8, |delivery| async move {
            let index = delivery.index;
            let status = send(simulator, delivery).await;
            let now_ms = simulator.now_ms();
            simulator.world().delivered(index, status, now_ms);
            simulator.background_work_done();
        })
        .await;
}

async fn send(simulator: &Simulator, delivery: Delivery) -> Option<u16> {
    let address = delivery.address.clone();
    let webhook = signed(delivery);
    let sent = simulator
        .outgoing()?
        .post(address)
        .timeout(TIMEOUT)
        .header("content-type", "application/json")
        .header("tiktok-signature", webhook.signature)
        .body(webhook.body)
        .send()
        .await;
    match sent {
        Ok(answer) => Some(answer.status().as_u16()),
        Err(error) => {
            tracing::debug!(error = %error.without_url(), "a webhook receiver did not answer");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_vector_comes_out() {
        let body = r#"{"client_key":"sbaw_sim_client","event":"post.publish.complete","create_time":1767225600,"user_openid":"-000simOpenId01","content":"{\"publish_id\":\"v_pub_file~v2-1.7600000000000000001\",\"publish_type\":\"DIRECT_PUBLISH\"}"}"#;
        assert_eq!(body.len(), 226);
        assert_eq!(
            signature("sim_client_secret_0123456789abcdef", 1_767_225_601, body),
            "t=1767225601,s=97b65b0ae3f941766c900e88b7508f2b0373ba2cbb4707cac6ebb6c88d4e9a25"
        );
    }
}
