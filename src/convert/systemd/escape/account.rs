//! `User=`, by the rules that systemd has for names (facts 2.6, 5.1).

use std::borrow::Cow;
use std::fmt;

use super::UnitValue;
use crate::convert::systemd::name::LONGEST_NAME;

/// What `User=` becomes (facts 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum User {
    /// No directive: units run as root, and `User=root` would add login variables.
    Root,
    /// The directive.
    Value(UnitValue),
    /// The directive, as a number, since systemd warns about the name. To be announced ([`User::NOBODY`]).
    Nobody(UnitValue),
}

impl User {
    /// The sentence for [`User::Nobody`] (facts 5.1).
    pub const NOBODY: &'static str =
        "User=nobody is written as 65534, because systemd warns about the name (uid 65534 also owns unmapped files).";

    /// A number, where the value of `user=` is one to Python's `int()`. None for the two that systemd refuses,
    /// 65535 and 4294967295 (`uid_is_valid`).
    #[must_use]
    pub fn id(uid: u32) -> Option<Self> {
        match uid {
            0 => Some(Self::Root),
            0xffff | u32::MAX => None,
            uid => Some(Self::Value(UnitValue(Cow::Owned(uid.to_string())))),
        }
    }
}

/// systemd refuses this text as a user's name (systemd.exec(5), `User=`; facts 2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserError;

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("systemd refuses this user name.")
    }
}

/// `User=` from a name or plain digits. The rules are those of systemd's `valid_user_group_name()` in its relaxed
/// form, and no final backslash. Other spellings of a number (`+5`, `1_0`) are the caller's: see [`User::id`].
///
/// # Errors
/// What systemd would refuse, so that the unit would not load, or would run as somebody else.
pub fn user(text: &str) -> Result<User, UserError> {
    match text {
        "root" => return Ok(User::Root),
        "nobody" => return Ok(User::Nobody(UnitValue(Cow::Borrowed("65534")))),
        _ => {}
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().and_then(User::id).ok_or(UserError);
    }
    let negative = text.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if negative || text == "." || text == ".." || text.len() > LONGEST_NAME || text.contains([':', '/']) {
        return Err(UserError);
    }
    UnitValue::plain(text).map(User::Value).ok_or(UserError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users() {
        let value = |text: &str| Ok(User::Value(UnitValue(Cow::Owned(text.to_owned()))));
        assert_eq!(user("www-data"), value("www-data"));
        assert_eq!(user("a.b@c$"), value("a.b@c$"));
        assert_eq!(user("50%"), value("50%%"));
        assert_eq!(user("007"), value("7"));
        for root in ["root", "0", "00"] {
            assert_eq!(user(root), Ok(User::Root));
        }
        assert_eq!(user("nobody"), Ok(User::Nobody(UnitValue(Cow::Borrowed("65534")))));
        for refused in
            ["", "root:root", "a/b", "-1", ".", "..", " a", "a ", "a\nb", "foo\\", "65535", "4294967295", "4294967296"]
        {
            assert_eq!(user(refused), Err(UserError), "{refused:?}");
        }
    }
}
