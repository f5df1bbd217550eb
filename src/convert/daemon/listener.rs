//! Event listeners: they speak a protocol with supervisord, which no other daemon speaks.

use super::Habits;
use crate::convert::{Ledger, announce};
use crate::keys::{eventlistener as e, process as p};
use crate::model::Group;
use crate::model::options::EventListenerOptions;

/// Says what is lost.
pub(super) fn say<'a>(
    group: &'a Group<'a>,
    options: &EventListenerOptions<'_>,
    habits: &Habits,
    ledger: &mut Ledger<'a>,
) {
    ledger.all_exact(group.section);
    // Without `..`: a new option does not compile until it is decided what becomes of it.
    let EventListenerOptions { events: _, buffer_size: _, result_handler: _ } = options;
    let message =
        format_args!("no program is written: {} sends no events, and a listener cannot run without them.", habits.name);
    ledger.lost(&announce::NOT_CONVERTIBLE, group.section, &e::EVENTS, message);
    let message = "the listener is not started.";
    ledger.lost(&announce::NOT_CONVERTIBLE, group.section, &p::COMMAND, message);
}
