"""How the demo prints: steps, tables, stack events. Colours only on a terminal, and not where NO_COLOR is set."""

import os
import sys
import textwrap

WIDTH = 110
WHO = 8
COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}


def paint(text, colour):
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\033[{COLOURS[colour]}m{text}\033[0m"


def line(text=""):
    print(text, flush=True)


class Steps:
    """Numbers the steps of the story."""

    def __init__(self):
        self.number = 0

    def say(self, title, explanation):
        self.number += 1
        line()
        line(paint(f"{self.number}. {title}", "bold"))
        wrapped(explanation)


def wrapped(text, indent="   "):
    line(textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
                       break_on_hyphens=False))  # fmt: skip


def table(title, headers, rows):
    """A table as wide as its cells; `rows` is a list of lists of strings."""
    line()
    line(f"   {title}")
    if not rows:
        line("     (nothing)")
        return
    widths = [max(len(cell) for cell in column) for column in zip(headers, *rows, strict=True)]
    line(paint(row_line(headers, widths), "dim"))
    for row in rows:
        line(row_line(row, widths))


def row_line(cells, widths):
    return ("     " + "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))).rstrip()


def event(entry, who=""):
    """One stack event: when, whose where that is not clear, status, what, and its reason on lines of its own."""
    status = entry["ResourceStatus"]
    moment = entry["Timestamp"].strftime("%H:%M:%S")
    what = f"{entry['LogicalResourceId']} ({entry['ResourceType']})"
    whose = f"{who.ljust(WHO)}  " if who else ""
    line(f"     {moment}  {whose}{paint(status.ljust(24), colour_of(status))}  {what}")
    if reason := entry.get("ResourceStatusReason"):
        wrapped(reason, indent=" " * 15)


def colour_of(status):
    if "FAILED" in status or "ROLLBACK" in status:
        return "red"
    return "green" if status.endswith("_COMPLETE") else "dim"
