"""The operator of Supervisor's side: starts a supervisord for each scenario, and does by supervisorctl what its steps say."""
import http.client
import io
import os
import socket
import subprocess
import sys
import threading
import time
import xmlrpc.client

from side import STARTS, daemon, read, scenarios
import side
from supervisor.options import ClientOptions
from supervisor.supervisorctl import Controller


def supervisord(place):
    subprocess.run(["bash", place + "/first"], check=True)
    program = os.path.join(os.path.dirname(sys.executable), "supervisord")
    arguments = ["-c", place + "/supervisord.conf", "-l", place + "/supervisord.log"]
    arguments += ["-j", "/run/" + os.path.basename(place) + ".pid"] + read(place, "arguments").split()
    if "childlogdir" not in read(place, "supervisord.conf"):
        arguments += ["-q", place + "/auto"]
    process = daemon(place, [sys.executable, program] + arguments, cwd=read(place, "started_in") or "/")
    for _ in range(400):
        if os.path.exists(place + "/control.sock"):
            return True
        # One that daemonises ends with 0.
        if process.poll():
            break
        time.sleep(0.05)
    return False


class Operator(side.Operator):
    def __init__(self, name):
        super().__init__(name)
        options = ClientOptions()
        options.realize(["-c", self.place + "/supervisord.conf"])
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

    def act(self, number, verb, what):
        begin = time.monotonic()
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
        self.alive(number)

    def processes(self):
        # The first question may come too early, or after a silence in which the connection was closed.
        for _ in range(3):
            try:
                return self.control.get_supervisor().getAllProcessInfo()
            except (OSError, http.client.HTTPException, xmlrpc.client.Fault):
                time.sleep(0.1)
        # It has been shut down.
        return []


def scenario(name):
    place = "/lab/" + name
    with STARTS:
        up = supervisord(place)
    if up:
        operator = Operator(name)
        operator.started()
        operator.steps()
        operator.write("supervisorctl", operator.said.getvalue())
        return operator
    return None


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


names = read("/lab", "scenarios").split()
threading.Thread(target=syslog, daemon=True).start()
scenarios(scenario)
