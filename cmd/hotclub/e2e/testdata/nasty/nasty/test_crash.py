"""Ways to end a process."""

import ctypes
import os
import signal
import sys
import threading
import unittest


class Crash(unittest.TestCase):
    def test_innocent_1(self):
        pass

    def test_exit_quietly(self):
        os._exit(0)

    def test_exit_loudly(self):
        print("these are my last words")
        os._exit(3)

    def test_innocent_2(self):
        pass

    def test_segfault(self):
        ctypes.string_at(8)

    def test_abort(self):
        os.abort()

    def test_innocent_3(self):
        pass

    def test_killed(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def test_killed_with_group(self):
        os.killpg(0, signal.SIGTERM)

    def test_exit_in_thread(self):
        thread = threading.Thread(target=os._exit, args=(4,))
        thread.start()
        thread.join()

    def test_another_program(self):
        os.execvp("sleep", ["sleep", "1005"])

    def test_innocent_4(self):
        pass


class Exits(unittest.TestCase):
    def test_innocent_1(self):
        pass

    def test_system_exit(self):
        sys.exit("enough")

    def test_system_exit_in_thread(self):
        thread = threading.Thread(target=sys.exit)
        thread.start()
        thread.join()

    def test_generator_exit(self):
        raise GeneratorExit

    def test_interrupt(self):
        raise KeyboardInterrupt

    def test_interrupted(self):
        """The first Ctrl-C asks unittest to stop after this test."""
        os.kill(os.getpid(), signal.SIGINT)

    def test_innocent_2(self):
        pass


class TearDownClassDies(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        os._exit(9)

    def test_innocent(self):
        pass


class AfterAll(unittest.TestCase):
    def test_innocent(self):
        pass
