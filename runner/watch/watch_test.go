package watch

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each way to save tells of the file, and of nothing that the editor keeps for itself.
func TestWaysToSave(t *testing.T) {
	tests := map[string]struct {
		save func(t *testing.T, dir string)
		want []string
	}{
		"in place": {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.py"), "x = 2\n") }, []string{"a.py"}},
		"by an atomic rename": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "a.py.tmp"), "x = 2\n")
			must(t, os.Rename(filepath.Join(dir, "a.py.tmp"), filepath.Join(dir, "a.py")))
		}, []string{"a.py", "a.py.tmp"}},
		"as Vim does with backupcopy=no": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, ".a.py.swp"), "")
			write(t, filepath.Join(dir, "4913"), "")
			must(t, os.Remove(filepath.Join(dir, "4913")), os.Rename(filepath.Join(dir, "a.py"), filepath.Join(dir, "a.py~")))
			write(t, filepath.Join(dir, "a.py"), "x = 2\n")
			must(t, os.Remove(filepath.Join(dir, "a.py~")), os.Remove(filepath.Join(dir, ".a.py.swp")))
		}, []string{"a.py"}},
		"as Emacs does": {func(t *testing.T, dir string) {
			must(t, os.Symlink("nobody@nowhere", filepath.Join(dir, ".#a.py")))
			write(t, filepath.Join(dir, "#a.py#"), "")
			must(t, os.Rename(filepath.Join(dir, "a.py"), filepath.Join(dir, "a.py~")))
			write(t, filepath.Join(dir, "a.py"), "x = 2\n")
			must(t, os.Remove(filepath.Join(dir, ".#a.py")), os.Remove(filepath.Join(dir, "#a.py#")))
		}, []string{"a.py"}},
		"a touch": {func(t *testing.T, dir string) {
			must(t, os.Chtimes(filepath.Join(dir, "a.py"), time.Time{}, time.Now().Add(time.Hour)))
		}, []string{"a.py"}},
		"a file that goes": {func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "a.py"))) }, []string{"a.py"}},
		"a new folder": {func(t *testing.T, dir string) {
			must(t, os.Mkdir(filepath.Join(dir, "new"), 0o700))
			write(t, filepath.Join(dir, "new", "unseen.py"), "")
		}, []string{"new"}},
		"bytecode": {func(t *testing.T, dir string) {
			must(t, os.Mkdir(filepath.Join(dir, "__pycache__"), 0o700))
			write(t, filepath.Join(dir, "__pycache__", "a.cpython-311.pyc"), "")
			write(t, filepath.Join(dir, "a.pyc"), "")
		}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a.py"), "x = 1\n")
			w := watching(t, usual, dir)
			test.save(t, dir)
			write(t, filepath.Join(dir, "the-end"), "")
			var got []string
			for !slices.Contains(got, "the-end") {
				for _, path := range next(t, w).Paths {
					name, err := filepath.Rel(dir, path)
					must(t, err)
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(append(test.want, "the-end"), slices.Compact(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A checkout of another branch is one burst.
func TestCheckoutIsOneBurst(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		command := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "gc.auto=0"}, args...)...)
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, output)
		}
	}
	git("init", "-q", "-b", "one")
	var want []string
	for _, branch := range []string{"one", "two"} {
		if branch == "two" {
			git("checkout", "-q", "-b", branch)
		}
		want = nil
		for i := range 400 {
			path := filepath.Join(dir, fmt.Sprintf("m%03d.py", i))
			write(t, path, branch+branch)
			want = append(want, path)
		}
		git("add", ".")
		git("commit", "-q", "-m", branch)
	}
	w := watching(t, settings{limit: 100, quiet: time.Second, patience: time.Minute}, dir)
	git("checkout", "-q", "one")
	if diff := cmp.Diff(Changes{Paths: want}, next(t, w)); diff != "" {
		t.Error(diff)
	}
}

// Directories come, go and become others; the owner, who reads again only what is told, knows
// everything in the end.
func TestDirectoriesComeAndGo(t *testing.T) {
	tests := map[string]func(t *testing.T, dir string, o *owner){
		"removed and created again": func(t *testing.T, dir string, o *owner) {
			pkg := filepath.Join(dir, "pkg")
			must(t, os.RemoveAll(pkg))
			o.converge()
			must(t, os.Mkdir(pkg, 0o700))
			write(t, filepath.Join(pkg, "a.py"), "again")
			o.converge()
		},
		"removed and created again at once": func(t *testing.T, dir string, _ *owner) {
			pkg := filepath.Join(dir, "pkg")
			must(t, os.RemoveAll(pkg), os.Mkdir(pkg, 0o700))
			write(t, filepath.Join(pkg, "a.py"), "again")
		},
		"renamed away and back": func(t *testing.T, dir string, o *owner) {
			must(t, os.Rename(filepath.Join(dir, "pkg"), filepath.Join(dir, "other")))
			write(t, filepath.Join(dir, "other", "a.py"), "elsewhere")
			o.converge()
			must(t, os.Rename(filepath.Join(dir, "other"), filepath.Join(dir, "pkg")))
		},
		"replaced by another": func(t *testing.T, dir string, _ *owner) {
			must(t, os.Mkdir(filepath.Join(dir, "new"), 0o700))
			write(t, filepath.Join(dir, "new", "b.py"), "new")
			must(t, os.RemoveAll(filepath.Join(dir, "pkg")), os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "pkg")))
		},
		"one above renamed, which is not watched itself": func(t *testing.T, dir string, o *owner) {
			must(t, os.Rename(filepath.Join(dir, "far"), filepath.Join(dir, "gone")))
			o.converge()
			must(t, os.MkdirAll(filepath.Join(dir, "far", "away", "deep"), 0o700))
			write(t, filepath.Join(dir, "far", "away", "deep", "z.py"), "z")
		},
		"all of it removed, and back": func(t *testing.T, dir string, o *owner) {
			must(t, os.RemoveAll(dir))
			o.converge()
			must(t, os.MkdirAll(filepath.Join(dir, "pkg"), 0o700))
			write(t, filepath.Join(dir, "pkg", "a.py"), "back")
		},
		"a link that points elsewhere": func(t *testing.T, dir string, o *owner) {
			write(t, filepath.Join(dir, "target", "l.py"), "through the link")
			o.converge()
			must(t, os.Mkdir(filepath.Join(dir, "second"), 0o700), os.Remove(filepath.Join(dir, "link")))
			write(t, filepath.Join(dir, "second", "m.py"), "m")
			must(t, os.Symlink("second", filepath.Join(dir, "link")))
		},
		"one that did not exist": func(t *testing.T, dir string, _ *owner) {
			must(t, os.MkdirAll(filepath.Join(dir, "never", "seen"), 0o700))
			write(t, filepath.Join(dir, "never", "seen", "s.py"), "s")
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "project")
			for _, sub := range []string{"pkg", "target", "far/away/deep"} {
				must(t, os.MkdirAll(filepath.Join(dir, filepath.FromSlash(sub)), 0o700))
			}
			if err := os.Symlink("target", filepath.Join(dir, "link")); err != nil {
				t.Skipf("no symbolic links here: %v", err)
			}
			write(t, filepath.Join(dir, "pkg", "a.py"), "first")
			wanted := []string{dir}
			for _, sub := range []string{"pkg", "link", "target", "far/away/deep", "never/seen"} {
				wanted = append(wanted, filepath.Join(dir, filepath.FromSlash(sub)))
			}
			o := newOwner(t, wanted...)
			change(t, dir, o)
			o.converge()
			for _, at := range wanted { // and what is there now is watched
				if _, err := os.Stat(at); err == nil {
					write(t, filepath.Join(at, "last.py"), "last")
				}
			}
			o.converge()
			if fault := o.w.Fault(); fault != "" {
				t.Error(fault)
			}
		})
	}
}

// Set gives up what is not wanted any more.
func TestSetIsExact(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	w := watching(t, usual, one)
	w.Set([]string{two})
	write(t, filepath.Join(one, "a"), "")
	write(t, filepath.Join(two, "b"), "")
	if diff := cmp.Diff(Changes{Paths: []string{filepath.Join(two, "b")}}, next(t, w)); diff != "" {
		t.Error(diff)
	}
	w.Set(nil)
	if n := w.Watched(); n != 0 {
		t.Errorf("%d directories are still watched", n)
	}
}

// Beyond the bound the first directories are watched, and the fault says so.
func TestBound(t *testing.T) {
	root := t.TempDir()
	var dirs []string
	for _, name := range []string{"a", "b", "c"} {
		dirs = append(dirs, filepath.Join(root, name))
		must(t, os.Mkdir(filepath.Join(root, name), 0o700))
	}
	w := watching(t, settings{limit: 2, quiet: quiet, patience: patience}, dirs...)
	if want := "2 of 3 directories are watched: no more is used than " + limitRule; runtime.GOOS == "linux" && w.Fault() != want {
		t.Errorf("fault %q, want %q", w.Fault(), want)
	}
	write(t, filepath.Join(dirs[2], "unseen"), "")
	write(t, filepath.Join(dirs[1], "seen"), "")
	if got := next(t, w).Paths; !slices.Equal(got, []string{filepath.Join(dirs[1], "seen")}) {
		t.Errorf("told of %v", got)
	}
	w.Set(dirs[:2])
	if w.Fault() != "" {
		t.Errorf("with two directories: %s", w.Fault())
	}
}

func TestOff(t *testing.T) {
	w := Off("switched off")
	w.Set([]string{t.TempDir()})
	if w.Fault() != "switched off" || w.Watched() != 0 {
		t.Errorf("fault %q, %d watches", w.Fault(), w.Watched())
	}
	w.Close()
	w.Close()
	if _, open := <-w.Changes(); open {
		t.Error("a closed watcher told something")
	}
}

func TestCloseWithAnUntakenBurst(t *testing.T) {
	dir := t.TempDir()
	w := New(slog.New(slog.DiscardHandler))
	w.Set([]string{dir})
	for i := range 100 {
		write(t, filepath.Join(dir, fmt.Sprint(i)), "")
	}
	w.Close()
	w.Set([]string{dir}) // nothing happens any more, and nothing breaks
}
