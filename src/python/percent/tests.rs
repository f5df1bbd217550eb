//! What Python makes of percent signs, text by text.

use super::*;

struct Dictionary {
    process_num: Integer,
    open: bool,
}

impl Names for Dictionary {
    fn get(&self, name: &str) -> Option<Var<'_>> {
        match name {
            "here" => Some(Var::Text("/é".into())),
            "a(b)c" => Some(Var::Text("x".into())),
            "process_num" => Some(Var::Int(&self.process_num)),
            _ if self.open && name.starts_with("ENV_") => Some(Var::Unknown),
            _ => None,
        }
    }

    fn entries(&self) -> Vec<(Cow<'_, str>, Var<'_>)> {
        let names = ["process_num", "here", "a(b)c"];
        names.into_iter().filter_map(|name| Some((name.into(), self.get(name)?))).collect()
    }

    fn open(&self) -> bool {
        self.open
    }
}

fn names(process_num: i64, open: bool) -> Dictionary {
    Dictionary { process_num: process_num.into(), open }
}

/// The expansion, `?` when it is not known, or the message of the error.
fn run(text: &str, names: &Dictionary) -> String {
    match expand(text, names) {
        Ok(Expanded::Text(text)) => text.into_owned(),
        Ok(Expanded::Unknown) => "?".to_owned(),
        Err(ExpandError::Format { message }) => message,
        Err(error) => message(&error, text, "o", names),
    }
}

#[test]
fn expands_as_python() {
    for (text, expected) in [
        ("100%% %(here)s", "100% /é"),
        ("%(a(b)c)3s|%(here)-4.1s|", "  x|/   |"),
        ("%(process_num)5.3d|%(process_num)-+6d|%(process_num)06d", "  007|+7    |000007"),
        ("%(process_num)#x %(process_num)#06X %(process_num)#o", "0x7 0X0007 0o7"),
        ("%(process_num)e %(process_num).0f %(process_num)#g", "7.000000e+00 7 7.00000"),
        ("%a", r"{'process_num': 7, 'here': '/\xe9', 'a(b)c': 'x'}"),
        ("%s %s", "not enough arguments for format string"),
        ("%5%", "unsupported format character '%' (0x25) at index 2"),
        ("é%(here)é", "unsupported format character '?' (0xe9) at index 8"),
        ("%(here)d", "%d format: a real number is required, not str"),
        ("%*d", "* wants int"),
        ("%(here)9223372036854775808s", "width too big"),
        ("%(process_num).2147483648d", "precision too big"),
        ("%(process_num).2147483645d", "precision too large"),
        ("%(process_num).2147483647e", "7e+00"),
        ("%(here)999999999s %z", "not enough arguments for format string"),
        ("%(here", "incomplete format key"),
        ("%(here)", "incomplete format"),
    ] {
        assert_eq!(run(text, &names(7, false)), expected, "{text}");
    }
}

#[test]
fn borrows_what_has_no_percent() {
    assert!(matches!(expand("a", &names(0, false)), Ok(Expanded::Text(Cow::Borrowed("a")))));
}

#[test]
fn goes_on_after_unknown_text() {
    for (text, expected) in [
        ("%(ENV_A)s", "?"),
        ("%(ENV_A)c%(here)s", "?"),
        ("%s", "?"),
        ("%(ENV_A)s%(here)z", "unsupported format character 'z' (0x7a) at index 16"),
        ("%(ENV_A)x", "%x format: an integer is required, not str"),
        (
            "%(ENV_A)s%(x)s",
            "Format string '%(ENV_A)s%(x)s' for 'o' contains names ('x') which cannot be expanded. \
             Available names: ENV_*, a(b)c, here, process_num",
        ),
    ] {
        assert_eq!(run(text, &names(7, true)), expected, "{text}");
    }
    // A lone surrogate.
    assert_eq!(run("%(process_num)c", &names(0xd800, false)), "?");
}

#[test]
fn bounds_what_conversions_make() {
    let names = names(7, false);
    for text in
        ["%(here)1048577s", "%(here)70368744177664s", "%(process_num).2147483644d", "%(process_num).2147483647f"]
    {
        assert_eq!(expand(text, &names), Err(ExpandError::Bound), "{text}");
    }
    assert!(matches!(expand("%(process_num)1048576d", &names), Ok(Expanded::Text(text)) if text.len() == MADE));
    assert_eq!(run("%(here)9223372036854775807s", &names), "");
}
