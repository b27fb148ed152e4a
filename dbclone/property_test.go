package dbclone_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hotclub/dbclone"
)

// TestLife lets two managers live on one state directory, through edits, losses and deaths,
// and holds what they do against a model: what a template holds is decided by its key and by
// the input at the time, and a clone that was reset holds that, until somebody writes to it.
func TestLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLife(t)
		defer l.end()
		t.Repeat(map[string]func(*rapid.T){
			"":        l.check,
			"edit":    l.edit,
			"ask":     l.ask,
			"lease":   l.lease,
			"dirty":   l.dirty,
			"reset":   l.reset,
			"release": l.release,
			"forget":  l.forget,
			"lose":    l.lose,
			"sweep":   l.sweep,
			"die":     l.die,
			"reopen":  l.reopen,
		})
	})
}

type life struct {
	t        *rapid.T
	dir      string
	input    string
	contents string
	server   *server
	managers [2]*dbclone.Manager
	asked    []asked
	leases   []*leased
	lost     map[string]bool
}

type asked struct {
	template *dbclone.Template
	text     string
}

type leased struct {
	*dbclone.Lease
	by       *dbclone.Manager
	template string // where it lies
	text     string // of the template
	now      string // in the clone
}

func newLife(t *rapid.T) *life {
	dir, err := os.MkdirTemp("", "hotclub-life-")
	check(t, err)
	l := &life{t: t, dir: dir, input: filepath.Join(dir, "input.py"), server: newServer(), lost: make(map[string]bool)}
	l.write("v0")
	for i := range l.managers {
		l.managers[i] = l.open()
	}
	return l
}

func (l *life) open() *dbclone.Manager {
	m, err := dbclone.Open(context.Background(), filepath.Join(l.dir, "state"), dbclone.NewOwner("test"), slog.New(slog.DiscardHandler), nil, l.server)
	check(l.t, err)
	return m
}

func (l *life) end() {
	for _, m := range l.managers {
		check(l.t, m.Close(context.Background()))
	}
	for _, name := range l.server.names() {
		if !strings.HasPrefix(name, "hct_") {
			l.t.Errorf("%s is left", name)
		}
	}
	check(l.t, os.RemoveAll(l.dir))
}

func (l *life) write(text string) {
	l.contents = text
	check(l.t, os.WriteFile(l.input, []byte(text), 0o600))
}

func (l *life) manager(t *rapid.T) *dbclone.Manager {
	return l.managers[rapid.IntRange(0, 1).Draw(t, "manager")]
}

func (l *life) edit(t *rapid.T) {
	l.write(rapid.SampledFrom([]string{"v0", "v1", "v2"}).Draw(t, "text"))
}

func (l *life) ask(t *rapid.T) {
	key := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key")
	got, err := l.manager(t).Templates(context.Background(), []dbclone.Schema{schemaOf(key)}, func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
		l.server.write(l.t, places[0].Path, key+l.contents)
		input, err := dbclone.InputOf(l.input)
		return dbclone.Built{Inputs: []dbclone.Input{input}}, err
	})
	check(t, err)
	text := key + l.contents
	l.asked = append(l.asked, asked{got[0], text})
	l.is(t, got[0].Location(), text)
}

func (l *life) lease(t *rapid.T) {
	if len(l.asked) == 0 {
		t.Skip("nothing to lease")
	}
	from := rapid.SampledFrom(l.asked).Draw(t, "template")
	m := l.manager(t)
	lease, err := m.Lease(context.Background(), from.template, "w")
	if errors.Is(err, dbclone.ErrTemplateGone) && !l.server.exists(from.template.Location()) {
		return
	}
	check(t, err)
	l.leases = append(l.leases, &leased{Lease: lease, by: m, template: from.template.Location(), text: from.text, now: from.text})
}

func (l *life) any(t *rapid.T) *leased {
	if len(l.leases) == 0 {
		t.Skip("no leases")
	}
	return rapid.SampledFrom(l.leases).Draw(t, "lease")
}

func (l *life) dirty(t *rapid.T) {
	lease := l.any(t)
	if lease.State() != dbclone.Leased {
		t.Skip("not leased")
	}
	lease.now = fmt.Sprint("dirt ", rapid.Int().Draw(t, "dirt"))
	l.server.write(l.t, lease.Attachment().Clone, lease.now)
}

func (l *life) reset(t *rapid.T) {
	lease := l.any(t)
	was := lease.State()
	err := lease.Reset(context.Background())
	switch {
	case was == dbclone.Gone:
		want(t, err, dbclone.ErrStaleLease)
	case was == dbclone.Condemned:
		want(t, err, dbclone.ErrCondemned)
	case l.lost[lease.template]:
		want(t, err, dbclone.ErrTemplateGone)
	default:
		check(t, err)
		lease.now = lease.text
	}
}

func (l *life) release(t *rapid.T) {
	lease := l.any(t)
	check(t, lease.Release(context.Background()))
	if l.server.exists(lease.Attachment().Clone) {
		t.Error("a released clone is still there")
	}
}

func (l *life) forget(t *rapid.T) {
	check(t, l.manager(t).Forget(context.Background(), "p1"))
}

// lose drops a template behind everybody's back.
func (l *life) lose(t *rapid.T) {
	if len(l.asked) == 0 {
		t.Skip("nothing to lose")
	}
	location := rapid.SampledFrom(l.asked).Draw(t, "template").template.Location()
	l.server.lose(location)
	l.lost[location] = true
}

func (l *life) sweep(t *rapid.T) {
	_, err := l.manager(t).Sweep(context.Background())
	check(t, err)
}

// die kills a manager, and somebody else comes and sweeps.
func (l *life) die(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "manager")
	l.managers[i].Die()
	l.managers[i] = l.replace(t, l.managers[i])
}

func (l *life) reopen(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "manager")
	check(t, l.managers[i].Close(context.Background()))
	l.managers[i] = l.replace(t, l.managers[i])
}

// replace opens a new manager, and checks that nothing is left of the old one's clones.
func (l *life) replace(t *rapid.T, old *dbclone.Manager) *dbclone.Manager {
	fresh := l.open()
	kept := l.leases[:0]
	for _, lease := range l.leases {
		if lease.by != old {
			kept = append(kept, lease)
		} else if l.server.exists(lease.Attachment().Clone) {
			t.Errorf("the clone %s outlived its owner", lease.Attachment().Clone)
		}
	}
	l.leases = kept
	return fresh
}
