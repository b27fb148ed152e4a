package pool

import (
	"context"
	"testing"

	"hotclub/runner/worker"
)

// fakeLease is a clone that tells its name.
type fakeLease struct {
	Lease
	name string
}

func (l fakeLease) Dirty(context.Context) (bool, error) { return l.name == "second", nil }

func (l fakeLease) Restore(_ context.Context, image string) (worker.Restored, error) {
	return worker.Restored{Why: l.name + " " + image}, nil
}

func TestClonesAreAskedByAlias(t *testing.T) {
	c := new(clones)
	if _, err := c.Dirty(t.Context(), "default"); err == nil {
		t.Error("a worker without databases has one")
	}
	c.put("default", held{Lease: fakeLease{name: "first"}})
	c.put("other", held{Lease: fakeLease{name: "second"}})
	for alias, want := range map[string]bool{"default": false, "other": true} {
		if dirty, err := c.Dirty(t.Context(), alias); dirty != want || err != nil {
			t.Errorf("%s: dirty %v, %v", alias, dirty, err)
		}
	}
	restored, err := c.Restore(t.Context(), "other", "flushed")
	if err != nil || restored.Why != "second flushed" {
		t.Errorf("restored %+v, %v", restored, err)
	}
	for _, err := range []error{c.Accept(t.Context(), "third"), c.Capture(t.Context(), "third", "x")} {
		if err == nil || err.Error() != `the worker has no database "third"` {
			t.Errorf("got %v", err)
		}
	}
}
