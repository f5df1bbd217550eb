#!/usr/bin/env python3
"""Draws docs/lint-light.svg and docs/lint-dark.svg: a terminal in which supconv lints three lines, from a real run.

Run it in the project's folder after `cargo build --release`: python3 docs/picture.py
"""
import html
import os
import re
import subprocess
import tempfile

PROGRAM = os.path.abspath("target/release/supconv")
TEXT = "[supervisord]\n[program:web]\ncommand=/srv/web\n"
LINT = ["lint", "--select", "default-minfds", "--color", "always", "web.conf"]
# Background, text, and the colours of SGR 31 to 36.
THEMES = {
    "light": ("#ffffff", "#1f2328", ["#cf222e", "#116329", "#7d4e00", "#0550ae", "#8250df", "#1b7c83"]),
    "dark": ("#0d1117", "#e6edf3", ["#ff7b72", "#7ee787", "#d29922", "#79c0ff", "#d2a8ff", "#76e3ea"]),
}
WIDTH, LINE, LEFT, TOP = 8.4, 20, 16, 28


def run():
    """What the terminal shows, line by line."""
    with tempfile.TemporaryDirectory() as place:
        with open(os.path.join(place, "web.conf"), "w") as file:
            file.write(TEXT)
        environment = {"PATH": os.environ["PATH"], "COLUMNS": "100"}
        said = subprocess.run([PROGRAM] + LINT, cwd=place, env=environment, stdout=subprocess.PIPE, text=True).stdout
    shown = " ".join(word for word in LINT if word not in ("--color", "always"))
    return ["$ cat web.conf"] + TEXT.splitlines() + ["$ supconv " + shown] + said.rstrip("\n").splitlines()


def spans(line, colours):
    """A line as SVG: its text in the colours that its escapes say."""
    made, colour, bold = "", None, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b["):
            for code in part[2:-1].split(";"):
                number = int(code or 0)
                if number == 0:
                    colour, bold = None, False
                elif number == 1:
                    bold = True
                elif number in (22, 39):
                    colour, bold = (colour, False) if number == 22 else (None, bold)
                elif 31 <= number <= 36 or 91 <= number <= 96:
                    colour = colours[(number - 31) % 60]
        elif part:
            style = (f' fill="{colour}"' if colour else "") + (' font-weight="bold"' if bold else "")
            made += f"<tspan{style}>{html.escape(part)}</tspan>"
    return made


def draw(lines, theme):
    background, text, colours = THEMES[theme]
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    width, height = LEFT * 2 + WIDTH * max(map(len, plain)), TOP + LINE * len(lines) + 8
    rows = "\n".join(
        f'<text x="{LEFT}" y="{TOP + LINE * number}" xml:space="preserve">{spans(line, colours)}</text>'
        for number, line in enumerate(lines))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
            f'viewBox="0 0 {width:.0f} {height}" fill="{text}" '
            'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">\n'
            f'<rect width="100%" height="100%" rx="8" fill="{background}"/>\n{rows}\n</svg>\n')


shown = run()
for name in THEMES:
    with open(f"docs/lint-{name}.svg", "w") as picture:
        picture.write(draw(shown, name))
