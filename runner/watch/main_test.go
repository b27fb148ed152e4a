package watch

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// usual are the settings of New.
var usual = settings{limit: 100, quiet: quiet, patience: patience}

// watching starts a watcher of the directories.
func watching(t *testing.T, s settings, dirs ...string) *Watcher {
	t.Helper()
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	w := start(notify, s, slog.New(slog.DiscardHandler))
	t.Cleanup(w.Close)
	w.Set(dirs)
	return w
}

// next takes a burst.
func next(t *testing.T, w *Watcher) Changes {
	t.Helper()
	select {
	case changes := <-w.Changes():
		return changes
	case <-time.After(time.Minute):
		t.Fatal("nothing was told")
		return Changes{}
	}
}

// owner does what the watcher is for: it reads again what it is told of, and nothing else.
type owner struct {
	t    *testing.T
	w    *Watcher
	dirs []string
	seen map[string]string // contents by path
}

func newOwner(t *testing.T, dirs ...string) *owner {
	o := &owner{t: t, w: watching(t, usual, dirs...), dirs: dirs}
	o.seen = onDisk(dirs)
	return o
}

// onDisk reads the files of the directories.
func onDisk(dirs []string) map[string]string {
	contents := map[string]string{}
	for _, dir := range dirs {
		read(contents, dir)
		names, _ := os.ReadDir(dir) // one that does not exist has no files
		for _, name := range names {
			if !Ignored(name.Name()) {
				read(contents, filepath.Join(dir, name.Name()))
			}
		}
	}
	return contents
}

// read puts what is at path into contents.
func read(contents map[string]string, path string) {
	delete(contents, path)
	if info, err := os.Stat(path); err != nil {
		return
	} else if info.IsDir() {
		contents[path] = "a directory"
		return
	}
	if text, err := os.ReadFile(path); err == nil {
		contents[path] = string(text)
	}
}

// converge waits until the owner knows everything.
func (o *owner) converge() {
	o.t.Helper()
	for {
		truth := onDisk(o.dirs)
		if maps.Equal(truth, o.seen) {
			return
		}
		select {
		case changes := <-o.w.Changes():
			o.take(changes)
		case <-time.After(time.Minute):
			o.t.Fatalf("the owner knows\n%v\nof\n%v", o.seen, truth)
		}
	}
}

func (o *owner) take(changes Changes) {
	if changes.Everything {
		o.seen = onDisk(o.dirs)
		return
	}
	for _, path := range changes.Paths {
		if !below(path, o.dirs[0]) {
			o.t.Errorf("told of %s, which is nowhere", path)
		}
		read(o.seen, path)
		for _, dir := range o.dirs {
			if dir != path {
				continue
			}
			maps.DeleteFunc(o.seen, func(file, _ string) bool { return filepath.Dir(file) == dir })
			maps.Copy(o.seen, onDisk([]string{dir}))
		}
	}
}

// must ends the test where the file system refuses.
func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}
