package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"hotclub/runner"
)

// FuzzLoad gives Load whatever bytes as configuration: it returns a whole project or an
// error that is complete, and does not panic.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		"", "parallel = 3\n", "[tool.hotclub]\nparallel = 'auto'\n", "[tool]\nhotclub = { env = { A = 'b' } }\n", "tool.hotclub.timeout = '1h'\n",
		"[env]\n'' = ''\n", "[[tool.hotclub]]\n", "timeout = 1979-05-27\n", "[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = 1\n", "python = '''\n\x00'''", "manage = '..'\n",
		"runner-args = [[[1]]]\n", "output-limit = 0x7fffffffffffffff\n", "[a]\nb.c=1\n[a.b.d]\n", "settings = '\\u0041'\n", "\"tool\".\"hotclub\".x = {y={z={}}}",
	} {
		f.Add([]byte(text), true)
		f.Add([]byte(text), false)
	}
	root := f.TempDir()
	check := func(err error) {
		if err != nil {
			f.Fatal(err)
		}
	}
	check(os.Mkdir(filepath.Join(root, ".git"), 0o755))
	check(os.WriteFile(filepath.Join(root, "manage.py"), nil, 0o644))
	check(os.WriteFile(filepath.Join(root, "python3"), nil, 0o755))
	client := runner.Client{Dir: root, Env: []string{"PATH=" + root}}
	f.Fuzz(func(t *testing.T, text []byte, own bool) {
		name := map[bool]string{true: "hotclub.toml", false: "pyproject.toml"}[own]
		path := filepath.Join(root, name)
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(path)
		p, err := Load(client, runner.Overrides{})
		iniSettings(text, "pytest")
		tomlSettings(text, "tool.pytest.ini_options")
		if err == nil {
			if p.Root == "" || p.Python == "" || p.Key == "" || p.Parallel < 1 || p.Timeout < 0 || p.OutputLimit < 1024 {
				t.Errorf("half a project: %+v", p)
			}
			return
		}
		fault, ok := errors.AsType[*Error](err)
		if !ok || fault.What == "" || fault.Remedy == "" || fault.about == "" {
			t.Errorf("incomplete error: %#v", err)
		}
		if ok && fault.File == path && fault.Line == 0 && fault.cause == nil {
			t.Errorf("no line: %v", err)
		}
	})
}
