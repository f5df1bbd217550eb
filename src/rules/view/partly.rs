//! A command with a variable that is not known here: what it runs is seen all the same, where the variable is only a value.

use std::ops::Range;

use super::conversions::{Conversion, conversions};
use crate::apps::matching;
use crate::python::basename;
use crate::python::shlex::{Word, is_blank};
use crate::well_known::runs_script;

/// Whether all expansions of a command as it is written are values of options, ends of an address or directories of a path: none
/// of them can bring an option, another command or a program that nobody knows.
pub(super) fn is_settled(written: &str, words: &[Word<'_>]) -> bool {
    let settled = |one: Conversion<'_>| one.is_good() && is_value(written, &one.range_in(written), one.name);
    // Whom it runs as is for others to say.
    conversions(written).all(settled) && matching::ran(words).account.is_none_or(|account| !account.contains("%("))
}

/// Whether what stands there is only a value, whatever it is. `name`: of the variable.
fn is_value(text: &str, place: &Range<usize>, name: Option<&str>) -> bool {
    let parts = |c: char| matches!(c, '"' | '\'' | '`' | ';' | '&' | '|' | '<' | '>');
    let ends = |c: char| is_blank(c) || parts(c);
    let (before, behind) = (text.get(..place.start).unwrap_or(""), text.get(place.end..).unwrap_or(""));
    let lead = before.rsplit(ends).next().unwrap_or("");
    let ahead = before.strip_suffix(lead).unwrap_or("");
    let tail = behind.split(ends).next().unwrap_or("");
    // A directory.
    if tail.rsplit_once('/').is_some_and(|(_, name)| !name.is_empty()) && !lead.starts_with('-') {
        return true;
    }
    let name = name.unwrap_or("").to_ascii_uppercase();
    if SEVERAL.iter().any(|several| name.contains(several)) {
        return false;
    }
    // `--port=8000`, `-p8000`, `PORT=8000`; of `--x` the name of the option is not known.
    if lead.contains('=') || (lead.starts_with('-') && lead.len() > 1 && !lead.starts_with("--")) {
        return true;
    }
    let blank = ahead.trim_end_matches(is_blank);
    let flag = blank.rsplit(ends).next().unwrap_or("");
    if !lead.starts_with('-') && blank.len() < ahead.len() && flag.len() > 1 && flag.starts_with('-') && flag != "--" {
        let mut command = blank.rsplit(parts).next().unwrap_or("").split(is_blank);
        return !(flag.ends_with('c') && command.any(|word| runs_script(basename(word))));
    }
    // `0.0.0.0:8000`, `worker-00`.
    !ahead.is_empty() && (lead.contains(':') || !(name.starts_with("ENV_") || lead.is_empty() || lead.starts_with('-')))
}

/// In the names of variables that hold several words.
const SEVERAL: &[&str] = &["OPT", "ARG", "FLAG", "PARAM", "EXTRA", "CMD", "COMMAND"];

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
            ("/srv/a -p%(ENV_PORT)s", true),
            ("/srv/a --home-%(ENV_HOME)s/x", false),
            ("/srv/a --%(ENV_MODE)s", false),
            ("/srv/a -%(ENV_MODE)s", false),
            ("/srv/a --args=%(ENV_MORE_ARGS)s", false),
            ("/srv/a --mode etc-%(ENV_MODE)s", true),
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
            ("/srv/a\u{a0}%(ENV_X)s", false),
            ("/srv/a -c\u{3000}%(ENV_X)s/x", true),
            ("a %", false),
            ("a %(ENV_A", false),
        ] {
            let words = shlex::split(command).unwrap_or_default();
            assert_eq!(is_settled(command, &words), settled, "{command}");
        }
    }
}
