from .recorded import PRELUDE, Recorded, sha
from .support import script


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
