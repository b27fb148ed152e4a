package config

import (
	"testing"

	"hotclub/runner"
)

func TestSettings(t *testing.T) {
	skipOnWindows(t)
	const (
		m      = "-- manage.py --\nimport os\n# os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'old.settings')\nos.environ.setdefault(\n    \"DJANGO_SETTINGS_MODULE\", 'mysite.settings'\n)\n"
		pytest = "-- pytest.ini --\n# c\n[pytest]\naddopts = -q\n  --tb=short\nDJANGO_SETTINGS_MODULE = p.settings\n"
	)
	env := []string{"DJANGO_SETTINGS_MODULE=e.settings"}
	tests := []struct {
		name, tree, flag    string
		env                 []string
		want, shown, origin string
	}{
		{name: "manage.py", tree: m, shown: "mysite.settings", origin: "manage.py line 4"},
		{name: "manage.py before pytest", tree: m + pytest, shown: "mysite.settings", origin: "manage.py line 4"},
		{name: "manage.py that computes", tree: "-- manage.py --\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', f'{x}.settings')\n", shown: "decided by manage.py", origin: "manage.py"},
		{name: "environment", tree: m, env: env, want: "e.settings", origin: "DJANGO_SETTINGS_MODULE of the client"},
		{name: "empty environment", tree: m, env: []string{"DJANGO_SETTINGS_MODULE="}, shown: "mysite.settings", origin: "manage.py line 4"},
		{name: "configured", tree: m + "-- hotclub.toml --\nsettings = 'c.réglages'\n", env: env, want: "c.réglages", origin: "hotclub.toml line 1"},
		{name: "flag", tree: m + "-- hotclub.toml --\nsettings = 'c.settings'\n", env: env, flag: "f", want: "f", origin: "--settings"},
		{name: "pytest.ini", tree: pytest, want: "p.settings", origin: "pytest.ini [pytest] line 5"},
		{name: "environment before pytest", tree: pytest, env: env, want: "e.settings", origin: "DJANGO_SETTINGS_MODULE of the client"},
		{name: "setup.cfg", tree: "-- setup.cfg --\n[pytest]\nDJANGO_SETTINGS_MODULE=no\n[tool:pytest]\nDJANGO_SETTINGS_MODULE: s.settings\n", want: "s.settings", origin: "setup.cfg [tool:pytest] line 4"},
		{name: "tox.ini", tree: "-- tox.ini --\n[pytest]\r\naddopts =\r\n    -q --ds=t.settings\r\n", want: "t.settings", origin: "tox.ini [pytest] line 2"},
		{name: "pyproject.toml", tree: "-- pyproject.toml --\n[tool.pytest.ini_options]\naddopts = ['--ds', 'y.settings']\n", want: "y.settings", origin: "pyproject.toml [tool.pytest.ini_options] line 2"},
		{name: "pyproject.toml of pytest 9", tree: "-- pyproject.toml --\n[tool.pytest]\nDJANGO_SETTINGS_MODULE = 'y.settings'\n", want: "y.settings", origin: "pyproject.toml [tool.pytest] line 2"},
		{name: "pytest.toml", tree: pytest + "-- pytest.toml --\n[pytest]\nDJANGO_SETTINGS_MODULE = 'q.settings'\n", want: "q.settings", origin: "pytest.toml [pytest] line 2"},
		{name: "broken file of others", tree: "-- pyproject.toml --\n[tool.pytest\n-- tox.ini --\n[pytest]\nDJANGO_SETTINGS_MODULE=t.s\n", want: "t.s", origin: "tox.ini [pytest] line 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, test.tree)
			p := g.load(".", runner.Overrides{Settings: test.flag}, test.env...)
			if p.Settings != test.want {
				t.Errorf("got %q, want %q", p.Settings, test.want)
			}
			if got := g.origin(p, "settings"); got != test.origin {
				t.Errorf("origin: got %s, want %s", got, test.origin)
			}
			for _, v := range p.Origins {
				if v.Name == "settings" && test.shown != "" && v.Value != test.shown {
					t.Errorf("shown %s, want %s", v.Value, test.shown)
				}
			}
		})
	}
}

func TestSettingsErrors(t *testing.T) {
	skipOnWindows(t)
	tests := []struct {
		name, tree, flag, want string
		usage                  bool
	}{
		{
			name: "none",
			want: "no manage.py and no settings module in $WORK; name the settings module with --settings, the key settings or DJANGO_SETTINGS_MODULE",
		},
		{
			name: "with guesses", tree: "-- mysite/settings.py --\n-- conf/settings/__init__.py --\n-- settings/__init__.py --\n-- a-b/settings.py --\n",
			want: "no manage.py and no settings module in $WORK; name the settings module with --settings, the key settings or DJANGO_SETTINGS_MODULE; there is conf.settings, mysite.settings, settings",
		},
		{name: "flag is a path", flag: "mysite/settings.py", want: `--settings: "mysite/settings.py" is not the dotted name of a Python module; write "mysite.settings"`, usage: true},
		{name: "flag is a Windows path", flag: `.\mysite\settings`, want: `--settings: ".\\mysite\\settings" is not the dotted name of a Python module; write "mysite.settings"`, usage: true},
		{
			name: "configured badly", tree: "-- hotclub.toml --\nsettings = 'my site'\n", usage: true,
			want: `hotclub.toml:1: settings: "my site" is not the dotted name of a Python module; write it as "mysite.settings"`,
		},
		{
			name: "configured list", tree: "-- hotclub.toml --\nsettings = ['a']\n", usage: true,
			want: `hotclub.toml:1: settings has a wrong value; expected a module in quotes, such as "mysite.settings"`,
		},
		{
			name: "unreadable manage.py", tree: "-- manage.py --\n\xff\n",
			want: "manage.py: cannot be read: it is not UTF-8 text; manage.py must be a readable UTF-8 text file",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, test.tree)
			_, err := Load(g.client("."), runner.Overrides{Settings: test.flag})
			wantError(t, g, err, test.want, test.usage)
		})
	}
}
