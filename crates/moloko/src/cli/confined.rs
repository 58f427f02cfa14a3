//! The hidden command behind each start of ffmpeg and ffprobe: raises the walls of the sandbox and becomes that program.
//! Must not do anything else, and runs before any thread is started.

use crate::terminal::complain;
use sandbox::{REFUSED, Walls};
use std::ffi::OsString;
use std::process::ExitCode;

pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let why = match Walls::parse(arguments) {
        Ok((walls, program, arguments)) => match walls.raise_and_become(program, &arguments) {
            Ok(never) => match never {},
            Err(refusal) => refusal.to_string(),
        },
        Err(wrong) => wrong.to_string(),
    };
    complain(&why);
    ExitCode::from(REFUSED)
}
