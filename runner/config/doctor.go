package config

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"hotclub/runner"
)

// Check is one thing that could be wrong, and what to do if it is.
type Check struct {
	Name   string `json:"name"`
	State  string `json:"state"` // one of OK, Warn and Fail
	Detail string `json:"detail"`
	Remedy string `json:"remedy,omitempty"`
}

// The states of a check. Only Fail keeps a project from running.
const (
	OK   = "ok"
	Warn = "warn"
	Fail = "fail"
)

// Probe runs the project's interpreter, which only runner/worker may do.
type Probe interface {
	// Interpreter starts python with env in dir and asks for its versions. An error means
	// that it could not be run at all; a Django that cannot be imported is no error.
	Interpreter(ctx context.Context, python string, env []string, dir string) (Interpreter, error)
}

// Interpreter is what an interpreter says of itself.
type Interpreter struct {
	Python      string // "3.11.7"
	Django      string // "5.2.19"; "" when it could not be imported
	ImportError string // why not: "ModuleNotFoundError: No module named 'django'"
}

// Diagnose checks everything that can be known of a project before its settings are
// imported, in the order in which it is used. Every fault that [Load] could return is
// among the checks, and so is every value with its origin.
func Diagnose(ctx context.Context, client runner.Client, overrides runner.Overrides, probe Probe) []Check {
	s := newSearch(client, overrides)
	project, faults := s.load()
	d := &diagnosis{search: s, project: project, faults: faults}
	for _, name := range append([]string{"root", "configuration"}, known()...) {
		d.value(name)
		switch name {
		case "python":
			d.interpreter(ctx, probe)
		case "settings":
			d.settings()
		}
	}
	return append(d.checks, directories(s)...)
}

// diagnosis collects checks.
type diagnosis struct {
	search  *search
	project *Project
	faults  []*Error
	checks  []Check
}

func (d *diagnosis) add(name, state, detail, remedy string) {
	d.checks = append(d.checks, Check{name, state, detail, remedy})
}

// value shows what is wrong with a value, or else the value itself.
func (d *diagnosis) value(name string) {
	if d.failed(name) {
		return
	}
	at := slices.IndexFunc(d.project.Origins, func(v Value) bool { return v.Name == name })
	switch {
	case at >= 0:
		v := d.project.Origins[at]
		d.add(title(name), OK, fmt.Sprintf("%s (%s)", v.Value, v.Origin), "")
	case name == "configuration" && len(d.project.Files) > 0:
		names := make([]string, len(d.project.Files))
		for i, path := range d.project.Files {
			names[i] = d.search.show(path)
		}
		d.add(name, OK, strings.Join(names, " and "), "")
	case name == "configuration" && d.project.Root != "":
		d.add(name, OK, "none, none needed", "")
	}
}

func (d *diagnosis) failed(name string) bool {
	before := len(d.checks)
	for _, fault := range d.faults {
		if fault.about == name {
			whole := *fault
			whole.Remedy = ""
			d.add(title(name), Fail, whole.Error(), fault.Remedy)
		}
	}
	return len(d.checks) > before
}

func title(name string) string {
	if name == "manage" {
		return "manage.py"
	}
	return name
}

// interpreter asks the interpreter itself, if there is one to ask.
func (d *diagnosis) interpreter(ctx context.Context, probe Probe) {
	p := d.project
	if p.Python == "" || d.search.unusable(p.Python) != "" {
		return
	}
	d.neglected()
	info, err := probe.Interpreter(ctx, p.Python, p.Environ(d.search.client), p.Dir)
	if err != nil {
		d.add("python version", Fail, fmt.Sprintf("%s cannot be run: %v", p.Python, err), "create its environment anew or choose an interpreter with --python")
		return
	}
	d.version("python version", "Python "+info.Python, atLeast(info.Python, 3, 9), "hotclub needs Python 3.9 or newer; choose another interpreter with --python or the key python")
	if info.Django == "" {
		d.add("django", Fail, "Django cannot be imported: "+info.ImportError, "install the project's requirements for "+p.Python+", or choose another interpreter with --python or the key python")
		return
	}
	d.version("django", "Django "+info.Django, atLeast(info.Django, 4, 2), "hotclub needs Django 4.2 or newer; upgrade it in the project's environment")
}

func (d *diagnosis) version(name, detail string, fine bool, remedy string) {
	if fine {
		d.add(name, OK, detail, "")
		return
	}
	d.add(name, Fail, detail, remedy)
}

// atLeast compares the first two numbers of a version such as "5.2.19" or "4.2rc1".
func atLeast(version string, major, minor int) bool {
	var x, y int
	if n, _ := fmt.Sscanf(version, "%d.%d", &x, &y); n == 0 {
		return false
	}
	return x > major || x == major && y >= minor
}

// neglected warns of the usual surprise: an environment that is active in the shell but
// belongs to another project.
func (d *diagnosis) neglected() {
	s := d.search
	active := s.env.get("VIRTUAL_ENV")
	if active == "" || s.overrides.Python != "" || filepath.Dir(filepath.Dir(d.project.Python)) != s.absolute(s.client.Dir, active) {
		return
	}
	own, ok := s.nearby(d.project.Dir)
	if venv := filepath.Dir(filepath.Dir(own.path)); ok && !sameFile(venv, active) {
		d.add("python", Warn, fmt.Sprintf("VIRTUAL_ENV is active and wins over the project's own %s", s.show(venv)), "deactivate it, or set the key python")
	}
}
