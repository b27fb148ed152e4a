"""What tests do to their process, and what they leave behind."""

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


class Environment(unittest.TestCase):
    def test_clears(self):
        os.environ.clear()

    def test_innocent(self):
        pass


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
