package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// place is where a project is and which configuration applies to it.
type place struct {
	root, given, manage, dir string
	rootOrigin, manageOrigin string
	choices                  choices
	faults                   []*Error // of the configuration: unknown and twice defined keys
}

// locate finds the project around the directory that the client asks about.
//
// The nearest manage.py at or above it is the project's. The nearest configuration at or
// above it applies, unless it names another manage.py; it is the root when its manage.py
// could be found from there. Without a manage.py above, one directory below is looked at.
func (s *search) locate() (*place, *Error) {
	given, fault := s.start()
	if fault != nil {
		return nil, fault
	}
	start := resolved(given)
	walk, fault := s.walk(start)
	if fault != nil {
		return nil, fault
	}
	p, fault := s.settle(walk)
	if fault != nil {
		return nil, fault
	}
	if p.dir = p.root; p.manage != "" {
		p.dir = filepath.Dir(p.manage)
	}
	p.given = respelled(p.root, start, given)
	return p, nil
}

// start is the directory at which the search begins, as the client spells it.
func (s *search) start() (string, *Error) {
	if !filepath.IsAbs(s.client.Dir) {
		return "", &Error{
			What: fmt.Sprintf("the client's directory %q is not an absolute path", s.client.Dir), Usage: true, about: "root",
			Remedy: "this is a fault of the client: " + orNone(s.client.Name),
		}
	}
	dir, flag := filepath.Clean(s.client.Dir), ""
	if s.overrides.Root != "" {
		dir, flag = s.absolute(dir, s.overrides.Root), "-C "
	}
	if info, err := os.Stat(dir); err != nil {
		return "", &Error{What: fmt.Sprintf("%s%s: %s", flag, dir, reason(err)), Remedy: "name a directory inside a Django project", Usage: true, about: "root", cause: err}
	} else if !info.IsDir() {
		return "", &Error{What: fmt.Sprintf("%s%s: not a directory", flag, dir), Remedy: "name a directory inside a Django project", Usage: true, about: "root"}
	}
	return dir, nil
}

// settle decides from what stands on the way up.
func (s *search) settle(w *walk) (*place, *Error) {
	if w.config == nil {
		return s.unconfigured(w)
	}
	c, faults := s.merge(w.config.tables)
	target, fault := s.configuredManage(w.config.dir, c)
	if fault != nil {
		return nil, fault
	}
	below := w.manage != "" && w.manage != w.config.dir
	if target != "" && below && !sameFile(target, filepath.Join(w.manage, "manage.py")) {
		// The configuration is about another project of the same repository.
		return s.unconfigured(w)
	}
	p := &place{root: w.config.dir, choices: c, faults: faults}
	p.rootOrigin = "found: " + w.config.names() + " " + w.whence(w.config.dir)
	if target != "" {
		p.manage, p.manageOrigin = target, c.origin("manage")
		return p, nil
	}
	return p, s.manageWithin(w, p)
}

// manageWithin finds the manage.py of a configured root that does not name one.
func (s *search) manageWithin(w *walk, p *place) *Error {
	if w.manage == "" {
		found, dir, fault := s.below(w)
		p.manage, p.manageOrigin = found, "none found"
		if found != "" {
			p.manageOrigin = "found: manage.py in a directory below"
			if dir != p.root {
				p.root, p.rootOrigin = filepath.Dir(found), p.manageOrigin
			}
		}
		return fault
	}
	p.manage, p.manageOrigin = filepath.Join(w.manage, "manage.py"), "found: manage.py "+w.whence(w.manage)
	if only := manageBelow(p.root); w.manage != p.root && !(len(only) == 1 && sameFile(only[0], p.manage)) {
		p.root, p.rootOrigin = w.manage, p.manageOrigin
	}
	return nil
}

// unconfigured settles a project that no configuration speaks of.
func (s *search) unconfigured(w *walk) (*place, *Error) {
	if w.manage != "" {
		origin := "found: manage.py " + w.whence(w.manage)
		return &place{root: w.manage, rootOrigin: origin, manage: filepath.Join(w.manage, "manage.py"), manageOrigin: origin}, nil
	}
	found, _, fault := s.below(w)
	if fault != nil {
		return nil, fault
	}
	if found != "" {
		origin := "found: manage.py in a directory below"
		return &place{root: filepath.Dir(found), rootOrigin: origin, manage: found, manageOrigin: origin}, nil
	}
	return s.withoutManage(w)
}

// withoutManage takes the nearest directory that looks like the top of a project.
func (s *search) withoutManage(w *walk) (*place, *Error) {
	for _, sign := range []string{"pytest", "pyproject.toml", ".git"} {
		for _, dir := range w.dirs {
			name := sign
			if sign == "pytest" {
				name = pytestSettings(dir).file
			}
			if name != "" && exists(filepath.Join(dir, name)) {
				return &place{root: dir, rootOrigin: "found: " + filepath.Base(name) + " " + w.whence(dir), manageOrigin: "none found"}, nil
			}
		}
	}
	if s.overrides.Root != "" {
		return &place{root: w.start, rootOrigin: "-C", manageOrigin: "none found"}, nil
	}
	return nil, &Error{
		What:   "no Django project at or above " + w.start + ": no manage.py, hotclub.toml, pyproject.toml or .git",
		Remedy: s.elsewhere(""), Usage: true, about: "root",
	}
}

// respelled writes root, which was found from start, the way the client wrote start.
func respelled(root, start, given string) string {
	rel, err := filepath.Rel(start, root)
	if err != nil {
		return root
	}
	if spelled := filepath.Join(given, rel); sameFile(spelled, root) {
		return spelled
	}
	return root
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// reason is the operating system's word without the path, which the message has already.
func reason(err error) string {
	if inner, ok := errors.AsType[*os.PathError](err); ok {
		err = inner.Err
	}
	return err.Error()
}
