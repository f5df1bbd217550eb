//! Control servers and RPC interfaces: `server_configs_from_parser` and `get_plugins`.

use std::rc::Rc;

use super::{At, Evaluator, Pass};
use crate::load::names::Scope;
use crate::model::address;
use crate::model::keys::{InetServerOptions, Key, UnixServerOptions, inet as n, rpcinterface as r, unix as u};
use crate::model::value::{self, Converted, Fault, Text};
use crate::model::{InetServer, Origin, RpcInterface, State, UnixServer, Value};
use crate::python;
use crate::python::integer::Integer;
use crate::refusal::Cause;

impl Evaluator<'_> {
    /// `[rpcinterface:x]`, in the file's order.
    pub(super) fn rpcinterfaces(&mut self) -> Vec<RpcInterface> {
        let merged = self.merged;
        let environment = self.environment.clone();
        let scope = &Scope::environment_first(&environment);
        let mut interfaces = Vec::new();
        for (section_name, section) in &merged.sections {
            let Some(name) = section_name.strip_prefix("rpcinterface:") else { continue };
            let at = At::new(section_name, section, merged);
            let factory = self.text(&at, &r::FACTORY, scope);
            if let State::Known(None) = factory.state {
                let message = format!("section [{section_name}] does not specify a {}", r::FACTORY.name);
                self.refuse(&at, Some(&r::FACTORY), None, &"".into(), Cause::Required, message);
            }
            let factory = self.reference(&at, &r::FACTORY, factory, "");
            // parser.options: the section's own, then those of [DEFAULT] that it lacks.
            let inherited = merged.defaults.keys().filter(|name| !section.options.contains_key(*name));
            let arguments = section
                .options
                .keys()
                .chain(inherited)
                .filter(|name| &***name != r::FACTORY.name)
                .map(|name| (Rc::clone(name), self.argument(&at, name, scope)))
                .collect();
            let (section, header) = (Rc::clone(section_name), section.header);
            interfaces.push(RpcInterface { section, header, name: name.into(), factory, arguments });
        }
        interfaces
    }

    /// An argument of a factory: an option of any name.
    fn argument(&mut self, at: &At<'_>, name: &Text, scope: &Scope<'_>) -> Value<Text> {
        let Some((setting, origin)) = at.get(name) else { return Value::default_of("".into()) };
        let written = &setting.text;
        let key = Key { name: if &**name == "password" { "password" } else { "" }, ..r::FACTORY };
        let label = format!("{}.{name}", at.section);
        let before = self.refusals.len();
        let expanded = self.expand(at, &key, origin, written, &Pass::first(&label, scope));
        for refusal in self.refusals.iter_mut().skip(before) {
            refusal.option = Some(Rc::clone(name));
        }
        let state = self.convert(at, &key, origin, written, expanded, |text, _| Ok(Converted::Known(Rc::clone(text))));
        Value { origin, state }
    }

    /// `[inet_http_server*]`, in the file's order.
    pub(super) fn inet_servers(&mut self) -> Vec<InetServer> {
        let merged = self.merged;
        let environment = self.environment.clone();
        let scope = &Scope::environment_first(&environment);
        let mut servers = Vec::new();
        for (name, section) in merged.sections.iter().filter(|(name, _)| name.starts_with("inet_http_server")) {
            let at = At::new(name, section, merged);
            let (username, password) = self.credentials(&at, &n::USERNAME, &n::PASSWORD, scope);
            let port = self.read(&at, &n::PORT, scope, None, |text, _| {
                address::inet_address(text).map(|address| Converted::Known(Some(address)))
            });
            if let State::Known(None) = port.state {
                let message = format!("section [{name}] has no port value");
                self.refuse(&at, Some(&n::PORT), None, &"".into(), Cause::Required, message);
            }
            let options = InetServerOptions { port, username, password };
            servers.push(InetServer { section: Rc::clone(name), header: section.header, options });
        }
        servers
    }

    /// `[unix_http_server*]`, in the file's order.
    pub(super) fn unix_servers(&mut self) -> Vec<UnixServer> {
        let merged = self.merged;
        let environment = self.environment.clone();
        let scope = &Scope::environment_first(&environment);
        let g = &self.scope_g(&environment);
        let mut servers = Vec::new();
        for (name, section) in merged.sections.iter().filter(|(name, _)| name.starts_with("unix_http_server")) {
            let at = At::new(name, section, merged);
            let file =
                self.read(&at, &u::FILE, g, None, |text, world| Ok(world.normalize(python::strip(text)).map(Some)));
            if let State::Known(None) = file.state {
                let message = format!("section [{name}] has no file value");
                self.refuse(&at, Some(&u::FILE), None, &"".into(), Cause::Required, message);
            }
            let (username, password) = self.credentials(&at, &u::USERNAME, &u::PASSWORD, scope);
            let chown = self.read(&at, &u::CHOWN, scope, None, |text, world| {
                if value::user_and_group(text, world.host) {
                    return Ok(Converted::Known(Some(Rc::clone(text))));
                }
                Err(Fault { message: format!("Invalid sockchown value {text}"), cause: Cause::Host })
            });
            let chmod = self.read(&at, &u::CHMOD, scope, Integer::from(0o700), |text, _| match value::octal(text) {
                Ok(mode) => Ok(Converted::Known(mode)),
                Err(_) => Err(Fault::value(format!("Invalid chmod value {text}"))),
            });
            let options = UnixServerOptions { file, chmod, chown, username, password };
            servers.push(UnixServer { section: Rc::clone(name), header: section.header, options });
        }
        servers
    }

    /// Both or neither.
    fn credentials(
        &mut self,
        at: &At<'_>,
        username: &Key,
        password: &Key,
        scope: &Scope<'_>,
    ) -> (Value<Option<Text>>, Value<Option<Text>>) {
        let user = self.text(at, username, scope);
        let secret = self.text(at, password, scope);
        let half = match (user.origin == Origin::Default, secret.origin == Origin::Default) {
            (true, false) => Some((password, secret.place())),
            (false, true) => Some((username, user.place())),
            (true, true) | (false, false) => None,
        };
        if let Some((key, place)) = half {
            let message = format!(
                "Section [{}] contains incomplete authentication: If a username or a password is specified, both the \
                 username and password must be specified",
                at.section
            );
            self.refuse(at, Some(key), place, &"".into(), Cause::Credentials, message);
        }
        (user, secret)
    }
}
