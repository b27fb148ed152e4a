//go:build linux

package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotclub/runner"
)

// breach changes one thing of the bookshop so that tests fail.
type breach struct {
	name, file, old, new string

	most float64 // share of the tests that may be affected at most, where the edit is one of few
}

var breaches = []breach{
	{"function", "orders/pricing.py", "return settings.SHOP_SHIPPING_FEE", "return settings.SHOP_SHIPPING_FEE * 2", 0.4},
	{"template", "orders/templates/orders/order_list.html", "{% extends", "{% comment %}{% endcomment %}{% load gone %}{% extends", 0},
	{"helper of tests", "orders/tests/helpers.py", "title=f\"Book {number + 1}\"", "title=\"\"", 0.6},
	{"signal receiver", "orders/signals.py", "if raw or instance", "if True or instance", 0.5},
	{"fixture", "catalog/fixtures/books.json", "\"name\": \"Penguin\"", "\"name\": \"Puffin\", \"gone\": 1", 0},
	{"model", "orders/models.py", "ordering = [\"-placed_at\", \"-pk\"]", "ordering = [\"placed_at\", \"pk\"]", 0},
	{"setting", "bookshop/settings.py", "SHOP_PAGE_SIZE = 10", "SHOP_PAGE_SIZE = 3", 0},
}

// The tests whose verdict an edit changes, by a cold manage.py test, are among those that count as affected,
// and an edit of a function affects few. All edits are made for the newest Django on forked workers,
// two of them for another on spawned ones; HOTCLUB_AFFECTED=all makes all of them everywhere.
func TestAffected(t *testing.T) {
	if os.Getenv("HOTCLUB_AFFECTED") == "all" {
		eachDjango(t, func(t *testing.T, d django) {
			eachMethod(t, func(t *testing.T, method string) { affectedBy(t, d, method, breaches) })
		})
		return
	}
	t.Run("newest/fork", func(t *testing.T) { t.Parallel(); affectedBy(t, newest(t), "fork", breaches) })
	t.Run("steady/spawn", func(t *testing.T) { t.Parallel(); affectedBy(t, steady(t), "spawn", breaches[:2]) })
}

func affectedBy(t *testing.T, d django, method string, wanted []breach) {
	c := newClubAt(t, d.python, copyOf(t, "../../../examples/bookshop"))
	labels := []string{"orders", "catalog.tests.test_views"}
	selected := append([]string{"--start-method", method}, labels...)
	before := c.run(selected...)
	if before.status != 0 {
		t.Fatalf("status %d\n%s", before.status, before.stderr)
	}
	precise := !strings.Contains(d.python, "py3.11")
	for _, e := range wanted {
		t.Run(e.name, func(t *testing.T) {
			restore := replace(t, filepath.Join(c.root, e.file), e.old, e.new)
			found := c.run(append([]string{"--affected"}, selected...)...)
			// The daemon must not see this run: all that it ran would be affected next time.
			cold := record(t, d.python, c.root, labels)
			changed := changedStates(before, cold)
			if len(changed) == 0 {
				t.Errorf("the edit changes no verdict")
			}
			for _, label := range changed {
				if state := cold.state(label); found.tests[label].State != state {
					t.Errorf("%s is %s by a cold run and %q among the affected", label, state, found.tests[label].State)
				}
			}
			if most := e.most * float64(len(before.tests)); precise && most > 0 && float64(len(found.tests)) > most {
				t.Errorf("%d of %d tests are affected, %d have another verdict", len(found.tests), len(before.tests), len(changed))
			}
			t.Logf("%d of %d affected, %d have another verdict", len(found.tests), len(before.tests), len(changed))
			restore()
			// What failed is affected; once it has run there is nothing left but what tests write
			// themselves.
			c.run(append([]string{"--affected"}, selected...)...)
		})
	}
}

// changedStates lists the tests that a cold run gives another verdict.
func changedStates(before story, cold reference) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(before.tests)), func(label string) bool {
		return before.tests[label].State == cold.state(label)
	})
}

// replace edits a file and returns how to undo that.
func replace(t *testing.T, path, old, edited string) (restore func()) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q", path, old)
	}
	put := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(strings.Replace(string(text), old, edited, 1))
	return func() { put(string(text)) }
}

// With nothing edited nothing is run, which is no failure.
func TestNothingAffected(t *testing.T) {
	t.Parallel()
	c := newClub(t, djangos(t)[len(djangos(t))-1].python, "small")
	c.run("app.tests.Shelf")
	again := c.run("--affected", "app.tests.Shelf")
	if again.status != 0 || again.finished.Outcome != runner.NothingSelected || !strings.Contains(again.finished.Error, "has changed since it last ran") {
		t.Errorf("status %d, %+v", again.status, again.finished)
	}
	// Tests that have never run are affected, and those that failed stay so.
	for range 2 {
		if again = c.run("--affected"); again.status != 1 || again.tests["app.tests.Arithmetic.test_wrong"].State != runner.Failed {
			t.Errorf("status %d, %+v", again.status, again.states())
		}
	}
	if len(again.tests) != 1 {
		t.Errorf("got %v", again.states())
	}
}
