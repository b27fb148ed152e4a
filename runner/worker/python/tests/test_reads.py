import hashlib
import importlib.machinery
import os
import sys
import time
import unittest
from typing import Any, Optional

from hotclub_worker.reads import counts

from .support import PARENT, script, temporary, write

PRELUDE = """
import json, os, sys
from hotclub_worker.reads import Recorder
recorder = Recorder(ignore={ignore!r})
os.chdir(sys.argv[1])
sys.path.remove("")
recorder.install()
recorder.drain()

def done(**more):
    entries = {{}}
    for entry in recorder.drain():
        assert entry[0] not in entries, entry
        entries[entry[0]] = entry
    print(json.dumps(dict(entries=entries, environment=recorder.environment(), **more)))
"""
OLD = 1_600_000_000
STDLIB = os.path.dirname(os.__file__)


def sha(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


class Recorded(unittest.TestCase):
    def setUp(self) -> None:
        manager = temporary()
        self.root = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)

    def record(
        self, code: str, *, born: Optional[dict[str, str]] = None, everything: bool = False
    ) -> dict[str, Any]:
        """What a program reads: by default only what is not of the standard library."""
        told = script(
            PRELUDE.format(ignore=str(PARENT)) + code + "\ndone()",
            str(self.root), PYTHONDONTWRITEBYTECODE="", **(born or {}),
        )  # fmt: skip
        self.environment: dict[str, str] = told["environment"]
        below = str(self.root) + os.sep
        entries = {
            path[len(below) :] if path.startswith(below) else path: entry[1:]
            for path, entry in told["entries"].items()
            if everything or not path.startswith(STDLIB)
        }
        self.changed: dict[str, int] = {name: entry.pop() for name, entry in entries.items()}
        return entries

    def age(self, *names: str) -> None:
        """Makes files look as if they had been written long ago."""
        for name in names:
            os.utime(self.root / name, (OLD, OLD))


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


class ImportTests(Recorded):
    def setUp(self) -> None:
        super().setUp()
        write(self.root, {"pack/__init__.py": "", "pack/mod.py": "import helper", "helper.py": ""})

    def modules(self, code: str) -> dict[str, Any]:
        return self.record("sys.path.insert(0, '.')\n" + code)

    def test_who_asks_for_nothing_has_not_asked_for_the_directory(self) -> None:
        entries = self.modules("import os\nos.path.exists('')\nos.path.exists('nothing')")
        self.assertEqual(entries["nothing"][0], "absent")
        self.assertNotIn(".", entries)
        self.assertNotIn("", entries)

    def test_a_source_counts_with_and_without_bytecode(self) -> None:
        self.age("pack/mod.py")
        for _ in range(2):
            entries = self.modules("import pack.mod")
            files = sorted(name for name, entry in entries.items() if entry[0] == "file")
            self.assertEqual(files, ["helper.py", "pack/__init__.py", "pack/mod.py"])
        self.assertTrue(list(self.root.glob("pack/__pycache__/mod.*.pyc")), "there was no bytecode")

    def test_bytecode_of_another_source_with_the_same_time_and_size(self) -> None:
        write(self.root, {"helper.py": "VALUE = 1"})
        self.age("helper.py")
        self.modules("import helper; assert helper.VALUE == 1")
        (bytecode,) = self.root.glob("__pycache__/helper.*.pyc")
        write(self.root, {"helper.py": "VALUE = 2"})
        self.age("helper.py")
        self.modules("import helper; assert helper.VALUE == 2")
        compile_again = os.stat(bytecode).st_mtime_ns
        late = time.time() + 10
        os.utime(bytecode, (late, late))
        self.modules("import helper; assert helper.VALUE == 2")
        self.assertGreater(os.stat(bytecode).st_mtime_ns, compile_again, "it was not used")

    def test_the_import_system_sees_what_could_be_imported(self) -> None:
        write(self.root, {"pack/notes.txt": "", "pack/data/x": ""})
        entries = self.modules("import pack.mod")
        self.assertEqual(entries["pack"][0], "packages")
        self.assertEqual(entries["pack"][4], sha("__init__.py\0data\0mod.py\0"))
        entries = self.modules(
            "import pack.mod; os.listdir('pack'); recorder.drain(); os.listdir('pack')"
        )
        self.assertEqual(entries, {})

    def test_a_module_that_is_not_there_leaves_the_folder(self) -> None:
        entries = self.modules(
            "try:\n    import pack.local_settings\nexcept ImportError:\n    pass"
        )
        self.assertEqual(entries["pack"][0], "packages")

    def test_bytecode_of_a_text_of_the_same_second_is_not_taken(self) -> None:
        for compiled, then in (("1", "2"), ("2", "1")):
            self.compile_as(f"VALUE = {compiled}", at=0.2)
            write(self.root, {"helper.py": f"VALUE = {then}"})
            os.utime(self.root / "helper.py", (OLD + 0.5, OLD + 0.5))
            self.assertEqual(self.value(), then)

    def compile_as(self, text: str, at: float) -> None:
        """Leaves bytecode that was written some part of a second after OLD, of a text of then."""
        write(self.root, {"helper.py": text})
        os.utime(self.root / "helper.py", (OLD, OLD))
        script("import py_compile, sys; py_compile.compile(sys.argv[1]); print(0)",
               str(self.root / "helper.py"))  # fmt: skip
        for bytecode in self.root.glob("__pycache__/helper.*"):
            os.utime(bytecode, (OLD + at, OLD + at))

    def value(self) -> str:
        """What a program sees of the module, told by a file that it looks for."""
        seen = self.modules(
            "import helper\ntry:\n    open(f'sees {helper.VALUE}')\nexcept OSError:\n    pass"
        )
        return next(name[5:] for name in seen if name.startswith("sees "))

    def test_bytecode_without_source_counts_itself(self) -> None:
        script("import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[2]); print(0)",
               str(self.root / "helper.py"), str(self.root / "alone.pyc"))  # fmt: skip
        self.assertEqual(self.modules("import alone")["alone.pyc"][0], "file")

    def test_a_source_that_changes_while_it_is_imported_shows(self) -> None:
        write(self.root, {"self.py": "open(__file__, 'a').write('# longer')"})
        size = os.stat(self.root / "self.py").st_size
        self.assertEqual(self.modules("import self")["self.py"][2], size)

    def test_a_source_that_changes_once_the_loader_has_looked_shows(self) -> None:
        told = script(
            """
            import importlib.machinery, json, os, sys
            loader = importlib.machinery.SourceFileLoader
            real = loader.path_stats
            def path_stats(self, path):
                found = real(self, path)
                if path.endswith("helper.py"):
                    open(path, "a").write("changed = 1")
                return found
            loader.path_stats = path_stats
            from hotclub_worker.reads import Recorder
            recorder = Recorder(ignore="/nowhere")
            recorder.install()
            sys.path.insert(0, sys.argv[1])
            import helper
            print(json.dumps([e[3] for e in recorder.drain() if e[0].endswith("/helper.py")]))
            """,
            str(self.root),
        )
        self.assertEqual(told, [0])

    def test_extension_modules(self) -> None:
        suffixes = tuple(importlib.machinery.EXTENSION_SUFFIXES)
        name, path = next(
            (entry.name.partition(".")[0], entry.path)
            for folder in sys.path if os.path.isdir(folder)
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
            if entry.name.endswith(suffixes)
            and entry.name.startswith(("_bisect", "_queue", "_json", "_zoneinfo", "_xx"))
        )  # fmt: skip
        entries = self.record(
            f"import importlib; sys.modules.pop({name!r}, None); importlib.import_module({name!r})",
            everything=True,
        )
        if path not in entries:  # it was loaded when the recorder came
            entries = self.record(
                f"again = Recorder(ignore='/'); again.install(); recorder = again; import {name}",
                everything=True,
            )
        self.assertEqual(entries[path][0], "file")

    def test_folders_listed_before_count(self) -> None:
        told = script(
            """
            import importlib, json, sys
            sys.path.insert(0, sys.argv[1])
            import helper
            from hotclub_worker.reads import Recorder
            recorder = Recorder(ignore="/nowhere")
            recorder.install()
            print(json.dumps([e[:2] for e in recorder.drain() if e[1] == "packages"]))
            """,
            str(self.root),
        )
        self.assertIn([str(self.root), "packages"], told)


class EnvironmentTests(Recorded):
    def look_up(self, code: str, **born: str) -> dict[str, str]:
        self.record(code, born=born)
        return {name: value for name, value in self.environment.items() if name.startswith("APP_")}

    def test_each_way_to_look_up_counts(self) -> None:
        got = self.look_up(
            """
os.environ["APP_1"]; os.environ.get("APP_2"); os.getenv("APP_3"); "APP_4" in os.environ
os.environ.setdefault("APP_5", "mine"); os.environ.pop("APP_6"); os.environ.pop("APP_7", None)
os.getenvb(b"APP_8"); del os.environ["APP_9"]
""",
            APP_1="one", APP_5="five", APP_6="six", APP_8="eight", APP_9="nine", APP_X="unread",
        )  # fmt: skip
        want = {f"APP_{i}": "" for i in (2, 3, 4, 7)}
        want.update(APP_1=sha("one"), APP_5=sha("five"), APP_6=sha("six"))
        want.update(APP_8=sha("eight"), APP_9=sha("nine"))
        self.assertEqual(got, want)

    def test_the_value_at_birth_counts(self) -> None:
        got = self.look_up(
            """
os.environ["APP_1"] = "new"; os.environ["APP_1"]
os.environ.update(APP_2="new"); os.environ.get("APP_2")
del os.environ["APP_3"]; os.environ.get("APP_3")
os.environ.setdefault("APP_4", "new"); os.environ["APP_4"]
""",
            APP_1="old", APP_3="old",
        )  # fmt: skip
        self.assertEqual(got, {"APP_1": sha("old"), "APP_2": "", "APP_3": sha("old"), "APP_4": ""})

    def test_a_program_sees_no_difference(self) -> None:
        told = script(
            PRELUDE.format(ignore="/")
            + """
os.environ["APP_N"] = "1"
same = [os.environ["APP_1"], os.environ.get("APP_2", "d"), "APP_1" in os.environ,
        os.environ.pop("APP_1"), "APP_1" in os.environ, dict(os.environ) == os.environ.copy(),
        len(os.environ) == len(list(os.environ)),
        os.popen("echo $APP_N").read(), os.environb[b"APP_N"].decode()]
try:
    os.environ["APP_2"]
except KeyError as error:
    same.append(error.args)
try:
    del os.environ["APP_2"]
except KeyError as error:
    same.append(error.args)
done(same=same)
""",
            str(self.root), APP_1="1",
        )  # fmt: skip
        self.assertEqual(
            told["same"],
            ["1", "d", True, "1", False, True, True, "1\n", "1", ["APP_2"], ["APP_2"]],
        )

    def test_walking_over_all_counts_but_for_the_terminal(self) -> None:
        walks = (
            "dict(os.environ)", "os.environ.copy()", "list(os.environ.items())", "{**os.environ}",
            "[os.environ[name] for name in os.environ]", "list(os.environ.values())",
        )  # fmt: skip
        for walk in walks:
            with self.subTest(walk):
                self.record(
                    walk, born={"APP_1": "x", "TERM": "xterm", "SSH_TTY": "t", "SHLVL": "3"}
                )
                self.assertEqual(self.environment["APP_1"], sha("x"))
                self.assertFalse({"TERM", "SSH_TTY", "SHLVL"} & set(self.environment))

    def test_a_walk_of_the_standard_library_does_not_count(self) -> None:
        self.record("import wsgiref.handlers", born={"APP_1": "x"})
        self.assertNotIn("APP_1", self.environment)

    def test_a_variable_of_the_terminal_counts_when_it_is_asked_for(self) -> None:
        self.record("dict(os.environ); os.environ['TERM']", born={"TERM": "xterm"})
        self.assertEqual(self.environment["TERM"], sha("xterm"))

    def test_what_c_libraries_read_always_counts(self) -> None:
        self.record("", born={"PGPASSWORD": "s3cret", "TZ": "UTC", "APP_1": "x"})
        self.assertEqual(self.environment["PGPASSWORD"], sha("s3cret"))
        self.assertIn("TZ", self.environment)
        self.assertNotIn("APP_1", self.environment)

    def test_values_never_leave(self) -> None:
        code = PRELUDE.format(ignore="/") + "os.environ['APP_1']; dict(os.environ); done()"
        told = script(code, str(self.root), APP_1="plain-text-value", PGPASSWORD="other-secret")
        self.assertEqual(told["environment"]["APP_1"], sha("plain-text-value"))
        self.assertNotIn("plain-text-value", str(told))
        self.assertNotIn("other-secret", str(told))


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
