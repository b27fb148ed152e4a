package config

import (
	"fmt"
	"os"
	"path/filepath"

	"hotclub/runner"
)

// StateDir is where hotclub keeps what outlives its processes for this client's user: the
// directory that the platform means for it, or "" when the client's environment tells none.
func StateDir(client runner.Client) string { return newSearch(client, runner.Overrides{}).stateDir() }

func (s *search) stateDir() string {
	base, home := "", s.home()
	switch {
	case s.goos == "windows":
		base = s.env.get("LOCALAPPDATA")
	case filepath.IsAbs(s.env.get("XDG_STATE_HOME")):
		base = s.env.get("XDG_STATE_HOME")
	case home == "":
	case s.goos == "darwin":
		base = filepath.Join(home, "Library", "Application Support")
	default:
		base = filepath.Join(home, ".local", "state")
	}
	if base == "" {
		return ""
	}
	return filepath.Join(base, "hotclub")
}

// tempDir is the client's directory for temporary files, as os.TempDir would say there.
func (s *search) tempDir() string {
	names, byDefault := []string{"TMPDIR"}, "/tmp"
	if s.goos == "windows" {
		names, byDefault = []string{"TMP", "TEMP", "USERPROFILE"}, `C:\Windows`
	}
	for _, name := range names {
		if dir := s.env.get(name); dir != "" {
			return dir
		}
	}
	return byDefault
}

// directories checks that hotclub can write where it has to.
func directories(s *search) []Check {
	checks := []Check{writable("temporary directory", s.tempDir())}
	if dir := s.env.get("HOTCLUB_RUNTIME_DIR"); dir != "" {
		checks = append(checks, writable("runtime directory", dir))
	}
	if dir := s.stateDir(); dir != "" {
		return append(checks, writable("state directory", dir))
	}
	return append(checks, Check{"state directory", Warn, "the client's environment names no home directory", "set HOME"})
}

// writable checks by writing that files can be created in dir, or, when it does not exist
// yet, where it would be created.
func writable(name, dir string) Check {
	existing := dir
	for !exists(existing) && filepath.Dir(existing) != existing {
		existing = filepath.Dir(existing)
	}
	file, err := os.CreateTemp(existing, ".hotclub-doctor-*")
	if err != nil {
		return Check{name, Fail, fmt.Sprintf("%s: cannot write: %s", dir, reason(err)), "make it writable for you, or name another directory"}
	}
	file.Close()
	os.Remove(file.Name())
	return Check{name, OK, dir, ""}
}
