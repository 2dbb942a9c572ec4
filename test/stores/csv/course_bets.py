"""The course's storage of bets as its exercise describes it, and a small command around it.

course_bets.py store PATH   appends the bets given on standard input, a JSON list of objects
course_bets.py load PATH    prints the bets of the file as such a list, with "won" beside the fields
"""

import csv
import datetime
import json
import sys

WINNING_NUMBER = 7574


class Bet:
    def __init__(self, agency, first_name, last_name, document, birthdate, number):
        self.agency = int(agency)
        self.first_name = first_name
        self.last_name = last_name
        self.document = document
        self.birthdate = datetime.date.fromisoformat(birthdate)
        self.number = int(number)


def has_won(bet):
    return bet.number == WINNING_NUMBER


def store_bets(bets, path):
    with open(path, "a+", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
        for bet in bets:
            writer.writerow(
                [
                    bet.agency,
                    bet.first_name,
                    bet.last_name,
                    bet.document,
                    bet.birthdate,
                    bet.number,
                ]
            )


def load_bets(path):
    with open(path, "r", encoding="utf-8") as file:
        for row in csv.reader(file, quoting=csv.QUOTE_MINIMAL):
            yield Bet(row[0], row[1], row[2], row[3], row[4], row[5])


def main(command, path):
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    if command == "store":
        store_bets(
            [
                Bet(
                    bet["agency"],
                    bet["firstName"],
                    bet["lastName"],
                    bet["document"],
                    bet["birthdate"],
                    bet["number"],
                )
                for bet in json.load(sys.stdin)
            ],
            path,
        )
    else:
        json.dump(
            [
                {
                    "agency": bet.agency,
                    "firstName": bet.first_name,
                    "lastName": bet.last_name,
                    "document": bet.document,
                    "birthdate": bet.birthdate.isoformat(),
                    "number": bet.number,
                    "won": has_won(bet),
                }
                for bet in load_bets(path)
            ],
            sys.stdout,
        )


main(*sys.argv[1:])
