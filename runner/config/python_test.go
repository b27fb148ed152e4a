package config

import (
	"os"
	"testing"

	"hotclub/runner"
)

func TestPython(t *testing.T) {
	skipOnWindows(t)
	const m = "-- manage.py --\n"
	tests := []struct {
		name, tree, dir, flag string
		env                   []string
		want, origin          string
	}{
		{name: "path", tree: m, want: "$WORK/usr/python3", origin: "python3 on the client's PATH"},
		{name: "python on path", tree: "exec other/python\n" + m, env: []string{"PATH=rel:$WORK/none:$WORK/other"}, want: "$WORK/other/python", origin: "python on the client's PATH"},
		{name: ".venv", tree: "link .venv/bin/python ../../usr/python3\nexec venv/bin/python\n" + m, want: "$WORK/.venv/bin/python", origin: "found: .venv"},
		{name: "venv", tree: "exec venv/bin/python3\n" + m, want: "$WORK/venv/bin/python3", origin: "found: venv"},
		{name: "env is a package", tree: m + "-- env/__init__.py --\n", want: "$WORK/usr/python3", origin: "python3 on the client's PATH"},
		{name: "above manage.py", tree: "exec .venv/bin/python\n-- api/manage.py --\n", dir: "api", want: "$WORK/.venv/bin/python", origin: "found: $WORK/.venv"},
		{name: "beside before above", tree: "exec .venv/bin/python\nexec api/env/bin/python\n-- api/manage.py --\n", want: "$WORK/api/env/bin/python", origin: "found: api/env"},
		{name: "activated", tree: "exec .venv/bin/python\nexec v/bin/python\n" + m, env: []string{"VIRTUAL_ENV=$WORK/v"}, want: "$WORK/v/bin/python", origin: "VIRTUAL_ENV of the client"},
		{
			name: "configured", tree: "exec .venv/bin/python\nexec v/bin/python\n" + m + "-- hotclub.toml --\npython = 'v/bin/python'\n", env: []string{"VIRTUAL_ENV=$WORK/x"},
			want: "$WORK/v/bin/python", origin: "hotclub.toml line 1",
		},
		{name: "configured directory", tree: "exec v/bin/python\n" + m + "-- pyproject.toml --\n[tool.hotclub]\npython = 'v'\n", want: "$WORK/v/bin/python", origin: "pyproject.toml [tool.hotclub] line 2"},
		{name: "configured command", tree: "exec usr/python3.12\n" + m + "-- hotclub.toml --\npython = 'python3.12'\n", want: "$WORK/usr/python3.12", origin: "hotclub.toml line 1"},
		{name: "configured at home", tree: "exec home/v/bin/python\n" + m + "-- hotclub.toml --\npython = '~/v/bin/python'\n", want: "$WORK/home/v/bin/python", origin: "hotclub.toml line 1"},
		{name: "flag", tree: "exec v/bin/python\n-- a/x --\n-- hotclub.toml --\npython = 'nope/nope'\n" + m, dir: "a", flag: "../v/bin/python", want: "$WORK/v/bin/python", origin: "--python"},
		{name: "command that is also a directory", tree: "dir python3\n" + m, flag: "python3", want: "$WORK/usr/python3", origin: "--python"},
		{name: "last of two variables", tree: "exec v/bin/python\n" + m, env: []string{"VIRTUAL_ENV=/x", "VIRTUAL_ENV=$WORK/v"}, want: "$WORK/v/bin/python", origin: "VIRTUAL_ENV of the client"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, test.tree)
			p := g.load(test.dir, runner.Overrides{Python: test.flag}, test.env...)
			if got := g.rel(p.Python); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if got := g.origin(p, "python"); got != test.origin {
				t.Errorf("origin: got %s, want %s", got, test.origin)
			}
		})
	}
}

func TestPythonErrors(t *testing.T) {
	skipOnWindows(t)
	const m = "-- manage.py --\n"
	tests := []struct {
		name, tree, flag string
		env              []string
		want             string
		usage            bool
	}{
		{
			name: "none", tree: m, env: []string{"PATH="},
			want: "no Python interpreter: no VIRTUAL_ENV, no .venv, venv or env beside manage.py or above, no python3 or python on the client's PATH; " +
				"create a virtual environment (python3 -m venv .venv), or name an interpreter with --python or with the key python",
		},
		{
			name: "flag", tree: m, flag: "x/python", usage: true,
			want: "the interpreter $WORK/x/python (--python) does not exist; name an existing interpreter with --python",
		},
		{
			name: "flag names a command", tree: m, flag: "python9", usage: true,
			want: "no python9 (--python) in a directory of PATH; name an existing interpreter with --python",
		},
		{
			name: "flag names a directory", tree: "dir lib/x\n" + m, flag: "lib/x", usage: true,
			want: "the interpreter $WORK/lib/x (--python) is a directory; name an existing interpreter with --python",
		},
		{
			name: "configured", tree: m + "-- hotclub.toml --\n# c\npython = './p'\n", usage: true,
			want: "hotclub.toml:2: the interpreter $WORK/p (hotclub.toml line 2) does not exist; correct the key python",
		},
		{
			name: "configured command", tree: m + "-- hotclub.toml --\npython = 'python9'\n", usage: true,
			want: "hotclub.toml:1: no python9 (hotclub.toml line 1) in a directory of PATH; correct the key python",
		},
		{
			name: "configured number", tree: m + "-- hotclub.toml --\npython = 3.11\n", usage: true,
			want: `hotclub.toml:1: python has a wrong value; expected the path of an interpreter in quotes, such as ".venv/bin/python"`,
		},
		{
			name: "activated", tree: m, env: []string{"VIRTUAL_ENV=$WORK/gone"},
			want: "the interpreter $WORK/gone/bin/python (VIRTUAL_ENV of the client) does not exist; deactivate that virtual environment or create it anew",
		},
		{
			name: "dangling", tree: "link .venv/bin/python /nowhere/python3.11\n" + m,
			want: "the interpreter $WORK/.venv/bin/python (found: .venv) is a link to /nowhere/python3.11, which does not exist; create the virtual environment anew or choose an interpreter with --python",
		},
		{
			name: "lost", tree: m + "-- .venv/pyvenv.cfg --\n",
			want: "the interpreter $WORK/.venv/bin/python (found: .venv) does not exist; create the virtual environment anew or choose an interpreter with --python",
		},
		{
			name: "not executable", tree: m + "-- .venv/bin/python --\n",
			want: "the interpreter $WORK/.venv/bin/python (found: .venv) is not executable; create the virtual environment anew or choose an interpreter with --python",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, test.tree)
			_, err := Load(g.client(".", test.env...), runner.Overrides{Python: test.flag})
			wantError(t, g, err, test.want, test.usage)
		})
	}
}

// In an editor nobody can give a flag.
func TestPythonErrorsInEditors(t *testing.T) {
	skipOnWindows(t)
	const there = "in the editor (the setting hotclub.python of VS Code, the initialization option python of others)"
	tests := []struct{ name, tree, chosen, path, want string }{
		{
			name: "chosen", chosen: "x/python",
			want: "the interpreter $WORK/x/python (chosen in the editor) does not exist; name an existing interpreter " + there,
		},
		{
			name: "a command", chosen: "python9",
			want: "no python9 (chosen in the editor) in a directory of PATH; name an existing interpreter " + there,
		},
		{
			name: "lost", tree: "-- .venv/pyvenv.cfg --\n",
			want: "the interpreter $WORK/.venv/bin/python (found: .venv) does not exist; create the virtual environment anew or choose an interpreter " + there,
		},
		{
			name: "none", path: "PATH=",
			want: "no Python interpreter: no VIRTUAL_ENV, no .venv, venv or env beside manage.py or above, no python3 or python on the client's PATH; " +
				"create a virtual environment (python3 -m venv .venv), or name an interpreter " + there + " or with the key python",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, "-- manage.py --\n"+test.tree)
			client := g.client(".", test.path)
			client.Name = "Visual Studio Code"
			_, err := Load(client, runner.Overrides{Python: test.chosen})
			wantError(t, g, err, test.want, test.chosen != "")
		})
	}
}

// Windows is played here: its layouts and its rules for names, on this machine's paths.
func TestPythonOnWindows(t *testing.T) {
	skipOnWindows(t)
	g := plant(t, "-- manage.py --\n-- .venv/Scripts/python.exe --\n-- tools/python.exe --\n-- conda/python.exe --\n")
	look := func(env ...string) string {
		s := newSearch(g.client("."), runner.Overrides{})
		s.goos, s.env = "windows", newEnviron(g.client(".", env...).Env, "windows")
		return g.rel(s.interpreter(&reading{search: s, project: &Project{Dir: g.root}}).path)
	}
	if got := look(); got != "$WORK/.venv/Scripts/python.exe" {
		t.Errorf("nearby: %s", got)
	}
	if got := look("Virtual_Env=$WORK/conda"); got != "$WORK/conda/python.exe" {
		t.Errorf("variables fold case: %s", got)
	}
	check(t, os.RemoveAll(g.path(".venv")))
	if got := look("Path=$WORK/tools", "PATHEXT=.COM;.EXE"); got != "$WORK/tools/python.exe" {
		t.Errorf("PATH: %s", got)
	}
	if got := look("Path=$WORK/tools"); got != "$WORK/tools/python.exe" {
		t.Errorf("PATH without PATHEXT: %s", got)
	}
}
