"""What a run found, times aside, read through `zerogap report`: for tests in which two runs must agree."""
import csv
import io
import json
import re
import subprocess

TIMES = re.compile(r"seconds|rss|load|samples|^t$|cpu|timing|iterations|limits|provenance|progress")


def report(zerogap, logs, *words):
    run = subprocess.run([zerogap, "report", *logs, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, check=False, timeout=120)
    return run.stdout


def rows(zerogap, *logs):
    """The table of the logs without columns of times; in its order."""
    table = list(csv.reader(io.StringIO(report(zerogap, logs, "--csv", "-"))))
    keep = [i for i, name in enumerate(table[0]) if not TIMES.search(name)]
    return [[row[i] for i in keep] for row in table]


def junit(zerogap, *logs):
    text = report(zerogap, logs, "--junit", "-")
    return re.sub(r'(time|timestamp|hostname)="[^"]*"|<system-out>.*?</system-out>|<property [^>]*>', "",
                  text, flags=re.S)


def summary(zerogap, *logs):
    return json.loads(report(zerogap, logs, "--json", "--csv", "/dev/null", "--force"))
