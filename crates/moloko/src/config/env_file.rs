//! Reads the file named by `--config`: lines of NAME=VALUE, as in an EnvironmentFile of systemd. Owns the syntax only.

use super::ConfigProblem;
use super::catalogue;
use std::collections::BTreeMap;
use std::path::Path;

/// Largest file that is read, bytes.
const MAX_BYTES: u64 = 256 * 1024;

/// The values of a file by name.
pub fn read(path: &Path) -> Result<BTreeMap<String, String>, Vec<ConfigProblem>> {
    let name = path.display().to_string();
    let wrong = |what: String, fix: &str| vec![ConfigProblem::new(name.clone(), what, fix)];
    let length = std::fs::metadata(path)
        .map_err(|error| {
            wrong(format!("the file cannot be read ({error})"), "Give the path of a readable file to --config.")
        })?
        .len();
    if length > MAX_BYTES {
        return Err(wrong(
            format!("the file has {length} bytes, more than {MAX_BYTES}"),
            "Name the settings file, not another one.",
        ));
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        wrong(format!("the file cannot be read ({error})"), "Give the path of a UTF-8 text file to --config.")
    })?;
    parse(&name, &text)
}

fn parse(file: &str, text: &str) -> Result<BTreeMap<String, String>, Vec<ConfigProblem>> {
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{file}, line {}", number + 1);
        let Some((name, value)) = line.split_once('=') else {
            problems.push(ConfigProblem::new(
                place,
                "this is not NAME=VALUE",
                "Write one setting a line, comments after #.",
            ));
            continue;
        };
        let name = name.trim();
        if !catalogue::knows(name) {
            problems.push(ConfigProblem::new(
                place,
                format!("there is no setting called {name}"),
                "Compare with config/moloko.example.env, which names them all.",
            ));
            continue;
        }
        if values.insert(name.to_owned(), unquote(value.trim()).to_owned()).is_some() {
            problems.push(ConfigProblem::new(place, format!("{name} is given twice"), "Keep one of the two lines."));
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

fn unquote(value: &str) -> &str {
    let inside = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blank_lines_and_quotes_are_understood() {
        let values =
            parse("f", "# a comment\n\nMOLOKO_LISTEN = 127.0.0.1:9000\nMOLOKO_DATA_LOCATION=\"Ann & Co\"\n").unwrap();
        assert_eq!(values["MOLOKO_LISTEN"], "127.0.0.1:9000");
        assert_eq!(values["MOLOKO_DATA_LOCATION"], "Ann & Co");
    }

    #[test]
    fn every_mistake_is_reported_with_its_line() {
        let problems = parse("f", "MOLOKO_LISTN=1\nnonsense\nMOLOKO_LOG=info\nMOLOKO_LOG=debug\n").unwrap_err();
        let places: Vec<_> = problems.iter().map(|p| p.setting.as_str()).collect();
        assert_eq!(places, ["f, line 1", "f, line 2", "f, line 4"]);
    }
}
