//! HANDOVER.md as an operator uses it: the commands between the fences, by the steps above them.

/// A page.
pub struct Page {
    pub text: String,
}

/// A block between fences: the step that it is in, its kind, its lines.
type Block = (String, String, Vec<String>);

/// All blocks. A fence is closed by one as long.
fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut step = "";
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        step = line.strip_prefix("## ").unwrap_or(step);
        let kind = line.trim_start_matches('`');
        let fence = &line[..line.len() - kind.len()];
        if fence.len() >= 3 {
            let inside = lines.by_ref().take_while(|line| *line != fence).map(str::to_owned).collect();
            found.push((step.to_owned(), kind.to_owned(), inside));
        }
    }
    found
}

/// The commands of all steps.
pub fn commands(text: &str) -> Vec<String> {
    blocks(text).into_iter().filter(|(_, kind, _)| kind == "sh").flat_map(|(.., lines)| lines).collect()
}

impl Page {
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// The commands of the step that begins so.
    pub fn commands(&self, step: &str) -> Vec<String> {
        let of = blocks(&self.text).into_iter().filter(|(of, kind, _)| of.starts_with(step) && kind == "sh");
        let found: Vec<String> = of.flat_map(|(.., lines)| lines).collect();
        assert!(!found.is_empty(), "no commands in {step}: {}", self.text);
        found
    }

    /// The text of the one block of a kind in a step.
    pub fn block(&self, step: &str, kind: &str) -> String {
        let of: Vec<Block> =
            blocks(&self.text).into_iter().filter(|(of, is, _)| of.starts_with(step) && is == kind).collect();
        let [(.., lines)] = &of[..] else { panic!("{step}, {kind}: {}", self.text) };
        lines.iter().fold(String::new(), |text, line| text + line + "\n")
    }
}
