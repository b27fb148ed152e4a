import json
import os
import signal
import threading
import time
import unittest
from typing import Any

from hotclub_worker.wire import Declined, Wire

from .support import running, script


class WireTests(unittest.TestCase):
    def setUp(self) -> None:
        theirs, self.there = os.pipe()
        self.here, ours = os.pipe()
        self.wire = Wire(theirs, ours)
        self.open = {theirs, ours, self.there, self.here}
        self.addCleanup(self.close)

    def close(self) -> None:
        for descriptor in self.open:
            os.close(descriptor)

    def hang_up(self, descriptor: int) -> None:
        os.close(descriptor)
        self.open.remove(descriptor)

    def sent(self) -> bytes:
        return os.read(self.here, 1 << 16)

    def in_child(self, action: Any) -> int:
        """The exit status of a child that does something and would go on to 99."""
        child = os.fork()
        if child == 0:
            try:
                action()
            finally:
                os._exit(99)
        return os.WEXITSTATUS(os.waitpid(child, 0)[1])

    def test_threads_tell_whole_messages(self) -> None:
        """Longer ones than a pipe takes at once are not mixed with what others tell meanwhile."""

        def tell() -> None:
            for _ in range(200):
                self.wire.tell("crowded")

        def say() -> None:
            for _ in range(10):
                self.wire.notify("long", "x" * 200_000)

        telling, saying = threading.Thread(target=tell), threading.Thread(target=say)
        telling.start()
        saying.start()
        with open(self.here, "rb", closefd=False) as lines:
            methods = [json.loads(next(lines))["method"] for _ in range(210)]
        telling.join()
        saying.join()
        self.assertEqual((methods.count("crowded"), methods.count("long")), (200, 10))

    def test_a_child_tells_nothing(self) -> None:
        self.assertEqual(self.in_child(lambda: self.wire.tell("crowded")), 99)
        self.wire.tell("loaded")
        self.assertEqual(json.loads(self.sent())["method"], "loaded")

    def test_a_message_is_one_line(self) -> None:
        self.wire.notify("said", {"text": "two\nlines\r\u2028and a half"})
        data = self.sent()
        self.assertEqual(data.count(b"\n"), 1)
        self.assertTrue(data.endswith(b"\n"))
        self.assertEqual(
            json.loads(data),
            {
                "jsonrpc": "2.0",
                "method": "said",
                "params": {"text": "two\nlines\r\u2028and a half"},
            },
        )

    def test_asking(self) -> None:
        first = self.wire.ask("dirty", alias="default")
        second = self.wire.ask("restore", alias="other", image="")
        self.assertEqual(
            [json.loads(line) for line in self.sent().splitlines()],
            [
                {"jsonrpc": "2.0", "id": first, "method": "dirty", "params": {"alias": "default"}},
                {"jsonrpc": "2.0", "id": second, "method": "restore",
                 "params": {"alias": "other", "image": ""}},
            ],
        )  # fmt: skip
        cancel = {"method": "cancel"}
        for message in (
            {"id": second, "result": {"clean": True}},
            cancel,
            {"id": first, "error": {"code": -32000, "message": "no room"}},
            {"id": 7, "method": "end"},
        ):
            os.write(self.there, json.dumps(message).encode() + b"\n")
        with self.assertRaisesRegex(Declined, "no room"):
            self.wire.answer(first)
        self.assertEqual(self.wire.answer(second), {"clean": True})
        # What came in between has been kept for whoever listens.
        self.assertEqual(self.wire.receive_waiting(), cancel)
        self.assertEqual(self.wire.receive(), {"id": 7, "method": "end"})
        self.assertIsNone(self.wire.receive_waiting())

    def test_who_may_ask(self) -> None:
        self.assertTrue(self.wire.mine())
        asked = []
        with running(lambda: asked.append(self.wire.mine())):
            pass
        self.assertEqual(asked, [False])
        self.assertEqual(self.in_child(lambda: os._exit(self.wire.mine())), 0)

    def test_a_lone_surrogate_is_spelled_out(self) -> None:
        self.wire.notify("said", {"path": "a\udcffb", "text": "é\U0001f3b8"})
        params = json.loads(self.sent().decode("utf-8"))["params"]
        self.assertEqual(params, {"path": "a\\udcffb", "text": "é\U0001f3b8"})

    def test_what_json_does_not_know_is_told_as_text(self) -> None:
        self.wire.notify("said", {"path": os.DirEntry, "set": {1}})
        self.assertEqual(json.loads(self.sent())["params"]["set"], "{1}")

    def test_a_message_in_pieces(self) -> None:
        def write() -> None:
            for piece in (b'{"id"', b": 1, ", b'"method": "x"}', b"\n"):
                os.write(self.there, piece)
                time.sleep(0.01)

        with running(write):
            self.assertEqual(self.wire.receive(), {"id": 1, "method": "x"})

    def test_two_messages_at_once(self) -> None:
        os.write(self.there, b'{"id":1}\n{"id":2}\n{"id"')
        self.assertEqual([self.wire.receive(), self.wire.receive()], [{"id": 1}, {"id": 2}])
        os.write(self.there, b":3}\n")
        self.assertEqual(self.wire.receive(), {"id": 3})

    def test_a_big_message_each_way(self) -> None:
        text = "x€" * 1_000_000
        got = bytearray()

        def read() -> None:
            while not got.endswith(b"\n"):
                got.extend(self.sent())

        with running(read):
            self.wire.notify("big", text)
        self.assertEqual(json.loads(got)["params"], text)

        def write() -> None:
            view = memoryview(bytes(got))
            while view:
                view = view[os.write(self.there, view) :]

        with running(write):
            self.assertEqual(self.wire.receive()["params"], text)

    def test_waiting_messages_are_seen_without_waiting(self) -> None:
        self.assertIsNone(self.wire.receive_waiting())
        os.write(self.there, b'{"method":"cancel"}\n{"id":2}\n')
        self.assertEqual(self.wire.receive_waiting(), {"method": "cancel"})
        self.assertEqual(self.wire.receive_waiting(), {"id": 2})
        self.assertIsNone(self.wire.receive_waiting())

    def test_the_end_of_the_server_is_the_end_of_the_process(self) -> None:
        def orphan() -> None:
            os.close(self.there)
            Wire(self.wire._reader, self.wire._writer).receive()

        self.hang_up(self.there)
        self.there = os.dup(self.here)  # something for the child to close
        self.open.add(self.there)
        self.assertEqual(self.in_child(orphan), 0)

    def test_a_server_that_no_longer_listens_ends_the_process(self) -> None:
        def speak() -> None:
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
            os.close(self.here)
            Wire(self.wire._reader, self.wire._writer).notify("x", 1)

        self.hang_up(self.here)
        self.here = os.dup(self.there)
        self.open.add(self.here)
        self.assertEqual(self.in_child(speak), 0)

    def test_a_child_of_a_test_does_not_speak(self) -> None:
        self.assertEqual(self.in_child(lambda: self.wire.notify("stray", 1)), 1)
        self.assertEqual(self.in_child(self.wire.receive), 1)
        self.wire.notify("mine", 2)
        self.assertEqual(json.loads(self.sent())["method"], "mine")

    def test_the_end_takes_what_was_started_along(self) -> None:
        alive, held = os.pipe()

        def lead() -> None:
            os.close(alive)
            os.setsid()
            os.close(self.there)  # or nobody would see the end
            if os.fork() == 0:
                time.sleep(60)
            Wire(self.wire._reader, self.wire._writer).receive()

        child = os.fork()
        if child == 0:
            lead()
        os.close(held)
        begun = time.monotonic()
        self.hang_up(self.there)
        _, status = os.waitpid(child, 0)
        self.assertEqual(os.WTERMSIG(status), signal.SIGKILL)
        self.assertEqual(os.read(alive, 1), b"")  # the last holder is gone
        self.assertLess(time.monotonic() - begun, 10)
        os.close(alive)


class StandardStreamsTests(unittest.TestCase):
    def test_tests_can_neither_read_nor_print_into_the_conversation(self) -> None:
        told = script(
            """
            import os, subprocess, sys
            from hotclub_worker.wire import Declined, Wire
            wire = Wire.over_standard_streams()
            print("printed")
            os.write(1, b"written")
            subprocess.run([sys.executable, "-c", "print('of a child')"])
            wire.notify("said", {"input": sys.stdin.read()})
            """
        )
        self.assertEqual(told, {"jsonrpc": "2.0", "method": "said", "params": {"input": ""}})
