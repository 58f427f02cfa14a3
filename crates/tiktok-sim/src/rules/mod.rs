//! TikTok's rules as functions of the world and a request. Each file is one family of rules, read from the
//! documentation and independent of any client. Rules refuse; they change the world only through its methods.

pub(crate) mod caps;
pub(crate) mod chunks;
pub(crate) mod init;
pub(crate) mod ownership;
pub(crate) mod pkce;
pub(crate) mod post_info;
pub(crate) mod redirect;
