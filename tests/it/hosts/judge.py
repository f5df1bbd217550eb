"""judge.py DIRECTORY: holds what DIRECTORY/{sarif,github,gitlab,junit} say against DIRECTORY/json, with parsers of its own. Prints what differs."""

import json
import os
import re
import sys
import unicodedata
import urllib.parse
import xml.etree.ElementTree as ElementTree
from collections import Counter

here = os.path.realpath(sys.argv[1])


def read(name):
    with open(os.path.join(here, name), "rb") as file:
        return file.read().decode("utf-8")


def name(path):
    """As code hosts map a file: from the directory of the run, else absolute."""
    path = os.path.normpath(os.path.join(here, path))
    return path[len(here) + 1 :] if path.startswith(here + "/") else path


def hidden(character):
    return unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" or character in "\ufffe\uffff"


wrong = []


def same(what, one, other):
    if one != other:
        wrong.append(f"{what}: {one!r} is not {other!r}")


def plain(what, text):
    found = [hex(ord(character)) for character in text if hidden(character)]
    if found:
        wrong.append(f"{what}: {found} in {text!r}")


def words(text):
    """A text without what is shown in another way in some format."""
    return re.sub(r"\\u\{[0-9a-f]+\}|[^\x20-\x7e]", "?", text)


document = json.loads(read("json"))
findings, errors = document["findings"], document["errors"]

# github
escapes = {"%25": "%", "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}


def unescaped(text):
    return re.sub("%25|%0D|%0A|%3A|%2C", lambda match: escapes[match.group()], text)


lines = read("github").split("\n")
same("github: the last line ends", lines.pop(), "")
commands = []
for line in lines:
    match = re.fullmatch(r"::(error|warning|notice) ([^:\r\n]*)::([^\r\n]*)", line)
    if match is None:
        wrong.append(f"github: {line!r}")
        continue
    plain("github", line)
    properties = dict(pair.split("=", 1) for pair in match[2].split(","))
    commands.append((match[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(match[3])))
same("github: commands", len(commands), len(findings) + len(errors))
kinds = {"error": "error", "warning": "warning", "info": "notice"}
for finding, (kind, properties, message) in zip(findings, commands):
    start, end = finding["start"], finding["end"]
    same("github: kind", kind, kinds[finding["severity"]])
    same("github: message", words(message), words(finding["message"]))
    same("github: file", words(properties["file"]), words(name(finding["path"])))
    same("github: title", properties["title"], f"{finding['rule']} {finding['name']}")
    same("github: lines", (properties["line"], properties["endLine"]), (str(start["line"]), str(end["line"])))
    if start["line"] == end["line"]:
        same("github: columns", (properties["col"], properties["endColumn"]), (str(start["column"]), str(end["column"])))
    else:
        same("github: no columns", sorted(properties), ["endLine", "file", "line", "title"])
for error, (kind, properties, message) in zip(errors, commands[len(findings) :]):
    same("github: error", (kind, words(properties["file"])), ("error", words(name(error["path"]))))
    same("github: error", words(message), words(error["message"]))

# gitlab
kinds = {"error": "critical", "warning": "major", "info": "minor"}
quality = json.loads(read("gitlab"))
same("gitlab: findings", len(quality), len(findings))
for finding, row in zip(findings, quality):
    same("gitlab: severity", row["severity"], kinds[finding["severity"]])
    same("gitlab: name", row["check_name"], finding["rule"])
    same("gitlab: description", words(row["description"]), words(finding["message"]))
    same("gitlab: path", words(row["location"]["path"]), words(name(finding["path"])))
    same("gitlab: line", row["location"]["lines"], {"begin": finding["start"]["line"]})
    plain("gitlab", row["description"] + row["location"]["path"])
fingerprints = [row["fingerprint"] for row in quality]
same("gitlab: fingerprints", len(set(fingerprints)), len(fingerprints))

# sarif
(run,) = json.loads(read("sarif"))["runs"]
rules = run["tool"]["driver"]["rules"]
same("sarif: rules", [rule["id"] for rule in rules], sorted({finding["rule"] for finding in findings}))
same("sarif: columns", run["columnKind"], "unicodeCodePoints")
kinds = {"error": "error", "warning": "warning", "info": "note"}
same("sarif: results", len(run["results"]), len(findings))


def at(location, finding):
    place = location["physicalLocation"]
    uri = place["artifactLocation"]["uri"]
    bytes_of = finding.get("path_bytes")
    path = urllib.parse.unquote_to_bytes(bytes_of) if bytes_of else finding["path"].encode()
    path = os.fsencode(name(os.fsdecode(path)))
    if path.startswith(b"/"):
        same("sarif: scheme", uri[:8], "file:///")
        uri = uri[7:]
    same("sarif: path", urllib.parse.unquote_to_bytes(uri), path)
    same("sarif: no colon", ":" in uri.split("/")[0], False)
    start, end, region = finding["start"], finding["end"], place["region"]
    same("sarif: start", (region["startLine"], region["startColumn"]), (start["line"], start["column"]))
    same("sarif: end", (region["endLine"], region["endColumn"]), (end["line"], end["column"]))
    same("sarif: bytes", (region["byteOffset"], region["byteLength"]), (start["byte"], end["byte"] - start["byte"]))


for finding, row, fingerprint in zip(findings, run["results"], fingerprints):
    same("sarif: rule", (row["ruleId"], rules[row["ruleIndex"]]["id"]), (finding["rule"], finding["rule"]))
    same("sarif: name", rules[row["ruleIndex"]]["name"], finding["name"])
    same("sarif: level", row["level"], kinds[finding["severity"]])
    same("sarif: message", words(row["message"]["text"]), words(finding["message"]))
    same("sarif: fingerprint", row["partialFingerprints"], {"supconv/v1": fingerprint})
    plain("sarif", row["message"]["text"])
    at(row["locations"][0], finding)
    related = row.get("relatedLocations", [])
    same("sarif: labels", len(related), len(finding["labels"]))
    for label, location in zip(finding["labels"], related):
        at(location, label)
        same("sarif: label", words(location["message"]["text"]), words(label["message"]))
(invocation,) = run["invocations"]
same("sarif: success", invocation["executionSuccessful"], not errors)
notifications = invocation.get("toolExecutionNotifications", [])
same("sarif: errors", [words(row["message"]["text"]) for row in notifications], [words(row["message"]) for row in errors])

# junit
suites = ElementTree.fromstring(read("junit"))
cases = [case for suite in suites for case in suite]
failures = [(case, failure) for case in cases for failure in case.findall("failure")]
same("junit: failures", (len(failures), suites.get("failures")), (len(findings), str(len(findings))))
same("junit: errors", (len(suites.findall(".//error")), suites.get("errors")), (len(errors), str(len(errors))))
same("junit: tests", suites.get("tests"), str(len(cases)))
for suite in suites:
    count = lambda kind: str(len(suite.findall(f"testcase/{kind}")))
    same("junit: suite", (suite.get("failures"), suite.get("errors")), (count("failure"), count("error")))
    same("junit: suite", suite.get("tests"), str(len(suite)))
    names = [case.get("name") for case in suite]
    same("junit: names", len(set(names)), len(names))
    same("junit: files", {case.get("classname") for case in suite}, {suite.get("name")})
key = lambda rule, path, severity, message: (rule, words(path), severity, words(message))
ours = Counter(
    key(case.get("name").split()[0], case.get("classname"), failure.get("type"), failure.get("message"))
    for case, failure in failures
)
theirs = Counter(key(row["rule"], name(row["path"]), row["severity"], row["message"]) for row in findings)
same("junit: what fails", ours, theirs)
files = {words(suite.get("name")) for suite in suites}
same("junit: files", len(suites) >= document["summary"]["files"], True)
same("junit: files with findings", {words(name(row["path"])) for row in findings} - files, set())

print("\n".join(wrong[:20]))
