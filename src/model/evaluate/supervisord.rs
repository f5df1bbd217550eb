//! `[supervisord]`, in Supervisor's order: `ServerOptions.read_config` and what `realize` makes of it.

use std::rc::Rc;

use super::{At, Evaluator, Slot};
use crate::keys::{Key, supervisord as k};
use crate::load::Facts;
use crate::load::names::Scope;
use crate::model::options::SupervisordOptions;
use crate::model::value::{self, Converted, Text, Variables};
use crate::model::{Origin, Value};
use crate::python;
use crate::python::percent::Names;

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn supervisord(&mut self, at: &At<'_, 'a>) -> SupervisordOptions<'a> {
        let environment = Rc::clone(&self.environment);
        let mut g = Scope::environment_first(&environment);
        g.set_text("here", self.merged.here);
        let g = &g;
        let mut options = SupervisordOptions::STANDARD;
        self.value(at, &k::MINFDS, g, &mut options.minfds);
        self.value(at, &k::MINPROCS, g, &mut options.minprocs);
        self.value(at, &k::DIRECTORY, g, &mut options.directory);
        self.value(at, &k::USER, g, &mut options.user);
        self.value(at, &k::UMASK, g, &mut options.umask);
        self.absolute(at, &k::LOGFILE, g, &mut options.logfile);
        self.value(at, &k::LOGFILE_MAXBYTES, g, &mut options.logfile_maxbytes);
        self.value(at, &k::LOGFILE_BACKUPS, g, &mut options.logfile_backups);
        self.value(at, &k::LOGLEVEL, g, &mut options.loglevel);
        self.absolute(at, &k::PIDFILE, g, &mut options.pidfile);
        self.value(at, &k::IDENTIFIER, g, &mut options.identifier);
        self.value(at, &k::NODAEMON, g, &mut options.nodaemon);
        self.value(at, &k::SILENT, g, &mut options.silent);
        options.childlogdir = self.childlogdir(at, g);
        self.value(at, &k::NOCLEANUP, g, &mut options.nocleanup);
        self.value(at, &k::STRIP_ANSI, g, &mut options.strip_ansi);
        options.environment = self.variables(at, g);
        options
    }

    /// `existing_dirpath` at first, `normalize_path` in `realize`. For the log the word `syslog` is no path.
    fn absolute(&mut self, at: &At<'_, 'a>, key: &'static Key, scope: &dyn Names, field: &mut Value<'a, Text<'a>>) {
        let Some(slot) = at.get(key) else {
            if let Ok(Converted::Known(path)) = self.world.normalize(key.default.unwrap_or_default()) {
                *field = Value::default_of(path);
            }
            return;
        };
        let expanded = self.first(at, slot, scope);
        *field = self.convert(at, slot, expanded, |text, world| match value::existing_dirpath(text, world)? {
            Converted::Known(path) if *key == k::LOGFILE && path == "syslog" => Ok(Converted::Known(path)),
            Converted::Known(path) => world.normalize(path),
            Converted::Unknown => Ok(Converted::Unknown),
        });
    }

    /// The default is a text like any other, `tempfile.gettempdir()`: it is expanded and converted.
    fn childlogdir(&mut self, at: &At<'_, 'a>, scope: &dyn Names) -> Value<'a, Text<'a>> {
        let key = &k::CHILDLOGDIR;
        let slot = at.get(key).unwrap_or_else(|| {
            let written = self.temporary_directory();
            Slot { key, written, facts: Facts::of(written), origin: Origin::Default }
        });
        let expanded = self.first(at, slot, scope);
        self.convert(at, slot, expanded, value::existing_directory)
    }

    fn temporary_directory(&self) -> Text<'a> {
        let given = ["TMPDIR", "TEMP", "TMP"]
            .into_iter()
            .find_map(|name| self.reading.variable(name).filter(|directory| !directory.is_empty()));
        match given {
            Some(".") => ".",
            Some(directory) => self.sources().keep_cow(python::abspath(directory, &self.reading.cwd)),
            None => "/tmp",
        }
    }

    /// `environment`: expanded by G, then by I, then parsed.
    fn variables(&mut self, at: &At<'_, 'a>, g: &dyn Names) -> Value<'a, Variables<'a>> {
        let Some(slot) = at.get(&k::ENVIRONMENT) else { return Value::default_of(Variables::default()) };
        let environment = Rc::clone(&self.environment);
        let mut i = Scope::own_first(&environment);
        i.set_text("here", self.merged.here);
        i.set_node(self.reading.node.as_deref());
        let once = self.first(at, slot, g);
        let twice = self.second(at, slot, once, &i);
        self.convert(at, slot, twice, |text, world| value::variables(text, world).map(Converted::Known))
    }
}
