//! Holding copies to what was written into them. Owns what is looked at; changes nothing but the name of a stored file that rotted, so that the next backup
//! copies it anew.

use std::collections::BTreeMap;

use domain::time::UnixMillis;

use super::files::{same, sum};
use super::{BackupFolder, Copy, DAY_MS, Result, media};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A part of a copy is missing or has other bytes.
    Altered {
        /// Which copy.
        name: String,
        /// Which part.
        what: String,
        /// How that is known.
        why: String,
    },
    /// It was made without files that its database names; all else of it can be put back.
    Lacks {
        /// Which copy.
        name: String,
        /// Keys of files that were not there.
        missing: Vec<String>,
        /// Keys of files that had other bytes than were uploaded.
        corrupt: Vec<String>,
    },
    /// By this machine's clock it was not made yet: the clock is, or was, wrong.
    Future {
        /// Which.
        name: String,
    },
    /// A copy is older than people were promised.
    Old {
        /// Which.
        name: String,
        /// Its age.
        days: i64,
    },
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Copies that can be put back whole, the oldest first.
    pub good: Vec<String>,
    /// Stored files that were read.
    pub files: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl BackupFolder {
    /// Reads every copy, or one, and compares it with its manifest.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn verify(&self, only: Option<&Copy>, keep_days: u32, now: UnixMillis) -> Result<Looked> {
        let mut looked = Looked::default();
        // Each file once, however many copies need it.
        let mut read: BTreeMap<String, Option<String>> = BTreeMap::new();
        for copy in self.copies()?.iter().filter(|copy| only.is_none_or(|only| only == *copy)) {
            let name = copy.name.clone();
            if copy.is_from_the_future(now) {
                looked.findings.push(Finding::Future { name: name.clone() });
            }
            let days = now.millis_since(copy.made_at).div_euclid(DAY_MS);
            if days > i64::from(keep_days) {
                looked.findings.push(Finding::Old { name: name.clone(), days });
            }
            let manifest = match self.manifest(copy) {
                Ok(manifest) => manifest,
                Err(error) => {
                    let (what, why) = ("its list of what it holds".to_owned(), error.to_string());
                    looked.findings.push(Finding::Altered { name, what, why });
                    continue;
                }
            };
            let before = looked.findings.len();
            let database = sum(&self.of(copy).join(&manifest.file))?;
            looked.bytes = looked.bytes.saturating_add(database.as_ref().map_or(0, |sum| sum.bytes));
            if let Err(why) = same(database.as_ref(), manifest.bytes, &manifest.sha256) {
                let what = "the database".to_owned();
                looked.findings.push(Finding::Altered { name: name.clone(), what, why });
            }
            for kept in &manifest.media {
                if !read.contains_key(&kept.sha256) {
                    let found = media::look(&self.root, &kept.sha256)?;
                    looked.files += 1;
                    looked.bytes = looked.bytes.saturating_add(found.as_ref().map_or(0, |sum| sum.bytes));
                    let wrong = same(found.as_ref(), kept.bytes, &kept.sha256).err();
                    if wrong.is_some() && found.is_some() {
                        media::set_aside(&self.root, &kept.sha256);
                    }
                    read.insert(kept.sha256.clone(), wrong);
                }
                if let Some(Some(why)) = read.get(&kept.sha256) {
                    let (what, why) = (format!("the stored file {}", kept.key), why.clone());
                    looked.findings.push(Finding::Altered { name: name.clone(), what, why });
                }
            }
            if manifest.lacks() > 0 {
                let (name, missing, corrupt) = (name.clone(), manifest.missing.clone(), manifest.corrupt.clone());
                looked.findings.push(Finding::Lacks { name, missing, corrupt });
            }
            if looked.findings.len() == before {
                looked.good.push(name);
            }
        }
        Ok(looked)
    }
}
