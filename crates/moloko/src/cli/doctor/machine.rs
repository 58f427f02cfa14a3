//! Folder, disk and programs of this machine.

use super::Finding;
use crate::config::{Config, DiskReserve, InstanceKeySource};
use crate::instance_key;
use crate::service::THIS_BINARY;
use app::media::tools::{Isolation, ToolError, Tools};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The reserve when the settings leave it open: the larger of 2 GiB and a twentieth of the disk.
const RESERVE_LEAST: u64 = 2 << 30;
const RESERVE_PART: u64 = 20;

pub async fn look(config: &Config) -> Vec<Finding> {
    vec![folder(config), key(config), disk(config), ffmpeg(config).await]
}

fn folder(config: &Config) -> Finding {
    let path = &config.data;
    match std::fs::metadata(path) {
        Ok(facts) if !facts.is_dir() => Finding::fail(
            "data folder",
            format!("{} is not a folder", path.display()),
            "the instance keeps everything there",
            "Name another folder in MOLOKO_DATA.",
        ),
        Ok(facts) if facts.permissions().mode() & 0o077 != 0 => Finding::warn(
            "data folder",
            format!("{} is open to others (mode {:o})", path.display(), facts.permissions().mode() & 0o777),
            "videos of people lie there; `serve` closes it at its start",
            format!("chmod 700 {}", path.display()),
        ),
        Ok(_) => Finding::ok("data folder", format!("{} is open to its owner only", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Finding::ok("data folder", format!("{} will be made at the first start", path.display()))
        }
        Err(error) => Finding::fail(
            "data folder",
            format!("{} cannot be looked at ({error})", path.display()),
            "the instance keeps everything there",
            "Give it to the user that runs the instance.",
        ),
    }
}

fn key(config: &Config) -> Finding {
    match (&config.instance_key, instance_key::existing(config)) {
        (InstanceKeySource::Given(_), Ok(_)) => Finding::ok("instance key", "given by the settings"),
        (InstanceKeySource::File(path), Ok(_)) => Finding::ok("instance key", path.display().to_string()),
        (InstanceKeySource::DataFolder, Ok(Some(_))) => Finding::ok(
            "instance key",
            format!("{} (keep a copy of it apart from the backups)", instance_key::file(&config.data).display()),
        ),
        (InstanceKeySource::DataFolder, Ok(None)) => Finding::ok("instance key", "will be made at the first start"),
        (_, Err(error)) => Finding::fail(
            "instance key",
            format!("{error:#}"),
            "without it no token can be read",
            "Repair the file or the setting.",
        ),
    }
}

fn disk(config: &Config) -> Finding {
    // Before the first start the folder is not there; its parent lies on the same disk.
    let place = config.data.ancestors().find(|path| path.exists()).unwrap_or_else(|| Path::new("."));
    let facts = match rustix::fs::statvfs(if place.as_os_str().is_empty() { Path::new(".") } else { place }) {
        Ok(facts) => facts,
        Err(error) => {
            return Finding::fail(
                "disk",
                format!("free space cannot be read ({error})"),
                "uploads need room",
                "Check MOLOKO_DATA.",
            );
        }
    };
    let free = facts.f_bavail.saturating_mul(facts.f_frsize);
    let total = facts.f_blocks.saturating_mul(facts.f_frsize);
    let reserve = match config.disk_reserve {
        DiskReserve::Auto => RESERVE_LEAST.max(total / RESERVE_PART),
        DiskReserve::Bytes(bytes) => bytes,
    };
    let what = format!("{} free, reserve {}", gib(free), gib(reserve));
    let todo = "Free some space, use a larger disk, or lower MOLOKO_DISK_RESERVE_MIB.";
    if free <= reserve {
        Finding::fail("disk", what, "every upload is refused now", todo)
    } else if free - reserve < reserve {
        Finding::warn("disk", what, "a few large videos fill it", todo)
    } else {
        Finding::ok("disk", what)
    }
}

/// Bytes as GiB with one decimal.
fn gib(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 30;
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}

async fn ffmpeg(config: &Config) -> Finding {
    let absent = |what: String| {
        Finding::warn(
            "ffmpeg",
            what,
            "posts go out without it; thumbnails and cover frames are missing",
            "apt-get install ffmpeg, or set MOLOKO_FFMPEG",
        )
    };
    let Some(path) = &config.ffmpeg else { return absent("not found".to_owned()) };
    let isolation =
        if config.media_sandbox { Isolation::Sandbox { launcher: THIS_BINARY.into() } } else { Isolation::Off };
    let asked = match Tools::new(path.clone(), isolation) {
        Ok(tools) => tools.version().await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(version) if config.media_sandbox => {
            Finding::ok("ffmpeg", format!("{version} ({}), inside a sandbox", path.display()))
        }
        Ok(version) => Finding::warn(
            "ffmpeg",
            format!("{version} ({}), without a sandbox", path.display()),
            "a crafted video that takes it over could read and send whatever the service can",
            "Remove MOLOKO_MEDIA_SANDBOX=off where the kernel has Landlock and seccomp.",
        ),
        Err(ToolError::NoSandbox(why)) => Finding::warn(
            "ffmpeg",
            format!("its sandbox does not stand: {why}"),
            "it is not started without one; thumbnails, cover frames and conversions are missing",
            "Use Linux 5.13 or newer with Landlock and seccomp, or accept the danger with MOLOKO_MEDIA_SANDBOX=off.",
        ),
        Err(error) => absent(format!("{}: {error}", path.display())),
    }
}
