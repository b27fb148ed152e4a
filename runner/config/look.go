package config

import (
	"os"
	"path/filepath"
	"strings"
)

// look finds a command in the directories of the client's PATH, which need not be the
// daemon's; that is why it is not exec.LookPath. Relative directories are passed over, as
// Go does: what they mean depends on who asks.
func (s *search) look(name string) string {
	for _, dir := range filepath.SplitList(s.env.get("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		for _, extension := range s.extensions(name) {
			path := filepath.Join(dir, name+extension)
			if info, err := os.Stat(path); err == nil && s.executable(info) {
				return path
			}
		}
	}
	return ""
}

// extensions are what Windows appends to the name of a command.
func (s *search) extensions(name string) []string {
	if s.goos != "windows" || strings.EqualFold(filepath.Ext(name), ".exe") {
		return []string{""}
	}
	if list := s.env.get("PATHEXT"); list != "" {
		return strings.Split(strings.ToLower(list), ";")
	}
	return []string{".com", ".exe", ".bat", ".cmd"}
}
