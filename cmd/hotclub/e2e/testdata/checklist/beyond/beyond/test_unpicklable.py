"""What does not go through a pipe of the multiprocessing module."""

import threading
import unittest


class TwoArguments(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")
        self.lock = threading.Lock()


class Unpicklable(unittest.TestCase):
    def test_exception(self):
        raise TwoArguments("this", "that")

    def test_subtest(self):
        for lock in [threading.Lock()]:
            with self.subTest(lock=lock):
                self.fail("with a lock among its parameters")

    def test_exception_of_a_local_class(self):
        class Local(Exception):
            pass

        raise Local("seen")
