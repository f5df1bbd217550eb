//! Desktops in containers: X servers, VNC, sound.

use super::By::Program;
use super::Children::{Single, Wrapper};
use super::Foreground::{Leaves, Stays};
use super::Sign::{Flag, Letter, Word};
use super::{App, Said};

const X11VNC: &str = "x11vnc(1), x11vnc 0.9.16";
const TIGERVNC: &str = "tigervncserver(1), TigerVNC 1.12.0";
const WEBSOCKIFY: &str = "websockify(1), websockify 0.10.0";
const PULSEAUDIO: &str = "pulseaudio(1), PulseAudio 16.1";

pub(super) static APPS: &[App] = &[
    App {
        name: "Xvfb",
        about: "X server without a screen",
        by: &[Program("Xvfb"), Program("Xorg"), Program("Xvnc"), Program("Xtigervnc")],
        foreground: said!(Stays { leaves: &[] }, &["Xvfb(1), X.Org 21.1.7"]),
        children: said!(Single, &["Xvfb(1), X.Org 21.1.7"]),
        ..App::UNKNOWN
    },
    App {
        name: "x11vnc",
        about: "shows an X server by VNC",
        by: &[Program("x11vnc")],
        foreground: said!(Stays { leaves: &[Word("-bg")] }, &[X11VNC]),
        children: said!(Single, &[X11VNC]),
        home: said!("~/.vnc/passwd and ~/.x11vncrc", &[X11VNC]),
        notes: &[Said {
            what: "It exits when its first client leaves, unless `-forever` or `-loop` is given.",
            sources: &[X11VNC],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "vncserver",
        about: "starts an X server with VNC",
        by: &[Program("vncserver"), Program("tigervncserver")],
        foreground: said!(
            Leaves { stays: &[Word("-fg"), Flag("--fg")], write: "vncserver -fg", or: None },
            &[TIGERVNC]
        ),
        children: said!(Wrapper, &[TIGERVNC]),
        home: said!("~/.vnc", &[TIGERVNC]),
        ..App::UNKNOWN
    },
    App {
        name: "websockify",
        about: "carries VNC in WebSockets",
        by: &[Program("websockify")],
        foreground: said!(Stays { leaves: &[Flag("--daemon"), Letter('D', "v")] }, &[WEBSOCKIFY]),
        ..App::UNKNOWN
    },
    App {
        name: "pulseaudio",
        about: "sound server",
        by: &[Program("pulseaudio")],
        foreground: said!(Stays { leaves: &[Flag("--daemonize"), Letter('D', "nv"), Flag("--start")] }, &[PULSEAUDIO]),
        home: said!("~/.config/pulse", &[PULSEAUDIO]),
        ..App::UNKNOWN
    },
];
