package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hotclub/runner"
)

// ground is a planted tree of files and the client that looks at it.
type ground struct {
	t    *testing.T
	root string
	env  []string
}

// plant writes a txtar archive to a directory. Lines before the first file add what an
// archive cannot hold: "exec NAME", "dir NAME", "link NAME TARGET". Every tree gets an
// interpreter on PATH at usr/python3 and, unless it says "bare", a .git at its root.
func plant(t *testing.T, text string) *ground {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	g := &ground{t: t, root: root, env: []string{"PATH=" + filepath.Join(root, "usr"), "HOME=" + filepath.Join(root, "home")}}
	comment, files := unpack(text)
	for _, file := range files {
		g.write(file[0], file[1], 0o644)
	}
	g.write("usr/python3", "", 0o755)
	bare := false
	for line := range strings.Lines(comment) {
		switch words := strings.Fields(line); {
		case len(words) == 0:
		case words[0] == "bare":
			bare = true
		case words[0] == "exec":
			g.write(words[1], "", 0o755)
		case words[0] == "dir":
			check(t, os.MkdirAll(g.path(words[1]), 0o755))
		case words[0] == "link":
			check(t, os.MkdirAll(filepath.Dir(g.path(words[1])), 0o755))
			check(t, os.Symlink(filepath.FromSlash(strings.Join(words[2:], " ")), g.path(words[1])))
		default:
			t.Fatalf("plant: %q", line)
		}
	}
	if !bare {
		check(t, os.MkdirAll(g.path(".git"), 0o755))
	}
	return g
}

// unpack splits a txtar archive into its comment and pairs of name and text.
func unpack(text string) (comment string, files [][2]string) {
	for line := range strings.Lines(text) {
		name, marked := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		name, ended := strings.CutSuffix(name, " --")
		switch {
		case marked && ended:
			files = append(files, [2]string{name, ""})
		case len(files) == 0:
			comment += line
		default:
			files[len(files)-1][1] += line
		}
	}
	return comment, files
}

func (g *ground) path(name string) string { return filepath.Join(g.root, filepath.FromSlash(name)) }

func (g *ground) write(name, text string, mode os.FileMode) {
	g.t.Helper()
	check(g.t, os.MkdirAll(filepath.Dir(g.path(name)), 0o755))
	check(g.t, os.WriteFile(g.path(name), []byte(text), mode))
}

// client works in dir; in its variables $WORK is the root of the tree.
func (g *ground) client(dir string, env ...string) runner.Client {
	all := append([]string(nil), g.env...)
	for _, entry := range env {
		all = append(all, strings.ReplaceAll(entry, "$WORK", g.root))
	}
	return runner.Client{Name: "hotclub test", Dir: g.path(dir), Env: all}
}

func (g *ground) load(dir string, overrides runner.Overrides, env ...string) *Project {
	g.t.Helper()
	p, err := Load(g.client(dir, env...), overrides)
	if err != nil {
		g.t.Fatalf("Load: %v", err)
	}
	return p
}

// rel spells a path, or a text with paths, independent of where the tree is.
func (g *ground) rel(text string) string {
	return filepath.ToSlash(strings.ReplaceAll(text, g.root, "$WORK"))
}

func (g *ground) origin(p *Project, name string) string {
	for _, v := range p.Origins {
		if v.Name == name {
			return g.rel(v.Origin)
		}
	}
	return "(no " + name + ")"
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func skipOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("links, modes and bin/python belong to Unix")
	}
}
