//! SUP402 unexpanded-shell-word: a variable, a `~` or a pattern that only a shell would replace.

use std::borrow::Cow;

use super::shell_syntax_without_shell::{self as shell_syntax, narrowed};
use super::view::effective::{Command, Program};
use super::view::mend::Mend;
use super::view::mend::values::{Edits, Known, Standing, own, written_for_supervisor};
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::{Applicability, Fix};
use crate::keys::process as k;
use crate::python::basename;
use crate::python::shlex::{self, Word};
use crate::well_known::{is_name, runs_script};

/// SUP402.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP402",
        name: "unexpanded-shell-word",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("unexpanded_shell_word.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: true,
};

/// Programs that make something of such words themselves, or hand them to a shell.
const READERS: &[&str] = &["ssh", "autossh", "awk", "gawk", "mawk", "perl", "jq", "sed", "envsubst", "expect"];

/// Programs that take the files that they are given, and no patterns.
const TAKE_FILES: &[&str] =
    &["cat", "chmod", "chown", "cp", "gzip", "head", "ln", "ls", "multitail", "mv", "rm", "tail", "touch"];

/// What a shell would make something of.
enum Unexpanded<'w> {
    /// A variable, as it is written, and its name.
    Variable(&'w str, &'w str),
    /// A path that begins with `~/`.
    Home,
    /// A pattern for names of files.
    Pattern,
}

/// Only variables, and all of them.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, option) = (finding.section?, finding.option?);
    let standing = Standing::of(lint, own(lint, section, option)?)?;
    let text = standing.text.as_str();
    let of_command = option == k::COMMAND.name;
    let key = if of_command { &k::COMMAND } else { &k::DIRECTORY };
    let mut edits = Edits::default();
    let mut applicability = Applicability::Safe;
    let known = Known::of(lint, section);
    let mut write = |from: usize, raw: &str| {
        for (at, variable, name) in variables(raw) {
            applicability = applicability.max(known.expandable(key, name, false)?);
            edits.expand(from + at, variable);
        }
        Some(())
    };
    if of_command {
        let secret = lint.config.secrets.stand_in(text);
        for (word, what) in unexpanded(text, &shlex::split(text).ok()?) {
            if secret && !matches!(what, Unexpanded::Variable(variable, _) if word.text == variable) {
                return None;
            }
            write(word.start, text.get(word.start..word.end)?)?;
        }
    } else {
        write(0, text)?;
    }
    let edits = edits.joined();
    // What is left is for a shell too.
    let after = edits.of(text)?;
    let is_left = if of_command {
        first(&after, &shlex::split(&after).ok()?).is_some()
    } else {
        after == "~" || after.starts_with("~/")
    };
    if is_left {
        return None;
    }
    // What an expansion brings may be for a shell too.
    let mend = standing.edited(Mend::of(lint).uncovers(), &edits)?.changes(section, option);
    written_for_supervisor(mend, applicability)
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        in_command(lint, program, found);
        in_directory(lint, program, found);
    }
}

fn in_command<'a>(lint: &Lint<'a>, program: &Program<'a>, found: &mut Found<'_, 'a>) {
    let Some(Command { text, place, words: Ok(words) }) = &program.command else { return };
    if !text.bytes().any(|byte| matches!(byte, b'$' | b'~' | b'*')) || shell_syntax::speaks(text, words) {
        return;
    }
    let Some((word, what)) = first(text, words) else { return };
    // A password has such signs by chance.
    if let Unexpanded::Variable(variable, _) = what
        && word.text != variable
        && lint.config.secrets.stand_in(text)
    {
        return;
    }
    // The rest of the word may be a secret.
    let shown = match what {
        Unexpanded::Variable(variable, _) => shown(variable),
        Unexpanded::Home if lint.config.secrets.stand_in(text) => "'~/…'".to_owned(),
        Unexpanded::Pattern if lint.config.secrets.stand_in(text) => "'*'".to_owned(),
        Unexpanded::Home | Unexpanded::Pattern => shown(&word.text),
    };
    let is_program = words.first().is_some_and(|first| std::ptr::eq(first, word));
    let message = if is_program {
        format!("the program never starts: supervisord uses no shell and takes {shown} for a part of its name.")
    } else {
        let name = words.first().map_or("", |word| basename(&word.text));
        format!("{name} gets {shown} as it is written, because supervisord uses no shell.")
    };
    let help = match what {
        Unexpanded::Variable(_, name) => format!("write %(ENV_{name})s: supervisord replaces that."),
        Unexpanded::Home => HOME.to_owned(),
        Unexpanded::Pattern => {
            "write the names of the files, or let a shell find them:\n  command=/bin/sh -c 'exec …'".to_owned()
        }
    };
    let diagnostic = Diagnostic::new(&RULE.rule, narrowed(lint, *place, text, word), message).help(help);
    let diagnostic = diagnostic.of(program.process.program.section, Some(k::COMMAND.name));
    found.push_resting_on(*place, if is_program { diagnostic.cannot_run() } else { diagnostic });
}

const HOME: &str = "write the whole path, such as /home/app/bin: a shell alone knows what ~ is.";

fn in_directory<'a>(lint: &Lint<'a>, program: &Program<'a>, found: &mut Found<'_, 'a>) {
    let directory = &program.process.options.directory;
    let Some((Some(text), place)) = lint.known(directory).copied().zip(directory.place()) else { return };
    let (what, help) = if text == "~" || text.starts_with("~/") {
        (text, HOME.to_owned())
    } else if let Some((_, variable, name)) = variables(text).next() {
        // Whoever writes user=$NAME has a script that fills the file in.
        let section = program.process.program.section;
        if lint.merged.setting(section, "user").is_some_and(|user| user.text.contains('$')) {
            return;
        }
        (variable, format!("write %(ENV_{name})s: supervisord replaces that."))
    } else {
        return;
    };
    let message =
        format!("the program starts only if a directory is really called {}: supervisord uses no shell.", shown(what));
    let diagnostic = Diagnostic::new(&RULE.rule, place, message).help(help);
    found.push(diagnostic.of(program.process.program.section, Some(k::DIRECTORY.name)));
}

/// The first word that a shell would make something of.
fn first<'w>(text: &'w str, words: &'w [Word<'w>]) -> Option<(&'w Word<'w>, Unexpanded<'w>)> {
    unexpanded(text, words).next()
}

/// The words that a shell would make something of, each with the first thing in it.
fn unexpanded<'w>(
    text: &'w str,
    words: &'w [Word<'w>],
) -> impl Iterator<Item = (&'w Word<'w>, Unexpanded<'w>)> + use<'w> {
    let names = || words.iter().map(|word| basename(&word.text));
    let read = names().any(|name| READERS.contains(&name));
    let java = names().any(|name| name == "java");
    let takes_files = names().next().is_some_and(|name| TAKE_FILES.contains(&name));
    let mut before = "";
    // What comes after a shell may be for that.
    let own = words.iter().take_while(move |word| !read && !runs_script(basename(&word.text)));
    own.filter_map(move |word| {
        let raw = text.get(word.start..word.end)?;
        let before = std::mem::replace(&mut before, raw);
        let is_flag = raw.starts_with('-');
        // Spring and others replace ${NAME} in their settings.
        let is_setting = java && (raw.starts_with("-D") || raw.starts_with("--"));
        if let Some((_, variable, name)) = variables(raw).next().filter(|_| !is_setting) {
            return Some((word, Unexpanded::Variable(variable, name)));
        }
        let quoted = !matches!(&word.text, Cow::Borrowed(plain) if *plain == raw);
        if !quoted && raw.starts_with("~/") {
            return Some((word, Unexpanded::Home));
        }
        let takes = takes_files || before == "-jar";
        (!quoted && !is_flag && raw.contains('*') && takes).then_some((word, Unexpanded::Pattern))
    })
}

/// The variables of a shell in a text, with their places: `$NAME` or `${NAME}`, in capitals, outside of single quotes.
fn variables(raw: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let mut quote = None;
    let mut letters = raw.char_indices();
    std::iter::from_fn(move || {
        while let Some((at, c)) = letters.next() {
            match (quote, c) {
                (Some('\''), '\'') | (Some('"'), '"') => quote = None,
                (Some('\''), _) => {}
                (_, '\\') => drop(letters.next()),
                (None, '\'' | '"') => quote = Some(c),
                (_, '$') => {
                    if let Some((variable, name)) = raw.get(at..).and_then(variable) {
                        return Some((at, variable, name));
                    }
                }
                (Some(_) | None, _) => {}
            }
        }
        None
    })
}

/// The variable that a text begins with, and its name.
fn variable(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('$')?;
    let (open, inner) = rest.strip_prefix('{').map_or((0, rest), |inner| (1, inner));
    let length = inner.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let (name, after) = inner.split_at_checked(length)?;
    let capitals = name.len() > 1 && is_name(name) && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    let whole = capitals && (open == 0 || after.starts_with('}'));
    text.get(..1 + open + length + open).filter(|_| whole).map(|variable| (variable, name))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, Row, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=gunicorn -b 0.0.0.0:$PORT a:b", &[(2, E)])
            .says("gunicorn gets '$PORT' as it")
            .mends("[program:a]\ncommand=gunicorn -b 0.0.0.0:%(ENV_PORT)s a:b"),
        row(MAIN, "[program:a]\ncommand=/srv/api --db \"${DB_URL}\" --x $Y", &[(2, E)])
            .says("'${DB_URL}'")
            .mends("[program:a]\ncommand=/srv/api --db \"%(ENV_DB_URL)s\" --x $Y"),
        row(MAIN, "[program:a]\ncommand=env A=$HOME /srv/api", &[(2, E)])
            .says("env gets '$HOME'")
            .at_risk("[program:a]\ncommand=env A=%(ENV_HOME)s /srv/api"),
        row(MAIN, "[program:a]\ncommand=~/bin/api", &[(2, E)]).says("takes '~/bin/api' for").mends(""),
        row(MAIN, "[program:a]\ncommand=$HOME/bin/api", &[(2, E)])
            .says("the program never starts")
            .mends("[program:a]\ncommand=%(ENV_HOME)s/bin/api"),
        row(
            MAIN,
            "[program:a]\r\n  command : /srv/$AB$CD '$EF' %(here)s/${AB}.d \\$CD ; $GH\r\n  directory = $HOME/x ; y\r\n\
             \x20 environment=AB=1,CD=2\r",
            &[(2, E), (3, E)],
        )
        .mends(
            "[program:a]\r\n  command : /srv/%(ENV_AB)s%(ENV_CD)s '$EF' %(here)s/%(ENV_AB)s.d \\$CD ; $GH\r\n\
             \x20 directory = %(ENV_HOME)s/x ; y\r\n  environment=AB=1,CD=2\r",
        ),
        row(MAIN, "[program:a]\ncommand=/srv/api $AB\n  --port $PORT", &[(2, E)])
            .mends("[program:a]\ncommand=/srv/api %(ENV_AB)s\n  --port %(ENV_PORT)s"),
        row(MAIN, "[program:a]\ncommand=/srv/api $HOME ~/x\n[program:b]\ncommand=tail $HOME/*.log", &[(2, E), (4, E)])
            .mends(""),
        row(MAIN, "[program:a]\ncommand=/srv/api $PORT $HOME\n[program:b]\ncommand=/srv/b $HOME", &[(2, E), (4, E)])
            .closed()
            .mends("[program:a]\ncommand=/srv/api $PORT $HOME\n[program:b]\ncommand=/srv/b %(ENV_HOME)s"),
        row(MAIN, "[program:a]\ncommand=/srv/api --port $PORT\nenvironment=PORT=80", &[(2, E)])
            .closed()
            .safely("[program:a]\ncommand=/srv/api --port %(ENV_PORT)s\nenvironment=PORT=80"),
        row("", "[DEFAULT]\ncommand=/srv/api $HOME\n[program:a]\n[program:b]", &[(2, E), (2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=/srv/api -c ~/api.conf", &[(2, E)]).says("'~/api.conf'"),
        row(MAIN, "[program:a]\ncommand=tail -F /var/log/nginx/*.log", &[(2, E)]).says("tail gets"),
        row(MAIN, "[program:a]\ncommand=java -jar /srv/app-*.jar", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=/srv/api\ndirectory=~/api", &[(3, E)]).says("called '~/api'"),
        row(MAIN, "[program:a]\ncommand=/srv/api\ndirectory=$HOME/api", &[(3, E)]),
        row("", "[program:a]\ncommand=/srv/api $PORT", &[(2, E)]),
        row(
            MAIN,
            "[program:a]\nnumprocs=3\nprocess_name=%(process_num)s\ncommand=/srv/api $PORT\ndirectory=~/a",
            &[(4, E), (5, E)],
        ),
        row(MAIN, "[program:a]\ncommand=/srv/api '$PORT' \\$PORT $1 $x $$ ${x} 5$", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c \"exec /srv/api $PORT ~/x *\"", &[]),
        row(MAIN, "[program:a]\ncommand=env A=b bash -c 'echo' $PORT", &[]),
        row(MAIN, "[program:a]\ncommand=ssh -i ~/.ssh/id host $CMD", &[]),
        row(MAIN, "[program:a]\ncommand=awk /$NAME/", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/api --x=~/a a~/b '~/c' \"*\"", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn --forwarded-allow-ips * -b *:80 a:b", &[]),
        row(MAIN, "[program:a]\ncommand=/usr/sbin/lldpd -d -I Ethernet*,eth*", &[]),
        row(MAIN, "[program:a]\ncommand=java -cp /srv/lib/* --server.port=${PORT} Main", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/api %(ENV_PORT)s", &[]),
        // SUP401 says it.
        row(MAIN, "[program:a]\ncommand=cd ~/api && ./api $PORT", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/api\nuser=$USER_NAME\ndirectory=/home/$USER_NAME", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/api $PORT {{ port }}", &[]),
    ];
}
