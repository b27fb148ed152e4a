package lspserver_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
	"hotclub/runner"
)

// loads is an engine that notes what is to be loaded in advance.
func (w *window) loads() chan string {
	wanted := make(chan string, 100)
	w.engine.Anticipated = func(_ context.Context, expected runner.Request) {
		wanted <- strings.Join(expected.Selection.Labels, " ")
	}
	return wanted
}

// The module of the document that a person works on is loaded in advance, whatever tells of it.
func TestModuleOfTheActiveEditor(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, nil)
		other, helper := filepath.Join(w.root, "shop", "test_other.py"), filepath.Join(w.root, "shop", "helper.py")
		write(t, other, shop)
		write(t, helper, "x = 1\n")
		wanted := w.loads()
		e := w.open(t, lsptest.Options{})
		next := func(what, label string) {
			t.Helper()
			if got := receive(t, wanted, what); got != label {
				t.Errorf("%s: %s is loaded, want %s", what, got, label)
			}
			for quiet := false; !quiet; { // the first look for tests, and lenses, tell of it as well
				select {
				case <-wanted:
				case <-time.After(700 * time.Millisecond):
					quiet = true
				}
			}
		}
		next("opened", "shop.tests")
		e.Open(other, shop)
		next("another is opened", "shop.test_other")
		e.Replace(w.file, "pass", "pass ")
		next("edited", "shop.tests")
		e.Save(other)
		next("saved", "shop.test_other")
		e.Open(helper, "x = 1\n") // no tests: nothing is loaded for it
		e.Execute("hotclub.runFile", map[string]any{"uri": e.URI(w.file)})
		next("run", "shop.tests")
		w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.WorkersReady, Generation: "g2"})
		next("a new generation is ready", "shop.tests")
		write(t, helper, "x = 2\n")
		e.DiskChanged(2, helper)
		next("an open file has changed", "shop.tests")
		os.Remove(helper)
	})
}

// A wish that comes later takes the place of the earlier one; of many in a row only the last counts.
func TestOneWishAtATime(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, nil)
		other := filepath.Join(w.root, "shop", "test_other.py")
		write(t, other, shop)
		dropped := make(chan string, 10)
		begun := make(chan string, 10)
		w.engine.Anticipated = func(ctx context.Context, expected runner.Request) {
			begun <- expected.Selection.Labels[0]
			<-ctx.Done()
			dropped <- expected.Selection.Labels[0]
		}
		e := w.open(t, lsptest.Options{})
		receive(t, begun, "the first")
		for range 20 {
			e.Replace(w.file, "pass", "pass ")
		}
		e.Open(other, shop)
		if label := receive(t, dropped, "the end of the first"); label != "shop.tests" {
			t.Errorf("%s is dropped", label)
		}
		if label := receive(t, begun, "the other"); label != "shop.test_other" {
			t.Errorf("%s is loaded", label)
		}
		e.HangUp()
		receive(t, dropped, "the end of the other")
	})
}

// Nothing is loaded of a project that may not be started.
func TestNothingIsLoadedWithoutTrust(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, func(*lspserver.Options) {})
		wanted := w.loads()
		w.open(t, lsptest.Options{Untrusted: true})
		select {
		case label := <-wanted:
			t.Errorf("%s is loaded", label)
		case <-time.After(time.Second):
		}
	})
}

// Workers change while one is asked, behind the answer, and when the one that has loaded the module goes:
// then one is asked again.
func TestWorkersChangeBehindAWish(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, nil)
		asked := make(chan string, 10)
		change := func() { w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.WorkersChanged}) }
		changes := 1
		w.engine.Anticipated = func(_ context.Context, expected runner.Request) {
			if changes > 0 {
				changes--
				change()
			}
			asked <- expected.Selection.Labels[0]
		}
		e := w.open(t, lsptest.Options{})
		settled := func(want int, what string) {
			t.Helper()
			<-time.After(time.Minute) // of the bubble's clock
			if got := len(asked); got != want {
				t.Errorf("%s: asked %d times, want %d", what, got, want)
			}
			for len(asked) > 0 {
				<-asked
			}
		}
		settled(2, "a change while a worker is asked")
		settled(0, "no change")
		change()
		settled(1, "a change later")
		e.HangUp()
	})
}
