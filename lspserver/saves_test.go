package lspserver_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// A wait for a save keeps nothing else up, and ends with the save, when it is cancelled, and with
// the connection.
func TestSaves(t *testing.T) {
	saved := make(chan runner.Saved)
	b := setup(t, nil)
	b.engine.Saved = saved
	p := b.client(t)
	var begun, got runner.Saved
	unmarshal(t, p.Call(wire.MethodSaves, wire.SavesParams{Begin: true}).Result, &begun)
	if len(begun.Changes) != 0 {
		t.Errorf("at the beginning %+v", begun)
	}

	waiting := p.Request(wire.MethodSaves, wire.SavesParams{})
	if m := p.Call(wire.MethodStatus, nil); m.Error != nil {
		t.Errorf("%+v", m)
	}
	want := runner.Saved{Changes: []runner.Cause{{File: "/project/a.py", Rule: "changed"}}}
	saved <- want
	unmarshal(t, p.Answer(waiting).Result, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	waiting = p.Request(wire.MethodSaves, wire.SavesParams{})
	p.Notify("$/cancelRequest", map[string]any{"id": waiting})
	if m := p.Answer(waiting); m.Error == nil {
		t.Errorf("cancelled: %s", m.Result)
	}
	p.Request(wire.MethodSaves, wire.SavesParams{})
	p.Close() // and the server's end is waited for
}

func TestSavesOfABrokenProject(t *testing.T) {
	b := setup(t, func(o *lspserver.Options) { o.Engine = brokenSaves{o.Engine} })
	p := b.client(t)
	if m := p.Call(wire.MethodSaves, wire.SavesParams{Begin: true}); m.Error == nil || m.Error.Message != "no project here" {
		t.Errorf("%+v", m)
	}
}

// Saves are those of the project as it is run: with the interpreter that the client has chosen.
func TestSavesOfWhatIsRun(t *testing.T) {
	asked := make(chan runner.Overrides, 1)
	b := setup(t, func(o *lspserver.Options) { o.Engine = savesOf{o.Engine, asked} })
	p := b.client(t)
	p.Call(wire.MethodConfigure, wire.Configuration{FolderChoice: wire.FolderChoice{Python: "/opt/python3"}})
	p.Call(wire.MethodSaves, wire.SavesParams{Begin: true, Project: runner.Overrides{Root: "/project"}})
	want := runner.Overrides{Root: "/project", Python: "/opt/python3"}
	if got := <-asked; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

type savesOf struct {
	lspserver.Engine
	of chan runner.Overrides
}

func (s savesOf) Saves(client runner.Client, project runner.Overrides) (runner.Saves, error) {
	s.of <- project
	return s.Engine.Saves(client, project)
}

var errNoProject = errors.New("no project here")

type brokenSaves struct{ lspserver.Engine }

func (brokenSaves) Saves(runner.Client, runner.Overrides) (runner.Saves, error) {
	return nil, errNoProject
}
