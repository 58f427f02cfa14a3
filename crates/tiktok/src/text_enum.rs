//! One macro for TikTok's string enumerations: every known word is a variant, every unknown word is kept.
//! It must not reject anything; TikTok adds words without notice and an unknown one is still information.

/// Longest unknown word that is kept, in characters. Longer ones are cut: they come from outside and end up in logs.
pub(crate) const MAX_OTHER_CHARS: usize = 256;

/// Cuts text that came from outside to `max` characters.
pub(crate) fn bounded(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal $(| $alias:literal)* ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
            /// A word this version of the crate does not know, as TikTok wrote it (at most 256 characters).
            Other(String),
        }

        impl $name {
            /// Every value this version knows, in the order of the documentation.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )+
                    Self::Other(text) => text,
                }
            }

            /// Reads the word on the wire; never fails, see `Other`.
            #[must_use]
            pub fn parse(text: &str) -> Self {
                match text {
                    $( $text $(| $alias)* => Self::$variant, )+
                    other => Self::Other(
                        $crate::text_enum::bounded(other, $crate::text_enum::MAX_OTHER_CHARS)
                    ),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::parse(text)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::parse(text))
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::parse(&text))
            }
        }
    };
}

pub(crate) use text_enum;

#[cfg(test)]
mod tests {
    use crate::webhook::{EventKind, PublishType};
    use crate::{
        CallbackRefusal, ErrorCode, FailReason, OAuthErrorCode, PrivacyLevel, PublishState, Scope, UserField,
        VideoField,
    };

    macro_rules! every_known_word_is_read_back {
        ($($name:ident),+) => {
            $(
                for known in $name::KNOWN {
                    assert_eq!(&$name::parse(known.as_str()), known);
                    assert_eq!(known.to_string(), known.as_str());
                    assert!(!matches!(known, $name::Other(_)));
                }
                assert_eq!($name::parse("a new word"), $name::Other("a new word".into()));
            )+
        };
    }

    #[test]
    fn known_words_are_read_back_and_new_ones_are_kept() {
        every_known_word_is_read_back!(
            CallbackRefusal,
            ErrorCode,
            EventKind,
            FailReason,
            OAuthErrorCode,
            PrivacyLevel,
            PublishState,
            PublishType,
            Scope,
            UserField,
            VideoField
        );
    }

    #[test]
    fn aliases_lead_to_the_same_value() {
        assert_eq!(ErrorCode::parse("invalid_param"), ErrorCode::parse("invalid_params"));
        assert_eq!(PublishType::parse("DIRECT_POST"), PublishType::DirectPublish);
        assert_eq!(
            EventKind::parse("post.publish.no_longer_publicly_available").as_str(),
            "post.publish.no_longer_publicaly_available"
        );
    }
}
