"""Exceptions, subtest parameters and names that are hard to tell to anybody."""

import threading
import unittest
import warnings


class Unpicklable(Exception):
    def __init__(self, first, second):
        super().__init__("a lock and a lambda")
        self.lock = threading.Lock()
        self.function = lambda: first


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Murderous(Exception):
    def __str__(self):
        raise SystemExit("no words either")


class Unprintable:
    def __repr__(self):
        raise ValueError("no shape")


class Exceptions(unittest.TestCase):
    def test_innocent_first(self):
        self.assertEqual(1, 1)

    def test_unpicklable(self):
        raise Unpicklable(1, 2)

    def test_str_raises(self):
        raise Mute

    def test_str_exits(self):
        raise Murderous

    def test_repr_raises(self):
        self.assertEqual(Unprintable(), 1)

    def test_recursion(self):
        def deeper():
            return deeper() + 1

        deeper()

    def test_cause_of_itself(self):
        error = ValueError("ouroboros")
        error.__context__ = KeyError("tail")
        error.__context__.__context__ = error
        raise error

    def test_gigantic_message(self):
        raise ValueError("x" * 4_000_000)

    def test_gigantic_values(self):
        self.assertEqual("a" * 500_000, "b" * 3_000_000)

    def test_gigantic_reason(self):
        raise unittest.SkipTest("y" * 4_000_000)

    def test_lone_surrogate(self):
        raise ValueError("half of a pair: \udc80")

    def test_undecodable(self):
        raise ValueError(b"\xff\xfe".decode("utf-8", "surrogateescape"))

    def test_controls(self):
        raise ValueError("bell \a, escape \x1b[31m, nothing \0, end")

    def test_warning_as_error(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.warn("turned", UserWarning, stacklevel=1)

    def test_innocent_last(self):
        self.assertEqual(1, 1)


class Subtests(unittest.TestCase):
    def test_innocent_first(self):
        for number in range(3):
            with self.subTest(number=number):
                pass

    def test_unpicklable_parameter(self):
        with self.subTest(lock=threading.Lock()):
            self.fail("locked")

    def test_unprintable_parameter(self):
        with self.subTest(shape=Unprintable()):
            self.fail("shapeless")

    def test_surrogate_parameter(self):
        with self.subTest(half="\udcff"):
            self.fail("halved")

    def test_many(self):
        for number in range(300):
            with self.subTest(number=number):
                self.fail("one of many")

    def test_innocent_last(self):
        self.assertEqual(1, 1)


class Names(unittest.TestCase):
    def test_innocent(self):
        self.assertEqual(1, 1)


def named(label):
    def method(self):
        self.assertIn("ok", label)

    setattr(Names, "test_" + label, method)


named("with space ok")
named("größe_ok")
named("half \udcff ok")
named("dot.ted:ok::ok")
named("slash/ok")
named("many\nlines ok")


class Outcomes(unittest.TestCase):
    @unittest.skip("not today")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_fails_as_expected(self):
        self.fail("as announced")

    @unittest.expectedFailure
    def test_passes_unexpectedly(self):
        pass

    def test_group(self):
        raise ExceptionGroup("several", [ValueError("one"), TypeError("two")])

    def test_subtests_of_all_kinds(self):
        with self.subTest("fails"):
            self.fail("a failure")
        with self.subTest("errs"):
            raise ValueError("an error")
        with self.subTest("skips"):
            self.skipTest("a skip")
        raise KeyError("and the test itself")


class Nameless(unittest.TestCase):
    def id(self):
        raise ValueError("no name")

    def test_innocent(self):
        pass

    def test_fails(self):
        self.fail("namelessly")
