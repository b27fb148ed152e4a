package history

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

func TestWhatIsKeptComesBack(t *testing.T) {
	dir := t.TempDir()
	p := Open(dir, "shop")
	if aliases, _, _ := p.Lessons(); aliases != nil {
		t.Errorf("a new history knows databases %v", aliases)
	}
	p.Record("a.T.test_slow", runner.Verdict{State: runner.Passed, DurationMs: 1500}, "")
	p.Record("a.T.test_bad", runner.Verdict{State: runner.Failed, DurationMs: 2}, "")
	p.Record("a.T.test_bad", runner.Verdict{State: runner.Cancelled}, "")
	p.Asked(runner.Selection{Labels: []string{"a"}})
	p.Learnt([]string{}, []string{"unittest.mock"}, []string{"site.settings_user"})
	if err := p.Save(); err != nil {
		t.Fatal(err)
	}
	p = Open(dir, "shop")
	if got := p.Expected(runner.Test{Label: "a.T.test_slow"}); got != 1500*time.Millisecond {
		t.Errorf("expected %v", got)
	}
	if diff := cmp.Diff([]string{"a.T.test_bad"}, p.Failed()); diff != "" {
		t.Error(diff)
	}
	if last, ok := p.Last(); !ok || len(last.Labels) != 1 {
		t.Errorf("last %v %v", last, ok)
	}
	if aliases, modules, apart := p.Lessons(); aliases == nil || len(modules) != 1 || len(apart) != 1 {
		t.Errorf("lessons %v %v %v", aliases, modules, apart)
	}
}

func TestBrokenFileIsNoHistory(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "shop.json"), []byte(`{"version": 1, "tests": {`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := Open(dir, "shop")
	if len(p.Failed()) != 0 || p.Expected(runner.Test{Label: "x"}) != unknown {
		t.Error("something was read from half a file")
	}
	if err := p.Save(); err != nil {
		t.Error(err)
	}
}

func TestUnwritableFolderIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Open(file, "shop").Save(); err == nil {
		t.Error("saved below a file")
	}
}

func TestPast(t *testing.T) {
	dir := t.TempDir()
	p := Open(dir, "shop")
	long := strings.Repeat("x", 2*messageKept)
	p.Record("a.T.test_bad", runner.Verdict{
		State: runner.Failed, DurationMs: 2, Queries: 3,
		Messages: []runner.Message{{Text: long, Summary: "1 != 2", Location: &runner.Location{File: "/a.py", Line: 3}}},
	}, "hello")
	past, ok := p.Past("a.T.test_bad")
	if !ok || past.Output != "hello" || past.Queries != 3 || len(past.Messages[0].Text) > messageKept+10 {
		t.Errorf("got %+v", past.Verdict)
	}
	if err := p.Save(); err != nil {
		t.Fatal(err)
	}
	again, ok := Open(dir, "shop").Past("a.T.test_bad")
	if !ok || again.Output != "" {
		t.Errorf("got %v %q", ok, again.Output)
	}
	if diff := cmp.Diff(past.Verdict, again.Verdict); diff != "" {
		t.Error(diff)
	}
	if _, ok := p.Past("a.T.test_other"); ok {
		t.Error("a test that never ran has a past")
	}
}

func TestOldOutputsGo(t *testing.T) {
	var o outputs
	text := strings.Repeat("x", messageKept)
	many := 2 * outputsKept / messageKept
	for i := range many {
		o.keep("first", text) // it stays as long as it is the latest of its test
		o.keep(strconv.Itoa(i), text)
	}
	if o.size > outputsKept || o.of("first") == "" || o.of("0") != "" || o.of(strconv.Itoa(many-1)) == "" {
		t.Errorf("%d bytes, %d tests", o.size, len(o.known))
	}
	if len(o.queue) > 2*len(o.known)+16 {
		t.Errorf("%d turns for %d tests", len(o.queue), len(o.known))
	}
}
