"""Tests of the Python module: functions whose names are sentences, as TAP.

A file of tests ends with points.run(globals()).  Without NumPy, or what needs() names, its tests
are skipped with the reason; a test that raises Skip is skipped."""
import importlib
import inspect
import os
import pathlib
import sys
import traceback

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ZEROGAP = os.environ.get("ZEROGAP", str(SOURCE / "build" / "zerogap"))
VERIFY = os.environ.get("ZEROGAP_VERIFY", str(SOURCE / "build" / "zerogap-verify"))


class Skip(Exception):
    pass


def needs(*modules):
    """Ends the file's tests as skipped where a module is missing."""
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            print("1..0 # SKIP %s" % error)
            sys.exit(0)


def run(names):
    tests = [f for name, f in names.items()
             if inspect.isfunction(f) and f.__module__ == "__main__" and "_" in name
             and not inspect.signature(f).parameters]
    print("1..%d" % len(tests))
    failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print("ok %d - %s" % (number, name), flush=True)
        except Skip as reason:
            print("ok %d - %s # SKIP %s" % (number, name, reason), flush=True)
        except BaseException:  # an exit or an interrupt that gets here is a failure, too
            failed += 1
            print("not ok %d - %s" % (number, name), flush=True)
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()),
                  flush=True)
    sys.exit(failed > 0)
