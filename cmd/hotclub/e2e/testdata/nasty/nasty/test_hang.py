"""Tests that never end. The time limit is what ends them."""

import ctypes
import os
import signal
import threading
import time
import unittest


class Hang(unittest.TestCase):
    def test_innocent_1(self):
        pass

    def test_sleeps_for_ever(self):
        time.sleep(1000)

    def test_spins_deaf_and_mute(self):
        """Neither a signal nor a closed stderr keeps it from being stopped and its stack shown."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            ctypes.CDLL(None).sleep(1000)

    def test_disarmed(self):
        signal.signal(signal.SIGUSR2, signal.SIG_DFL)
        lock = threading.Lock()
        with lock:
            lock.acquire()

    def test_innocent_2(self):
        pass


class HangInSetUpClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        time.sleep(1000)

    def test_one(self):
        pass


class HangInTearDownClass(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        time.sleep(1000)

    def test_innocent(self):
        pass
