"""The judge: what the real Supervisor 4.3.0 makes of a configuration file, as the JSON of `supconv show`.

A long-lived worker. One JSON request a line on standard input, one JSON answer a line on standard output.

    {"path": "/abs/x.conf", "env": {"A": "1"}, "node": "host", "cwd": "/", "raw": false, "fragment": "auto"}
        -> the supconv.show/1 document (raw: supconv.show-raw/1); "fragment" is auto, main or fragment
    {"op": "warm"}
        -> {"ok": true, "python": "3.11.7", "supervisor": "4.3.0"}
    {"op": "split" | "pairs" | "percent" | "integer" | "size" | "octal" | "glob", "args": [[...], ...]}
        -> {"results": [{"ok": value} | {"error": "message"}, ...]}, one for each list of arguments
    anything that is the judge's own failure
        -> {"judge_error": "..."}

Usage: judge.py [DIR]   DIR is put in front of sys.path (where `pip install --target DIR` left Supervisor).

The file goes through Supervisor's own `ServerOptions.realize(['-c', path])`; nothing of it is written anew here. Only the world
around it is closed, always: the environment, the host's name, the working directory and the temporary directory are those of the
request, and the host's questions (does this account, this directory, this importable object exist) are answered with yes.
Nothing is imported, created or written. Where Supervisor throws away a text that `show` prints (accounts, object references, the
name of a level), a thin wrapper around the converter remembers it.

Fragments. A file that, its includes read, has no [supervisord] is read as a main file in the fragment's own directory,

    [supervisord]
    [include]
    files = <the fragment>

made in memory, with these consequences, each Supervisor's own: [supervisord] is the first section and empty, [DEFAULT] reaches it
as it reaches everything; the fragment has been included, so `%(here)s` is replaced as text in all of it (so `%%(here)s` is wrong
there) by the fragment's directory; messages name the fragment as the file. Three things are supconv's and not Supervisor's: the
fragment's own [include] is read, in the place of the one above (without that it could not be told that the file is a fragment), a
member of a [group] that the file lacks is left out, and an option that a section needs and lacks is one that the main file supplies:
the answer has it as unknown, with no text. `includes` names what the fragment includes, not the fragment.
"""

import sys

if len(sys.argv) > 1:
    sys.path.insert(0, sys.argv[1])

import gc
import glob
import importlib
import importlib.metadata
import json
import os
import platform
import posixpath
import pwd
import grp
import re
import resource
import shlex
import signal
import tempfile
import traceback
import types

if not hasattr(signal, 'SIGSTKFLT'):
    # Python 3.10 does not name signal 16; it is judged as 3.11 and 3.12 have it.
    signal.SIGSTKFLT = 16

from supervisor import datatypes, events, options


class Usage(BaseException):
    """Supervisor prints `Error: ...` and exits with 2."""


class Settled(BaseException):
    """--raw: the files are read, the rest does not matter."""


class Again(BaseException):
    """The file turned out to be a fragment too late: read it once more with [supervisord] in front."""


class Bound(BaseException):
    """More processes than are read; the message is supconv's own and is not compared."""


class Overdue(BaseException):
    """The judge's own limit."""


# Seconds for an answer: Supervisor takes 30 for ten thousand processes whose values all expand.
PATIENCE = 200


# The request at hand, and what its parser was.
class now:
    env, node, cwd, raw, mode = {}, '', '/', False, 'auto'
    parser = None
    again = False       # second reading of a fragment that has an [include]
    fragment = False
    given = False       # its [supervisord] is ours
    group = False       # the next ProcessGroupConfig is one of a [group:x]
    level = None
    supplied = set()    # what the main file of a fragment has: section and option


# --- The closed world -------------------------------------------------------------------------------------------------

# `~name` and `~` without HOME are the host's knowledge, which no answer of yes supplies: such a path carries this mark and is printed
# as unknown. A private-use character keeps it apart from any real path.
UNKNOWN_HOME = '/\U0010fffdunknown-home'


class Account(tuple):
    pw_dir = UNKNOWN_HOME


ACCOUNT = Account(('x', 'x', 0, 0, '', UNKNOWN_HOME, ''))


def closed(ask):
    """Yes to whatever the real function can be asked: that it takes no name with a NUL is no answer of the host."""

    def answer(key):
        try:
            ask(key)
        except KeyError:
            pass
        return ACCOUNT

    return answer


pwd.getpwnam, pwd.getpwuid = closed(pwd.getpwnam), closed(pwd.getpwuid)
grp.getgrnam, grp.getgrgid = closed(grp.getgrnam), closed(grp.getgrgid)

os.getcwd = lambda: now.cwd
platform.node = lambda: now.node
os.environ = {}

if posixpath.normpath('/a\0b') != '/a\0b':
    # Python 3.11.0 to 3.11.4 cut a path at NUL (CVE-2023-41105); 3.10, 3.12 and later 3.11 do not.
    def normpath(path):
        """posixpath.normpath, as CPython has it in Python."""
        if not path:
            return '.'
        slashes = 2 if path.startswith('//') and not path.startswith('///') else int(path.startswith('/'))
        parts = []
        for part in path.split('/'):
            if part in ('', '.'):
                continue
            if part != '..' or (not slashes and not parts) or (parts and parts[-1] == '..'):
                parts.append(part)
            elif parts:
                parts.pop()
        return '/' * slashes + '/'.join(parts) or '.'

    posixpath.normpath = normpath


def gettempdir():
    """tempfile's first candidate: that it can be written is one of the host's questions."""
    for name in ('TMPDIR', 'TEMP', 'TMP'):
        value = now.env.get(name)
        if value:
            return value if value == os.curdir else os.path.abspath(value)
    return '/tmp'


tempfile.gettempdir = gettempdir

# The converters ask whether a directory exists, and so does glob, which must get the truth: so only the converters' `os` is exchanged.
datatypes.os = types.SimpleNamespace(
    sep=os.sep,
    path=types.SimpleNamespace(
        expanduser=os.path.expanduser, dirname=os.path.dirname, isdir=lambda path: '\0' not in path
    ),
)


class Imported:
    """What an object reference that parses resolves to."""

    def __getattr__(self, name):
        return self


def import_module(name, package=None):
    if name.startswith('.'):
        return importlib.import_module(name, package)  # refuses before it looks for anything
    return Imported()


importlib.metadata.import_module = import_module


# --- Texts that Supervisor throws away ---------------------------------------------------------------------------------

class Uid(int):
    text = None


class UserGroup(tuple):
    text = None


class Reference:
    def __init__(self, text):
        self.text = text


def name_to_uid(text):
    uid = Uid(datatypes.name_to_uid(text))
    uid.text = text
    return uid


def colon_separated_user_group(text):
    pair = UserGroup(datatypes.colon_separated_user_group(text))
    pair.text = text
    return pair


def logging_level(text):
    level = datatypes.logging_level(text)
    now.level = str(text).lower()
    return level


def list_of_strings(text):
    names = datatypes.list_of_strings(text)
    if now.group and now.fragment:
        # In a fragment the members that stand elsewhere are left out.
        known = now.parser.sections()
        names = [n for n in names if 'program:' + n in known or 'fcgi-program:' + n in known]
    return names


def bounded_range(start, stop):
    """The numbers of a section's processes, up to the bound that the issue states. What is wrong before it is still met first."""
    for number in range(start, min(stop, start + PROCESSES)):
        yield number
    if stop - start > PROCESSES:
        raise Bound('more than %d processes' % PROCESSES)


PROCESSES = 20_000


class Group(options.ProcessGroupConfig):
    kind = 'program'

    def __init__(self, *args):
        GROUP_INIT(self, *args)  # also called for an fcgi group, which is no Group
        if now.group:
            self.kind = 'group'
            now.group = False


GROUP_INIT = options.ProcessGroupConfig.__init__


class Parser(options.UnhosedConfigParser):
    """Supervisor's parser, which also says what it was asked last and finds out about fragments."""

    def __init__(self):
        super().__init__()
        now.parser = self
        self.expanding = False
        self.settled = False
        if now.again:
            self.add_section('supervisord')

    def expand_here(self, here):
        self.expanding = True
        super().expand_here(here)
        self.expanding = False

    def sections(self):
        # Apart from expand_here, the first to ask is read_config, once all files are read.
        if not (self.settled or self.expanding):
            self.settled = True
            self.settle()
            if now.raw:
                raise Settled
        return super().sections()

    def has_option(self, section, option):
        # read_config asks before all files are read; a main file has them, for it includes this one.
        fragment = now.again or now.mode == 'fragment' or (now.mode == 'auto' and 'supervisord' not in self._sections)
        if (section, option) == ('include', 'files') and fragment and not super().has_option(section, option):
            self.supply(section, option, '')
        return super().has_option(section, option)

    def supply(self, section, option, value):
        if option not in self._sections[section] and option not in self._defaults:
            self._sections[section][option] = value
            now.supplied.add((section, option))

    def supply_all(self):
        """What the main file of a fragment may have: each option that a section needs and lacks."""
        for section, pairs in self._sections.items():
            for prefix, option, value in NEEDED:
                if section.startswith(prefix):
                    self.supply(section, option, value)
            credentials = [o for o in ('username', 'password') if o in pairs or o in self._defaults]
            if len(credentials) == 1 and section.startswith(('inet_http_server', 'unix_http_server')):
                for option in ('username', 'password'):
                    self.supply(section, option, 'x')

    def settle(self):
        if now.again:
            now.fragment = now.given = True
            self.supply_all()
            return
        missing = 'supervisord' not in self._sections
        now.fragment = now.mode == 'fragment' or (now.mode == 'auto' and missing)
        if not now.fragment:
            return
        include = 'include' in self._sections
        if missing and include:
            raise Again
        if missing:
            self.add_section('supervisord')
            now.given = True
        self.supply_all()
        if not include:
            self.expand_here(now.here)

    def saneget(self, section, option, *args, **kwargs):
        if option == 'programs' and section.startswith('group:'):
            now.group = True
        if option != 'password':
            return super().saneget(section, option, *args, **kwargs)
        try:
            return super().saneget(section, option, *args, **kwargs)
        except ValueError as error:
            text = 'Format string %r for' % self.get(section, option)
            raise ValueError(str(error).replace(text, "Format string '***' for", 1))


NEEDED = [
    ('program:', 'command', '/x'),
    ('eventlistener:', 'command', '/x'),
    ('fcgi-program:', 'command', '/x'),
    ('eventlistener:', 'events', 'EVENT'),
    # A unix socket is the one that may have an owner.
    ('fcgi-program:', 'socket', 'unix:///x'),
    ('inet_http_server', 'port', '1'),
    ('unix_http_server', 'file', '/x'),
    ('rpcinterface:', 'supervisor.rpcinterface_factory', 'x:x'),
]


class Options(options.ServerOptions):
    def usage(self, msg):
        raise Usage(str(msg))

    def import_spec(self, spec):
        super().import_spec(spec)
        return Reference(spec)

    def _processes_from_section(self, parser, section, *args, **kwargs):
        programs = super()._processes_from_section(parser, section, *args, **kwargs)
        for program in programs:
            program.section = section
        return programs


options.UnhosedConfigParser = Parser
options.ProcessGroupConfig = Group
options.name_to_uid = name_to_uid
options.colon_separated_user_group = colon_separated_user_group
options.logging_level = logging_level
options.list_of_strings = list_of_strings
options.range = bounded_range
# Of several unknown events Supervisor names one at random, since it walks a set: here it walks them in order.
options.set = lambda names: sorted(frozenset(names))


# --- What Supervisor made of it, as JSON -------------------------------------------------------------------------------

EVENT_NAMES = {kind: name for name, kind in vars(events.EventTypes).items() if not name.startswith('_')}
RESTART = {
    datatypes.RestartUnconditionally: True,
    datatypes.RestartWhenExitUnexpected: 'unexpected',
    False: False,
}
SIGNAL_NAMES = {int(s): s.name[3:] for s in signal.Signals}
SIGNAL_NAMES[16] = 'STKFLT'


def octal(number):
    if number is None:
        return None
    return ('-' if number < 0 else '') + '%03o' % abs(number)


def path(text, section, option):
    """A path; unknown, and then as written, where it hangs on the host's home directories."""
    if text is not None and UNKNOWN_HOME in text:
        now.unknown.add((section, option))
        return {'unknown': now.parser.get(section, option)}
    return text


def known(value, section, option):
    """A value, unless it is the main file's."""
    if (section, option) in now.supplied:
        now.unknown.add((section, option))
        return {'unknown': ''}
    return value


def logfile(value, section, option):
    return 'AUTO' if value is datatypes.Automatic else path(value, section, option)


def program(p):
    answer = {
        'section': p.section,
        'name': p.name,
        'command': known(p.command, p.section, 'command'),
        'argv': None,
        'directory': p.directory,
        'umask': octal(p.umask),
        'user': None if p.uid is None else p.uid.text,
        'priority': p.priority,
        'autostart': p.autostart,
        'autorestart': RESTART[p.autorestart],
        'startsecs': p.startsecs,
        'startretries': p.startretries,
        'stopsignal': SIGNAL_NAMES.get(int(p.stopsignal), int(p.stopsignal)),
        'stopwaitsecs': p.stopwaitsecs,
        'stopasgroup': p.stopasgroup,
        'killasgroup': p.killasgroup,
        'exitcodes': p.exitcodes,
        'redirect_stderr': p.redirect_stderr,
        'environment': p.environment,
        'serverurl': p.serverurl,
    }
    try:
        if (p.section, 'command') not in now.supplied:
            answer['argv'] = shlex.split(p.command)
    except ValueError:
        pass
    for stream in ('stdout', 'stderr'):
        key = stream + '_logfile'
        answer[key] = logfile(getattr(p, key), p.section, key)
        for rest in ('_logfile_maxbytes', '_logfile_backups', '_capture_maxbytes', '_events_enabled', '_syslog'):
            answer[stream + rest] = getattr(p, stream + rest)
    return answer


def socket(s, section):
    unix = isinstance(s, options.UnixStreamSocketConfig)
    # Whether it has a mode that nobody wrote depends on the socket.
    moded = (section, 'socket') not in now.supplied or now.parser.has_option(section, 'socket_mode')
    return {
        'url': known(s.url, section, 'socket'),
        # An owner that Supervisor derives from `user` is no text of the file.
        'owner': getattr(s.owner, 'text', None) if unix else None,
        'mode': octal(s.mode) if unix and moded else None,
        'backlog': s.backlog,
    }


def group(g):
    answer = {'kind': None, 'name': g.name, 'priority': g.priority, 'programs': [program(p) for p in g.process_configs]}
    if isinstance(g, options.EventListenerPoolConfig):
        answer['kind'] = 'eventlistener'
        names = sorted({EVENT_NAMES[e] for e in g.pool_events})
        answer['events'] = known(names, 'eventlistener:' + g.name, 'events')
        answer['buffer_size'] = g.buffer_size
        answer['result_handler'] = g.result_handler.text
    elif isinstance(g, options.FastCGIGroupConfig):
        answer['kind'] = 'fcgi-program'
        named = [s for s in now.parser.sections() if s.startswith('fcgi-program:') and s[13:].strip() == g.name]
        answer['socket'] = socket(g.socket_config, g.process_configs[0].section if g.process_configs else named[0])
    else:
        answer['kind'] = g.kind
    return answer


def server(s):
    answer = {'kind': 'inet', 'section': s['section']}
    answer['username'] = known(s['username'], s['section'], 'username')
    if 'file' in s:
        answer['kind'] = 'unix'
        answer['file'] = known(path(s['file'], s['section'], 'file'), s['section'], 'file')
        answer['chmod'] = octal(s['chmod'])
        answer['chown'] = getattr(s['chown'], 'text', None)
    else:
        answer['host'] = known(s['host'], s['section'], 'port')
        answer['port'] = known(s['port'], s['section'], 'port')
    return answer


def supervisord(o):
    section = o.configroot.supervisord
    return {
        'logfile': path(o.logfile, 'supervisord', 'logfile'),
        'logfile_maxbytes': section.logfile_maxbytes,
        'logfile_backups': section.logfile_backups,
        'loglevel': now.level,
        'pidfile': path(o.pidfile, 'supervisord', 'pidfile'),
        'umask': octal(section.umask),
        'nodaemon': section.nodaemon,
        'silent': section.silent,
        'minfds': section.minfds,
        'minprocs': section.minprocs,
        'nocleanup': section.nocleanup,
        'childlogdir': path(section.childlogdir, 'supervisord', 'childlogdir'),
        'user': section.user,
        'directory': path(section.directory, 'supervisord', 'directory'),
        'strip_ansi': section.strip_ansi,
        'environment': section.environment,
        'identifier': section.identifier,
    }


DEVICE = re.compile(r'/proc/|/dev/(?!shm/)|/docker\.std(out|err)\Z')


def log_bytes(o):
    """What the logs may fill: of a file that several write, the largest answer."""
    files, most, endless, unknown = {}, 0, 0, 0
    section = o.configroot.supervisord
    logs = [] if now.fragment else [(o.logfile, section.logfile_maxbytes, section.logfile_backups, True)]
    if logs and o.logfile == 'syslog':
        logs = []
    for p in (p for g in o.process_group_configs for p in g.process_configs):
        logs.append((p.stdout_logfile, p.stdout_logfile_maxbytes, p.stdout_logfile_backups, False))
        logs.append((p.stderr_logfile, p.stderr_logfile_maxbytes, p.stderr_logfile_backups, False))
    for number, (name, size, backups, own) in enumerate(logs):
        if not name or (size < 0 and not own):
            continue
        if name is datatypes.Automatic:
            key = number
        elif UNKNOWN_HOME in name:
            unknown += 1
            continue
        elif DEVICE.match(name):
            continue
        else:
            key = os.path.normpath(name)
        room = float('inf') if size <= 0 else size * (max(backups, 0) + 1)
        files[key] = max(files.get(key, 0), room)
    for room in files.values():
        if room == float('inf'):
            endless += 1
        else:
            most += room
    return {'most': most, 'unbounded': endless, 'unknown': unknown}


def masked(pairs):
    return {k: '***' if k == 'password' else v for k, v in pairs}


INCLUDED = re.compile(r'Included extra file "(.*)" during parsing\Z', re.S)


def effective(o):
    now.unknown = set()
    answer = {
        'ok': True,
        'fragment': now.fragment,
        'supervisord': None if now.fragment else supervisord(o),
        'groups': [group(g) for g in o.process_group_configs],
        'servers': [server(s) for s in o.server_configs],
        'rpcinterfaces': [
            {
                'name': name,
                'factory': known(factory.text, 'rpcinterface:' + name, 'supervisor.rpcinterface_factory'),
                'options': masked(extras.items()),
            }
            for name, factory, extras in o.rpcinterface_factories
        ],
        'includes': [INCLUDED.match(info).group(1) for info in o.parse_infos],
        'warnings': o.parse_warnings,
        'log_bytes': log_bytes(o),
    }
    return dict(answer, unknown=sorted(now.unknown))


def as_read():
    p = now.parser
    # The [supervisord] that a fragment is given is not the file's.
    return {
        'ok': True,
        'sections': {
            name: masked((option, value) for option, value in pairs.items() if (name, option) not in now.supplied)
            for name, pairs in p._sections.items()
            if not (now.given and name == 'supervisord')
        },
        'defaults': masked(p._defaults.items()),
        'files': p.section_to_file,
    }


def load(request):
    name = request['path']
    if not name.startswith('/'):
        raise ValueError('the path must be absolute')
    now.env = os.environ = dict(request.get('env') or {})
    now.node = request.get('node', 'localhost')
    now.cwd = request.get('cwd', '/')
    now.raw = bool(request.get('raw'))
    now.mode = request.get('fragment', 'auto')
    now.here = os.path.abspath(os.path.dirname(name))
    now.again = now.fragment = now.given = False
    answer = {'schema': 'supconv.show-raw/1' if now.raw else 'supconv.show/1', 'path': name}
    while True:
        now.parser = now.level = None
        now.group = False
        now.supplied = set()
        try:
            o = Options()
            o.realize(['-c', name], doc='', progname='supervisord')
        except Again:
            now.again = True
            continue
        except Settled:
            answer.update(as_read())
        except Usage as error:
            # Nothing was parsed: the file could not be opened.
            kind = 'usage' if now.parser is not None else 'unreadable'
            answer.update(ok=False, kind=kind, error=dialect(str(error)))
        except Bound as error:
            answer.update(ok=False, kind='bound', error=str(error))
        except Exception as error:
            if traceback.extract_tb(error.__traceback__)[-1].filename == __file__:
                raise
            text = ''.join(traceback.format_exception_only(type(error), error))
            answer.update(ok=False, kind='crash', error=dialect(text.rstrip('\n').split('\n')[-1]))
        else:
            answer.update(effective(o))
        return answer


if sys.version_info < (3, 11):
    def dialect(text):
        """Python 3.10 leaves out one word, which 3.11 and 3.12 have."""
        return text.replace('Exceeds the limit (4300) for', 'Exceeds the limit (4300 digits) for')
else:
    def dialect(text):
        return text


# --- Single functions, for direct comparison -----------------------------------------------------------------------------

OPERATIONS = {
    'split': shlex.split,
    'pairs': datatypes.dict_of_key_value_pairs,
    'percent': lambda text, names: text % names,
    'integer': datatypes.integer,
    'size': datatypes.byte_size,
    'octal': datatypes.octal_type,
    'glob': lambda pattern: sorted(glob.glob(pattern)),
}


def direct(operation, args):
    try:
        return {'ok': operation(*args)}
    except Exception as error:
        return {'error': dialect(str(error))}


# --- The worker ----------------------------------------------------------------------------------------------------------

def answer(line):
    request = json.loads(line)
    op = request.get('op')
    if op == 'warm':
        return {'ok': True, 'python': platform.python_version(), 'supervisor': options.VERSION}
    if op:
        return {'results': [direct(OPERATIONS[op], args) for args in request['args']]}
    return load(request)


def write(document):
    """One line of JSON. Every digit of an integer is printed, and what is not Unicode as U+FFFD."""
    limit = getattr(sys, 'set_int_max_str_digits', None)
    if limit:
        before = sys.get_int_max_str_digits()
        limit(0)
    try:
        text = json.dumps(document, ensure_ascii=False, separators=(',', ':'))
    finally:
        # Only now: the limit is part of what Supervisor says about a number that is too long.
        if limit:
            limit(before)
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass
    try:
        # Bytes of a file name: one U+FFFD for each ill-formed part, as Rust has it.
        return text.encode('utf-8', 'surrogateescape').decode('utf-8', 'replace').encode()
    except UnicodeEncodeError:
        return re.sub('[\ud800-\udfff]', '\ufffd', text).encode()


def overdue(*_):
    raise Overdue('no answer within %d seconds' % PATIENCE)


def main():
    # Nothing but answers may reach standard output.
    out = os.fdopen(os.dup(1), 'wb')
    os.dup2(2, 1)
    # A width of a thousand million is refused by memory, as on a small machine, before it hurts this one.
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    signal.signal(signal.SIGALRM, overdue)
    gc.collect()
    gc.freeze()
    for line in sys.stdin.buffer:
        try:
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
            text = write(answer(line))
        except BaseException as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            text = write({'judge_error': '%s: %s (%s:%s)' % (type(error).__name__, error, place.filename, place.lineno)})
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        out.write(text + b'\n')
        out.flush()


if __name__ == '__main__':
    main()
