//! The format of the files: title, lead, `# chapter`, `## clause-id title`, paragraphs of one line, `- bullets`, `[blocks]` that the
//! program fills, and within a line `code`, links and `{facts}`. Must not know any fact.

/// A document as its file has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The first line.
    pub title: String,
    /// The second line.
    pub lead: String,
    /// What follows.
    pub chapters: Vec<Chapter>,
}

impl Text {
    /// All clauses in order.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.chapters.iter().flat_map(|chapter| &chapter.clauses)
    }
}

/// Clauses under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// The heading.
    pub heading: String,
    /// Its clauses.
    pub clauses: Vec<Clause>,
}

/// One promise with a stable id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// For example `PP-1.1`; the same in every version and language.
    pub id: String,
    /// A heading of its own.
    pub title: Option<String>,
    /// What it says.
    pub blocks: Vec<Raw>,
}

/// A part of a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    /// Sentences.
    Paragraph(Vec<Inline>),
    /// A list.
    Bullets(Vec<Vec<Inline>>),
    /// `[address]`: the e-mail address alone.
    Address,
    /// `[contact]`: everybody who can be asked.
    Contact,
    /// `[processors]`: who helps to run the server.
    Processors,
    /// `[retention]`: what is kept for how long.
    Retention,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words, possibly with `{facts}`.
    Words(String),
    /// A name of TikTok's.
    Code(String),
    /// A link.
    Link {
        /// What is read.
        words: String,
        /// A path, an anchor or an https address.
        href: String,
    },
}

/// The word for a kind of block, to compare the shapes of two texts.
#[must_use]
pub const fn kind(block: &Raw) -> &'static str {
    match block {
        Raw::Paragraph(_) => "paragraph",
        Raw::Bullets(_) => "bullets",
        Raw::Address => "address",
        Raw::Contact => "contact",
        Raw::Processors => "processors",
        Raw::Retention => "retention",
    }
}

/// Reads a file.
///
/// # Errors
/// The line that does not fit the format.
pub fn parse(file: &str) -> Result<Text, String> {
    let mut lines = file.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let title = lines.next().ok_or("the file is empty")?.to_owned();
    let lead = lines.next().ok_or("the lead is missing")?.to_owned();
    let mut chapters: Vec<Chapter> = Vec::new();
    for line in lines {
        if let Some(heading) = line.strip_prefix("# ") {
            chapters.push(Chapter { heading: heading.to_owned(), clauses: Vec::new() });
            continue;
        }
        let chapter = chapters.last_mut().ok_or_else(|| format!("before the first chapter: {line}"))?;
        if let Some(head) = line.strip_prefix("## ") {
            let (id, title) = head.split_once(' ').map_or((head, None), |(id, title)| (id, Some(title.to_owned())));
            chapter.clauses.push(Clause { id: id.to_owned(), title, blocks: Vec::new() });
            continue;
        }
        let clause = chapter.clauses.last_mut().ok_or_else(|| format!("before the first clause: {line}"))?;
        match (line, line.strip_prefix("- "), clause.blocks.last_mut()) {
            (_, Some(item), Some(Raw::Bullets(items))) => items.push(inline(item)?),
            (_, Some(item), _) => clause.blocks.push(Raw::Bullets(vec![inline(item)?])),
            ("[address]", ..) => clause.blocks.push(Raw::Address),
            ("[contact]", ..) => clause.blocks.push(Raw::Contact),
            ("[processors]", ..) => clause.blocks.push(Raw::Processors),
            ("[retention]", ..) => clause.blocks.push(Raw::Retention),
            (sentences, ..) => clause.blocks.push(Raw::Paragraph(inline(sentences)?)),
        }
    }
    Ok(Text { title, lead, chapters })
}

fn inline(line: &str) -> Result<Vec<Inline>, String> {
    let mut pieces = Vec::new();
    let mut rest = line;
    let unclosed = || format!("a mark is not closed: {line}");
    while let Some(at) = rest.find(['`', '[']) {
        let (before, marked) = rest.split_at(at);
        if !before.is_empty() {
            pieces.push(Inline::Words(before.to_owned()));
        }
        if let Some(code) = marked.strip_prefix('`') {
            let (name, after) = code.split_once('`').ok_or_else(unclosed)?;
            pieces.push(Inline::Code(name.to_owned()));
            rest = after;
        } else {
            let link = marked.strip_prefix('[').unwrap_or_default();
            let (words, after) = link.split_once("](").ok_or_else(unclosed)?;
            let (href, after) = after.split_once(')').ok_or_else(unclosed)?;
            if !["/", "#", "https://"].iter().any(|start| href.starts_with(start)) {
                return Err(format!("a link leads to {href}"));
            }
            pieces.push(Inline::Link { words: words.to_owned(), href: href.to_owned() });
            rest = after;
        }
    }
    if !rest.is_empty() {
        pieces.push(Inline::Words(rest.to_owned()));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_small_file_is_read_into_its_parts() {
        let text = parse("T\nL\n\n# C\n## PP-1 Head\nSee `x.y` and [this](/terms).\n- a\n- b\n[contact]\n").unwrap();
        assert_eq!((text.title.as_str(), text.lead.as_str()), ("T", "L"));
        let clause = text.clauses().next().unwrap();
        assert_eq!((clause.id.as_str(), clause.title.as_deref()), ("PP-1", Some("Head")));
        let link = Inline::Link { words: "this".into(), href: "/terms".into() };
        let words = |text: &str| Inline::Words(text.into());
        assert_eq!(
            clause.blocks,
            [
                Raw::Paragraph(vec![words("See "), Inline::Code("x.y".into()), words(" and "), link, words(".")]),
                Raw::Bullets(vec![vec![words("a")], vec![words("b")]]),
                Raw::Contact,
            ]
        );
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (file, said) in [
            ("", "empty"),
            ("T\nL\nx", "before the first chapter"),
            ("T\nL\n# C\nx", "before the first clause"),
            ("T\nL\n# C\n## I\n`x", "not closed"),
            ("T\nL\n# C\n## I\n[x](javascript:alert)", "leads to javascript:alert"),
        ] {
            assert!(parse(file).unwrap_err().contains(said), "{file}");
        }
    }
}
