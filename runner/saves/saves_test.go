package saves

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"hotclub/runner"
	"hotclub/runner/pool"
	"hotclub/runner/watch"
	"hotclub/runner/worker"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// project is a folder whose processes have read what the test says.
type project struct {
	t    *testing.T
	root string
	*Saves

	mu    sync.Mutex
	known []worker.Read
	busy  bool
}

func (p *project) Known() []worker.Read {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.known)
}

func (p *project) Busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busy
}

// newProject has a source, a data file and a listed folder, all of which were read.
func newProject(t *testing.T, watcher *watch.Watcher) *project {
	t.Helper()
	p := &project{t: t, root: t.TempDir()}
	p.write("a.py", "x = 1")
	p.write("data.json", "{}")
	p.write("pkg/b.py", "")
	p.reads(worker.ReadFile, "a.py", "data.json")
	p.reads(worker.ReadPackages, "pkg")
	p.reads(worker.ReadNames, "pkg")
	p.reads(worker.ReadAbsent, ".env")
	p.Saves = New(p.root, p, watcher)
	t.Cleanup(p.Close)
	return p
}

func watching() *watch.Watcher { return watch.New(slog.New(slog.DiscardHandler)) }

func (p *project) path(name string) string { return filepath.Join(p.root, filepath.FromSlash(name)) }

func (p *project) write(name, text string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.path(name)), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.path(name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// reads has a process read files as they are now.
func (p *project) reads(kind string, names ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range names {
		p.known = append(p.known, pool.Observe(worker.Read{Path: p.path(name), Kind: kind}))
	}
}

// runs begins or ends a run.
func (p *project) runs(busy bool) {
	p.mu.Lock()
	p.busy = busy
	p.mu.Unlock()
	if busy {
		p.RunBegun()
	} else {
		p.RunEnded()
	}
}

// await waits for the next save: "a.py changed".
func (p *project) await() string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	saved, err := p.Await(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.words(saved)
}

func (p *project) words(saved runner.Saved) string {
	var words []string
	for _, change := range saved.Changes {
		words = append(words, strings.TrimPrefix(change.File, p.root+"/")+" "+change.Rule)
	}
	for _, path := range saved.Restless {
		words = append(words, strings.TrimPrefix(path, p.root+"/")+" is restless")
	}
	return strings.Join(words, ", ")
}

func (p *project) expect(want string) {
	p.t.Helper()
	if diff := cmp.Diff(want, p.await()); diff != "" {
		p.t.Error(diff)
	}
}

// nothing sees that the looks so far have found nothing: what comes next is that of a source.
func (p *project) nothing() {
	p.t.Helper()
	p.write("a.py", time.Now().String())
	p.expect("a.py changed")
}

func TestWhatCounts(t *testing.T) {
	p := newProject(t, watching())
	p.write("a.py", "x = 2")
	p.expect("a.py changed")
	p.write("README", "nobody reads it")
	p.nothing()
	p.write("pkg/new.txt", "")
	p.expect("pkg has other names in it")
	p.write("pkg/new.py", "")
	p.expect("pkg has other names in it")
	p.write(".env", "A=1")
	p.expect(".env is new")
	p.write(".env", "A=2")
	p.expect(".env changed")
	if err := os.Remove(p.path("a.py")); err != nil {
		t.Fatal(err)
	}
	p.expect("a.py is gone")
	p.write("a.py", "x = 3")
	p.expect("a.py is new")
}

// What is read for the first time later counts as it was then, also in a folder that nobody has
// looked at before.
func TestWhatIsReadLater(t *testing.T) {
	p := newProject(t, watching())
	p.write("templates/page.html", "old")
	p.runs(true)
	p.reads(worker.ReadFile, "templates/page.html")
	p.write("templates/page.html", "newer")
	p.runs(false)
	p.expect("templates/page.html changed")
	p.write("templates/page.html", "newest")
	p.expect("templates/page.html changed")
}

// Nothing that happened before anybody asked counts.
func TestTheBeginning(t *testing.T) {
	p := &project{t: t, root: t.TempDir()}
	p.write("a.py", "x = 1")
	p.reads(worker.ReadFile, "a.py")
	p.write("a.py", "x = 22")
	p.Saves = New(p.root, p, watching())
	t.Cleanup(p.Close)
	p.write("README", "")
	p.nothing()
}

// What tests do in folders that they list is looked at when the run has ended.
func TestInARun(t *testing.T) {
	p := newProject(t, watching())
	p.runs(true)
	p.write("pkg/upload.txt", "")
	p.nothing()
	if err := os.Remove(p.path("pkg/upload.txt")); err != nil {
		t.Fatal(err)
	}
	p.runs(false)
	p.nothing()
	p.runs(true)
	p.write("pkg/left.txt", "")
	p.nothing()
	p.runs(false)
	p.expect("pkg has other names in it")
}

// A file that each run writes starts a run three times and is then put down to the runs, until
// somebody else changes it. A source never is.
func TestRestless(t *testing.T) {
	p := newProject(t, watching())
	one := func(name, text, want string) {
		t.Helper()
		p.runs(true)
		p.write(name, text)
		p.runs(false)
		p.expect(want)
	}
	one("data.json", "1", "data.json changed")
	one("data.json", "22", "data.json changed")
	one("data.json", "333", "data.json is restless")
	p.runs(true)
	p.write("data.json", "4444")
	p.nothing()
	p.runs(false)
	p.nothing()
	p.write("data.json", "55555")
	p.expect("data.json changed")
	for _, text := range []string{"x = 1", "x = 22", "x = 333", "x = 4444"} {
		one("a.py", text, "a.py changed")
	}
}

// Without a watcher the fault is told once, and the disk looked at.
func TestWithoutAWatcher(t *testing.T) {
	p := newProject(t, watch.Off("no watcher today"))
	saved, err := p.Await(context.Background())
	if err != nil || saved.Fault != "no watcher today" || len(saved.Changes) > 0 {
		t.Errorf("first %+v, %v", saved, err)
	}
	p.write("a.py", "x = 2")
	p.expect("a.py changed")
}

func TestTheEndOfWaiting(t *testing.T) {
	p := newProject(t, watching())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Await(ctx); err == nil {
		t.Error("a wait that was given up has no error")
	}
	closed := make(chan error)
	go func() {
		_, err := p.Await(context.Background())
		closed <- err
	}()
	p.Close()
	if err := <-closed; err == nil {
		t.Error("a wait that was closed has no error")
	}
}
