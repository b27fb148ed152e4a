package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"hotclub/runner"
)

// search is one look for a project on behalf of one client.
type search struct {
	client    runner.Client
	overrides runner.Overrides
	env       environ
	goos      string // as runtime.GOOS; a field, so that tests can ask for another one
	cpus      int
	base      string // the client's directory, links resolved: paths in messages are relative to it
}

func newSearch(client runner.Client, overrides runner.Overrides) *search {
	return &search{
		client:    client,
		overrides: overrides,
		env:       newEnviron(client.Env, runtime.GOOS),
		goos:      runtime.GOOS,
		// GOMAXPROCS knows the CPU limit of a container, NumCPU does not.
		cpus: min(runtime.NumCPU(), runtime.GOMAXPROCS(0)),
		base: resolved(client.Dir),
	}
}

// show spells a path as it is shortest to read: relative to the client's directory when
// it is inside, absolute otherwise.
func (s *search) show(path string) string {
	rel, err := filepath.Rel(s.base, path)
	if err != nil || !filepath.IsLocal(rel) {
		return path
	}
	return rel
}

// absolute reads a path that was written relative to base; "~" is the client's home.
func (s *search) absolute(base, path string) string {
	path = filepath.FromSlash(path)
	if rest, ok := strings.CutPrefix(path, "~"+string(filepath.Separator)); ok && s.home() != "" {
		return filepath.Join(s.home(), rest)
	}
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(base, path)
}

func (s *search) home() string {
	if s.goos == "windows" {
		return s.env.get("USERPROFILE")
	}
	return s.env.get("HOME")
}

// environ is the client's environment.
type environ struct {
	values map[string]string
	fold   bool // names do not distinguish case, as on Windows
}

// newEnviron reads "NAME=value" entries; of two with one name the later counts, as it
// does for a process that is started with them.
func newEnviron(entries []string, goos string) environ {
	e := environ{values: make(map[string]string, len(entries)), fold: goos == "windows"}
	for _, entry := range entries {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			e.values[e.name(name)] = value
		}
	}
	return e
}

// get returns "" for a variable that is not set; no rule of this package tells the two apart.
func (e environ) get(name string) string { return e.values[e.name(name)] }

func (e environ) has(name string) bool {
	_, ok := e.values[e.name(name)]
	return ok
}

func (e environ) name(name string) string {
	if e.fold {
		return strings.ToUpper(name)
	}
	return name
}

// resolved follows the symbolic links in path. Where that is impossible (a vanished
// directory, a subst drive on Windows) the path stays as it is.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return filepath.Clean(path)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
