package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// found is an interpreter that was named or discovered, not yet checked.
type found struct {
	path   string
	origin string
	remedy string // if it turns out not to exist
	fault  *Error // carries place and exit status of what named it; nil for a discovery
}

// python decides on the interpreter. What was named must exist: to take the next one
// instead would run the tests with something else than was asked for.
func (r *reading) python() string {
	f := r.search.interpreter(r)
	if f.path == "" {
		f.fault.about = "python"
		r.fail(f.fault)
		return ""
	}
	r.note("python", f.path, f.origin)
	if problem := r.search.unusable(f.path); problem != "" {
		r.fail(f.failure(problem))
	}
	return f.path
}

func (f found) failure(problem string) *Error {
	fault := f.fault
	if fault == nil {
		fault = &Error{}
	}
	fault.What = fmt.Sprintf("the interpreter %s (%s) %s", f.path, f.origin, problem)
	fault.Remedy, fault.about = f.remedy, "python"
	return fault
}

// interpreter asks in the order of strength: flag, configuration, activated environment,
// environment nearby, PATH.
func (s *search) interpreter(r *reading) found {
	if text := s.overrides.Python; text != "" {
		f := found{origin: s.origin("python"), remedy: "name an existing interpreter " + s.by("python"), fault: &Error{Usage: true}}
		return s.named(f, s.client.Dir, text)
	}
	if e, ok := r.choices.entries["python"]; ok {
		text, _ := e.value.(string)
		if text == "" {
			return found{fault: e.wrong(s, `the path of an interpreter in quotes, such as ".venv/bin/python"`)}
		}
		f := found{origin: e.origin(s), remedy: "correct the key python", fault: e.fault(s, "")}
		return s.named(f, filepath.Dir(e.table.doc.path), text)
	}
	if venv := s.env.get("VIRTUAL_ENV"); venv != "" {
		return found{
			path: s.inside(s.absolute(s.client.Dir, venv)), origin: "VIRTUAL_ENV of the client",
			remedy: "deactivate that virtual environment or create it anew",
		}
	}
	if f, ok := s.nearby(r.project.Dir); ok {
		return f
	}
	return s.onPath()
}

// named reads what a person wrote: a path, the directory of a virtual environment, or a
// command to look for on PATH.
func (s *search) named(f found, base, text string) found {
	path := s.absolute(base, text)
	switch {
	case isDir(path) && exists(s.inside(path)):
		f.path = s.inside(path)
	case strings.ContainsAny(text, `/`+string(filepath.Separator)):
		f.path = path
	default:
		if f.path = s.look(text); f.path == "" {
			f.fault.What = fmt.Sprintf("no %s (%s) in a directory of PATH", text, f.origin)
			f.fault.Remedy = f.remedy
		}
	}
	return f
}

// nearby looks for a virtual environment beside manage.py and above. uv and poetry put
// theirs there too.
func (s *search) nearby(dir string) (found, bool) {
	for _, dir := range ancestors(dir) {
		for _, name := range []string{".venv", "venv", "env"} {
			venv := filepath.Join(dir, name)
			path := s.inside(venv)
			// A package called env is no environment; one that lost its interpreter is.
			if exists(path) || isFile(filepath.Join(venv, "pyvenv.cfg")) {
				return found{path: path, origin: "found: " + s.show(venv), remedy: "create the virtual environment anew or choose an interpreter " + s.by("python")}, true
			}
		}
	}
	return found{}, false
}

// inside is the interpreter of the virtual environment at dir.
func (s *search) inside(dir string) string {
	layouts := []string{"bin/python", "bin/python3"}
	if s.goos == "windows" {
		// venv, then MSYS2, then conda.
		layouts = []string{"Scripts/python.exe", "bin/python.exe", "python.exe"}
	}
	for _, layout := range layouts {
		if path := filepath.Join(dir, filepath.FromSlash(layout)); exists(path) {
			return path
		}
	}
	return filepath.Join(dir, filepath.FromSlash(layouts[0]))
}

func (s *search) onPath() found {
	names := []string{"python3", "python"}
	if s.goos == "windows" {
		// python3.exe is often only a door to the Microsoft Store.
		names = []string{"python", "python3"}
	}
	for _, name := range names {
		if path := s.look(name); path != "" {
			return found{path: path, origin: name + " on the client's PATH", remedy: "choose an interpreter " + s.by("python")}
		}
	}
	return found{fault: &Error{
		What:   "no Python interpreter: no VIRTUAL_ENV, no .venv, venv or env beside manage.py or above, no python3 or python on the client's PATH",
		Remedy: "create a virtual environment (python3 -m venv .venv), or name an interpreter " + s.by("python") + " or with the key python",
	}}
}

// unusable says why path cannot be an interpreter, "" when nothing is known against it.
func (s *search) unusable(path string) string {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if target, err := os.Readlink(path); err == nil {
			return "is a link to " + target + ", which does not exist"
		}
		return "does not exist"
	case err != nil:
		return "cannot be used: " + reason(err)
	case info.IsDir():
		return "is a directory"
	case !s.executable(info):
		return "is not executable"
	}
	return ""
}

func (s *search) executable(info fs.FileInfo) bool {
	return info.Mode().IsRegular() && (s.goos == "windows" || info.Mode().Perm()&0o111 != 0)
}
