//! What the privacy policy promises, as facts the program acts on: scopes, places, days, and where each piece of data lives.
//! Must not know a database; the store's tests hold it to the schema.

/// An enum of words that are stored and shown to programs.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word that is stored and shown to programs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The value of a stored word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub mod clauses;
pub mod documents;
pub mod erasure;
pub mod inactivity;
pub mod promises;
pub mod purposes;
pub mod retention;
pub mod support;
pub mod uses;
