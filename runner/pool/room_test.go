package pool

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"hotclub/runner/worker"
)

// roomy is a template whose server says how many connections it has.
type roomy struct {
	Template
	room Room
	err  error
}

func (r roomy) Room(context.Context) (Room, error) { return r.room, r.err }

func newRoomy(schemas ...worker.Schema) *Generation {
	return &Generation{
		pool:    &Pool{log: slog.New(slog.DiscardHandler)},
		schemas: &worker.Schemas{Schemas: schemas, Mirrors: map[string]string{"mirror": "default"}},
	}
}

func TestRoomOfServers(t *testing.T) {
	g := newRoomy(worker.Schema{Alias: "default", Aliases: []string{"default", "same"}}, worker.Schema{Alias: "other", Aliases: []string{"other"}})
	at := func(server string, connections int) Template {
		return roomy{room: Room{Server: server, Connections: connections, Why: "few", Remedy: "have more"}}
	}
	for name, test := range map[string]struct {
		templates map[string]Template
		most      int
		why       string
	}{
		"no limit":          {map[string]Template{"default": roomy{}}, 0, ""},
		"it can't be known": {map[string]Template{"default": roomy{err: errors.New("it is away")}}, 0, ""},
		"shared, mirrored":  {map[string]Template{"default": at("a", 10)}, 3, "few, and each worker needs 3 (a); have more"},
		"two on one server": {map[string]Template{"default": at("a", 10), "other": at("a", 10)}, 2, "needs 4 (a)"},
		"on two servers":    {map[string]Template{"default": at("a", 30), "other": at("b", 7)}, 7, "needs 1 (b)"},
		"one at least":      {map[string]Template{"default": at("a", 0)}, 1, "needs 3 (a)"},
	} {
		t.Run(name, func(t *testing.T) {
			most, why := g.measure(t.Context(), test.templates)
			if most != test.most || !strings.Contains(why, test.why) || test.why == "" && why != "" {
				t.Errorf("room for %d workers: %s", most, why)
			}
		})
	}
}

func TestPlacesOfWorkers(t *testing.T) {
	g := newRoomy()
	p := g.pool
	p.room.most = 2
	member := func(state State) *Member { return &Member{gen: g, state: state} }
	first, second, third := member(Attaching), member(Attaching), member(Running)
	if !first.seatIfFree() || second.seat() != nil || second.seat() != nil {
		t.Fatal("two find no room where there is room for two")
	}
	if third.seatIfFree() {
		t.Error("one too many is made in advance")
	}
	moved := third.seat()
	if moved == nil {
		t.Fatal("it does not wait for one that may become ready")
	}
	first.state = Draining
	p.mu.Lock()
	p.room.leaveLocked(first)
	p.mu.Unlock()
	select {
	case <-moved:
	default:
		t.Fatal("who waits does not hear that one has gone")
	}
	if third.seat() != nil {
		t.Error("there is a place, and it is not taken")
	}
	second.state = Running
	if fourth := member(Running); fourth.seat() != nil || len(p.room.seated) != 3 {
		t.Error("a run waits for workers that run tests")
	}
}

// A run whose tests have connections of their own needs what others only hold ready.
func TestCrowdedRun(t *testing.T) {
	g := newRoomy()
	templates := map[string]Template{"default": roomy{room: Room{Server: "a", Connections: 100}}}
	g.schemas.Schemas = []worker.Schema{{Alias: "default", Aliases: []string{"default"}}}
	waiting, running := &Member{gen: g, state: Ready}, &Member{gen: g, state: Running}
	waiting.crowded() // a worker that is made in advance has no right to send others away
	if g.users = 1; !g.needed(t.Context(), templates) {
		t.Fatal("none is made in advance, although there is room")
	}
	running.crowded()
	g.pool.tasks.Wait()
	if g.needed(t.Context(), templates) {
		t.Error("one is made in advance, and takes what the run has got")
	}
	if g.users = 0; !g.needed(t.Context(), templates) {
		t.Error("none is made in advance after the run")
	}
}
