#!/usr/bin/env python3
"""usage: make_phonemes.py CMUDICT FOLDER [COUNT]

Writes words and how they are spoken, from a dictionary of lines "word PH ON EM", as
letters.npy and phonemes.npy: numbers, a row for each word, in an order that is the same
each time. A letter is 1 to 26. A phoneme is its place in the list of PHONEMES, from 2;
1 ends a word, and 0 pads both."""
import random
import struct
import sys

LONGEST = 12
PHONEMES = ("AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R "
            "S SH T TH UH UW V W Y Z ZH").split()


def words(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            word, *spoken = line.split("#")[0].split()
            # Stress is left out: AH0 and AH1 are one phoneme.
            spoken = [phoneme.rstrip("012") for phoneme in spoken]
            if (word.isascii() and word.isalpha() and len(word) <= LONGEST
                    and len(spoken) < LONGEST):
                letters = [ord(letter) - ord("a") + 1 for letter in word.lower()]
                numbers = [PHONEMES.index(each) + 2 for each in spoken]
                yield letters, numbers + [1]


def write_npy(path, rows):
    header = "{'descr': '<i4', 'fortran_order': False, 'shape': (%d, %d), }" % (
        len(rows), LONGEST)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        out.write(header.encode())
        for row in rows:
            out.write(struct.pack("<%di" % LONGEST, *row, *[0] * (LONGEST - len(row))))


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    pairs = list(words(sys.argv[1]))
    random.Random(1).shuffle(pairs)
    if len(sys.argv) == 4:
        pairs = pairs[:int(sys.argv[3])]
    write_npy(sys.argv[2] + "/letters.npy", [letters for letters, _ in pairs])
    write_npy(sys.argv[2] + "/phonemes.npy", [spoken for _, spoken in pairs])


if __name__ == "__main__":
    main()
