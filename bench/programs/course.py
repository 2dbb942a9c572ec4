"""The course's way to store bets: its own store_bets, in this process, without any network.

course.py FILE ROWS BATCH SECONDS sync|no-sync

ROWS is an agency's CSV file. Prints one JSON object.
"""

import csv
import datetime
import json
import os
import sys
import time


class Bet:
    """As the exercise defines it."""

    def __init__(self, agency, first_name, last_name, document, birthdate, number):
        self.agency = int(agency)
        self.first_name = first_name
        self.last_name = last_name
        self.document = document
        self.birthdate = datetime.date.fromisoformat(birthdate)
        self.number = int(number)


def store_bets(path, bets, sync):
    with open(path, "a+", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
        for bet in bets:
            writer.writerow(
                [bet.agency, bet.first_name, bet.last_name, bet.document, bet.birthdate, bet.number]
            )
        if sync:
            # The exercise does not do this.
            file.flush()
            os.fsync(file.fileno())


def main():
    path, rows_path, batch, seconds, how = sys.argv[1:]
    batch, seconds, sync = int(batch), float(seconds), how == "sync"
    with open(rows_path, encoding="utf-8", newline="") as file:
        rows = [["1", *row] for row in csv.reader(file)]
    batches = [rows[at : at + batch] for at in range(0, len(rows) - batch + 1, batch)]
    took = []
    cpu = time.process_time()
    start = now = time.perf_counter()
    while now < start + seconds:
        before = now
        # A server first makes bets of a message.
        store_bets(path, [Bet(*row) for row in batches[len(took) % len(batches)]], sync)
        now = time.perf_counter()
        took.append(now - before)
    cpu = time.process_time() - cpu
    sorted_took = sorted(took)
    print(
        json.dumps(
            {
                "batches": len(took),
                "seconds": now - start,
                "cpuSeconds": cpu,
                "p50Ms": sorted_took[len(took) // 2] * 1000,
                "p99Ms": sorted_took[len(took) * 99 // 100] * 1000,
            }
        )
    )


main()
