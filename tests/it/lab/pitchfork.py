"""The operator of pitchfork's side: starts a pitchfork for each scenario, and does by its own command what the steps say."""
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time

from side import SHELL, STARTS, daemon, read, scenarios
import side

PITCHFORK = sys.argv[1]


class Operator(side.Operator):
    def __init__(self, name):
        super().__init__(name)
        self.state = "/run/pitchfork/" + name
        self.folder = self.place + "/plan"
        self.env = dict(SHELL, PITCHFORK_STATE_DIR=self.state, PITCHFORK_CONFIG_DIR=self.state + "/config")
        # As pitchfork calls it, as supervisorctl does.
        lines = [line.split("\t") for line in read(self.place, "names").splitlines()]
        self.names = {name: called for name, called, _, _ in lines}
        self.booted = {name for name, _, boots, _ in lines if boots == "true"}
        self.retried = {name for name, _, _, retries in lines if retries == "true"}
        os.makedirs(self.state + "/config")

    def start(self):
        words = [PITCHFORK, "supervisor", "run", "--boot"]
        self.process = daemon(self.place, words, cwd=self.folder, env=self.env, owns=self.state)
        self.daemons.append(self.process)
        # Whoever asks a pitchfork that does not answer yet starts another.
        for _ in range(400):
            if os.path.exists(self.state + "/sock/main.sock"):
                break
            time.sleep(0.05)
        for _ in range(200):
            if not any(one["name"] in self.booted and one["status"] == "available" for one in self.listed()):
                return
            time.sleep(0.1)

    def call(self, *words, seconds=30):
        try:
            run = subprocess.run([PITCHFORK, *words], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds)
            said = run.stdout.decode(errors="backslashreplace")
        except subprocess.TimeoutExpired:
            said = "timeout\n"
        with open(self.place + "/operator", "a") as file:
            file.write("%s\n%s" % (" ".join(words), said))
        return said

    def listed(self):
        run = subprocess.run([PITCHFORK, "list", "--json"], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return json.loads(run.stdout) if run.returncode == 0 and run.stdout.strip() else []

    def act(self, number, verb, what):
        begin = time.monotonic()
        if verb == "signal":
            self.signal(*what.split())
        elif verb == "shutdown":
            self.process.send_signal(signal.SIGTERM)
        elif what == "all":
            self.call(verb, "--all")
        elif what.startswith("group "):
            self.call(verb, "--group", what.split()[1])
        else:
            self.call(verb, *what.split())
        self.write("took." + number, str(time.monotonic() - begin))
        if verb == "shutdown":
            return
        time.sleep(2 if what == "all" or what.startswith("group ") else 4 if verb == "signal" else 0.5)
        self.look(number)

    def signal(self, name, which):
        """pitchfork has no command for it: the program itself is signalled, by its number."""
        pids = [str(one["pid"]) for one in self.listed() if one["name"] == name and one["pid"]]
        for pid in pids:
            below = subprocess.run(["pgrep", "-P", pid], stdout=subprocess.PIPE).stdout.decode().split()
            leads = " ".join(read("/proc/" + pid, "cmdline").split("\0")).startswith("/bin/sh -c")
            os.kill(int(below[0] if leads and below else pid), getattr(signal, "SIG" + which))

    def look(self, number):
        """The states of all programs, and which of those that left their pid are alive."""
        found = {}
        # A program that ends and is started again is down for a second.
        for _ in range(12):
            for one in self.listed():
                if one["name"] not in found or found[one["name"]]["status"] != "running":
                    found[one["name"]] = one
            if found and all(one["status"] == "running" for one in found.values()):
                break
            time.sleep(0.12)
        lines = []
        for name, called in self.names.items():
            one = found.get(name, {"status": "available", "error": None})
            status, said = one["status"], "%s %s" % (one["status"], one["error"])
            code = (re.findall(r"-?\d+", said) or ["0"])[-1]
            words = {"running": "RUNNING", "waiting": "STARTING", "stopping": "STOPPING", "stopped": "STOPPED"}
            state = next((word for known, word in words.items() if status.startswith(known)), "EXITED")
            if status == "available":
                state = "STOPPED"
            elif state == "EXITED" and name in self.retried and self.process.poll() is None:
                state = "BACKOFF"
            lines.append("%s\t%s\t%s\t%s\n" % (called, state, code, "expected" if state == "STOPPED" else ""))
        self.write("state." + number, "".join(lines))
        self.alive(number)

    def logs(self):
        """What went to pitchfork's own log."""
        try:
            log = sqlite3.connect("file:%s/logs/logs.db?mode=ro" % self.state, uri=True)
            lines = [message for (message,) in log.execute("SELECT message FROM log_entries ORDER BY id")]
        except sqlite3.OperationalError:
            lines = []
        self.write("pitchforks-own.log", "".join(line + "\n" for line in lines))


def scenario(name):
    place = "/lab/" + name
    subprocess.run(["bash", place + "/first"], check=True)
    if not os.path.exists(place + "/plan/pitchfork.toml"):
        operator = None
    else:
        operator = Operator(name)
        with STARTS:
            operator.start()
            time.sleep(0.3)
    if operator:
        operator.steps()
        operator.logs()
    return operator


scenarios(scenario)
