"""Answers of PyPI phonenumbers, for peers.rs.

In:  one line a value, home TAB text, backslash, tab and line ends escaped; an empty line asks for
     what is answered so far.
Out: one line a value: `!` and the number of the error, or the fields that `answer` lists.
With `--time`: the mean cost of a value in nanoseconds of processor time instead, one line a batch.
"""

import re
import sys
import time

import phonenumbers as pn
from phonenumbers.phonenumberutil import region_code_for_number

MADE = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
ESCAPED = {made: escape for escape, made in MADE.items()}


def unescaped(text):
    return re.sub(r"\\[\\tnr]", lambda m: MADE[m[0]], text) if "\\" in text else text


def escaped(text):
    return re.sub(r"[\\\t\n\r]", lambda m: ESCAPED[m[0]], text)


def answer(text, home):
    try:
        number = pn.parse(text, home, keep_raw_input=True)
    except pn.NumberParseException as error:
        return f"!{error.error_type}"
    # Else a national number of nothing but zeros is formatted as it was written.
    number.raw_input = None
    fields = [
        number.country_code,
        number.national_number,
        number.extension or "",
        int(bool(number.italian_leading_zero)),
        1 if number.number_of_leading_zeros is None else number.number_of_leading_zeros,
        number.country_code_source,
        number.preferred_domestic_carrier_code or "",
        pn.is_possible_number_with_reason(number),
        int(pn.is_valid_number(number)),
        pn.number_type(number),
        region_code_for_number(number) or "",
        pn.format_number(number, pn.PhoneNumberFormat.E164),
        pn.format_number(number, pn.PhoneNumberFormat.INTERNATIONAL),
        pn.format_number(number, pn.PhoneNumberFormat.NATIONAL),
        pn.format_number(number, pn.PhoneNumberFormat.RFC3966),
    ]
    return "\t".join(escaped(str(field)) for field in fields)


def key(text, home):
    """Does what the benchmark asks of every side."""
    try:
        number = pn.parse(text, home)
    except pn.NumberParseException:
        return None
    region_code_for_number(number)
    pn.number_type(number)
    pn.is_valid_number(number)
    return pn.format_number(number, pn.PhoneNumberFormat.E164)


def split(line):
    home, _, text = line.rstrip("\n").partition("\t")
    return unescaped(text), home or None


def answers(lines, out):
    for line in lines:
        if line == "\n":
            out.flush()
        else:
            out.write(answer(*split(line)) + "\n")


def times(lines, out):
    batch = []
    for line in lines:
        if line != "\n":
            batch.append(split(line))
            continue
        start = time.thread_time_ns()
        for text, home in batch:
            key(text, home)
        took = time.thread_time_ns() - start
        out.write(f"{took / len(batch)}\n")
        out.flush()
        batch = []


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    (times if "--time" in sys.argv else answers)(sys.stdin, sys.stdout)
