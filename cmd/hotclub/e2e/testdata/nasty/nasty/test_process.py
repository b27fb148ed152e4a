"""What tests do to their process, and what they leave behind."""

import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock


class Directory(unittest.TestCase):
    def test_1_leaves(self):
        os.chdir("/")

    def test_2_deletes(self):
        here = tempfile.mkdtemp()
        os.chdir(here)
        shutil.rmtree(here)

    def test_3_innocent(self):
        pass


class DirectoryLater(unittest.TestCase):
    def test_innocent(self):
        self.assertTrue(os.path.exists("manage.py"))


class Limits(unittest.TestCase):
    def test_1_few_files(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))

    def test_2_innocent(self):
        pass


class Signals(unittest.TestCase):
    def test_1_changes(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)

    def test_2_innocent(self):
        pass


class LaysBare(unittest.TestCase):
    """Runs just before Leftovers, whose processes have to be found even so."""

    def test_clears(self):
        os.environ.clear()

    def test_innocent(self):
        pass


class Leftovers(unittest.TestCase):
    def test_thread(self):
        threading.Thread(target=time.sleep, args=(1000,)).start()

    def test_child(self):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])

    def test_child_in_its_own_session(self):
        subprocess.Popen(["sleep", "1001"], start_new_session=True)

    def test_daemon(self):
        """The classic: fork, setsid, fork; nobody knows the grandchild any more."""
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("sleep", ["sleep", "1002"])
            os._exit(0)
        os.waitpid(child, 0)

    def test_bomb(self):
        for _ in range(40):
            if os.fork() == 0:
                time.sleep(1003)
                os._exit(0)

    def test_innocent(self):
        pass


class Stray(unittest.TestCase):
    """A child of a fork comes back into the test framework and goes on with the next test."""

    def test_1_forks(self):
        os.fork()

    def test_2_innocent(self):
        print("once")

    def test_3_forks_and_raises(self):
        if os.fork() == 0:
            raise ValueError("in the child")

    def test_4_forks_and_exits(self):
        if os.fork() == 0:
            sys.exit(0)

    def test_5_innocent(self):
        print("once")


class Heirs(unittest.TestCase):
    """A child that outlives its worker must not seem to be the worker."""

    def test_1_leaves_an_heir(self):
        if os.fork() == 0:
            os.setsid()
            time.sleep(1004)
            os._exit(0)
        os._exit(5)

    def test_2_innocent(self):
        pass


class Multiprocessing(unittest.TestCase):
    def test_innocent_fork(self):
        with multiprocessing.get_context("fork").Pool(2) as pool:
            self.assertEqual(pool.map(abs, [-1, -2]), [1, 2])

    def test_innocent_spawn(self):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            self.assertEqual(pool.map(abs, [-1, -2]), [1, 2])


class Patched(unittest.TestCase):
    """What is patched for a whole class is patched for Hotclub's own steps between its tests."""

    @classmethod
    def setUpClass(cls):
        broken = RuntimeError("patched")
        for name in ("os.getpid", "os.write", "os.read", "os.fstat", "os.getcwd", "os.path.abspath"):
            patch = unittest.mock.patch(name, side_effect=broken)
            patch.start()
            cls.addClassCleanup(patch.stop)

    def test_innocent(self):
        with self.assertRaises(RuntimeError):
            os.getpid()

    def test_fails(self):
        self.fail("though patched")


class Recursion(unittest.TestCase):
    def test_lowers_the_limit(self):
        sys.setrecursionlimit(120)


class RecursionLater(unittest.TestCase):
    def test_innocent(self):
        self.assertGreater(sys.getrecursionlimit(), 900)
