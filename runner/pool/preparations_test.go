package pool

import (
	"context"
	"errors"
	"testing"
	"time"
)

// fakeTemplate serves as long as it is told.
type fakeTemplate struct {
	Template
	name   string
	serves bool
}

func (f *fakeTemplate) Name() string                { return f.name }
func (f *fakeTemplate) Serves(context.Context) bool { return f.serves }

// preparing is a generation whose preparations wait until they are told to go on.
type preparing struct {
	*Generation
	begun chan context.Context
	done  chan *fakeTemplate
}

func newPreparing(t *testing.T) *preparing {
	p := &Pool{}
	var cancel context.CancelFunc
	p.ctx, cancel = context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		p.tasks.Wait()
	})
	return &preparing{&Generation{pool: p}, make(chan context.Context, 9), make(chan *fakeTemplate, 9)}
}

// ask asks for templates in the background.
func (p *preparing) ask(ctx context.Context) chan string {
	got := make(chan string, 1)
	go func() {
		templates, err := p.templates.get(ctx, p.Generation, "key", func(ctx context.Context) (map[string]Template, error) {
			p.begun <- ctx
			select {
			case template := <-p.done:
				return map[string]Template{"default": template}, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		if err != nil {
			got <- err.Error()
			return
		}
		got <- templates["default"].Name()
	}()
	return got
}

// waiting waits until so many wait for the preparation that is on.
func (p *preparing) waiting(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; {
		p.templates.mu.Lock()
		one := p.templates.known["key"]
		now := 0
		if one != nil {
			now = one.waiting
		}
		p.templates.mu.Unlock()
		if now == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d wait, want %d", now, n)
		}
		time.Sleep(time.Millisecond)
	}
}

func want(t *testing.T, got chan string, text string) {
	t.Helper()
	if g := <-got; g != text {
		t.Errorf("got %q, want %q", g, text)
	}
}

// All who ask share one preparation; what does not serve any more is made again.
func TestPreparationsAreShared(t *testing.T) {
	p := newPreparing(t)
	first, second := p.ask(t.Context()), p.ask(t.Context())
	<-p.begun
	p.waiting(t, 2)
	one := &fakeTemplate{name: "one"} // changed meanwhile: it serves those who waited, and no more
	p.done <- one
	want(t, first, "one")
	want(t, second, "one")
	p.done <- &fakeTemplate{name: "two", serves: true}
	want(t, p.ask(t.Context()), "two")
	want(t, p.ask(t.Context()), "two")
	if n := len(p.begun); n != 1 {
		t.Errorf("%d more were made, want 1", n)
	}
}

// Of a generation that lives, the work goes on for the next who asks.
func TestPreparationsOutliveWhoAsked(t *testing.T) {
	p := newPreparing(t)
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := p.ask(ctx)
	<-p.begun
	cancel()
	want(t, gaveUp, context.Canceled.Error())
	again := p.ask(t.Context())
	p.waiting(t, 1)
	p.done <- &fakeTemplate{name: "one", serves: true}
	want(t, again, "one")
}

// Of one that is superseded, it ends with the last who waits.
func TestPreparationsEndWithTheirGeneration(t *testing.T) {
	p := newPreparing(t)
	ctx, cancel := context.WithCancel(t.Context())
	run := p.ask(ctx)
	work := <-p.begun
	p.waiting(t, 1)
	p.templates.retire()
	if work.Err() != nil {
		t.Fatal("it was ended although a run waits")
	}
	cancel()
	want(t, run, context.Canceled.Error())
	<-work.Done()

	idle := newPreparing(t)
	gone, leave := context.WithCancel(t.Context())
	left := idle.ask(gone)
	work = <-idle.begun
	leave()
	want(t, left, context.Canceled.Error())
	if work.Err() != nil {
		t.Fatal("it was ended although its generation lives")
	}
	idle.templates.retire()
	<-work.Done()

	late := idle.ask(t.Context()) // a run that had the generation before
	<-idle.begun
	idle.waiting(t, 1)
	idle.done <- &fakeTemplate{name: "late", serves: true}
	want(t, late, "late")
	if !errors.Is(work.Err(), context.Canceled) {
		t.Error("the first one did not end")
	}
}
