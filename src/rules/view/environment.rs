//! The variables of `environment=` as Supervisor reads them, as far as the text says: what an expansion brings stays written.

use super::super::Lint;
use super::written::Written;
use crate::hash::HashMap;
use crate::keys::process as k;
use crate::source::Span;
use crate::syntax::pairs;

/// A list that is written.
pub(in crate::rules) struct List<'a> {
    pub written: Written<'a>,
    pub variables: Vec<Variable>,
    /// Where each name is; the last of several counts.
    by_name: HashMap<String, usize>,
}

/// A variable of a list.
pub(in crate::rules) struct Variable {
    pub name: String,
    pub value: String,
}

impl List<'_> {
    /// The value of a variable.
    pub(in crate::rules) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(*self.by_name.get(name)?).map(|variable| variable.value.as_str())
    }

    /// Where it counts: a program, or all of them.
    pub(in crate::rules) fn whose(&self) -> &str {
        self.written.section.split_once(':').map_or("every program", |(_, program)| program.trim())
    }
}

impl<'a> Lint<'a> {
    /// The lists whose text is such, if Supervisor can read them.
    pub(in crate::rules) fn environments<'l>(
        &'l self,
        such: impl Fn(&str) -> bool + 'l,
    ) -> impl Iterator<Item = List<'a>> + 'l {
        let number = k::ENVIRONMENT.number;
        let written = self.written_where(move |_, options| options.mask() & number.bit() != 0);
        let lists = written.filter(move |one| one.setting.number == Some(number) && one.key().is_some());
        lists.filter(move |one| such(one.setting.text)).filter_map(|written| {
            let text = once_expanded(written.setting.text);
            let as_written = |text: &str| text.replace(EXPANSION, "%(");
            let pairs = pairs::parse(&text).ok()?;
            let variables =
                pairs.iter().map(|pair| Variable { name: as_written(&pair.key), value: as_written(&pair.value) });
            let variables: Vec<Variable> = variables.collect();
            let by_name = variables.iter().enumerate().map(|(at, variable)| (variable.name.clone(), at)).collect();
            Some(List { written, variables, by_name })
        })
    }
}

/// Stands for the percent sign of an expansion: word characters that hardly ever stand so, since an expansion is one word.
pub(in crate::rules) const EXPANSION: &str = ")(";

/// The list as the lexer gets it: an expansion counts as a word, since what it brings is not known; a doubled sign is one.
pub(in crate::rules) fn once_expanded(text: &str) -> String {
    let mut text = text.to_owned();
    // [supervisord] expands twice.
    while text.contains("%%") {
        text = text.replace("%%", "%");
    }
    text.replace("%(", EXPANSION)
}

/// Where texts stand in a value, one after the other, as far as they stand there as they are.
pub(in crate::rules) fn places(written: &str, texts: &[&str]) -> Vec<Option<Span>> {
    let mut from = 0;
    let found = texts.iter().map(|text| {
        let start = from + written.get(from..)?.find(text)?;
        from = start + text.len();
        Some(Span::new(start, from))
    });
    found.collect()
}

/// The variables of `%(ENV_X)s` in a text. A doubled sign begins no expansion.
pub(in crate::rules) fn expanded(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, behind) = rest.split_once('%')?;
            rest = behind;
            if let Some(behind) = behind.strip_prefix('%') {
                rest = behind;
            } else if let Some(inner) = behind.strip_prefix("(ENV_") {
                let end = inner.find([')', '(', '%'])?;
                if let Some((name, ")")) = inner.get(..=end).and_then(|name| name.split_at_checked(end)) {
                    return Some(name);
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_a_text() {
        for (text, names) in
            [("%(ENV_A)s/%(here)s:%(ENV_B)d", &["A", "B"][..]), ("%%(ENV_A)s%%%(ENV_B)s", &["B"]), ("50% %(ENV_A", &[])]
        {
            assert_eq!(expanded(text).collect::<Vec<_>>(), names, "{text}");
        }
    }
}
