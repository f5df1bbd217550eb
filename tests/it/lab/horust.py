"""The operator of Horust's side: starts a Horust for each scenario, and does what there is of the steps: Horust has no command."""
import os
import re
import signal
import subprocess
import sys
import threading
import time

from side import SHELL, STARTS, daemon, read, runs, scenarios
import side

HORUST = sys.argv[1]
STATES = {"Running": "RUNNING", "Started": "RUNNING", "InKilling": "STOPPING", "Finished": "EXITED", "FinishedFailed": "EXITED"}
EVENT = re.compile(r'(StatusChanged|PidChanged|ServiceExited)\(("(?:[^"\\]|\\.)*"), (?:Pid\()?(-?\w+)\)')


class Operator(side.Operator):
    def __init__(self, name):
        super().__init__(name)
        self.sockets = "/run/horust/" + name
        self.reading, self.read_to, self.found = threading.Lock(), 0, {}
        # When Horust was told to end, what its programs were then, and when each of them was gone.
        self.told = None
        self.then = {}
        self.gone = {}
        lines = [line.split("\t") for line in read(self.place, "names").splitlines()]
        # By their files: as supervisorctl calls them, and as Horust writes their names.
        self.names = {path: (called, name) for path, called, name in lines}
        os.makedirs(self.sockets)

    def start(self, path):
        words = [HORUST, "--services-path", path, "--uds-folder-path", self.sockets]
        # What Horust says of its programs stands in its log only.
        process = daemon(self.place, words, env=dict(SHELL, HORUST_LOG="debug"), owns=self.sockets)
        self.daemons.append(process)
        for _ in range(100):
            if "PidChanged" in read(self.place, "started") or process.poll() is not None:
                return
            time.sleep(0.1)

    def events(self):
        """Of each program: its last status, its last pid, its last code."""
        with self.reading:
            # The log is long, and is asked for often: what has been read is kept.
            if self.daemons:
                with open(self.place + "/started", "rb") as log:
                    log.seek(self.read_to)
                    whole, line_end, _ = log.read().rpartition(b"\n")
                self.read_to += len(whole + line_end)
                for event, name, value in EVENT.findall(whole.decode(errors="replace")):
                    self.found.setdefault(name, {})[event] = value
            return {name: dict(seen) for name, seen in self.found.items()}

    def stop(self):
        """The only stop that there is: that of Horust."""
        if self.told:
            return
        self.then, self.told = self.events(), time.monotonic()
        for process in self.daemons:
            process.send_signal(signal.SIGTERM)
        threading.Thread(target=self.watch).start()

    def watch(self):
        while True:
            ended = all([process.poll() is not None for process in self.daemons])
            for name, seen in self.events().items():
                if name not in self.gone and not runs(seen.get("PidChanged", "none")):
                    self.gone[name] = time.monotonic() - self.told
            if ended:
                return
            time.sleep(0.05)

    def act(self, number, verb, what):
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
        self.alive(number)


def scenario(name):
    place = "/lab/" + name
    subprocess.run(["bash", place + "/first"], check=True)
    operator = Operator(name)
    if any(not path.startswith("manual/") for path in operator.names):
        with STARTS:
            operator.start(place + "/plan")
            time.sleep(0.3)
    operator.steps()
    return operator


scenarios(scenario)
