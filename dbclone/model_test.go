package dbclone_test

import (
	"errors"
	"strings"

	"pgregory.net/rapid"

	"hotclub/dbclone"
)

// check runs after every step.
func (l *life) check(t *rapid.T) {
	clones := 0
	for _, lease := range l.leases {
		if lease.State() == dbclone.Gone {
			continue
		}
		clones++
		if lease.State() == dbclone.Leased {
			l.is(t, lease.Attachment().Clone, lease.now)
		}
		if !l.lost[lease.template] {
			l.is(t, lease.template, lease.text) // nobody dropped what a lease needs
		}
	}
	for _, name := range l.server.names() {
		if strings.HasPrefix(name, "hcb_") {
			t.Errorf("%s is left of a build", name)
		}
		if strings.HasPrefix(name, "hcc_") {
			clones--
		}
	}
	if clones != 0 {
		t.Errorf("%d clones missing or too many", clones)
	}
}

func (l *life) is(t *rapid.T, name, text string) {
	l.server.mu.Lock()
	defer l.server.mu.Unlock()
	if c := l.server.databases[name]; c == nil || c.text != text {
		t.Fatalf("%s: got %+v, want %q", name, c, text)
	}
}

func check(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *rapid.T, err, want error) {
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want one that is: %v", err, want)
	}
}
