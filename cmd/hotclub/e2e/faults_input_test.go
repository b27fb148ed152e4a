//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"hotclub/runner"
)

// TestBadInput gives hotclub projects and requests that cannot work. Each time the exit status
// is that of PROTOCOL.md, section 3, the message names the thing and the way out, and nothing
// is left running but the daemon.
func TestBadInput(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	for _, bad := range []struct {
		name   string
		change func(c *club) []string // returns the arguments of the run
		status int
		says   []string
	}{
		{"settings that do not import", func(c *club) []string {
			c.write("conf.py", "SECRET_KEY = 'x'\nimport no_such_thing\n")
			return nil
		}, 3, []string{"no_such_thing", "conf.py:2"}},
		{"settings with a syntax error", func(c *club) []string {
			c.write("conf.py", "SECRET_KEY = 'x'\nINSTALLED_APPS = [\n")
			return nil
		}, 3, []string{"SyntaxError", "conf.py:2"}},
		{"settings that are not there", func(c *club) []string {
			return []string{"--settings", "mysite.settings"}
		}, 3, []string{"mysite", "--settings"}},
		{"an app that is not there", func(c *club) []string {
			c.replace("conf.py", `"shop"`, `"shop", "bakery"`)
			return nil
		}, 3, []string{"bakery"}},
		{"models with an error", func(c *club) []string {
			c.write("shop/models.py", "1 / 0\n")
			return nil
		}, 3, []string{"ZeroDivisionError", "models.py:1"}},
		{"settings that exit", func(c *club) []string {
			c.write("conf.py", "import sys\nsys.exit('no licence')\n")
			return nil
		}, 3, []string{"no licence", "conf.py:2"}},
		{"settings that kill", func(c *club) []string {
			c.write("conf.py", "import os\nprint('so long', flush=True)\nos._exit(9)\n")
			return nil
		}, 3, []string{"exited with status 9", "so long"}},
		{"a migration with an error", func(c *club) []string {
			c.replace("shop/migrations/0001_initial.py", `signs.give("migrated")`, `raise ValueError("no such table today")`)
			return []string{"tests.test_plain"}
		}, 3, []string{"migrat", "no such table today"}},
		{"system checks that complain", func(c *club) []string {
			c.replace("shop/models.py", "max_length=80", "max_length=-1")
			return []string{"tests.test_plain"}
		}, 3, []string{"max_length", "shop.Item.name"}},
		{"a missing interpreter", func(c *club) []string {
			return []string{"--python", filepath.Join(c.root, "no-python")}
		}, 2, []string{"no-python", "does not exist", "--python"}},
		{"an interpreter that is none", func(c *club) []string {
			c.write("fake-python", "#!/bin/sh\necho 'I am a shell' >&2\nexit 5\n")
			c.executable("fake-python")
			return []string{"--python", "./fake-python"}
		}, 3, []string{"fake-python", "exited with status 5", "I am a shell"}},
		{"an interpreter that says something else", func(c *club) []string {
			return []string{"--python", "/usr/bin/env"}
		}, 3, []string{"/usr/bin/env"}},
		{"an interpreter without Django", func(c *club) []string {
			return []string{"--python", c.withoutDjango()}
		}, 3, []string{"No module named 'django'", "has no Django", "--python"}},
		{"no tests matched", func(*club) []string {
			return []string{"-k", "nothing_has_this_name"}
		}, 2, []string{"no tests matched"}},
		{"no test with the tag", func(*club) []string {
			return []string{"--tag", "nowhere"}
		}, 2, []string{"no tests matched"}},
		{"a label that names nothing", func(*club) []string {
			return []string{"tests.test_plain.Plain.test_third"}
		}, 2, []string{"test_third"}},
		{"a module that is not there", func(*club) []string {
			return []string{"tests.test_nowhere"}
		}, 2, []string{"test_nowhere"}},
		{"a file that is not there", func(*club) []string {
			return []string{"tests/test_nowhere.py"}
		}, 2, []string{"tests/test_nowhere.py", "no such file"}},
		{"an unknown key", func(c *club) []string {
			c.write("hotclub.toml", "paralel = 2\n")
			return nil
		}, 2, []string{"paralel", "hotclub.toml:1", `did you mean "parallel"?`}},
		{"a wrong value", func(c *club) []string {
			c.write("hotclub.toml", "timeout = \"soon\"\n")
			return nil
		}, 2, []string{"timeout", "hotclub.toml:1", "60s"}},
		{"a directory without a project", func(c *club) []string {
			return []string{"-C", "/"}
		}, 3, []string{"no manage.py", "--settings"}},
		{"nothing failed", func(*club) []string {
			return []string{"--failed"}
		}, 2, []string{"no test failed"}},
	} {
		t.Run(bad.name, func(t *testing.T) {
			mine := *c
			mine.t = t
			mine.root = filepath.Join(t.TempDir(), "project")
			if err := os.CopyFS(mine.root, os.DirFS("testdata/faults")); err != nil {
				t.Fatal(err)
			}
			mine.prepareSigns()
			t.Cleanup(func() { mine.hotclub("stop") }) // before its folder goes
			args := bad.change(&mine)
			if !slices.Contains(args, "--python") {
				args = append(args, "--python", mine.python)
			}
			mine.refuses(bad.status, bad.says, args...)
			mine.noStrangers()
		})
	}
}

// inside is what only concerns those who write hotclub.
var inside = regexp.MustCompile(`goroutine \d|panic:|runtime error|hotclub_worker/\w+\.py\\?", line`)

// refuses runs tests and expects a certain refusal, on a terminal and as JSON.
func (c *club) refuses(status int, says []string, args ...string) {
	c.t.Helper()
	for _, form := range [][]string{{"run"}, {"run", "--json", "-"}} {
		r := c.hotclub(append(form, args...)...)
		said := r.stdout + r.stderr
		if r.status != status {
			c.t.Errorf("%v: status %d, want %d\n%s", form, r.status, status, said)
		}
		for _, phrase := range says {
			if !strings.Contains(said, phrase) {
				c.t.Errorf("%v: nothing of %q in:\n%s", form, phrase, said)
			}
		}
		if foreign := inside.FindString(said); foreign != "" {
			c.t.Errorf("%v: %q in:\n%s", form, foreign, said)
		}
	}
}

// withoutDjango makes a virtual environment with nothing in it.
func (c *club) withoutDjango() string {
	c.t.Helper()
	venv := filepath.Join(c.t.TempDir(), "venv")
	if output, err := exec.Command(c.python, "-m", "venv", "--without-pip", venv).CombinedOutput(); err != nil {
		c.t.Fatalf("%v\n%s", err, output)
	}
	return filepath.Join(venv, "bin", "python")
}

func (c *club) executable(name string) {
	c.t.Helper()
	if err := os.Chmod(filepath.Join(c.root, name), 0o755); err != nil {
		c.t.Fatal(err)
	}
}

// TestDjangoTooOld meets a Django from before the first that hotclub knows.
func TestDjangoTooOld(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	old := filepath.Join(t.TempDir(), "old")
	c.env = append(c.env, "PYTHONPATH="+old)
	other := *c
	other.root = old
	other.write("django/__init__.py", "VERSION = (2, 2, 28, 'final', 0)\ndef get_version(): return '2.2.28'\ndef setup(): pass\n")
	other.write("django/core/__init__.py", "")
	other.write("django/core/management/__init__.py", `
class ManagementUtility:
    def __init__(self, argv=None):
        self.argv = argv

    def execute(self):
        raise RuntimeError("this Django is too old to be asked anything")


def execute_from_command_line(argv=None):
    ManagementUtility(argv).execute()
`)
	c.refuses(3, []string{"Django 2.2.28", "4.2"}, "--python", c.python)
}

// TestOneBrokenModule runs a test module that does not import beside others that do.
func TestOneBrokenModule(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.release()
	c.write("tests/test_broken.py", "import no_such_thing\n")
	s := c.run("tests")
	if s.status != 1 || s.finished.Counts[runner.Passed] != 14 || s.finished.Counts[runner.Errored] != 1 {
		t.Errorf("status %d, %v", s.status, s.states())
	}
	broken := s.tests["unittest.loader._FailedTest.tests.test_broken"]
	if len(broken.Messages) != 1 || broken.Messages[0].Phase != runner.PhaseImport || !strings.Contains(broken.Messages[0].Summary, "no_such_thing") {
		t.Errorf("the broken module: %+v", broken)
	}
}

// TestStrangePath has a project, a state directory and files whose names are unusual.
func TestStrangePath(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, method string) {
		base := filepath.Join(t.TempDir(), "mein größtes Projekt #1 100% 漢字?", `it's "quoted"`)
		root := filepath.Join(base, "project")
		if err := os.CopyFS(root, os.DirFS("testdata/faults")); err != nil {
			t.Fatal(err)
		}
		c := newClubAt(t, newest(t).python, root)
		c.prepareSigns()
		c.state = filepath.Join(base, "state")
		c.env = append(c.env, "XDG_STATE_HOME="+c.state)
		c.write("shop/caf\xe9.txt", "not UTF-8 in its name")
		c.replace("conf.py", "import os\n", "import os\nopen(b'shop/caf\\xe9.txt').close()\n")
		first := c.plain("--start-method", method)
		second := c.plain("--start-method", method)
		if a, b := first.generation(t), second.generation(t); a != b {
			t.Errorf("the pool did not stay warm: generation %s, then %s", a, b)
		}
		if file := second.fileOf("tests.test_plain.Plain.test_first"); file != "" && !exists(file) {
			t.Errorf("the test is said to be in %q", file)
		}
		if s := c.run("--start-method", method, "tests/test_plain.py:10"); len(s.tests) != 1 || s.status != 0 {
			t.Errorf("by path: status %d, %v\n%s", s.status, s.states(), s.stderr)
		}
		c.write("shop/caf\xe9.txt", "changed")
		if third := c.plain("--start-method", method); third.generation(t) == second.generation(t) {
			t.Errorf("a change of a file whose name is not UTF-8 went unseen")
		}
	})
}

func (s story) fileOf(label string) string {
	for _, m := range s.tests[label].Messages {
		if m.Location != nil {
			return m.Location.File
		}
	}
	return ""
}

// TestReadOnlyState has a state directory on a file system that is mounted read-only.
func TestReadOnlyState(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.mount(c.state, "size=4m")
	if err := syscall.Mount("", c.state, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	c.refuses(4, []string{c.state, "read-only"}, "--python", c.python)
}

// TestFullDisk has no room for the template in its state directory, and then some.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.mount(c.state, "size=256k")
	c.write("shop/migrations/0002_rows.py", `
from django.db import migrations

def fill(apps, editor):
    item = apps.get_model("shop", "Item")
    item.objects.bulk_create(item(name="x" * 80) for _ in range(5000))

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(fill)]
`)
	c.refuses(3, []string{"disk is full", c.state, "free some space"}, "--python", c.python, "tests.test_plain")
	c.remove("shop/migrations/0002_rows.py")
	c.plain()
}

// TestFullRuntime has no room where the workers' output goes.
func TestFullRuntime(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.mount(c.runtime, "size=16k")
	c.refuses(4, []string{c.runtime, "no space left", "HOTCLUB_RUNTIME_DIR"}, "--python", c.python)
}

// mount puts a directory of the club on a file system of its own.
func (c *club) mount(dir, options string) {
	c.t.Helper()
	if os.Getuid() != 0 {
		c.t.Skip("only root can mount")
	}
	if err := syscall.Mount("hotclub-e2e", dir, "tmpfs", 0, "mode=700,"+options); err != nil {
		c.t.Skipf("no file system can be mounted here: %v", err)
	}
	c.t.Cleanup(func() {
		c.hotclub("stop", "--all")
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			c.t.Error(err)
		}
	})
}
