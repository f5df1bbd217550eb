//! Control servers and RPC interfaces: `server_configs_from_parser` and `get_plugins`.

use std::rc::Rc;

use super::{At, Evaluator, Pass};
use crate::keys::{Key, SectionKind, inet as n, rpcinterface as r, unix as u};
use crate::load::names::Scope;
use crate::model::options::{InetServerOptions, UnixServerOptions};
use crate::model::value::{self, Converted, Fault, Text};
use crate::model::{InetServer, Origin, RpcInterface, State, UnixServer, Value};
use crate::refusal::Cause;

impl<'a> Evaluator<'_, 'a> {
    /// `[rpcinterface:x]`, in the file's order.
    pub(super) fn rpcinterfaces(&mut self) -> Vec<RpcInterface<'a>> {
        let merged = self.merged;
        let environment = Rc::clone(&self.environment);
        let scope = &Scope::environment_first(&environment);
        let mut interfaces = Vec::new();
        for (section_name, section) in merged.of_kind(SectionKind::RpcInterface) {
            let name = section_name.strip_prefix("rpcinterface:").unwrap_or_default();
            let at = At::new(section_name, section, merged);
            let mut factory = Value::default_of(None);
            self.value(&at, &r::FACTORY, scope, &mut factory);
            let none = || format!("section [{section_name}] does not specify a {}", r::FACTORY.name);
            self.require(&at, &r::FACTORY, &mut factory, Cause::Required, none);
            let factory = self.reference(&at, &r::FACTORY, &factory);
            // parser.options: the section's own, then those of [DEFAULT] that it lacks.
            let inherited = at.defaults.iter().filter(|setting| !at.own.contains_key(setting.name));
            let names =
                at.own.iter().chain(inherited).map(|setting| setting.name).filter(|name| *name != r::FACTORY.name);
            let arguments = names.map(|name| (name, self.argument(&at, name, scope))).collect();
            interfaces.push(RpcInterface { section: section_name, header: section.header, name, factory, arguments });
        }
        interfaces
    }

    /// An argument of a factory: an option of any name.
    fn argument(&mut self, at: &At<'_, 'a>, name: Text<'a>, scope: &Scope<'_, 'a>) -> Value<'a, Text<'a>> {
        let Some((setting, origin)) = at.named(name) else { return Value::default_of("") };
        let label = || format!("{}.{name}", at.section);
        let pass = Pass { label: &label, scope, second: false };
        let state = match self.expand(at, name, origin, setting.text, &pass) {
            Err(()) => State::Refused,
            Ok(None) => State::Unknown(setting.text),
            Ok(Some(text)) => State::Known(text),
        };
        Value::new(origin, state)
    }

    /// `[inet_http_server*]`, in the file's order.
    pub(super) fn inet_servers(&mut self) -> Vec<InetServer<'a>> {
        let merged = self.merged;
        let environment = Rc::clone(&self.environment);
        let scope = &Scope::environment_first(&environment);
        let mut servers = Vec::new();
        for (name, section) in merged.of_kind(SectionKind::InetServer) {
            let at = At::new(name, section, merged);
            let mut options = InetServerOptions::STANDARD;
            self.credentials(&at, (&n::USERNAME, &mut options.username), (&n::PASSWORD, &mut options.password), scope);
            self.value(&at, &n::PORT, scope, &mut options.port);
            let none = || format!("section [{name}] has no port value");
            self.require(&at, &n::PORT, &mut options.port, Cause::Required, none);
            servers.push(InetServer { section: name, header: section.header, options });
        }
        servers
    }

    /// `[unix_http_server*]`, in the file's order.
    pub(super) fn unix_servers(&mut self) -> Vec<UnixServer<'a>> {
        let merged = self.merged;
        let environment = Rc::clone(&self.environment);
        let scope = &Scope::environment_first(&environment);
        let mut servers = Vec::new();
        for (name, section) in merged.of_kind(SectionKind::UnixServer) {
            let at = At::new(name, section, merged);
            let mut options = UnixServerOptions::STANDARD;
            self.value(&at, &u::FILE, &self.scope_g(&at, &environment), &mut options.file);
            let none = || format!("section [{name}] has no file value");
            self.require(&at, &u::FILE, &mut options.file, Cause::Required, none);
            self.credentials(&at, (&u::USERNAME, &mut options.username), (&u::PASSWORD, &mut options.password), scope);
            self.read(&at, &u::CHOWN, scope, &mut options.chown, |text, world| {
                let refused = |cause| Fault { message: format!("Invalid sockchown value {text}"), cause };
                value::user_and_group(text, world.host).map_err(refused)?;
                Ok(Converted::Known(Some(text)))
            });
            self.read(&at, &u::CHMOD, scope, &mut options.chmod, |text, _| match value::octal(text) {
                Ok(mode) => Ok(Converted::Known(mode)),
                Err(_) => Err(Fault::value(format!("Invalid chmod value {text}"))),
            });
            servers.push(UnixServer { section: name, header: section.header, options });
        }
        servers
    }

    /// Both or neither.
    fn credentials(
        &mut self,
        at: &At<'_, 'a>,
        (username, user): (&'static Key, &mut Value<'a, Option<Text<'a>>>),
        (password, secret): (&'static Key, &mut Value<'a, Option<Text<'a>>>),
        scope: &Scope<'_, 'a>,
    ) {
        self.value(at, username, scope, user);
        self.value(at, password, scope, secret);
        let (key, place, missing) = match (user.origin == Origin::Default, secret.origin == Origin::Default) {
            (true, false) => (password, secret.place(), user),
            (false, true) => (username, user.place(), secret),
            (true, true) | (false, false) => return,
        };
        if self.merged.may_have_more() {
            *missing = Value::elsewhere();
        } else {
            let message = format!(
                "Section [{}] contains incomplete authentication: If a username or a password is specified, both the \
                 username and password must be specified",
                at.section
            );
            self.refuse(at, Some(key), place, "", Cause::Credentials, message);
        }
    }
}
