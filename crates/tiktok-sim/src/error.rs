//! What can go wrong while setting the simulator up or steering it. Wire-level refusals live in `answer`.

/// A set-up or steering mistake, worded for the person who wrote the configuration or the test.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The configuration contradicts itself or TikTok's registration rules.
    #[error("the simulator's configuration is wrong: {0}")]
    Config(String),
    /// A named app, user, task or post does not exist.
    #[error("the simulator knows no {kind} named `{name}`")]
    Unknown {
        /// What was looked for: `app`, `user`, `draft`, `post`.
        kind: &'static str,
        /// The name that was given.
        name: String,
    },
    /// A scope that does not exist or is not enabled for the app.
    #[error("the scope `{0}` is unknown or not enabled for this app")]
    Scope(String),
    /// Files or sockets failed.
    #[error("the simulator could not {what}")]
    Io {
        /// What was attempted.
        what: &'static str,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
}

impl SimError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what, source }
    }

    pub(crate) fn unknown(kind: &'static str, name: &str) -> Self {
        Self::Unknown { kind, name: name.to_owned() }
    }
}
