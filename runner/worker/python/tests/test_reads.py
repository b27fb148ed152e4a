import os
import time

from hotclub_worker.reads import counts

from .recorded import OLD, PRELUDE, Recorded, sha
from .support import PARENT, script, write


class FileTests(Recorded):
    def test_a_file_is_what_stat_says(self) -> None:
        write(self.root, {"data": "12345"})
        self.age("data")
        status = os.stat(self.root / "data")
        entries = self.record("open('data').read()")
        self.assertEqual(entries, {"data": ["file", OLD * 10**9, 5, status.st_ino, ""]})
        self.assertEqual(self.changed, {"data": status.st_ctime_ns})

    def test_each_way_to_open_counts(self) -> None:
        names = ["a", "b", "c", "d", "e", "f"]
        write(self.root, dict.fromkeys(names, "x"))
        entries = self.record(
            """
import io, pathlib
open("a"); open(b"b", "rb"); pathlib.Path("c").read_text()
os.close(os.open("d", os.O_RDONLY)); io.open_code(os.path.abspath("e")); io.FileIO("f").close()
open(0, closefd=False)
"""
        )
        self.assertEqual(sorted(entries), names)

    def test_what_is_written_is_not_read(self) -> None:
        write(self.root, dict.fromkeys(("append", "both", "flags"), "x"))
        entries = self.record(
            """
open("new", "w").write("x"); open("new").read()
open("append", "a"); open("both", "r+").read(); open("only", "x")
os.close(os.open("flags", os.O_RDWR)); os.close(os.open("made", os.O_WRONLY | os.O_CREAT))
"""
        )
        self.assertEqual(entries, {})

    def test_what_was_read_before_it_was_written_counts(self) -> None:
        write(self.root, {"data": "1"})
        entries = self.record("open('data').read(); open('data', 'w').write('22')")
        self.assertEqual(entries["data"][2], 1)

    def test_the_first_sight_counts(self) -> None:
        write(self.root, {"data": "1"})
        entries = self.record(
            "open('data'); os.truncate('data', 0); open('data'); open('./data');"
            "open(os.getcwd() + '/data')"
        )
        self.assertEqual(entries["data"][2], 1)

    def test_what_was_asked_for_counts(self) -> None:
        write(self.root, {"data": "1", "folder/x": "", "read": "1"})
        entries = self.record(
            """
import pathlib
assert os.path.exists("data") and os.path.isdir(b"folder") and os.path.exists("read")
assert not os.path.isfile("none") and not pathlib.Path("void").is_file()
assert not os.path.exists("data/below") and os.stat(1) and os.stat in os.supports_dir_fd
open("read")
"""
        )
        kinds = {name: entry[0] for name, entry in entries.items()}
        self.assertEqual(kinds, {
            "data": "there", "folder": "there", "read": "file",
            "none": "absent", "void": "absent", "data/below": "absent",
        })  # fmt: skip

    def test_what_was_asked_for_and_then_made_is_not_read(self) -> None:
        entries = self.record(
            """
os.path.exists("made") or open("made", "w").close()
os.path.isdir("folder") or os.mkdir("folder")
assert os.path.exists("made") and os.path.isdir("folder")
"""
        )
        self.assertEqual(entries, {})

    def test_what_is_asked_for_during_a_boot_waits_for_its_end(self) -> None:
        write(self.root, {"data": "1"})
        entries = self.record(
            """
told = []
recorder.tell(lambda: told.extend(entry[0] for entry in recorder.drain()))
os.path.exists("made") or os.path.exists("none") or open("data").read()
open("made", "w").close()
recorder.tell(None)
assert told == [os.path.abspath("data")], told
"""
        )
        self.assertEqual(list(entries), ["none"])

    def test_a_second_look_takes_nothing_back(self) -> None:
        entries = self.record("os.path.exists('a'); os.system('touch a'); open('a').read()")
        self.assertEqual(entries["a"][0], "absent")

    def test_absent(self) -> None:
        entries = self.record(
            """
for name in ("missing", "no/folder"):
    try:
        open(name)
    except OSError:
        pass
"""
        )
        absent = ["absent", 0, 0, 0, ""]
        self.assertEqual(entries, {"missing": absent, "no/folder": absent})

    def test_a_file_just_written_is_told_by_content(self) -> None:
        write(self.root, {"fresh": "x", "old": "x", "future": "y"})
        self.age("old")
        os.utime(self.root / "future", (time.time() + 9999,) * 2)
        entries = self.record("open('fresh'), open('old'), open('future')")
        digests = {name: entry[4] for name, entry in entries.items()}
        self.assertEqual(digests, {"fresh": sha("x"), "old": "", "future": sha("y")})

    def test_a_file_that_may_not_be_read_is_recorded(self) -> None:
        write(self.root, {"secret": "x"})
        entries = self.record(
            """
import hotclub_worker.reads as reads
real = os.open
def refuse(path, *rest):
    raise PermissionError(path)
os.open = refuse  # root may read everything
recorder.file("secret")
os.open = real
"""
        )
        self.assertEqual(entries["secret"][0::4], ["file", ""])

    def test_devices_and_the_system_do_not_count(self) -> None:
        os.mkfifo(self.root / "pipe")
        entries = self.record(
            """
open("/dev/null"); os.listdir("/proc/self"); os.scandir("/dev").close(); os.listdir("/proc")
os.close(os.open("pipe", os.O_RDONLY | os.O_NONBLOCK))
"""
        )
        self.assertEqual(entries, {"pipe": ["other", 0, 0, 0, ""]})

    def test_our_own_files_do_not_count(self) -> None:
        self.assertEqual(self.record("import hotclub_worker.collect, hotclub_worker.failure"), {})

    def test_what_was_loaded_before_counts(self) -> None:
        told = script(
            f"""
            import json, sys
            import json.decoder
            from hotclub_worker.reads import Recorder
            recorder = Recorder(ignore={str(PARENT)!r})
            recorder.install()
            entries = [entry[:2] for entry in recorder.drain()]
            print(json.dumps([json.decoder.__file__, entries]))
            """
        )
        self.assertIn([told[0], "file"], told[1])

    def test_drained_is_drained(self) -> None:
        write(self.root, {"a": "", "b": ""})
        self.assertEqual(
            sorted(self.record("open('a'); recorder.drain(); open('a'); open('b')")), ["b"]
        )


class DirectoryTests(Recorded):
    def test_listing(self) -> None:
        write(self.root, {"one/b": "", "one/a": "", "one/a~": "", "one/.b.swp": "", "two/c": ""})
        self.age("one", "two")
        entries = self.record("os.listdir('one'); os.scandir('two'); next(os.walk('one'))")
        inode = os.stat(self.root / "one").st_ino
        self.assertEqual(entries["one"], ["names", OLD * 10**9, 0, inode, sha("a\0b\0")])
        self.assertEqual(entries["two"][4], sha("c\0"))

    def test_listing_the_working_directory(self) -> None:
        write(self.root, {"x": ""})
        digest = sha("x\0")
        for call in ("os.listdir()", "os.scandir()", "os.listdir(b'.')", "os.listdir('.')"):
            entries = self.record(call)
            self.assertEqual(entries[str(self.root)][4], digest, call)

    def test_pathlib_and_glob(self) -> None:
        write(self.root, {"a/x": "", "b/x": "", "c/x": ""})
        entries = self.record(
            "import glob, pathlib; list(pathlib.Path('a').iterdir()); glob.glob('b/*');"
            "list(pathlib.Path('c').glob('*'))"
        )
        self.assertEqual(
            {name: entries[name][4] for name in "abc"}, dict.fromkeys("abc", sha("x\0"))
        )

    def test_a_folder_just_changed_has_no_time_stamp(self) -> None:
        write(self.root, {"one/b": ""})
        self.assertEqual(self.record("os.listdir('one')")["one"][:2], ["names", 0])

    def test_what_is_no_folder(self) -> None:
        write(self.root, {"file": "x"})
        entries = self.record(
            """
for name in ("file", "missing"):
    try:
        os.listdir(name)
    except OSError:
        pass
"""
        )
        self.assertEqual([entries["file"][0], entries["missing"][0]], ["file", "absent"])

    def test_a_folder_that_may_not_be_listed_is_never_stale(self) -> None:
        (self.root / "closed").mkdir()
        entries = self.record(
            """
real = os.listdir
def refuse(path):
    raise PermissionError(path)
os.listdir = refuse  # root may list everything
recorder.directory("closed", False)
os.listdir = real
"""
        )
        self.assertEqual(entries["closed"], ["other", 0, 0, 0, ""])

    def test_names_that_count(self) -> None:
        for name, listed, imported in (
            (b"a.py", True, True), (b"a.so", True, True), (b"package", True, True),
            (b"a.txt", True, False), (b"__pycache__", False, False), (b"a.py~", False, False),
            (b".a.py.swp", False, False), (b"4913", False, False), (b"#a.py#", False, False),
            (b".#a.py", False, False), (b"a.pyc", False, False), (b"\xff.py", True, True),
        ):  # fmt: skip
            self.assertEqual((counts(name, False), counts(name, True)), (listed, imported), name)


class HookTests(Recorded):
    def test_its_own_reads_do_not_call_it_again(self) -> None:
        write(self.root, {"fresh": "x", "folder/x": ""})
        told = script(
            PRELUDE.format(ignore="/nowhere")
            + """
depth = deepest = 0
inner = recorder._hook.__func__
real = recorder.file
def counted(path):
    global depth, deepest
    depth += 1; deepest = max(deepest, depth)
    try:
        real(path)
    finally:
        depth -= 1
recorder.file = counted
open("fresh"); os.listdir("folder")
done(deepest=deepest)
""",
            str(self.root),
        )
        self.assertEqual(told["deepest"], 1)

    def test_threads_do_not_disturb_each_other(self) -> None:
        names = [f"d{i}/{j}" for i in range(8) for j in range(40)]
        write(self.root, dict.fromkeys(names, "x"))
        for i in range(8):
            self.age(f"d{i}")
        entries = self.record(
            """
import threading
sys.setswitchinterval(1e-6)
def read(i):
    for j in range(40):
        open(f"d{i}/{j}").close(); os.listdir(f"d{i}")
threads = [threading.Thread(target=read, args=(i,)) for i in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
        )
        wanted = set(names) | {f"d{i}" for i in range(8)}
        self.assertEqual(wanted - set(entries), set())
        self.assertEqual({entries[name][4] for name in names}, {sha("x")})

    def test_odd_arguments_change_nothing(self) -> None:
        entries = self.record(
            r"""
for odd in ("a\0b", "x" * 5000, ""):
    try:
        open(odd)
    except (ValueError, OSError):
        pass
class Odd:
    def __fspath__(self): return 3
try:
    open(Odd())
except TypeError:
    pass
os.listdir(os.open(".", os.O_RDONLY))
"""
        )
        self.assertLessEqual(len(entries), 3)

    def test_a_working_directory_that_is_gone_changes_nothing(self) -> None:
        told = script(
            PRELUDE.format(ignore="/")
            + """
os.mkdir("gone"); os.chdir("gone"); os.rmdir(sys.argv[1] + "/gone")
try:
    open("x")
except FileNotFoundError:
    done(fine=True)
""",
            str(self.root),
        )
        self.assertTrue(told["fine"])
