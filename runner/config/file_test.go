package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hotclub/runner"
)

// Each text of a faulty configuration, word for word.
func TestFileErrors(t *testing.T) {
	skipOnWindows(t)
	const all = "the keys are manage, python, settings, parallel, timeout, start-method, split-classes, output-limit, spare-workers, idle-timeout, base-layer, watch, affected-depth, flush, runner-args, env"
	const duration = `expected a duration in quotes, such as "60s" or "2m", or 0 for `
	const size = `hotclub.toml:1: output-limit has a wrong value; expected a size in quotes, such as "64MB" or "512KB", of at least 1KB`
	tests := []struct{ name, tree, want string }{
		{"unknown key", "-- pyproject.toml --\n[project]\nname = 'x'\n\n[tool.hotclub]\ntimeout = '1m'\nparalel = 4\n", `pyproject.toml:6: unknown key "paralel" in [tool.hotclub]; did you mean "parallel"?`},
		{"underscore", "-- hotclub.toml --\nStart_Method = 'fork'\n", `hotclub.toml:1: unknown key "Start_Method" in hotclub.toml; did you mean "start-method"?`},
		{"far from any key", "-- hotclub.toml --\n\n\ncolour = 'red'\n", `hotclub.toml:3: unknown key "colour" in hotclub.toml; ` + all},
		{"unknown dotted key", "-- pyproject.toml --\ntool.hotclub.idletimeout = 3\n", `pyproject.toml:1: unknown key "idletimeout" in [tool.hotclub]; did you mean "idle-timeout"?`},
		{"unknown key of an inline table", "-- pyproject.toml --\n[tool]\nhotclub = { timeout = 0, setings = 'x' }\n", `pyproject.toml:2: unknown key "setings" in [tool.hotclub]; did you mean "settings"?`},
		{"unknown table", "-- pyproject.toml --\n[tool.hotclub]\n[tool.hotclub.environ]\nA = 'b'\n", `pyproject.toml:2: unknown key "environ" in [tool.hotclub]; ` + all},
		{"table in hotclub.toml", "-- hotclub.toml --\n[tool.hotclub]\nparallel = 2\n", "hotclub.toml:1: unknown key \"tool\" in hotclub.toml; in hotclub.toml the keys stand at the top, without [tool.hotclub]"},
		{"first of two", "-- hotclub.toml --\nbb = 1\naa = 1\n", `hotclub.toml:1: unknown key "bb" in hotclub.toml; ` + all},
		{"both files", "-- hotclub.toml --\nparallel = 2\n-- pyproject.toml --\n[tool.hotclub]\n\nparallel = 3\n", "pyproject.toml:3: parallel is also set in hotclub.toml:1; keep one of the two"},
		{"not a table", "-- pyproject.toml --\n[tool]\nhotclub = 3\n", "pyproject.toml:2: tool.hotclub is not a table; write a line [tool.hotclub] and the keys below it"},
		{"tool is not a table", "-- pyproject.toml --\ntool = 'hotclub'\n", "pyproject.toml:1: tool.hotclub is not a table; write a line [tool.hotclub] and the keys below it"},
		{"twice in one file", "-- hotclub.toml --\nparallel = 2\nparallel = 3\n", "hotclub.toml:2: not valid TOML: key parallel is already defined; correct the file"},
		{"no TOML", "-- pyproject.toml --\n[tool.hotclub]\nparallel =\n", "pyproject.toml:2: not valid TOML: unexpected character U+000A at start of value; correct the file"},
		{"not UTF-8", "-- hotclub.toml --\nsettings = '\xe9'\n", "hotclub.toml: cannot be read: it is not UTF-8 text; make it a readable UTF-8 text file"},
		{"a directory", "dir hotclub.toml\n", "hotclub.toml: cannot be read: it is a directory; make it a readable UTF-8 text file"},
		{"pyproject is a directory", "dir pyproject.toml\n", "pyproject.toml: cannot be read: it is a directory; make it a readable UTF-8 text file"},
		{"a device", "link hotclub.toml /dev/zero\n", "hotclub.toml: cannot be read: it is not a regular file; make it a readable UTF-8 text file"},
		{"too large", "-- hotclub.toml --\n" + "# " + strings.Repeat("x", maxFile), "hotclub.toml: cannot be read: it is larger than 256 KB; make it a readable UTF-8 text file"},
		{"parallel zero", "-- hotclub.toml --\nparallel = 0\n", `hotclub.toml:1: parallel has a wrong value; expected "auto" or a number from 1 to 1024, without quotes`},
		{"parallel in quotes", "-- hotclub.toml --\nparallel = '4'\n", `hotclub.toml:1: parallel has a wrong value; expected "auto" or a number from 1 to 1024, without quotes`},
		{"parallel is a table", "-- hotclub.toml --\n[parallel]\n", `hotclub.toml:1: parallel has a wrong value; expected "auto" or a number from 1 to 1024, without quotes`},
		{"timeout without unit", "-- hotclub.toml --\ntimeout = 60\n", "hotclub.toml:1: timeout has a wrong value; " + duration + "none"},
		{"timeout below zero", "-- hotclub.toml --\ntimeout = '-1s'\n", "hotclub.toml:1: timeout has a wrong value; " + duration + "none"},
		{"idle-timeout", "-- hotclub.toml --\nidle-timeout = 'long'\n", "hotclub.toml:1: idle-timeout has a wrong value; " + duration + "never"},
		{"start-method", "-- hotclub.toml --\nstart-method = 'forkserver'\n", `hotclub.toml:1: start-method has a wrong value; expected "auto", "fork" or "spawn"`},
		{"split-classes", "-- hotclub.toml --\nsplit-classes = 'yes'\n", "hotclub.toml:1: split-classes has a wrong value; expected true or false, without quotes"},
		{"output-limit", "-- hotclub.toml --\noutput-limit = 'much'\n", size},
		{"output-limit too small", "-- hotclub.toml --\noutput-limit = 100\n", size},
		{"spare-workers", "-- hotclub.toml --\nspare-workers = -1\n", "hotclub.toml:1: spare-workers has a wrong value; expected a number from 0 to 1024, without quotes"},
		{"flush", "-- hotclub.toml --\nflush = 'fast'\n", `hotclub.toml:1: flush has a wrong value; expected one of "images", "django"`},
		{"affected-depth", "-- hotclub.toml --\naffected-depth = 'lines'\n", `hotclub.toml:1: affected-depth has a wrong value; expected one of "auto", "functions", "files", "off"`},
		{"runner-args", "-- hotclub.toml --\nrunner-args = '--x'\n", `hotclub.toml:1: runner-args has a wrong value; expected a list of texts, such as ["--no-input"]`},
		{"runner-args of numbers", "-- hotclub.toml --\nrunner-args = [1]\n", `hotclub.toml:1: runner-args has a wrong value; expected a list of texts, such as ["--no-input"]`},
		{"env", "-- hotclub.toml --\nenv = 'A=b'\n", `hotclub.toml:1: env has a wrong value; expected a table of texts, such as env = { API_URL = "http://localhost" }`},
		{"env of numbers", "-- hotclub.toml --\n[env]\nA = 'a'\nB = 1\n", "hotclub.toml:3: env: B has a wrong value; expected a text in quotes"},
		{"env with settings", "-- pyproject.toml --\n[tool.hotclub.env]\nDJANGO_SETTINGS_MODULE = 'a.b'\n", "pyproject.toml:2: env sets DJANGO_SETTINGS_MODULE; use the key settings"},
		{"env with a bad name", "-- hotclub.toml --\nenv = { 'A=B' = 'x' }\n", `hotclub.toml:1: env: "A=B" cannot be the name of a variable; rename it`},
		{"env with NUL", "-- hotclub.toml --\nenv = { A = \"\\u0000\" }\n", "hotclub.toml:1: env: A contains a NUL character; remove it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, test.tree)
			g.write("manage.py", "", 0o644)
			_, err := Load(g.client("."), runner.Overrides{})
			wantError(t, g, err, test.want, !strings.Contains(test.want, "cannot be read"))
		})
	}
}

func TestFilesOfOthers(t *testing.T) {
	skipOnWindows(t)
	for _, text := range []string{"", "[tool.hot]\nx=1\n", "[broken", "[project]\ndependencies = ['hotclub']\n", "\ufeff[tool.hotclub]\r\nparallel = 2\r\n", "[tool.hotclub.env]\n", "\xff"} {
		g := plant(t, "-- manage.py --\n-- pyproject.toml --\n"+text)
		g.load(".", runner.Overrides{})
	}
}

func TestErrorFromElsewhere(t *testing.T) {
	skipOnWindows(t)
	g := plant(t, "-- manage.py --\n-- hotclub.toml --\n\nx = 1\n-- shop/a --\n")
	_, err := Load(g.client("shop"), runner.Overrides{})
	if err == nil || !strings.HasPrefix(g.rel(err.Error()), "$WORK/hotclub.toml:2: unknown key") {
		t.Errorf("got %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("modes do not bind this user")
	}
	g := plant(t, "-- manage.py --\n-- hotclub.toml --\n")
	check(t, os.Chmod(g.path("hotclub.toml"), 0))
	_, err := Load(g.client("."), runner.Overrides{})
	wantError(t, g, err, "hotclub.toml: cannot be read: permission denied; make it a readable UTF-8 text file", false)
}

func TestStickyDirectoryIsNoProject(t *testing.T) {
	skipOnWindows(t)
	g := plant(t, "bare\n-- tmp/hotclub.toml --\npython = '/evil'\n-- tmp/proj/manage.py --\n")
	check(t, os.Chmod(g.path("tmp"), 0o777|os.ModeSticky))
	p := g.load("tmp/proj", runner.Overrides{})
	if filepath.Base(p.Root) != "proj" || len(p.Files) != 0 {
		t.Errorf("root %s, files %v", p.Root, p.Files)
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"pyton": "python", "PYTHON": "python", "runner_args": "runner-args", "timeouts": "timeout", "spare-worker": "spare-workers",
		"": "", "x": "", "en": "env", "interpreter": "", "splitclasses": "split-classes", "idle_timout": "idle-timeout",
	} {
		if got := nearest(word, known()); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
