"""What /proc says of a supervisord and its programs, as `supconv limits` has to say it: PID, and what decides the limit of a
program that has supervisord's."""
import json
import os
import pwd
import re
import sys


def read(pid, name):
    with open(f"/proc/{pid}/{name}", "rb") as file:
        return file.read().decode(errors="replace")


def numbers(pid):
    soft, hard = re.search(r"^Max open files +(\S+) +(\S+)", read(pid, "limits"), re.M).groups()
    return {"pid": pid, "soft": int(soft), "hard": int(hard), "open": len(os.listdir(f"/proc/{pid}/fd"))}


def parent(pid):
    return int(read(pid, "stat").rpartition(")")[2].split()[1])


def children(pid):
    everybody = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    found = []
    for one in everybody:
        try:
            if parent(one) == pid:
                found.append(one)
        except OSError:
            pass
    return sorted(found)


def descendants(pid):
    return sorted(each for child in children(pid) for each in [child, *descendants(child)])


def share(process):
    return process["open"] * 10000 // process["soft"]


def severity(share, low):
    return "error" if share >= 9500 else "warning" if share >= 7000 or low else "ok"


def is_low(process):
    return process["soft"] <= 1024 and process["hard"] > process["soft"]


def program(pid, supervisord, otherwise):
    environ = dict(pair.split("=", 1) for pair in read(pid, "environ").split("\0") if "=" in pair)
    group, process = environ["SUPERVISOR_GROUP_NAME"], environ["SUPERVISOR_PROCESS_NAME"]
    own, below = numbers(pid), [numbers(child) for child in descendants(pid)]
    decided = "program" if own["soft"] != supervisord["soft"] else otherwise
    worst = max(map(share, [own, *below]))
    return {
        **own,
        "name": process if group == process else f"{group}:{process}",
        "user": pwd.getpwuid(os.stat(f"/proc/{pid}").st_uid).pw_name,
        "share": worst / 10000,
        "decided": decided,
        "severity": severity(worst, is_low(own) and decided != "program"),
        "children": below,
    }


pid, otherwise = int(sys.argv[1]), sys.argv[2]
own = numbers(pid)
programs = sorted((program(child, own, otherwise) for child in children(pid)), key=lambda one: one["name"])
own |= {"share": share(own) / 10000, "severity": severity(share(own), is_low(own)), "programs": programs}
severities = [one["severity"] for one in [own, *programs]]
summary = {"programs": len(programs), "warnings": severities.count("warning"), "errors": severities.count("error")}
print(json.dumps({"supervisord": own, "summary": summary}))
