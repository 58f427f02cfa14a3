//! Traces that a text left in files: read as raw bytes, packed files unpacked, in every form in which programs write a text. Owns the forms and the walk;
//! what a trace means is for whoever looks. Must not print a text that was looked for.

use aho_corasick::AhoCorasick;
use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Shorter texts are everywhere.
const TEXT_MIN_BYTES: usize = 4;
/// Shorter forms would be found in random bytes.
const FORM_MIN_BYTES: usize = 6;
const ZIP_ENTRY: &[u8] = b"PK\x03\x04";
const GZIP: &[u8] = &[0x1f, 0x8b];
const BUFFER_BYTES: usize = 256 * 1024;
/// Most that is unpacked of one entry, bytes: what unpacks to more is no file of ours.
const UNPACKED_MAX_BYTES: u64 = 8 << 30;

/// A text in one form at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trace {
    /// Where: a path, perhaps with the entry of a packed file, or a table.
    pub place: String,
    /// Which of the texts, counted from 1.
    pub text: usize,
    /// How it is written there.
    pub form: &'static str,
    /// The first byte of the first one; `None` for a name.
    pub first: Option<u64>,
    /// How many there are.
    pub times: u64,
}

/// Looks for some texts.
#[derive(Debug)]
pub struct Tracer {
    automaton: AhoCorasick,
    owners: Vec<(usize, &'static str)>,
    texts: Vec<String>,
}

/// What was looked at, and found.
#[derive(Debug, Default)]
pub struct Traced {
    pub files: u64,
    pub bytes: u64,
    pub traces: Vec<Trace>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

type Found = BTreeMap<(usize, &'static str), (u64, u64)>;

impl Tracer {
    /// Prepares to look for these texts.
    ///
    /// # Errors
    /// When there is none, or one is so short that it is everywhere.
    pub fn new(texts: &[String]) -> anyhow::Result<Self> {
        if texts.is_empty() {
            bail!("give at least one text to look for");
        }
        if texts.iter().any(|text| text.len() < TEXT_MIN_BYTES) {
            bail!("a text of fewer than {TEXT_MIN_BYTES} bytes is everywhere; give a longer one");
        }
        let (mut patterns, mut owners, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (index, text) in texts.iter().enumerate() {
            for (form, bytes) in forms(text) {
                if seen.insert(bytes.clone()) {
                    patterns.push(bytes);
                    owners.push((index + 1, form));
                }
            }
        }
        let automaton = AhoCorasick::new(&patterns).context("these texts cannot be looked for together")?;
        Ok(Self { automaton, owners, texts: texts.to_vec() })
    }

    /// Looks through every file below a folder, or one file.
    pub fn walk(&self, root: &Path, traced: &mut Traced) {
        let mut known = BTreeSet::new();
        let mut waiting = vec![root.to_owned()];
        while let Some(path) = waiting.pop() {
            if let Err(error) = self.visit(&path, &mut waiting, &mut known, traced) {
                // Gone since it was listed: a running service does that.
                if error.kind() != ErrorKind::NotFound || path == root {
                    traced.unread.push(format!("{}: {error}", path.display()));
                }
            }
        }
        traced.traces.sort();
    }

    fn visit(
        &self,
        path: &Path,
        waiting: &mut Vec<PathBuf>,
        known: &mut BTreeSet<PathBuf>,
        traced: &mut Traced,
    ) -> std::io::Result<()> {
        let facts = std::fs::metadata(path)?;
        self.name(path, traced);
        if facts.is_dir() {
            // A link may lead back.
            if known.insert(path.canonicalize()?) {
                for entry in std::fs::read_dir(path)? {
                    waiting.push(entry?.path());
                }
            }
            return Ok(());
        }
        if !facts.is_file() {
            return Ok(());
        }
        traced.files += 1;
        traced.bytes = traced.bytes.saturating_add(facts.len());
        let place = path.display().to_string();
        let (found, whole) = self.stream(BufReader::with_capacity(BUFFER_BYTES, File::open(path)?));
        self.note(&place, found, traced);
        whole?;
        self.packed(path, &place, traced)
    }

    fn name(&self, path: &Path, traced: &mut Traced) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
        for (index, _) in self.texts.iter().enumerate().filter(|(_, text)| name.contains(text.as_str())) {
            let place = path.parent().unwrap_or(path).display().to_string();
            traced.traces.push(Trace { place, text: index + 1, form: "in the name of a file", first: None, times: 1 });
        }
    }

    /// Looks into what a file holds in packed form. Its own names and what is stored as it is were seen in the raw bytes.
    fn packed(&self, path: &Path, place: &str, traced: &mut Traced) -> std::io::Result<()> {
        let mut head = [0; 4];
        let mut file = File::open(path)?;
        if file.read_exact(&mut head).is_err() {
            return Ok(());
        }
        file.rewind()?;
        if head.starts_with(GZIP) {
            let unpacked = MultiGzDecoder::new(BufReader::new(file)).take(UNPACKED_MAX_BYTES);
            let (found, _) = self.stream(unpacked);
            self.note(&format!("{place}, unpacked"), found, traced);
        } else if head == ZIP_ENTRY {
            for at in entries(BufReader::new(file))? {
                self.entry(path, at, place, traced)?;
            }
        }
        Ok(())
    }

    /// An entry of a ZIP file by its own header, so that a file without its directory is read as well.
    fn entry(&self, path: &Path, at: u64, place: &str, traced: &mut Traced) -> std::io::Result<()> {
        let mut file = BufReader::new(File::open(path)?);
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 30];
        if file.read_exact(&mut header).is_err() {
            return Ok(());
        }
        let number = |low: usize| {
            let [low, high] = [header.get(low), header.get(low + 1)].map(|byte| byte.copied().unwrap_or(0));
            u16::from_le_bytes([low, high])
        };
        let (method, name, extra) = (number(8), number(26), number(28));
        if method != 8 {
            return Ok(());
        }
        file.seek_relative(i64::from(name) + i64::from(extra))?;
        // What is damaged or no entry at all ends where it cannot be unpacked any more.
        let (found, _) = self.stream(DeflateDecoder::new(file).take(UNPACKED_MAX_BYTES));
        self.note(&format!("{place}, unpacked from byte {at}"), found, traced);
        Ok(())
    }

    fn stream(&self, reader: impl Read) -> (Found, std::io::Result<()>) {
        let mut found = Found::new();
        for hit in self.automaton.stream_find_iter(reader) {
            match hit {
                Ok(hit) => self.count(&mut found, hit.pattern().as_usize(), hit.start()),
                Err(error) => return (found, Err(error)),
            }
        }
        (found, Ok(()))
    }

    fn count(&self, found: &mut Found, pattern: usize, start: usize) {
        let Some(owner) = self.owners.get(pattern) else { return };
        let start = u64::try_from(start).unwrap_or(u64::MAX);
        found.entry(*owner).or_insert((start, 0)).1 += 1;
    }

    /// Looks through some words of which it is known where they come from.
    pub fn words(&self, place: &str, words: &str, traced: &mut Traced) {
        let mut found = Found::new();
        for hit in self.automaton.find_iter(words) {
            self.count(&mut found, hit.pattern().as_usize(), hit.start());
        }
        self.note(place, found, traced);
    }

    fn note(&self, place: &str, found: Found, traced: &mut Traced) {
        traced.traces.extend(found.into_iter().map(|((text, form), (first, times))| Trace {
            place: place.to_owned(),
            text,
            form,
            first: Some(first),
            times,
        }));
    }
}

fn entries(reader: impl Read) -> std::io::Result<Vec<u64>> {
    let headers = AhoCorasick::new([ZIP_ENTRY]).map_err(std::io::Error::other)?;
    headers.stream_find_iter(reader).map(|hit| hit.map(|hit| u64::try_from(hit.start()).unwrap_or(u64::MAX))).collect()
}

/// A text as programs write it.
fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = text.as_bytes();
    let hex = |upper: bool| -> String {
        bytes.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
    };
    let escaped = |upper: bool| -> String {
        let unit = |unit: u16| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ if upper => format!("\\u{unit:04X}"),
            _ => format!("\\u{unit:04x}"),
        };
        text.encode_utf16().map(unit).collect()
    };
    let percent = |upper: bool| -> String {
        let one = |byte: &u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(*byte).to_string(),
            _ if upper => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        };
        bytes.iter().map(one).collect()
    };
    let mut all = vec![
        ("as it is", bytes.to_vec()),
        ("as UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("as UTF-16", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("as an escape of JSON", escaped(false).into_bytes()),
        ("as an escape of JSON", escaped(true).into_bytes()),
        ("percent-encoded", percent(true).into_bytes()),
        ("percent-encoded", percent(false).into_bytes()),
        ("percent-encoded", percent(true).replace("%20", "+").into_bytes()),
        ("in hexadecimal", hex(false).into_bytes()),
        ("in hexadecimal", hex(true).into_bytes()),
    ];
    for before in 0..3_usize {
        // The characters that depend on what stands before and after are left away.
        let (skip, whole) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
        let padded = [vec![0; before], bytes.to_vec()].concat();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let inside: String = engine.encode(&padded).chars().take(whole).skip(skip).collect();
            all.push(("in base64", inside.into_bytes()));
        }
    }
    all.retain(|(form, bytes)| *form == "as it is" || bytes.len() >= FORM_MIN_BYTES);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder};
    use std::io::Write as _;

    const CANARY: &str = "Канарейка №33";

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        let packed = encoder.finish().unwrap();
        let mut entry = ZIP_ENTRY.to_vec();
        entry.extend([20, 0, 8, 0, 8, 0]);
        entry.extend([0; 16]);
        entry.extend([5, 0, 0, 0]);
        entry.extend(b"a.txt");
        entry.extend(packed);
        entry
    }

    #[test]
    fn pp_6_5_a_text_is_found_in_every_form_and_inside_packed_files() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        put("raw", format!("before {CANARY} after").as_bytes());
        put("utf16", &CANARY.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        put("escaped", "\\u041a\\u0430\\u043d\\u0430\\u0440\\u0435\\u0439\\u043a\\u0430 \\u211633".as_bytes());
        put("query", "q=%D0%9A%D0%B0%D0%BD%D0%B0%D1%80%D0%B5%D0%B9%D0%BA%D0%B0+%E2%84%9633&n=1".as_bytes());
        for before in ["", "x", "xy"] {
            put(&format!("base64-{before}"), STANDARD_NO_PAD.encode(format!("{before}{CANARY} and more")).as_bytes());
        }
        put("dump", format!("\\x{}", CANARY.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()).as_bytes());
        put("export.zip", &[packed("nothing"), packed(&format!("{}{CANARY}", "x".repeat(300_000)))].concat());
        let mut gz = GzEncoder::new(Vec::new(), Compression::best());
        // Long enough to be packed: a few bytes may be stored as they are.
        gz.write_all(format!("{}{CANARY}", "x".repeat(1_000)).as_bytes()).unwrap();
        put("log.gz", &gz.finish().unwrap());
        std::fs::create_dir(folder.path().join(CANARY)).unwrap();
        let mut traced = Traced::default();
        Tracer::new(&[CANARY.to_owned()]).unwrap().walk(folder.path(), &mut traced);
        assert!(traced.unread.is_empty(), "{:?}", traced.unread);
        let told: Vec<(String, &str)> = traced
            .traces
            .iter()
            .map(|it| (it.place.trim_start_matches(&format!("{}/", folder.path().display())).to_owned(), it.form))
            .collect();
        for (place, form) in [
            ("raw", "as it is"),
            ("utf16", "as UTF-16"),
            ("escaped", "as an escape of JSON"),
            ("query", "percent-encoded"),
            ("base64-", "in base64"),
            ("base64-x", "in base64"),
            ("base64-xy", "in base64"),
            ("dump", "in hexadecimal"),
            ("log.gz, unpacked", "as it is"),
        ] {
            assert!(told.contains(&(place.to_owned(), form)), "{place}: {told:?}");
        }
        assert!(told.iter().any(|(place, _)| place.starts_with("export.zip, unpacked from byte")), "{told:?}");
        assert!(told.iter().any(|(_, form)| *form == "in the name of a file"));
        assert_eq!(told.len(), 11, "{told:?}");
    }

    #[test]
    fn nothing_is_found_where_nothing_is_and_a_text_that_is_everywhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("noise"), (0..=255_u8).cycle().take(1_000_000).collect::<Vec<_>>()).unwrap();
        std::fs::write(folder.path().join("broken.zip"), [ZIP_ENTRY, &[8; 40]].concat()).unwrap();
        let mut traced = Traced::default();
        Tracer::new(&[CANARY.to_owned()]).unwrap().walk(folder.path(), &mut traced);
        assert_eq!((traced.traces.len(), traced.files), (0, 2));
        Tracer::new(&["abc".to_owned()]).unwrap_err();
        Tracer::new(&[]).unwrap_err();
    }
}
