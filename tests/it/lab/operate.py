"""The operator of Supervisor's side: starts a supervisord for each scenario, and does by supervisorctl what its steps say."""
import http.client
import io
import os
import resource
import socket
import subprocess
import sys
import threading
import time
import xmlrpc.client

from supervisor.options import ClientOptions
from supervisor.supervisorctl import Controller

# The environment of the root shell that starts it.
SHELL = dict(os.environ, HOME="/root", USER="root", LOGNAME="root", SHELL="/bin/bash", INHERITED="yes")
# Many interpreters that start together would make each of them late.
STARTS = threading.Semaphore(4)


def read(place, name):
    with open(os.path.join(place, name)) as file:
        return file.read()


def supervisord(place):
    subprocess.run(["bash", place + "/first"], check=True)
    shell = read(place, "inherits").split()
    limit = [int(number) for number in shell.pop(0).split(":")] if shell[:1] and shell[0][0].isdigit() else None
    program = os.path.join(os.path.dirname(sys.executable), "supervisord")
    arguments = ["-c", place + "/supervisord.conf", "-l", place + "/supervisord.log"]
    arguments += ["-j", "/run/" + os.path.basename(place) + ".pid"] + read(place, "arguments").split()
    if "childlogdir" not in read(place, "supervisord.conf"):
        arguments += ["-q", place + "/auto"]
    by = read(place, "started_by")
    become = ["setpriv", "--reuid", by, "--regid", by, "--init-groups"] if by else []
    with open(place + "/started", "ab") as said:
        os.chmod(place + "/started", 0o666)
        process = subprocess.Popen(
            become + [sys.executable, program] + arguments, cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            env=dict(SHELL, **dict(one.split("=", 1) for one in shell)),
            preexec_fn=lambda: limit and resource.setrlimit(resource.RLIMIT_NOFILE, limit))
    for _ in range(400):
        if os.path.exists(place + "/control.sock"):
            return True
        # One that daemonises ends with 0.
        if process.poll():
            break
        time.sleep(0.05)
    return False


class Operator:
    def __init__(self, place):
        self.place = place
        options = ClientOptions()
        options.realize(["-c", place + "/supervisord.conf"])
        # Nobody is there to be asked.
        options.interactive = False
        self.said = io.StringIO()
        self.control = Controller(options, stdout=self.said)

    def started(self):
        """A supervisord that daemonises starts its programs a second after it answers."""
        for _ in range(60):
            if any(one["statename"] != "STOPPED" for one in self.processes()):
                return
            time.sleep(0.05)

    def write(self, what, text):
        with open(os.path.join(self.place, what), "w") as file:
            file.write(text)

    def step(self, number, verb, what):
        begin = time.monotonic()
        if verb == "wait":
            time.sleep(float(what))
            return
        if verb == "see":
            run = subprocess.run(["bash", "-c", what], cwd=self.place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.write("see." + number, run.stdout.decode(errors="backslashreplace"))
            return
        if verb == "signal":
            name, signal = what.split()
            what = signal + " " + name
        self.control.onecmd((verb + " " + what).strip())
        self.write("took." + number, str(time.monotonic() - begin))
        # Whoever shuts everything down, or a group of systemd's, does not wait for it.
        if verb == "shutdown":
            return
        time.sleep(2 if what.endswith(("*", "all")) else 4 if verb == "signal" else 0.5)
        self.look(number)

    def look(self, number):
        """The states of all processes, and which of those that left their pid are alive."""
        found = {}
        key = lambda one: (one["group"], one["name"])
        # A process that ends and is started again is EXITED for a moment, or for a second.
        for _ in range(12):
            for one in self.processes():
                if key(one) not in found or found[key(one)]["statename"] == "EXITED":
                    found[key(one)] = one
            if all(one["statename"] != "EXITED" for one in found.values()):
                break
            time.sleep(0.12)
        found = found.values()
        log = read(self.place, "supervisord.log")
        for one in found:
            ends = [line for line in log.splitlines() if "exited: %(name)s (" % one in line]
            last = ends[-1] if ends else ""
            one["expected"] = "" if last.endswith("not expected)") else "expected"
            one["status"] = last.partition("exit status ")[2].partition(";")[0]
        lines = ["%(group)s:%(name)s\t%(statename)s\t%(status)s\t%(expected)s\n" % one for one in found]
        self.write("state." + number, "".join(lines))
        alive = [pid[:-4] for pid in sorted(os.listdir(self.place)) if pid.endswith(".pid") and lives(self.place, pid)]
        self.write("alive." + number, "".join(name + "\n" for name in alive))


    def processes(self):
        # The first question may come too early, or after a silence in which the connection was closed.
        for _ in range(3):
            try:
                return self.control.get_supervisor().getAllProcessInfo()
            except (OSError, http.client.HTTPException, xmlrpc.client.Fault):
                time.sleep(0.1)
        # It has been shut down.
        return []


def lives(place, name):
    try:
        pid = read(place, name).strip()
        return read("/proc/" + pid, "stat").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def scenario(name):
    place = "/lab/" + name
    with STARTS:
        up = supervisord(place)
    if up:
        operator = Operator(place)
        operator.started()
        for line in open(place + "/steps"):
            operator.step(*line.rstrip("\n").split("\t"))
        operator.look("end")
        operator.write("supervisorctl", operator.said.getvalue())


def syslog():
    """Takes what is sent to syslog, as a machine does; each scenario finds its own lines."""
    box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    box.bind("/dev/log")
    os.chmod("/dev/log", 0o666)
    while True:
        message = box.recv(65536)
        for name in names:
            if b"/lab/" + name.encode() + b"/" in message:
                with open("/lab/" + name + "/syslog.log", "ab") as file:
                    file.write(message.rstrip(b"\0\n") + b"\n")


names = open("/lab/scenarios").read().split()
threading.Thread(target=syslog, daemon=True).start()
# The first is a crowd, which would make the others late.
scenario(names[0])
threads = [threading.Thread(target=scenario, args=(name,)) for name in names[1:]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
open("/lab/over", "w").close()
