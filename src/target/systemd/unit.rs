//! A service unit, one field a directive, and the writer.
use std::fmt;

use super::escape::{Comment, Value};

/// The place of a directive: comments stand there with or without it (mapping 2.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Written as lines of their own before the directive; systemd has no comments behind a value.
    pub comments: Vec<Comment>,
    /// The directive, where it is written.
    pub value: Option<Value>,
}

impl From<Value> for Entry {
    fn from(value: Value) -> Self {
        Self { comments: Vec::new(), value: Some(value) }
    }
}

impl From<Option<Value>> for Entry {
    fn from(value: Option<Value>) -> Self {
        Self { comments: Vec::new(), value }
    }
}

/// A service: its Display form is the file. The order of the fields is that of the file (mapping 2.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Identity only, no date, version or argv: the same input gives the same bytes.
    pub header: Vec<Comment>,
    /// systemd.unit(5)
    pub description: Entry,
    /// systemd.unit(5)
    pub after: Entry,
    /// What is lost and has no place of its own, at the head of `[Service]`.
    pub remarks: Vec<Comment>,
    /// systemd.service(5)
    pub service_type: Entry,
    /// systemd.exec(5)
    pub user: Entry,
    /// systemd.exec(5)
    pub working_directory: Entry,
    /// systemd.exec(5)
    pub limit_nofile: Entry,
    /// systemd.exec(5); the last assignment of a name wins.
    pub environment: Vec<Entry>,
    /// systemd.exec(5), 250 and newer.
    pub exec_search_path: Entry,
    /// systemd.service(5)
    pub exec_start: Entry,
    /// systemd.unit(5)
    pub wanted_by: Entry,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without `..`: a new directive does not compile until it has its place here.
        let Self {
            header,
            description,
            after,
            remarks,
            service_type,
            user,
            working_directory,
            limit_nofile,
            environment,
            exec_search_path,
            exec_start,
            wanted_by,
        } = self;
        comments(f, header)?;
        f.write_str("[Unit]\n")?;
        entry(f, "Description", description)?;
        entry(f, "After", after)?;
        f.write_str("\n[Service]\n")?;
        comments(f, remarks)?;
        entry(f, "Type", service_type)?;
        entry(f, "User", user)?;
        entry(f, "WorkingDirectory", working_directory)?;
        entry(f, "LimitNOFILE", limit_nofile)?;
        for variable in environment {
            entry(f, "Environment", variable)?;
        }
        entry(f, "ExecSearchPath", exec_search_path)?;
        entry(f, "ExecStart", exec_start)?;
        if *wanted_by != Entry::default() {
            f.write_str("\n[Install]\n")?;
            entry(f, "WantedBy", wanted_by)?;
        }
        Ok(())
    }
}

fn entry(f: &mut fmt::Formatter<'_>, key: &'static str, Entry { comments: before, value }: &Entry) -> fmt::Result {
    comments(f, before)?;
    value.as_ref().map_or(Ok(()), |value| writeln!(f, "{key}={}", value.as_str()))
}

fn comments(f: &mut fmt::Formatter<'_>, comments: &[Comment]) -> fmt::Result {
    comments.iter().try_for_each(|comment| writeln!(f, "# {}", comment.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_service_has_its_sections() {
        assert_eq!(Service::default().to_string(), "[Unit]\n\n[Service]\n");
    }

    #[test]
    fn comments_stand_at_their_place() {
        let service = Service {
            header: vec![Comment::note("[program:web]\nUser=root")],
            description: Value::description("web:web").into(),
            after: Value::NETWORK_TARGET.into(),
            remarks: vec![Comment::note("lost")],
            service_type: Value::EXEC.into(),
            limit_nofile: Entry { comments: vec![Comment::text("a floor")], value: None },
            wanted_by: Value::MULTI_USER_TARGET.into(),
            ..Service::default()
        };
        let expected = "# supconv: [program:web]\\x0aUser=root\n[Unit]\nDescription=web:web (supervisord)\n\
                        After=network.target\n\n[Service]\n# supconv: lost\nType=exec\n# a floor\n\n[Install]\n\
                        WantedBy=multi-user.target\n";
        assert_eq!(service.to_string(), expected);
    }
}
