"""The operator of pitchfork's side: starts a pitchfork for each scenario, and does by its own command what the steps say."""
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time

PITCHFORK = sys.argv[1]
# The environment of the root shell that starts it.
SHELL = dict(os.environ, HOME="/root", USER="root", LOGNAME="root", SHELL="/bin/bash", INHERITED="yes")
# Many that start together would make each of them late.
STARTS = threading.Semaphore(4)


def read(place, name):
    with open(os.path.join(place, name)) as file:
        return file.read()


class Operator:
    def __init__(self, name):
        self.place = "/lab/" + name
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
        shell = read(self.place, "inherits").split()
        limit = [int(number) for number in shell.pop(0).split(":")] if shell[:1] and shell[0][0].isdigit() else None
        by = read(self.place, "started_by")
        become = ["setpriv", "--reuid", by, "--regid", by, "--init-groups"] if by else []
        if by:
            subprocess.run(["chown", "-R", by + ":" + by, self.state], check=True)
        with open(self.place + "/started", "ab") as said:
            os.chmod(self.place + "/started", 0o666)
            self.process = subprocess.Popen(
                become + [PITCHFORK, "supervisor", "run", "--boot"], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=said, stderr=said, env=dict(self.env, **dict(one.split("=", 1) for one in shell)),
                preexec_fn=lambda: limit and resource.setrlimit(resource.RLIMIT_NOFILE, limit))
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
        alive = [pid[:-4] for pid in sorted(os.listdir(self.place)) if pid.endswith(".pid") and lives(self.place, pid)]
        self.write("alive." + number, "".join(name + "\n" for name in alive))

    def logs(self):
        """What went to pitchfork's own log."""
        try:
            log = sqlite3.connect("file:%s/logs/logs.db?mode=ro" % self.state, uri=True)
            lines = [message for (message,) in log.execute("SELECT message FROM log_entries ORDER BY id")]
        except sqlite3.OperationalError:
            lines = []
        self.write("pitchforks-own.log", "".join(line + "\n" for line in lines))


def lives(place, name):
    try:
        pid = read(place, name).strip()
        return read("/proc/" + pid, "stat").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


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
        for line in open(place + "/steps"):
            operator.step(*line.rstrip("\n").split("\t"))
        operator.look("end")
        operator.logs()


names = open("/lab/scenarios").read().split()
# The first is a crowd, which would make the others late.
scenario(names[0])
threads = [threading.Thread(target=scenario, args=(name,)) for name in names[1:]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
open("/lab/over", "w").close()
