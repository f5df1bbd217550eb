//! A command with a variable that is not known here: what it runs is seen all the same, where the variable is only a value.

use crate::apps::matching;
use crate::python::basename;
use crate::python::shlex::Word;
use crate::well_known::runs_script;

/// Whether all expansions of a command as it is written are values of options, ends of an address or directories of a path: none
/// of them can bring an option, another command or a program that nobody knows.
pub(super) fn is_settled(written: &str, words: &[Word<'_>]) -> bool {
    let Some(expansions) = expansions(written) else { return false };
    let settled = expansions.iter().all(|expansion| expansion.is_settled(written));
    // Whom it runs as is for others to say.
    settled && matching::ran(words).account.is_none_or(|account| !account.contains("%("))
}

/// `%(name)s` in a text.
struct Expansion<'t> {
    name: &'t str,
    start: usize,
    end: usize,
}

/// All that a text has; none where a `%` is something else.
fn expansions(text: &str) -> Option<Vec<Expansion<'_>>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(sign) = rest.find('%')
    {
        let start = at + sign;
        let behind = text.get(start + 1..)?;
        if behind.starts_with('%') {
            at = start + 2;
            continue;
        }
        let (name, conversion) = behind.strip_prefix('(')?.split_once(')')?;
        let digits = conversion.len() - conversion.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        conversion.get(digits..)?.strip_prefix(['s', 'd', 'i'])?;
        at = text.len() - conversion.len() + digits + 1;
        found.push(Expansion { name, start, end: at });
    }
    Some(found)
}

impl Expansion<'_> {
    fn is_settled(&self, text: &str) -> bool {
        let parts = |c: char| matches!(c, '"' | '\'' | '`' | ';' | '&' | '|' | '<' | '>');
        let ends = |c: char| c.is_whitespace() || parts(c);
        let (before, behind) = (text.get(..self.start).unwrap_or(""), text.get(self.end..).unwrap_or(""));
        let (ahead, lead) = before.split_at(before.rfind(ends).map_or(0, |at| at + 1));
        let tail = behind.split(ends).next().unwrap_or("");
        // An option, a variable, a directory.
        if lead.starts_with('-')
            || lead.contains('=')
            || tail.rsplit_once('/').is_some_and(|(_, name)| !name.is_empty())
        {
            return true;
        }
        let blank = ahead.trim_end();
        let flag = blank.rsplit(ends).next().unwrap_or("");
        let is_value = blank.len() < ahead.len() && flag.len() > 1 && flag.starts_with('-') && flag != "--";
        if is_value {
            let mut command = blank.rsplit(parts).next().unwrap_or("").split_whitespace();
            let is_script = flag.ends_with('c') && command.any(|word| runs_script(basename(word)));
            return !(is_script || self.is_of_several());
        }
        // `0.0.0.0:%(ENV_PORT)s`, `worker-%(process_num)02d`.
        !ahead.is_empty() && (lead.contains(':') || !(self.name.starts_with("ENV_") || lead.is_empty()))
    }

    /// Whether its name says that it may be several words.
    fn is_of_several(&self) -> bool {
        const SEVERAL: &[&str] = &["OPT", "ARG", "FLAG", "PARAM", "EXTRA", "CMD", "COMMAND"];
        let name = self.name.to_ascii_uppercase();
        SEVERAL.iter().any(|several| name.contains(several))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::shlex;

    #[test]
    fn what_an_expansion_may_be() {
        for (command, settled) in [
            ("%(ENV_OPT)s/php/sbin/php-fpm -y %(ENV_OPT)s/php.conf", true),
            ("celery worker --concurrency %(ENV_N)s", true),
            ("celery worker --concurrency=%(ENV_N)s", true),
            ("gunicorn --bind 0.0.0.0:%(ENV_PORT)s a:b", true),
            ("nginx -g 'daemon off;' -c %(ENV_NGINX)s", true),
            ("env A=%(ENV_A)s b", true),
            ("python %(here)s/a.py", true),
            ("/srv/a --id worker-%(process_num)02d", true),
            ("sh -c 'crond -c %(ENV_DIR)s 2>&1 | cat'", true),
            ("date +%%s", true),
            ("%(ENV_RUN)s", false),
            ("%(ENV_RUN)s --daemon", false),
            ("/usr/bin/%(ENV_RUN)s", false),
            ("php-fpm%(ENV_V)s -F", false),
            ("gunicorn %(ENV_ARGS)s a:b", false),
            ("celery worker -E %(ENV_CELERY_OPTS)s", false),
            ("sh -c %(ENV_RUN)s", false),
            ("bash -l -c %(ENV_RUN)s", false),
            ("su app -c %(ENV_RUN)s", false),
            ("sh -c '%(ENV_RUN)s'", false),
            ("sh -c 'a; %(ENV_RUN)s'", false),
            ("sh -c 'exec %(ENV_RUN)s'", false),
            ("a -- %(ENV_RUN)s", false),
            ("sudo -u %(ENV_APP)s /srv/a", false),
            ("a %", false),
            ("a %(ENV_A", false),
        ] {
            let words = shlex::split(command).unwrap_or_default();
            assert_eq!(is_settled(command, &words), settled, "{command}");
        }
    }
}
