"""The bare loop that a claim is held against: claim and complete one job after another, each in its own durable commit.

Usage: bare_loop.py ROUNDS. Prints the seconds that the rounds took. One thread, no pool, no runtime, a table of four columns.
"""
import os
import sqlite3
import sys
import tempfile
import time

rounds = int(sys.argv[1])
# The same file system as the databases of the bench.
folder = tempfile.TemporaryDirectory(prefix="moloko-bare-loop-")
database = sqlite3.connect(os.path.join(folder.name, "jobs.db"), isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute("CREATE TABLE job (id INTEGER PRIMARY KEY, due INTEGER NOT NULL, owner TEXT, state TEXT NOT NULL)")
database.execute("CREATE INDEX job_due ON job (due) WHERE state = 'ready'")
database.execute("BEGIN")
database.executemany("INSERT INTO job VALUES (?, ?, NULL, 'ready')", ((n, n) for n in range(max(rounds, 1000))))
database.execute("COMMIT")

CLAIM = """UPDATE job SET owner = ?, state = 'taken'
WHERE id = (SELECT id FROM job WHERE due <= ? AND state = 'ready' ORDER BY due LIMIT 1) RETURNING id"""

began = time.perf_counter()
for _ in range(rounds):
    database.execute("BEGIN IMMEDIATE")
    (job,) = database.execute(CLAIM, ("bench", 1 << 40)).fetchone()
    database.execute("COMMIT")
    database.execute("BEGIN IMMEDIATE")
    database.execute("UPDATE job SET owner = NULL, state = 'done' WHERE id = ?", (job,))
    database.execute("COMMIT")
print(time.perf_counter() - began)
