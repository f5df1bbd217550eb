//! The words of a command that are paths by their looks and begin where the program is started.

use super::wrapped::unwrapped;

/// The first word that is looked up in the working directory.
pub(crate) fn relative(argv: &[String]) -> Option<String> {
    let wrapped = unwrapped(argv);
    let own = argv.iter().chain(wrapped.words.iter());
    let program = argv.first().into_iter().chain(wrapped.words.first());
    let is_program = |word: &&String| word.contains('/') && !word.starts_with(['/', '~']) && is_plain(word);
    let word = program.into_iter().find(is_program).or_else(|| own.into_iter().find(|word| is_relative(word)))?;
    Some(word.clone())
}

/// Whether a word is such a path: it begins with `./` or `../`, or has a `/` and looks like nothing else.
fn is_relative(word: &str) -> bool {
    if !is_plain(word) {
        return false;
    }
    if word.starts_with("./") || word.starts_with("../") {
        return true;
    }
    let Some((first, _)) = word.split_once('/') else { return false };
    let letters = |text: &str| text.bytes().any(|byte| byte.is_ascii_alphabetic());
    // Neither an absolute path nor an option, an address of a network, a fraction, or a type of content.
    !first.is_empty()
        && !first.starts_with('-')
        && letters(first)
        && !word.ends_with('/')
        && !matches!(first, "application" | "audio" | "image" | "text" | "video" | "multipart")
}

/// Whether a word is made of what paths are made of: no address, no pattern, no text.
fn is_plain(word: &str) -> bool {
    !word.contains("//") && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::super::wrapped::argv;
    use super::*;

    #[test]
    fn words_that_begin_where_the_program_is_started() {
        for (command, expected) in [
            ("./manage.py run", Some("./manage.py")),
            ("bin/app", Some("bin/app")),
            ("python ./manage.py", Some("./manage.py")),
            ("/usr/bin/x ../conf/a.yml", Some("../conf/a.yml")),
            ("node dist/server.js", Some("dist/server.js")),
            ("sh -c 'exec ./run'", Some("./run")),
            ("env A=b bin/run", Some("bin/run")),
            ("/usr/bin/x", None),
            ("python manage.py", None),
            ("/x http://h/a 10.0.0.0/8 1/2 image/png a:b/c --dir=a/b -x/y */5 $HOME/x ~/x a/", None),
            ("sh -c 'cd /srv && ./run'", None),
            ("", None),
        ] {
            assert_eq!(relative(&argv(command)).as_deref(), expected, "{command}");
        }
    }
}
