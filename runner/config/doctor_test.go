package config

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

// fakeProbe answers without an interpreter.
type fakeProbe struct {
	answer Interpreter
	err    error
	asked  string
}

func (f *fakeProbe) Interpreter(_ context.Context, python string, _ []string, dir string) (Interpreter, error) {
	f.asked = python + " in " + dir
	return f.answer, f.err
}

// diagnose gives one line for each check, but for values at their defaults.
func diagnose(g *ground, overrides runner.Overrides, probe *fakeProbe, env ...string) []string {
	var lines []string
	env = append(env, "TMPDIR=$WORK")
	for _, c := range Diagnose(context.Background(), g.client(".", env...), overrides, probe) {
		line := fmt.Sprintf("%s %s: %s", c.State, c.Name, c.Detail)
		if c.Remedy != "" {
			line += " -> " + c.Remedy
		}
		if !strings.Contains(line, "(default") {
			lines = append(lines, g.rel(line))
		}
	}
	return lines
}

func TestDiagnose(t *testing.T) {
	skipOnWindows(t)
	const m = "-- manage.py --\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mysite.settings')\n-- mysite/settings.py --\n"
	dirs := []string{"ok temporary directory: $WORK", "ok state directory: $WORK/home/.local/state/hotclub"}
	root := []string{"ok root: $WORK (found: manage.py in this directory)", "ok configuration: none, none needed", "ok manage.py: $WORK/manage.py (found: manage.py in this directory)"}
	python := "ok python: $WORK/usr/python3 (python3 on the client's PATH)"
	settings := "ok settings: mysite.settings (manage.py line 1)"
	fine := fakeProbe{answer: Interpreter{Python: "3.11.7", Django: "5.2.1"}}
	versions := []string{"ok python version: Python 3.11.7", "ok django: Django 5.2.1"}
	join := func(parts ...any) (all []string) {
		for _, part := range parts {
			switch part := part.(type) {
			case string:
				all = append(all, part)
			case []string:
				all = append(all, part...)
			}
		}
		return all
	}
	tests := []struct {
		name, tree string
		probe      fakeProbe
		overrides  runner.Overrides
		env        []string
		want       []string
	}{
		{name: "all fine", tree: m, probe: fine, want: join(root, python, versions, settings, dirs)},
		{
			name: "old versions", tree: m, probe: fakeProbe{answer: Interpreter{Python: "3.8.20", Django: "4.1.13"}},
			want: join(root, python, "fail python version: Python 3.8.20 -> hotclub needs Python 3.9 or newer; choose another interpreter with --python or the key python",
				"fail django: Django 4.1.13 -> hotclub needs Django 4.2 or newer; upgrade it in the project's environment", settings, dirs),
		},
		{
			name: "no Django", tree: m, probe: fakeProbe{answer: Interpreter{Python: "3.13.0", ImportError: "ModuleNotFoundError: No module named 'django'"}},
			want: join(root, python, "ok python version: Python 3.13.0",
				"fail django: Django cannot be imported: ModuleNotFoundError: No module named 'django' -> install the project's requirements for $WORK/usr/python3, or choose another interpreter with --python or the key python", settings, dirs),
		},
		{
			name: "does not run", tree: m, probe: fakeProbe{err: errors.New("exec format error")},
			want: join(root, python, "fail python version: $WORK/usr/python3 cannot be run: exec format error -> create its environment anew or choose an interpreter with --python", settings, dirs),
		},
		{
			name: "no project", tree: "-- a/manage.py --\n-- b/manage.py --\n", probe: fine,
			want: join("fail root: 2 Django projects below $WORK: a/manage.py, b/manage.py -> choose one with -C, such as -C a", dirs),
		},
		{
			name: "every fault at once", tree: m + "-- hotclub.toml --\nparalel = 3\npython = 'v/python'\ntimeout = 5\nspare-workers = 'x'\nsettings = 'a/b'\ncolor = 1\nenv = {A = 1, B = 2}\n", probe: fine,
			want: join("ok root: $WORK (found: hotclub.toml in this directory)",
				`fail configuration: hotclub.toml:1: unknown key "paralel" in hotclub.toml -> did you mean "parallel"?`,
				`fail configuration: hotclub.toml:6: unknown key "color" in hotclub.toml -> the keys are `+strings.Join(known(), ", "),
				root[2],
				"fail python: hotclub.toml:2: the interpreter $WORK/v/python (hotclub.toml line 2) does not exist -> correct the key python",
				`fail settings: hotclub.toml:5: settings: "a/b" is not the dotted name of a Python module -> write "a.b"`,
				`fail timeout: hotclub.toml:3: timeout has a wrong value -> expected a duration in quotes, such as "60s" or "2m", or 0 for none`,
				"fail spare-workers: hotclub.toml:4: spare-workers has a wrong value -> expected a number from 0 to 1024, without quotes",
				"fail env: hotclub.toml:7: env: A has a wrong value -> expected a text in quotes",
				"fail env: hotclub.toml:7: env: B has a wrong value -> expected a text in quotes", dirs),
		},
		{
			name: "active environment of another project", tree: "exec .venv/bin/python\nexec other/bin/python\n" + m, probe: fine, env: []string{"VIRTUAL_ENV=$WORK/other"},
			want: join(root, "ok python: $WORK/other/bin/python (VIRTUAL_ENV of the client)",
				"warn python: VIRTUAL_ENV is active and wins over the project's own .venv -> deactivate it, or set the key python", versions, settings, dirs),
		},
		{
			name: "own environment is active", tree: "exec .venv/bin/python\n" + m, probe: fine, env: []string{"VIRTUAL_ENV=$WORK/.venv/"},
			want: join(root, "ok python: $WORK/.venv/bin/python (VIRTUAL_ENV of the client)", versions, settings, dirs),
		},
		{
			name: "pytest has other settings", tree: m + "-- pytest.ini --\n[pytest]\nDJANGO_SETTINGS_MODULE = mysite.test\n", probe: fine,
			want: join(root, python, versions, settings,
				"warn settings: pytest.ini [pytest] line 2 says mysite.test, `manage.py test` uses mysite.settings; hotclub follows manage.py -> set settings = \"mysite.test\" in the configuration to follow pytest", dirs),
		},
		{
			name: "settings elsewhere", tree: m, probe: fine, overrides: runner.Overrides{Settings: "conf.test"},
			want: join(root, python, versions, "ok settings: conf.test (--settings)",
				"warn settings: no file of the module conf.test in $WORK -> this is fine when it is installed or on PYTHONPATH; otherwise correct the name", dirs),
		},
		{
			name: "manage.py insists", tree: "-- manage.py --\n\nos.environ['DJANGO_SETTINGS_MODULE'] = 'mysite.settings'\n-- mysite/settings.py --\n", probe: fine, env: []string{"DJANGO_SETTINGS_MODULE=other"},
			want: join(root, python, versions, "ok settings: other (DJANGO_SETTINGS_MODULE of the client)",
				`warn settings: manage.py line 2 assigns DJANGO_SETTINGS_MODULE = "mysite.settings", whatever was chosen -> use os.environ.setdefault in manage.py`, dirs),
		},
		{
			name: "directories", tree: m, probe: fine, env: []string{"HOTCLUB_RUNTIME_DIR=$WORK/manage.py/run", "HOME="},
			want: join(root, python, versions, settings, dirs[0], "fail runtime directory: $WORK/manage.py/run: cannot write: not a directory -> make it writable for you, or name another directory",
				"warn state directory: the client's environment names no home directory -> set HOME"),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, test.tree)
			if diff := cmp.Diff(test.want, diagnose(g, test.overrides, &test.probe, test.env...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestProbeIsAskedInThePlaceOfWork(t *testing.T) {
	skipOnWindows(t)
	g := plant(t, "-- hotclub.toml --\n-- src/manage.py --\n")
	probe := &fakeProbe{answer: Interpreter{Python: "3.12.0", Django: "6.0a1"}}
	diagnose(g, runner.Overrides{}, probe)
	if got := g.rel(probe.asked); got != "$WORK/usr/python3 in $WORK/src" {
		t.Errorf("asked %s", got)
	}
}

func TestAtLeast(t *testing.T) {
	for version, want := range map[string]bool{"4.2rc1": true, "4.2": true, "4.1.9": false, "10.0": true, "6.0.dev20250101": true, "": false, "5": true, "x": false, "3.99": false} {
		if got := atLeast(version, 4, 2); got != want {
			t.Errorf("%q: %v", version, got)
		}
	}
}

func TestStateDir(t *testing.T) {
	for _, test := range []struct{ goos, env, want string }{
		{"linux", "HOME=/h", "/h/.local/state/hotclub"},
		{"linux", "XDG_STATE_HOME=/s", "/s/hotclub"},
		{"linux", "XDG_STATE_HOME=s", ""},
		{"darwin", "HOME=/h", "/h/Library/Application Support/hotclub"},
		{"windows", "LocalAppData=/l", "/l/hotclub"},
		{"windows", "HOME=/h", ""},
	} {
		skipOnWindows(t)
		s := &search{goos: test.goos, env: newEnviron([]string{test.env}, test.goos)}
		if got := s.stateDir(); got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}
