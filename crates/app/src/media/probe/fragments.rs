//! Movie fragments: samples that are told piece by piece instead of in one table. Only counted and summed.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use domain::media::ProbeFailure;

use super::field::Fields;
use super::mp4::{Atom, children, start};
use super::source::{Result, Source};

const HAS_BASE_OFFSET: u64 = 0x1;
const HAS_DESCRIPTION: u64 = 0x2;
const HAS_DEFAULT_DURATION: u64 = 0x8;
const RUN_HAS_OFFSET: u64 = 0x1;
const RUN_HAS_FIRST_FLAGS: u64 = 0x4;
const RUN_HAS_DURATION: u64 = 0x100;
const RUN_HAS_SIZE: u64 = 0x200;
const RUN_HAS_FLAGS: u64 = 0x400;
const RUN_HAS_COMPOSITION: u64 = 0x800;

/// Samples in one block of a run's table that are read at once.
const BLOCK: u64 = 2048;

/// Duration of samples whose fragment does not say it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Default {
    track: u32,
    duration: u64,
}

/// The defaults that the movie header announces.
pub(super) fn defaults<R: Read + Seek>(source: &mut Source<'_, R>, mvex: Atom) -> Result<Vec<Default>> {
    let mut found = Vec::new();
    children(source, mvex, |source, it| {
        if &it.name == b"trex" && found.len() < 64 {
            let header = start(source, it, 16)?;
            let mut fields = Fields::new(&header);
            fields.skip(4)?;
            let track = fields.u32()?;
            fields.skip(4)?;
            let duration = fields.number(4)?;
            found.push(Default { track, duration });
        }
        Ok(())
    })?;
    Ok(found)
}

/// Samples and their summed duration, by track.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    totals: BTreeMap<u32, (u64, u64)>,
}

impl Fragments {
    pub(super) fn of(&self, track: u32) -> (u64, u64) {
        self.totals.get(&track).copied().unwrap_or_default()
    }

    pub(super) fn add<R: Read + Seek>(
        &mut self,
        source: &mut Source<'_, R>,
        moof: Atom,
        defaults: &[self::Default],
    ) -> Result<()> {
        children(
            source,
            moof,
            |source, it| {
                if &it.name == b"traf" { self.add_track(source, it, defaults) } else { Ok(()) }
            },
        )
    }

    fn add_track<R: Read + Seek>(
        &mut self,
        source: &mut Source<'_, R>,
        traf: Atom,
        defaults: &[self::Default],
    ) -> Result<()> {
        let mut track = 0;
        let mut usual = 0;
        children(source, traf, |source, it| match &it.name {
            b"tfhd" => {
                let header = start(source, it, 28)?;
                let mut fields = Fields::new(&header);
                let flags = fields.number(4)? & 0x00ff_ffff;
                track = fields.u32()?;
                usual = defaults.iter().find(|default| default.track == track).map_or(0, |default| default.duration);
                if flags & HAS_BASE_OFFSET != 0 {
                    fields.skip(8)?;
                }
                if flags & HAS_DESCRIPTION != 0 {
                    fields.skip(4)?;
                }
                if flags & HAS_DEFAULT_DURATION != 0 {
                    usual = fields.number(4)?;
                }
                Ok(())
            }
            b"trun" => {
                let (samples, duration) = run(source, it, usual)?;
                if self.totals.len() < 64 || self.totals.contains_key(&track) {
                    let total = self.totals.entry(track).or_default();
                    total.0 = total.0.saturating_add(samples);
                    total.1 = total.1.saturating_add(duration);
                }
                Ok(())
            }
            _ => Ok(()),
        })
    }
}

fn run<R: Read + Seek>(source: &mut Source<'_, R>, it: Atom, usual: u64) -> Result<(u64, u64)> {
    let header = start(source, it, 8)?;
    let mut fields = Fields::new(&header);
    let flags = fields.number(4)? & 0x00ff_ffff;
    let samples = fields.number(4)?;
    if flags & RUN_HAS_DURATION == 0 {
        return Ok((samples, samples.saturating_mul(usual)));
    }
    let before = [RUN_HAS_OFFSET, RUN_HAS_FIRST_FLAGS];
    let in_row = [RUN_HAS_DURATION, RUN_HAS_SIZE, RUN_HAS_FLAGS, RUN_HAS_COMPOSITION];
    let width = |columns: &[u64]| columns.iter().map(|column| if flags & column == 0 { 0 } else { 4_u64 }).sum::<u64>();
    let table = it.body + 8 + width(&before);
    let row = width(&in_row).max(4);
    if samples > it.end.saturating_sub(table) / row {
        return Err(ProbeFailure::Damaged("a fragment's table is larger than its box".to_owned()));
    }
    let mut duration = 0_u64;
    let mut done = 0;
    while done < samples {
        source.step()?;
        let count = (samples - done).min(BLOCK);
        let block = source.piece(table + done * row, usize::try_from(count * row).unwrap_or(0))?;
        let mut fields = Fields::new(&block);
        while !fields.is_empty() {
            duration = duration.saturating_add(fields.number(4)?);
            fields.skip(usize::try_from(row - 4).unwrap_or(0))?;
        }
        done += count;
    }
    Ok((samples, duration))
}
