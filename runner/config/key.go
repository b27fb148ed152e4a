package config

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"hotclub/runner"
)

// key names the project among others. The same virtual environment gives the same key
// whether it was named as python or python3, through a link or not: VS Code and the shell
// spell it differently and shall share one pool.
func key(p *Project) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{p.Root, p.ManagePy, identity(p.Python), p.Settings}, "\x00")))
	return hex.EncodeToString(sum[:6])
}

func identity(python string) string {
	venv := filepath.Dir(filepath.Dir(python))
	if isFile(filepath.Join(venv, "pyvenv.cfg")) {
		return resolved(venv)
	}
	return resolved(python)
}

// Environ is what the project's Python gets: the client's environment but for hotclub's own
// variables, those of env that the client has not set itself, and the settings module if one
// was chosen.
func (p *Project) Environ(client runner.Client) []string {
	given := newEnviron(client.Env, runtime.GOOS)
	env := slices.DeleteFunc(slices.Clone(client.Env), func(entry string) bool {
		return strings.HasPrefix(entry, "HOTCLUB_")
	})
	for _, name := range slices.Sorted(maps.Keys(p.Env)) {
		if !given.has(name) {
			env = append(env, name+"="+p.Env[name])
		}
	}
	if p.Settings != "" {
		env = slices.DeleteFunc(env, func(entry string) bool {
			name, _, _ := strings.Cut(entry, "=")
			return given.name(name) == "DJANGO_SETTINGS_MODULE"
		})
		env = append(env, "DJANGO_SETTINGS_MODULE="+p.Settings)
	}
	return env
}
