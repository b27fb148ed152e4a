"""A module with fixtures keeps its working directory from class to class, unless it is gone."""

import os
import shutil
import tempfile
import unittest


def setUpModule():
    pass


class First(unittest.TestCase):
    def test_deletes(self):
        here = tempfile.mkdtemp()
        os.chdir(here)
        shutil.rmtree(here)


class Second(unittest.TestCase):
    def test_innocent(self):
        pass


class Third(unittest.TestCase):
    def test_innocent(self):
        self.assertTrue(os.path.exists("manage.py"))
