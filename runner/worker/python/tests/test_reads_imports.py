import importlib.machinery
import os
import sys
import time
from typing import Any

from .recorded import OLD, Recorded, sha
from .support import script, write


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
