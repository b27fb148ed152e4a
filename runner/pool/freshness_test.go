package pool

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// sight reads a path as reads.py does.
func sight(t *testing.T, path, kind string) worker.Read {
	t.Helper()
	read := worker.Read{Path: path, Kind: kind}
	now := stat(path)
	if now.err != nil {
		t.Fatal(now.err)
	}
	read.MTime, read.CTime, read.Size, read.Inode = now.mtime, now.ctime, now.size, now.inode
	if kind != worker.ReadFile {
		read.Size, read.Digest = 0, ""
		entries, err := os.ReadDir(path)
		if err != nil {
			t.Fatal(err)
		}
		var all []byte
		for _, entry := range entries {
			if Counts([]byte(entry.Name()), kind == worker.ReadPackages) {
				all = append(append(all, entry.Name()...), 0)
			}
		}
		read.Digest = digest(all)
	}
	return read
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBarrier(t *testing.T) {
	old := time.Now().Add(-time.Hour)
	tests := map[string]struct {
		change func(t *testing.T, dir string)
		want   string // rule, "" for fresh
	}{
		"nothing":             {func(*testing.T, string) {}, ""},
		"other contents":      {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.py"), "x = 22\n") }, "changed"},
		"same size, new time": {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.py"), "x = 2\n") }, "changed"},
		"replaced by rename, time kept": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "new"), "x = 2\n")
			if err := os.Chtimes(filepath.Join(dir, "new"), old, old); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "a.py")); err != nil {
				t.Fatal(err)
			}
		}, "changed"},
		"an older time (clock set back)": {func(t *testing.T, dir string) {
			earlier := old.Add(-time.Hour)
			if err := os.Chtimes(filepath.Join(dir, "a.py"), earlier, earlier); err != nil {
				t.Fatal(err)
			}
		}, "changed"},
		"written again under the same time": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "a.py"), "x = 2\n")
			if err := os.Chtimes(filepath.Join(dir, "a.py"), old, old); err != nil {
				t.Fatal(err)
			}
		}, "changed"},
		"what was asked for is gone": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "pkg")); err != nil {
				t.Fatal(err)
			}
		}, "is gone"},
		"gone": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "a.py")); err != nil {
				t.Fatal(err)
			}
		}, "is gone"},
		"something where nothing was": {func(t *testing.T, dir string) { write(t, filepath.Join(dir, ".env"), "A=1") }, "is new"},
		"a new module":                {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "pkg", "b.py"), "") }, "has other names in it"},
		"an editor's swap file":       {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "pkg", ".b.py.swp"), "") }, ""},
		"a data file among modules":   {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "pkg", "b.txt"), "") }, ""},
		"a data file in a listed folder": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "fixtures", "b.json"), "")
		}, "has other names in it"},
		"bytecode": {func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "pkg", "__pycache__"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "a.py")
			write(t, file, "x = 1\n")
			if err := os.Chtimes(file, old, old); err != nil {
				t.Fatal(err)
			}
			for _, folder := range []string{"pkg", "fixtures"} {
				if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			reads := []worker.Read{
				sight(t, file, worker.ReadFile),
				sight(t, filepath.Join(dir, "pkg"), worker.ReadPackages),
				sight(t, filepath.Join(dir, "fixtures"), worker.ReadNames),
				{Path: filepath.Join(dir, ".env"), Kind: worker.ReadAbsent},
				{Path: filepath.Join(dir, "pkg"), Kind: worker.ReadThere},
				{Path: filepath.Join(dir, "pipe"), Kind: worker.ReadOther},
			}
			test.change(t, dir)
			cause := Look().Stale(reads)
			switch {
			case cause == nil && test.want != "":
				t.Errorf("fresh, want %q", test.want)
			case cause != nil && cause.Rule != test.want:
				t.Errorf("%v, want %q", cause, test.want)
			}
		})
	}
}

// Two writes within one tick of the clock leave the same time: the digest tells.
func TestSecondWriteInOneTick(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.py")
	write(t, file, "x = 1\n")
	read := sight(t, file, worker.ReadFile)
	read.Digest = digest([]byte("x = 1\n"))
	at := time.Unix(0, read.MTime)
	if cause := Look().Stale([]worker.Read{read}); cause != nil {
		t.Errorf("stale before the second write: %v", cause)
	}
	write(t, file, "x = 2\n")
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
	if Look().Stale([]worker.Read{read}) == nil {
		t.Error("the second write was not noticed")
	}
}

// A look is one moment: what changes after it is for the next.
func TestALookIsOneMoment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.py")
	write(t, file, "x = 1\n")
	reads := []worker.Read{sight(t, file, worker.ReadFile)}
	look := Look()
	if cause := look.Stale(reads); cause != nil {
		t.Fatal(cause)
	}
	write(t, file, "x = 22\n")
	if cause := look.Stale(reads); cause != nil {
		t.Errorf("one look saw two moments: %v", cause)
	}
	if Look().Stale(reads) == nil {
		t.Error("the next look did not see the change")
	}
}

// What a worker met of a file: its text, or that it was not there.
func TestUnchanged(t *testing.T) {
	for name, each := range map[string]struct {
		change func(t *testing.T, file string)
		read   bool // the worker has read the file
		want   bool
	}{
		"a text that was read":              {func(*testing.T, string) {}, true, true},
		"another text":                      {func(t *testing.T, file string) { write(t, file, "x = 1\ny = 2\n") }, true, false},
		"gone":                              {func(t *testing.T, file string) { remove(t, file) }, true, false},
		"another file beside it":            {func(t *testing.T, file string) { write(t, filepath.Dir(file)+"/b.py", "") }, true, true},
		"a name that was met":               {func(*testing.T, string) {}, false, true},
		"another text behind it":            {func(t *testing.T, file string) { write(t, file, "x = 1\ny = 2\n") }, false, true},
		"a name that was not there":         {func(t *testing.T, file string) { remove(t, file) }, false, false},
		"a folder above that was not there": {func(t *testing.T, file string) { remove(t, filepath.Dir(file)) }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "app", "a.py")
			if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, file, "x = 1\n")
			reads := []worker.Read{sight(t, dir, worker.ReadNames), sight(t, filepath.Dir(file), worker.ReadPackages)}
			if each.read {
				reads = append(reads, sight(t, file, worker.ReadFile))
			}
			holds := unchanged(reads)
			each.change(t, file)
			if got := holds(file); got != each.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// The workers of a run are taken at the same time.
func TestALookIsSharedByTheWorkersOfARun(t *testing.T) {
	dir := t.TempDir()
	disk := Look()
	var workers sync.WaitGroup
	for i := range 4 {
		path := filepath.Join(dir, fmt.Sprint(i))
		write(t, path, "x")
		read := sight(t, path, worker.ReadFile)
		workers.Go(func() {
			if cause := disk.Stale([]worker.Read{read}); cause != nil {
				t.Errorf("%v", cause)
			}
		})
	}
	workers.Wait()
}

// What another process of a run has read, beside what the run looked at when it began.
func TestSince(t *testing.T) {
	for name, each := range map[string]struct {
		looked  bool                            // at the file, when the run began
		between func(t *testing.T, file string) // the look, or the read where there was none, and the other
		late    bool                            // it was read after the look
		want    string
	}{
		"as it was":                        {looked: true, between: func(*testing.T, string) {}},
		"a mode that came after its text":  {looked: true, between: func(t *testing.T, file string) { chmod(t, file) }},
		"a mode that came during the run":  {looked: true, late: true, between: func(t *testing.T, file string) { chmod(t, file) }},
		"another text":                     {looked: true, late: true, between: func(t *testing.T, file string) { write(t, file, "x = 22\n") }, want: "changed"},
		"a text of the same size and time": {looked: true, late: true, between: func(t *testing.T, file string) { rewrite(t, file, "x = 2\n") }, want: "changed"},
		"nobody had looked":                {between: func(*testing.T, string) {}},
		"nobody had looked, and it is new": {late: true, between: func(t *testing.T, file string) { write(t, file, "x = 22\n") }, want: "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.py")
			write(t, file, "x = 1\n")
			read := func() []worker.Read {
				read := sight(t, file, worker.ReadFile)
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				read.Digest = digest(text) // as of one that is young
				return []worker.Read{read}
			}
			first := read()
			later(t, file, stat(file).mtime)
			if !each.late {
				each.between(t, file)
			}
			disk := Look()
			if each.looked {
				if cause := disk.Stale(first); cause != nil {
					t.Fatal(cause)
				}
			}
			if each.late {
				later(t, file, disk.begun.UnixNano())
				each.between(t, file)
				first = read()
			}
			got := ""
			if cause := disk.Since(first); cause != nil {
				got = cause.Rule
			}
			if got != each.want {
				t.Errorf("got %q, want %q", got, each.want)
			}
		})
	}
}

// chmod moves the time at which the inode changed, and nothing else.
func chmod(t *testing.T, file string) {
	t.Helper()
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
}

// rewrite writes a file and sets its time back.
func rewrite(t *testing.T, file, text string) {
	t.Helper()
	at := time.Unix(0, stat(file).mtime)
	write(t, file, text)
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
}

// later waits until the clock of a file's system, which ticks, shows more than a time.
func later(t *testing.T, file string, then int64) {
	t.Helper()
	for beside := file + ".tick"; ; {
		write(t, beside, "")
		if stat(beside).mtime > then {
			return
		}
	}
}

func BenchmarkBarrier(b *testing.B) {
	dir := b.TempDir()
	var reads []worker.Read
	for i := range 5000 {
		path := filepath.Join(dir, "f"+string(rune('a'+i%26))+time.Duration(i).String())
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			b.Fatal(err)
		}
		now := stat(path)
		reads = append(reads, worker.Read{Path: path, Kind: worker.ReadFile, MTime: now.mtime, CTime: now.ctime, Inode: now.inode})
	}
	for b.Loop() {
		if cause := Look().Stale(reads); cause != nil {
			b.Fatal(cause)
		}
	}
}

// A file that was read right after it was written is read once more when the tick of its time stamp
// is over, and from then on told by its stamps, which a later change moves.
func TestContentsAreComparedOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.py")
	write(t, path, "x = 1\n")
	read := sight(t, path, worker.ReadFile)
	read.Digest = digest([]byte("x = 1\n"))
	var c confirmed
	look := func() *runner.Cause {
		disk := Look()
		disk.confirmed = &c
		return disk.Stale([]worker.Read{read})
	}
	if look() != nil || c.has(&read, stat(path)) {
		t.Error("its tick is not over, and it was told by its stamps")
	}
	old := read
	old.MTime, old.CTime = read.MTime-int64(time.Hour), read.CTime-int64(time.Hour)
	stamps := known{mtime: old.MTime, ctime: old.CTime, size: old.Size, inode: old.Inode}
	c.add(&old, stamps)
	if !c.has(&old, stamps) {
		t.Error("its tick is over, and it is compared again")
	}
	if c.has(&old, stat(path)) {
		t.Error("its stamps have moved, and it is taken for confirmed")
	}
	write(t, path, "x = 2\n")
	if look() == nil {
		t.Error("a change in place was not seen")
	}
}

func TestWhatIsObservedHasNotChanged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.py")
	if err := os.WriteFile(path, []byte("a = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	for _, old := range []string{path, dir} {
		if err := os.Chtimes(old, long, long); err != nil {
			t.Fatal(err)
		}
	}
	for _, read := range []worker.Read{{Path: path, Kind: worker.ReadFile}, {Path: dir, Kind: worker.ReadNames}, {Path: dir, Kind: worker.ReadPackages}} {
		observed := Observe(read)
		if causes := Look().Changes([]worker.Read{observed}); len(causes) > 0 {
			t.Errorf("%+v: %v", observed, causes)
		}
	}
}
