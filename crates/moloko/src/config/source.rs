//! Finds the raw text of a setting: command line first, then environment, then file, then default. Parses nothing.

use super::catalogue::{self, SETTINGS};
use super::{ConfigProblem, env_file};
use std::collections::BTreeMap;
use std::path::Path;

/// Values given on the command line, by setting name.
pub type Overrides = BTreeMap<&'static str, String>;

/// All places a value can come from.
#[derive(Debug, Default)]
pub struct Source {
    overrides: Overrides,
    environment: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
}

impl Source {
    /// Looks at the process's environment and, when given, at a file.
    ///
    /// # Errors
    /// When the file cannot be read or names something unknown, or a variable called `MOLOKO_...` is not a setting.
    pub fn new(overrides: Overrides, file: Option<&Path>) -> Result<Self, Vec<ConfigProblem>> {
        // The variables of the test scripts share the prefix; a service does not read them.
        let environment = std::env::vars()
            .filter(|(name, _)| name.starts_with("MOLOKO_") && !name.starts_with("MOLOKO_TEST_"))
            .collect();
        Self::of(overrides, environment, file)
    }

    fn of(
        overrides: Overrides,
        environment: BTreeMap<String, String>,
        file: Option<&Path>,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let unknown: Vec<_> = environment
            .keys()
            .filter(|name| !catalogue::knows(name))
            .map(|name| {
                ConfigProblem::new(
                    name.clone(),
                    "the environment has this variable, but there is no such setting",
                    "Unset it or correct its name; config/moloko.example.env names them all.",
                )
            })
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let file = file.map(env_file::read).transpose()?.unwrap_or_default();
        Ok(Self { overrides, environment, file })
    }

    /// A source that looks at nothing but these values.
    pub fn only(overrides: Overrides) -> Self {
        Self { overrides, ..Self::default() }
    }

    /// A source that holds exactly these values.
    #[cfg(test)]
    pub fn from_values(values: &[(&str, &str)]) -> Self {
        let file = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { file, ..Self::default() }
    }

    /// The text of a setting; `None` when it is empty and has no default.
    pub fn text(&self, name: &str) -> Option<String> {
        self.given(name).or_else(|| catalogue::find(name).map(|s| s.default.to_owned())).filter(|text| !text.is_empty())
    }

    /// The text of a setting when somebody gave one.
    pub fn given(&self, name: &str) -> Option<String> {
        let value = self.overrides.get(name).or_else(|| self.environment.get(name)).or_else(|| self.file.get(name));
        value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Where the value of a setting comes from, in words.
    pub fn origin(&self, name: &str) -> &'static str {
        let file_form = format!("{name}_FILE");
        if self.overrides.contains_key(name) {
            "command line"
        } else if self.environment.contains_key(name) {
            "environment"
        } else if self.environment.contains_key(&file_form) || self.file.contains_key(&file_form) {
            "file of its own"
        } else if self.file.contains_key(name) {
            "settings file"
        } else {
            "default"
        }
    }

    /// Every setting with its text and origin, secrets replaced by a word; for `config check`.
    pub fn overview(&self) -> Vec<(&'static str, String, &'static str)> {
        let shown = |setting: &catalogue::Setting| match (setting.secret, self.origin(setting.name)) {
            (true, "default") => "(none)".to_owned(),
            (true, _) => "(hidden)".to_owned(),
            (false, _) => self.text(setting.name).unwrap_or_else(|| "(none)".to_owned()),
        };
        SETTINGS.iter().map(|s| (s.name, shown(s), self.origin(s.name))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(values: &[(&str, &str)]) -> BTreeMap<String, String> {
        values.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
        let mut source =
            Source { file: map(&[("MOLOKO_LISTEN", "file"), ("MOLOKO_DATA", "file")]), ..Source::default() };
        source.environment = map(&[("MOLOKO_LISTEN", "environment")]);
        assert_eq!(source.text("MOLOKO_LISTEN").unwrap(), "environment");
        source.overrides.insert("MOLOKO_LISTEN", "flag".to_owned());
        assert_eq!(source.text("MOLOKO_LISTEN").unwrap(), "flag");
        assert_eq!(source.text("MOLOKO_DATA").unwrap(), "file");
        assert_eq!(source.text("MOLOKO_LOG").unwrap(), "info");
    }

    #[test]
    fn a_misspelt_variable_is_an_error() {
        let problems = Source::of(Overrides::new(), map(&[("MOLOKO_PUBLIC_ULR", "x")]), None).unwrap_err();
        assert_eq!(problems[0].setting, "MOLOKO_PUBLIC_ULR");
    }

    #[test]
    fn ux_25_the_overview_never_shows_a_secret() {
        let source =
            Source { environment: map(&[("MOLOKO_TIKTOK_CLIENT_SECRET", "canary-secret")]), ..Source::default() };
        let shown = format!("{:?}", source.overview());
        assert!(shown.contains("(hidden)") && !shown.contains("canary"));
    }
}
