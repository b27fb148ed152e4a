package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// heavyFiles are a project whose third-party imports dominate its start; each of its apps is a copy
// of the folder store.
//
//go:embed all:heavy
var heavyFiles embed.FS

// stores is how many apps the project has; its settings name them.
const stores = 10

// heavy writes the project, and returns its root and a lab that runs it: with the Python and
// Django of this one, and the packages that the project wants.
func (l *lab) heavy(ctx context.Context) (root string, with *lab, err error) {
	root = filepath.Join(l.dir, "heavy")
	if err := writeHeavy(root); err != nil {
		return "", nil, err
	}
	other := *l
	other.python, err = l.pythonWith(ctx, filepath.Join(root, "requirements.txt"))
	return root, &other, err
}

func writeHeavy(root string) error {
	return fs.WalkDir(heavyFiles, "heavy", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := heavyFiles.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "heavy/")
		files := map[string]string{name: string(text)}
		if inside, isApp := strings.CutPrefix(name, "store/"); isApp {
			clear(files)
			for i := range stores {
				app := fmt.Sprintf("store%d", i)
				files[app+"/"+inside] = strings.ReplaceAll(string(text), "store", app)
			}
		}
		return write(root, files)
	})
}

// pythonWith is an interpreter with the lab's versions of Python and Django and with the packages
// of a file.
func (l *lab) pythonWith(ctx context.Context, requirements string) (string, error) {
	packages, err := os.ReadFile(requirements)
	if err != nil {
		return "", err
	}
	return l.pythonWithPackages(ctx, os.Environ(), strings.Fields(string(packages)))
}

// pythonWithPackages is the same with packages that are named. The script that makes it keeps it
// for the next time.
func (l *lab) pythonWithPackages(ctx context.Context, env, packages []string) (string, error) {
	text := "import sys, django; print('%d.%d' % sys.version_info[:2], django.__version__)"
	versions, err := exec.CommandContext(ctx, l.python, "-c", text).Output()
	if err != nil {
		return "", fmt.Errorf("asking %s for its versions: %w", l.python, err)
	}
	script := filepath.Join(l.module, ".ci", "suites", "venv")
	done, err := call(ctx, l.dir, env, script, append(strings.Fields(string(versions)), packages...)...)
	return strings.TrimSpace(string(done.stdout)), err
}
