"""How the tests of Hotclub and the tests that it runs tell each other how far they are."""

import os
import time

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "signs")


def give(name):
    os.makedirs(HERE, exist_ok=True)
    with open(os.path.join(HERE, name), "a") as file:
        file.write("given\n")


def given(name):
    return os.access(os.path.join(HERE, name), os.F_OK)


def hold(name):
    """Says that it has been reached, and waits to be told to go on."""
    give(name)
    deadline = time.monotonic() + 300
    while not given("go") and time.monotonic() < deadline:
        time.sleep(0.005)
