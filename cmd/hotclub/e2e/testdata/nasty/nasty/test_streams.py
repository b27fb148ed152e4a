"""What tests do to standard input and output, at every level."""

import ctypes
import io
import os
import subprocess
import sys
import unittest


class Stdin(unittest.TestCase):
    def test_input(self):
        input()

    def test_read(self):
        self.assertEqual(sys.stdin.read(), "")

    def test_descriptor(self):
        self.assertEqual(os.read(0, 10), b"")

    def test_child(self):
        done = subprocess.run([sys.executable, "-c", "input()"], stderr=subprocess.PIPE, check=False)
        self.assertIn(b"EOFError", done.stderr)


class Closed(unittest.TestCase):
    def test_1_closes_stdout(self):
        sys.stdout.close()

    def test_2_innocent(self):
        print("stdout is back")

    def test_3_closes_descriptors(self):
        os.close(1)
        os.close(2)

    def test_4_innocent(self):
        os.write(1, b"descriptor 1 is back\n")

    def test_5_closes_all(self):
        os.closerange(0, 4096)

    def test_6_closes_the_rest(self):
        os.closerange(3, 4096)

    def test_7_closes_stdin(self):
        sys.stdin.close()
        os.close(0)

    def test_8_innocent(self):
        print("still here")


class Redirected(unittest.TestCase):
    def test_1_away(self):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def test_2_innocent(self):
        os.write(1, b"descriptor 1 leads here\n")


class Hostile(io.StringIO):
    def flush(self):
        raise RuntimeError("this stream does not flush")


class Replaced(unittest.TestCase):
    def test_1_hostile(self):
        sys.stdout = Hostile()
        sys.stderr = Hostile()

    def test_2_nothing(self):
        sys.stdout = None
        sys.stderr = 7


class ReplacedBefore(unittest.TestCase):
    def test_innocent(self):
        print("heard again")
        print("there too", file=sys.stderr)


class Levels(unittest.TestCase):
    def test_all(self):
        print("by print")
        os.write(2, b"by a descriptor\n")
        libc = ctypes.CDLL(None)
        libc.printf(b"by C\n")
        subprocess.run([sys.executable, "-c", "print('by a child')"], check=True)

    def test_not_text(self):
        os.write(1, b"\xff\xfe and \x80, no text\n")

    def test_innocent(self):
        print("only mine")


class Flood(unittest.TestCase):
    def test_1_flood(self):
        line = b"z" * 999 + b"\n"
        for _ in range(20_000):
            os.write(1, line)

    def test_2_innocent(self):
        print("only mine")
