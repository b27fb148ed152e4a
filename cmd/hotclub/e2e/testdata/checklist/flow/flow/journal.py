"""What happened in which order, over all processes: one line for each event."""

import os

PATH = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "journal.txt")


def note(*words):
    line = " ".join(str(word) for word in words)
    descriptor = os.open(PATH, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, line.encode() + b"\n")
    finally:
        os.close(descriptor)
