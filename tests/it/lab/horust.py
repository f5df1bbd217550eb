"""The operator of Horust's side: starts a Horust for each scenario, and does what there is of the steps: Horust has no command."""
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time

HORUST = sys.argv[1]
# Of the root shell that starts it. What Horust says of its programs stands in its log only.
SHELL = dict(os.environ, HOME="/root", USER="root", LOGNAME="root", SHELL="/bin/bash", INHERITED="yes", HORUST_LOG="debug")
# Many that start together would make each of them late.
STARTS = threading.Semaphore(4)
STATES = {"Running": "RUNNING", "Started": "RUNNING", "InKilling": "STOPPING", "Finished": "EXITED", "FinishedFailed": "EXITED"}
EVENT = re.compile(r'(StatusChanged|PidChanged|ServiceExited)\(("(?:[^"\\]|\\.)*"), (?:Pid\()?(-?\w+)\)')


def read(place, name):
    with open(os.path.join(place, name), errors="replace") as file:
        return file.read()


def runs(pid):
    try:
        return read("/proc/%s" % pid, "stat").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Operator:
    def __init__(self, name):
        self.place = "/lab/" + name
        self.sockets = "/run/horust/" + name
        self.daemons = []
        # When Horust was told to end, what its programs were then, and when each of them was gone.
        self.told = None
        self.then = {}
        self.gone = {}
        lines = [line.split("\t") for line in read(self.place, "names").splitlines()]
        # By their files: as supervisorctl calls them, and as Horust writes their names.
        self.names = {path: (called, name) for path, called, name in lines}
        os.makedirs(self.sockets)

    def start(self, path):
        shell = read(self.place, "inherits").split()
        limit = [int(number) for number in shell.pop(0).split(":")] if shell[:1] and shell[0][0].isdigit() else None
        by = read(self.place, "started_by")
        become = ["setpriv", "--reuid", by, "--regid", by, "--init-groups"] if by else []
        if by:
            subprocess.run(["chown", by + ":" + by, self.sockets], check=True)
        with open(self.place + "/started", "ab") as said:
            os.chmod(self.place + "/started", 0o666)
            daemon = subprocess.Popen(
                become + [HORUST, "--services-path", path, "--uds-folder-path", self.sockets], cwd="/",
                stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                env=dict(SHELL, **dict(one.split("=", 1) for one in shell)),
                preexec_fn=lambda: limit and resource.setrlimit(resource.RLIMIT_NOFILE, limit))
        self.daemons.append(daemon)
        for _ in range(100):
            if "PidChanged" in read(self.place, "started") or daemon.poll() is not None:
                return
            time.sleep(0.1)

    def events(self):
        """Of each program: its last status, its last pid, its last code."""
        found = {}
        text = read(self.place, "started") if self.daemons else ""
        for event, name, value in EVENT.findall(text):
            found.setdefault(name, {})[event] = value
        return found

    def write(self, what, text):
        with open(os.path.join(self.place, what), "w") as file:
            file.write(text)

    def stop(self):
        """The only stop that there is: that of Horust."""
        if self.told:
            return
        self.then, self.told = self.events(), time.monotonic()
        for daemon in self.daemons:
            daemon.send_signal(signal.SIGTERM)
        threading.Thread(target=self.watch).start()

    def watch(self):
        while True:
            ended = all([daemon.poll() is not None for daemon in self.daemons])
            for name, seen in self.events().items():
                if name not in self.gone and not runs(seen.get("PidChanged", "none")):
                    self.gone[name] = time.monotonic() - self.told
            if ended:
                return
            time.sleep(0.05)

    def step(self, number, verb, what):
        if verb == "wait":
            time.sleep(float(what))
            return
        if verb == "see":
            run = subprocess.run(["bash", "-c", what], cwd=self.place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.write("see." + number, run.stdout.decode(errors="backslashreplace"))
            return
        if verb == "signal":
            path, which = what.split()
            os.kill(int(self.events()[self.names[path][1]]["PidChanged"]), getattr(signal, "SIG" + which))
            time.sleep(4)
        elif verb == "start":
            # What waits in manual/ is started by a Horust of its own.
            for path in [path for path in self.names if path.startswith("manual/") and self.is_meant(path, what)]:
                self.start(self.place + "/plan/" + path)
            time.sleep(2)
        else:
            self.stop()
            if verb == "shutdown":
                return
            meant = [name for path, (_, name) in self.names.items() if self.is_meant(path, what) and name in self.then]
            for _ in range(600):
                if all(name in self.gone for name in meant):
                    break
                time.sleep(0.05)
            self.write("took." + number, str(max([self.gone.get(name, 30) for name in meant], default=0)))
            time.sleep(2 if what == "all" or what.startswith("group ") else 0.5)
        self.look(number)

    def is_meant(self, path, what):
        group = what.removeprefix("group ") if what.startswith("group ") else None
        return what == "all" or path == what or self.names[path][0].split(":")[0] == group

    def look(self, number):
        """The states of all programs, and which of those that left their pid are alive."""
        events = self.events()
        # Of a crowd Horust sees only some ends at a time.
        for _ in range(50):
            late = [one for one in events.values() if one.get("StatusChanged") in ("Started", "Running", "Success")
                    and not runs(one.get("PidChanged", "none"))]
            if self.told or not late:
                break
            time.sleep(0.1)
            events = self.events()
        lines = []
        for called, name in self.names.values():
            seen = events.get(name, {})
            status = self.then.get(name, {} if self.told else seen).get("StatusChanged", "none")
            state = STATES.get(status, "BACKOFF" if name in events else "STOPPED")
            # Whoever has been told to stop has stopped.
            if self.told and state != "EXITED":
                state = "STOPPING" if runs(seen.get("PidChanged", "none")) else "STOPPED"
            expected = "" if status == "FinishedFailed" else "expected"
            lines.append("%s\t%s\t%s\t%s\n" % (called, state, seen.get("ServiceExited", "0"), expected))
        self.write("state." + number, "".join(lines))
        alive = [one[:-4] for one in sorted(os.listdir(self.place)) if one.endswith(".pid") and runs(read(self.place, one).strip())]
        self.write("alive." + number, "".join(name + "\n" for name in alive))


def scenario(name):
    place = "/lab/" + name
    subprocess.run(["bash", place + "/first"], check=True)
    operator = Operator(name)
    if any(not path.startswith("manual/") for path in operator.names):
        with STARTS:
            operator.start(place + "/plan")
            time.sleep(0.3)
    for line in open(place + "/steps"):
        operator.step(*line.rstrip("\n").split("\t"))
    operator.look("end")


names = open("/lab/scenarios").read().split()
# The first is a crowd, which would make the others late.
scenario(names[0])
threads = [threading.Thread(target=scenario, args=(name,)) for name in names[1:]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
open("/lab/over", "w").close()
