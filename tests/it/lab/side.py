"""What the operators of all sides do alike: how they start a daemon, look into a scenario's folder, and go through all scenarios."""
import os
import resource
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

# The environment of the root shell that starts a daemon.
SHELL = dict(os.environ, HOME="/root", USER="root", LOGNAME="root", SHELL="/bin/bash", INHERITED="yes")
# Many that start together would make each of them late.
STARTS = threading.Semaphore(4)


def read(place, name):
    with open(os.path.join(place, name), errors="replace") as file:
        return file.read()


def runs(pid):
    """Whether it is a process, and not one that has ended and waits for its parent."""
    try:
        return read("/proc/" + pid, "stat").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def daemon(place, words, cwd="/", env=SHELL, owns=None):
    """Starts it as the lines of the scenario say: by whom, under which limit of open files, with which variables more. `owns`: a
    folder that has to be that user's."""
    shell = read(place, "inherits").split()
    limit = [int(number) for number in shell.pop(0).split(":")] if shell[:1] and shell[0][0].isdigit() else None
    by = read(place, "started_by")
    become = ["setpriv", "--reuid", by, "--regid", by, "--init-groups"] if by else []
    if by and owns:
        subprocess.run(["chown", "-R", by + ":" + by, owns], check=True)
    with open(place + "/started", "ab") as said:
        os.chmod(place + "/started", 0o666)
        return subprocess.Popen(
            become + words, cwd=cwd, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            env=dict(env, **dict(one.split("=", 1) for one in shell)),
            preexec_fn=lambda: limit and resource.setrlimit(resource.RLIMIT_NOFILE, limit))


class Operator:
    """Who does the steps of a scenario: `act` is what an operator's own daemon lets him do, `look` what he sees of it."""

    def __init__(self, name):
        self.place = "/lab/" + name
        self.daemons = []

    def write(self, what, text):
        with open(os.path.join(self.place, what), "w") as file:
            file.write(text)

    def steps(self):
        for line in open(self.place + "/steps"):
            number, verb, what = line.rstrip("\n").split("\t")
            if verb == "wait":
                time.sleep(float(what))
            elif verb == "see":
                run = subprocess.run(
                    ["bash", "-c", what], cwd=self.place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.write("see." + number, run.stdout.decode(errors="backslashreplace"))
            else:
                self.act(number, verb, what)
        self.look("end")

    def alive(self, number):
        """Which of the processes that left their pid are alive."""
        left = [name for name in sorted(os.listdir(self.place)) if name.endswith(".pid")]
        alive = [name[:-4] for name in left if runs(read(self.place, name).strip())]
        self.write("alive." + number, "".join(name + "\n" for name in alive))


def scenarios(run):
    names = read("/lab", "scenarios").split()
    # The first is a crowd, which would make the others late, those of the other side too; so would all others at once.
    crowd = run(names[0])
    # Many of its programs end at once, and a daemon that never gives up would start them until the last scenario is over.
    for process in crowd.daemons:
        process.kill()
    open("/lab/crowd", "w").close()
    while not os.path.exists("/lab/go"):
        time.sleep(0.1)
    with ThreadPoolExecutor(12) as several:
        # Asked for, an error of one is not lost.
        list(several.map(run, names[1:]))
    open("/lab/over", "w").close()
