//! Checks that the bundled assets exist and joins the message files of each language into one.
//! Must not bundle anything itself: that is the make target's work, and a build script may not reach the network.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

const LANGUAGES: [&str; 2] = ["en", "ru"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=assets/dist");
    if !Path::new("assets/dist/manifest.json").is_file() {
        return Err(
            "crates/web/assets/dist is missing: the scripts and styles are not bundled yet. Run `make assets` and build again.".into(),
        );
    }
    for language in LANGUAGES {
        join_messages(language)?;
    }
    Ok(())
}

/// Writes `locales/built/LANGUAGE/web.ftl`, only when it changes, and refuses an id that two areas define.
fn join_messages(language: &str) -> Result<(), Box<dyn Error>> {
    let source = Path::new("locales").join(language);
    println!("cargo::rerun-if-changed={}", source.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(&source)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|ext| ext == "ftl"));
    files.sort();
    let mut joined = String::from("# Joined by build.rs; edit the file of the area instead.\n");
    let mut owners: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(&file)?;
        for line in text.lines() {
            let id = line.split(" =").next().unwrap_or_default();
            let starts_message = line.starts_with(|c: char| c.is_ascii_alphabetic()) && line.contains('=');
            if starts_message && let Some(other) = owners.insert(id.to_owned(), file.clone()) {
                return Err(format!(
                    "message `{id}` is defined in {} and again in {}",
                    other.display(),
                    file.display()
                )
                .into());
            }
        }
        joined.push('\n');
        joined.push_str(&text);
    }
    let target = Path::new("locales/built").join(language).join("web.ftl");
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::read_to_string(&target).ok().as_deref() != Some(joined.as_str()) {
        fs::write(&target, joined)?;
    }
    Ok(())
}
