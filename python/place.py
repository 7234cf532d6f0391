"""Prints where this Python looks for modules within a prefix: place.py PREFIX.  Nothing, if nowhere.

Debian's looks in /usr/lib/python3/dist-packages, but in /usr/local/lib/python3.11/dist-packages."""
import pathlib
import sys

prefix = pathlib.PurePath(sys.argv[1])
for entry in map(pathlib.PurePath, sys.path):
    if entry.name in ("dist-packages", "site-packages") and prefix in entry.parents:
        if entry.relative_to(prefix).parts[0].startswith("lib"):
            print(entry)
            break
