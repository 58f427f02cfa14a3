//! Why a walk to TikTok failed, carried to its page in a cookie of this browser. Must not hold a code, a state or a token.

use app::sign_in::SignInFailure;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Longest text taken over from TikTok or a name, characters.
const TEXT_MAX: usize = 80;

/// A failure as its page tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// [`SignInFailure::code`].
    pub code: String,
    /// TikTok's own word.
    pub tiktok: Option<String>,
    /// TikTok's log id.
    pub log_id: Option<String>,
    /// The account that was expected.
    pub name: String,
}

impl Told {
    /// What may be told of a failure.
    #[must_use]
    pub fn of(failure: &SignInFailure) -> Self {
        let told = Self { code: failure.code().to_owned(), ..Self::default() };
        match failure {
            SignInFailure::AppRefused(why) | SignInFailure::Other(why) => Self { tiktok: Some(short(why)), ..told },
            SignInFailure::WrongAccount { expected } => Self { name: short(expected), ..told },
            SignInFailure::TikTok(error) => {
                Self { tiktok: Some(short(&error.code())), log_id: error.log_id().map(short), ..told }
            }
            SignInFailure::UnknownState
            | SignInFailure::Denied
            | SignInFailure::NotSandboxTarget
            | SignInFailure::ScopeRefused
            | SignInFailure::CodeRefused
            | SignInFailure::BasicScopeMissing
            | SignInFailure::TooManyConnections
            | SignInFailure::Ours(_) => told,
        }
    }

    /// As the value of a cookie.
    #[must_use]
    pub fn to_cookie(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// From the value of a cookie; `None` when it is not one of ours.
    #[must_use]
    pub fn from_cookie(value: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
    }
}

fn short(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_comes_back_from_its_cookie_and_nonsense_does_not() {
        let told = Told::of(&SignInFailure::WrongAccount { expected: "Море рядом".to_owned() });
        assert_eq!(Told::from_cookie(&told.to_cookie()), Some(told));
        for nonsense in ["", "***", "bm9uc2Vuc2U"] {
            assert_eq!(Told::from_cookie(nonsense), None, "{nonsense}");
        }
    }
}
