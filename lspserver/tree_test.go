package lspserver_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// forest is the tree of tests as a client has it, by answers and changes.
type forest struct {
	items     map[runner.TestID]wire.TestItem
	errors    map[string]bool
	revisions map[runner.TestID]int
}

// hear takes all that was said so far, in its order.
func hear(t *testing.T, e *lsptest.Editor) forest {
	t.Helper()
	f := forest{items: make(map[runner.TestID]wire.TestItem), errors: make(map[string]bool), revisions: make(map[runner.TestID]int)}
	answered := false
	for _, m := range e.Log() {
		var told wire.Tests
		switch {
		case m.Method == wire.MethodDidChangeTests:
			unmarshal(t, m.Params, &told)
			if !answered {
				t.Error("didChangeTests before the answer to discover")
			}
			if told.Revision < f.revisions[told.Project] {
				t.Errorf("revision %d of %s after %d", told.Revision, told.Project, f.revisions[told.Project])
			}
			f.revisions[told.Project] = told.Revision
		case m.Method == "" && json.Unmarshal(m.Result, &told) == nil && told.Removed != nil:
			answered = true
		default:
			continue
		}
		for _, item := range told.Items {
			if item.Parent != "" && f.items[item.Parent].ID == "" {
				t.Errorf("%s before its parent %s", item.ID, item.Parent)
			}
			f.items[item.ID] = item
		}
		for _, id := range told.Removed {
			for other := range f.items {
				if other != id && id.Holds(other) {
					t.Errorf("%s was removed before what is in it: %s", id, other)
				}
			}
			delete(f.items, id)
		}
		for _, problem := range told.Errors {
			f.errors[problem.URI] = true
		}
	}
	return f
}

// waitTree waits until the tree has an item, or has it no more.
func waitTree(t *testing.T, e *lsptest.Editor, id runner.TestID, there bool) forest {
	t.Helper()
	var f forest
	for {
		changes := heard(e, wire.MethodDidChangeTests) // before the look: one meanwhile must not be missed
		if f = hear(t, e); (f.items[id].ID != "") == there {
			return f
		}
		e.WaitMethod(wire.MethodDidChangeTests, changes+1)
	}
}

func discover(t *testing.T, e *lsptest.Editor) (tests wire.Tests) {
	t.Helper()
	unmarshal(t, e.Call(wire.MethodDiscover, nil).Result, &tests)
	return tests
}

func TestTree(t *testing.T) {
	w := newWindow(t, nil)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	discover(t, e)
	f := waitTree(t, e, w.id("test_skip"), true)
	var got []string
	for _, item := range f.items {
		got = append(got, string(item.Kind)+" "+item.Label)
	}
	slices.Sort(got)
	want := []string{
		"class shop.tests.CartTests", "dir shop", "file shop.tests", "project .",
		"test shop.tests.CartTests.test_fail", "test shop.tests.CartTests.test_pass", "test shop.tests.CartTests.test_skip",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	item := f.items[w.id("test_fail")]
	if item.URI != e.URI(w.file) || item.Range.Start.Line != 8-1 || item.SelectionRange.Start.Line != 8 || !cmp.Equal(item.Tags, []string{"slow"}) || item.Fidelity != runner.Static || !item.Runnable {
		t.Errorf("got %+v %+v", item, item.Range)
	}
}

func TestTreeFollowsSaves(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	discover(t, e)
	waitTree(t, e, w.id("test_pass"), true)
	e.Replace(w.file, "test_pass", "test_passes")
	e.Save(w.file)
	f := waitTree(t, e, w.id("test_passes"), true)
	if f.items[w.id("test_pass")].ID != "" {
		t.Error("the old name is still there")
	}
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	other := filepath.Join(w.root, "shop", "test_other.py")
	write(t, other, shop)
	e.DiskChanged(lsptest.FileCreated, other)
	id := runner.TestID("fakeweb//shop/test_other.py")
	waitTree(t, e, id, true)
	remove(t, other)
	e.DiskChanged(lsptest.FileDeleted, other)
	waitTree(t, e, id, false)
}

// A client that comes second, to a tree that is known already, hears all of it.
func TestTreeOfASecondClient(t *testing.T) {
	w := newWindow(t, nil)
	first := w.open(t, lsptest.Options{})
	discover(t, first)
	waitTree(t, first, w.id("test_pass"), true)
	second := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	discover(t, second) // may well be empty
	waitTree(t, second, w.id("test_pass"), true)
	first.Replace(w.file, "test_pass", "test_passes")
	first.Save(w.file)
	waitTree(t, second, w.id("test_passes"), true)
}

func TestScopeOfDiscover(t *testing.T) {
	w := newWindow(t, nil)
	write(t, filepath.Join(w.root, "shop", "test_other.py"), shop)
	e := w.open(t, lsptest.Options{})
	discover(t, e)
	waitTree(t, e, "fakeweb//shop/test_other.py", true)
	for scope, want := range map[string]int{
		`{"uri":"` + e.URI(w.file) + `"}`: 5, `{"uri":"` + e.URI(filepath.Join(w.root, "shop")) + `"}`: 10,
		`{"id":"fakeweb//shop/tests.py::CartTests"}`: 4, `{"id":"fakeweb//"}`: 12, `{}`: 12, `{"id":"no//"}`: 0, `{"uri":"file:///nowhere"}`: 0,
	} {
		var tests wire.Tests
		unmarshal(t, e.Call(wire.MethodDiscover, map[string]any{"scope": json.RawMessage(scope)}).Result, &tests)
		if len(tests.Items) != want {
			t.Errorf("%s: %d items", scope, len(tests.Items))
		}
	}
	if m := e.Call(wire.MethodDiscover, map[string]any{"scope": map[string]any{"uri": "untitled:x"}}); m.Code() != -32602 {
		t.Errorf("got %+v", m)
	}
}

// Nobody who has not asked hears of changes.
func TestTreeIsToldToThoseWhoAsked(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	e.Replace(w.file, "test_pass", "test_passes")
	e.Save(w.file)
	w.waitTitle(t, e, "test_passes", "▶ Run")
	e.Execute("hotclub.run", map[string]any{"id": w.id("test_passes")})
	if n := heard(e, wire.MethodDidChangeTests); n > 0 {
		t.Errorf("%d messages", n)
	}
}

func TestFileThatCannotBeReadStaysInTheTree(t *testing.T) {
	w := newWindow(t, nil)
	broken := filepath.Join(w.root, "shop", "test_latin.py")
	write(t, broken, "# gr\xfc\xdfe\n"+shop)
	e := w.open(t, lsptest.Options{})
	discover(t, e)
	f := waitTree(t, e, "fakeweb//shop/test_latin.py", true)
	if item := f.items["fakeweb//shop/test_latin.py"]; item.Error == nil || item.Error.Text == "" || !f.errors[e.URI(broken)] {
		t.Errorf("got %+v, %v", item, f.errors)
	}
}

func TestTestsAt(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	at := func(file, text string) (names []string) {
		params := map[string]any{"uri": e.URI(file)}
		if text != "" {
			params["position"] = e.Find(file, text).Start
		}
		var answer wire.TestsAtAnswer
		unmarshal(t, e.Call(wire.MethodTestsAt, params).Result, &answer)
		for _, item := range answer.Items {
			names = append(names, item.Name)
		}
		return names
	}
	for text, want := range map[string][]string{
		"self.assert": {"test_fail", "CartTests", "tests.py"}, "@tag": {"test_fail", "CartTests", "tests.py"}, "class Cart": {"CartTests", "tests.py"},
		"class Helper": {"tests.py"}, "": {"tests.py", "CartTests", "test_pass", "test_fail", "test_skip"},
	} {
		if got := at(w.file, text); !cmp.Equal(got, want) {
			t.Errorf("%q: got %q", text, got)
		}
	}
	e.Replace(w.file, "test_pass", "test_unsaved")
	if got := at(w.file, "test_unsaved"); got[0] != "test_unsaved" {
		t.Errorf("got %q", got)
	}
	e.Close(w.file)
	discover(t, e)
	waitTree(t, e, w.id("test_pass"), true)
	if got := at(w.file, ""); len(got) != 5 {
		t.Errorf("closed: got %q", got)
	}
	if m := e.Call(wire.MethodTestsAt, map[string]any{"uri": "untitled:x"}); m.Code() != -32602 {
		t.Errorf("got %+v", m)
	}
	if m := e.Call(wire.MethodTestsAt, map[string]any{"uri": "file:///nowhere/tests.py"}); m.Error == nil {
		t.Errorf("got %s", m.Result)
	}
}
