import unittest


def clean():
    raise ValueError("in a module cleanup")


def setUpModule():
    unittest.addModuleCleanup(clean)


class One(unittest.TestCase):
    def test_innocent(self):
        pass
