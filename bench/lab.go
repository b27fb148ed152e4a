package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// lab is where the measurements are made.
type lab struct {
	dir      string // temporary
	module   string // folder of hotclub's sources
	python   string
	binary   string
	example  string // copy of the example
	tests    int    // of the example, once it has been run
	quick    bool
	volatile bool     // database servers keep their data in memory
	load     string   // of the machine before the first measurement
	extra    []string // variables of the environment of both sides
}

// newLab builds hotclub and copies the example.
func newLab(ctx context.Context, python, example string, quick bool) (*lab, error) {
	interpreter, err := findPython(python)
	if err != nil {
		return nil, err
	}
	found, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "hotclub").Output()
	if err != nil {
		return nil, fmt.Errorf("finding hotclub's sources; bench runs inside its module: %w", err)
	}
	module := strings.TrimSpace(string(found))
	example = cmp.Or(example, filepath.Join(module, "examples", "bookshop"))
	if _, err := os.Stat(filepath.Join(example, "manage.py")); err != nil {
		return nil, fmt.Errorf("the example must have a manage.py: %w", err)
	}
	dir, err := os.MkdirTemp("", "hcb")
	if err != nil {
		return nil, err
	}
	l := &lab{
		dir: dir, module: module, python: interpreter, quick: quick, load: load(),
		binary: filepath.Join(dir, "hotclub"), example: filepath.Join(dir, filepath.Base(example)),
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", l.binary, "hotclub/cmd/hotclub")
	if output, err := build.CombinedOutput(); err != nil {
		l.close()
		return nil, fmt.Errorf("building hotclub: %w\n%s", err, output)
	}
	if err := os.CopyFS(l.example, os.DirFS(example)); err != nil {
		l.close()
		return nil, fmt.Errorf("copying the example: %w", err)
	}
	return l, nil
}

func (l *lab) close() { os.RemoveAll(l.dir) }

// findPython chooses as people do who have activated a virtual environment.
func findPython(asked string) (string, error) {
	if home := os.Getenv("VIRTUAL_ENV"); asked == "" && home != "" {
		asked = filepath.Join(home, "bin", "python")
		if runtime.GOOS == "windows" {
			asked = filepath.Join(home, "Scripts", "python.exe")
		}
	}
	path, err := exec.LookPath(cmp.Or(asked, "python3"))
	if err != nil {
		return "", err
	}
	// Links stay: a virtual environment's interpreter is one.
	return filepath.Abs(path)
}

// rounds is how often to measure.
func (l *lab) rounds(thorough int) int {
	if l.quick {
		return max(2, thorough/6)
	}
	return thorough
}

// environ is the environment of both sides: the caller's, with what would change how Python
// or hotclub work taken out, and the lab's own variables.
func (l *lab) environ() []string {
	unwanted := []string{"BOOKSHOP_DATABASE", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "DJANGO_SETTINGS_MODULE", "DJANGO_TEST_PROCESSES", "XDG_STATE_HOME"}
	kept := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(unwanted, name) || strings.HasPrefix(name, "HOTCLUB_")
	})
	return append(kept, l.extra...)
}

// bookshop is the copy of the example. Its tests have passed once, so that its bytecode is there
// for both sides.
func (l *lab) bookshop(ctx context.Context) (string, error) {
	if l.tests > 0 {
		return l.example, nil
	}
	done, err := l.django(ctx, l.example, "--parallel=2")
	if err != nil {
		return "", err
	}
	if done.tests == 0 {
		return "", errors.New("the example has no tests")
	}
	l.tests = done.tests
	return l.example, nil
}

// conditions describes what was measured on.
func (l *lab) conditions(ctx context.Context) string {
	text := "import sys, django; print(f'Python {sys.version.split()[0]}, Django {django.__version__}')"
	versions, err := exec.CommandContext(ctx, l.python, "-c", text).Output()
	if err != nil {
		versions = []byte(l.python)
	}
	line := fmt.Sprintf("%s, %s/%s, %d processors", strings.TrimSpace(string(versions)), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if l.load != "" {
		line += fmt.Sprintf(", load %s before and %s after", l.load, load())
	}
	if l.volatile {
		line += "; database servers in memory"
	}
	if l.quick {
		line += "; quick: too few rounds to judge by"
	}
	return line
}

// load is how many processes wanted to run in the last minute, "" where it isn't known.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
