//! What applications are written in, where their libraries have habits in common: they look for HOME, they hold output back.

use super::{App, python, ruby};

/// The languages whose applications have a room of their own.
static LANGUAGES: &[(&str, &[App])] = &[("Python", python::APPS), ("Ruby", ruby::APPS)];

/// The language of an application, where it is one of these.
#[must_use]
pub fn of(app: &App) -> Option<&'static str> {
    LANGUAGES.iter().find(|(_, apps)| apps.iter().any(|one| one.name == app.name)).map(|(language, _)| *language)
}

#[cfg(test)]
mod tests {
    use super::super::named;
    use super::*;

    #[test]
    fn languages() {
        for (name, language) in [
            ("celery", Some("Python")),
            ("python", Some("Python")),
            ("puma", Some("Ruby")),
            ("nginx", None),
            ("java", None),
        ] {
            assert_eq!(named(name).first().and_then(|app| of(app)), language, "{name}");
        }
    }
}
