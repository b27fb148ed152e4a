//go:build linux

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotclub/runner"
)

const pricedTest = `
from django.test import SimpleTestCase
from shop import prices

class Priced(SimpleTestCase):
    def test_it(self):
        print("price", prices.PRICE)
`

// newPriced is a club whose test prints the price in shop/prices.py.
func newPriced(t *testing.T, method string) *club {
	t.Helper()
	c := newFaults(t)
	c.write("tests/test_priced.py", pricedTest)
	c.write("shop/__init__.py", "from . import prices\n")
	c.write("hotclub.toml", "start-method = \""+method+"\"\nparallel = 1\nspare-workers = 1\n")
	return c
}

// priced runs the test and checks the price that it saw.
func (c *club) priced(want string) story {
	c.t.Helper()
	s := c.run("tests.test_priced")
	if got := strings.TrimSpace(s.tests["tests.test_priced.Priced.test_it"].Output); got != "price "+want {
		c.t.Errorf("the test saw %q, want price %s\n%s", got, want, s.stderr)
	}
	return s
}

// changes is what became of the one pool.
func (c *club) changes() []runner.PoolChange {
	c.t.Helper()
	s := c.status()
	if len(s.Projects) != 1 {
		c.t.Fatalf("%d pools", len(s.Projects))
	}
	return s.Projects[0].Changes
}

// kinds lists the steps of a pool's life.
func kinds(changes []runner.PoolChange) []runner.PoolChangeKind {
	list := make([]runner.PoolChangeKind, len(changes))
	for i, change := range changes {
		list[i] = change.Kind
	}
	return list
}

// awaitChange waits for the nth step of a kind, from 1, and returns it.
func (c *club) awaitChange(kind runner.PoolChangeKind, nth int) runner.PoolChange {
	c.t.Helper()
	var found runner.PoolChange
	var all []runner.PoolChange
	held := within(patience, func() bool {
		all = c.changes()
		left := nth
		for _, change := range all {
			if change.Kind == kind {
				left--
				found = change
			}
			if left == 0 {
				return true
			}
		}
		return false
	})
	if !held {
		for _, change := range all {
			c.t.Logf("%+v", change)
		}
		c.t.Fatalf("%d times %s was awaited, there are %v", nth, kind, kinds(all))
	}
	return found
}

// TestSaveBootsAnew saves a file that the workers have read: new ones are there before anybody asks.
func TestSaveBootsAnew(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, method string) {
		c := newPriced(t, method)
		before := c.priced("1").generation(t)
		if s := c.status().Projects[0]; s.StartMethod != method {
			t.Fatalf("workers are made by %s: %s", s.StartMethod, s.Reason)
		}
		c.awaitChange(runner.WorkersReady, 1)
		c.replace("shop/prices.py", "1", "2")
		ready := c.awaitChange(runner.WorkersReady, 2)
		stale := c.awaitChange(runner.Invalidated, 1)
		if stale.Generation != before || stale.Cause == nil || filepath.Base(stale.Cause.File) != "prices.py" || stale.Cause.Rule != "changed" {
			t.Errorf("%s went because of %v, booted was %s", stale.Generation, stale.Cause, before)
		}
		if after := c.priced("2").generation(t); after != ready.Generation || after == before {
			t.Errorf("the run was on %s, ready was %s, before was %s", after, ready.Generation, before)
		}
	})
}

// TestSaveDuringABoot saves a file again that the boot has read by then: it begins anew, and the
// run that waits for it sees the last state.
func TestSaveDuringABoot(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newPriced(t, method)
		// Read after the prices; whether its sign is there is no reading.
		c.replace("shop/models.py", "from django.db import models", "import signs\nfrom django.db import models\nsigns.hold('booting')")
		c.release()
		c.priced("1")
		eventually(t, "nobody boots", func() bool {
			ready := 0
			for _, w := range c.status().workers() {
				if w.State == "ready" && w.Kind != "layer" {
					ready++
				}
			}
			return ready == 2
		})
		c.hold()
		c.replace("shop/prices.py", "1", "2")
		c.awaitSign("booting")
		c.replace("shop/prices.py", "2", "3")
		superseded := c.awaitChange(runner.Superseded, 1)
		if superseded.Cause == nil || filepath.Base(superseded.Cause.File) != "prices.py" {
			t.Errorf("superseded because of %v", superseded.Cause)
		}
		c.release()
		c.priced("3")
	})
}

// TestRestlessProject has settings that write what they have read: every start makes itself stale.
// It comes to rest, and still runs.
func TestRestlessProject(t *testing.T) {
	t.Parallel()
	c := newPriced(t, "fork")
	c.write("count.txt", "0")
	c.replace("conf.py", "import os", `import os
with open("count.txt") as file:
    COUNT = int(file.read())
os.system(f"echo {COUNT + 1} > count.$$; mv count.$$ count.txt")`)
	c.run("tests.test_priced")
	var steps []runner.PoolChangeKind
	rests := within(patience, func() bool {
		steps = kinds(c.changes())
		boots := 0
		for _, kind := range steps {
			if kind == runner.Booting {
				boots++
			}
		}
		return boots > 3 && steps[len(steps)-1] == runner.Invalidated
	})
	if !rests {
		t.Errorf("it is not left alone: %v", steps)
	}
}

// outside is a folder of packages as an environment has one.
const outside = "venv/site-packages"

// newOutside is a club with packages from outside the project.
func newOutside(t *testing.T) *club {
	t.Helper()
	c := newPriced(t, "fork")
	c.write(outside+"/dealer.py", "RATE = 1\ntry:\n    import discount\nexcept ImportError:\n    discount = None\n")
	c.write(outside+"/patched.py", "def rate():\n    return 1\n")
	c.write(outside+"/taker.py", "from patched import rate\n")
	c.write(outside+"/curious.py", "from django.conf import settings\nFLAVOUR = settings.FLAVOUR\n")
	c.write("conf.py", readFile(t, filepath.Join(c.root, "conf.py"))+`
import patched
patched.rate = lambda: 7
`)
	c.write("shop/prices.py", `
import curious, dealer, taker
PRICE = f"1 {dealer.RATE} {taker.rate()} {curious.FLAVOUR} {dealer.discount is not None}"
`)
	c.env = append(c.env, "PYTHONPATH="+filepath.Join(c.root, outside))
	return c
}

// TestBaseLayer edits a project again and again whose third-party modules look at it in every way:
// the verdicts are those of a start from nothing.
func TestBaseLayer(t *testing.T) {
	t.Parallel()
	c := newOutside(t)
	c.priced("1 1 7 plain False")
	c.awaitChange(runner.BaseReady, 1)
	for i, edit := range []struct{ file, from, to, want string }{
		{"shop/prices.py", "1 {", "2 {", "2 1 7 plain False"},
		{"conf.py", `"plain"`, `"sweet"`, "2 1 7 sweet False"},
		{"conf.py", "7", "8", "2 1 8 sweet False"},
	} {
		c.replace(edit.file, edit.from, edit.to)
		c.priced(edit.want)
		if booted := c.awaitChange(runner.Booted, i+2); !booted.Base {
			t.Errorf("%s: not booted from the base", edit.want)
		}
	}
	for _, file := range []string{"dealer.py", "discount.py"} { // read by the base, and looked for in vain
		bases := slices.DeleteFunc(kinds(c.changes()), func(k runner.PoolChangeKind) bool { return k != runner.BaseReady })
		if file == "dealer.py" {
			c.replace(outside+"/dealer.py", "RATE = 1", "RATE = 5")
			c.priced("2 5 8 sweet False")
		} else {
			c.write("discount.py", "")
			c.priced("2 5 8 sweet True")
		}
		c.awaitChange(runner.BaseReady, len(bases)+1)
	}
	c.replace("shop/prices.py", "2 {", "3 {")
	c.priced("3 5 8 sweet True")
	all := c.changes()
	if i := slices.IndexFunc(all, func(ch runner.PoolChange) bool { return ch.Kind == runner.BaseRefused }); i >= 0 {
		t.Errorf("no base: %s", all[i].Reason)
	}
}

// TestBaseLayerOff imports everything at each boot where that is wished.
func TestBaseLayerOff(t *testing.T) {
	t.Parallel()
	c := newOutside(t)
	c.write("hotclub.toml", "start-method = \"fork\"\nbase-layer = false\n")
	c.priced("1 1 7 plain False")
	c.awaitChange(runner.WorkersReady, 1)
	c.replace("shop/prices.py", "1 {", "2 {")
	c.priced("2 1 7 plain False")
	for _, change := range c.changes() {
		if change.Base || change.Kind == runner.BaseReady {
			t.Errorf("%+v", change)
		}
	}
}
