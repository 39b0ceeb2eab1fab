"""Splits the texts of standard input, a JSON string a line, as `smsutil` does.

Answers: G or U, then units:characters of each part, then each part's octets as hexadecimal.
With `--faults`: as `smpplib` does, data coding and octets of each part.
"""

import json
import sys


def smsutil_of(text):
    import smsutil

    split = smsutil.split(text)
    gsm = split.encoding == "gsm0338"
    units = [part.bytes if gsm else part.bytes // 2 for part in split.parts]
    shape = ",".join(f"{u}:{part.length}" for u, part in zip(units, split.parts))
    octets = "|".join(part.content.encode(split.encoding).hex() for part in split.parts)
    return f"{'G' if gsm else 'U'} {shape} {octets}"


def smpplib_of(text):
    import smpplib.gsm

    parts, coding, esm_class = smpplib.gsm.make_parts(text)
    header = 6 if esm_class & 0x40 else 0
    return f"{coding} " + "|".join(part[header:].hex() for part in parts)


answer = smpplib_of if "--faults" in sys.argv else smsutil_of
for line in sys.stdin:
    sys.stdout.write(answer(json.loads(line)) + "\n")
