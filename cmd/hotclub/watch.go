package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"hotclub/lspserver/client"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/report"
)

// watchMode is "hotclub run --watch": it runs the selection, and again at each save. One
// goroutine owns all of it; others wait for the daemon, for keys and for the end of a run, and
// tell it over channels.
type watchMode struct {
	command *runCommand
	app     *app
	root    string // that paths are shown relative to
	screen  *report.Between
	keys    *keyboard

	interrupts chan os.Signal
	saved      chan told
	ended      chan ending
	tasks      sync.WaitGroup

	server    connected
	listening context.CancelFunc // ends the wait for a save
	wanted    *errand            // what runs next
	cancel    context.CancelFunc // of the run that is on; nil when none is
	waits     bool               // it has been said that a save is waited for
	losses    int                // of the daemon, since a run has ended
	complete  bool               // some run has come to its end
	status    int                // of the last that has, or of the end that was asked for
	leaving   bool
}

// errand is a run that is to be.
type errand struct {
	reason string // "" for the first
	params wire.RunParams
}

// told is what came of waiting for a save.
type told struct {
	saved runner.Saved
	err   error
}

// ending is what came of a run.
type ending struct {
	finished runner.RunFinished
	err      error
}

// watch runs the selection until somebody leaves, and returns the exit status.
func (c *runCommand) watch(a *app) (status int, err error) {
	w := &watchMode{
		command: c, app: a, root: c.root(a), screen: c.between(a), interrupts: make(chan os.Signal, 2),
		saved: make(chan told, 1), ended: make(chan ending, 1), status: exitInterrupted,
	}
	signal.Notify(w.interrupts, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(w.interrupts)
	err = w.meet()
	if _, nothing := errors.AsType[*client.Error](err); nothing {
		return c.once(a) // there is no project to watch; a run says so as ever
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, w.part()) }()
	if c.keyboard(a) {
		w.keys = openKeyboard(a.stdin)
		defer w.keys.close()
	}
	w.wanted = &errand{params: c.params(a)}
	return w.loop()
}

// meet connects with a daemon and has it count changes from now on.
func (w *watchMode) meet() error {
	server, err := w.command.connect(w.app)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.server, w.listening = server, cancel
	if _, err := server.Saves(ctx, wire.SavesParams{Project: w.command.overrides(), Begin: true}); err != nil {
		return errors.Join(err, w.part())
	}
	w.listen(ctx)
	return nil
}

// listen waits for the next save.
func (w *watchMode) listen(ctx context.Context) {
	server := w.server
	w.tasks.Go(func() {
		saved, err := server.Saves(ctx, wire.SavesParams{Project: w.command.overrides()})
		w.saved <- told{saved, err}
	})
}

// part leaves the daemon and waits for whoever still speaks with it.
func (w *watchMode) part() error {
	w.listening()
	err := w.server.leave()
	w.tasks.Wait()
	for len(w.saved) > 0 {
		<-w.saved
	}
	return err
}

func (w *watchMode) loop() (int, error) {
	for {
		w.begin()
		if w.leaving && w.cancel == nil {
			w.screen.Clear()
			return w.status, w.screen.Err()
		}
		var err error
		select {
		case t := <-w.saved:
			err = w.heard(t)
		case e := <-w.ended:
			err = w.finished(e)
		case key := <-w.keys.keys():
			w.key(key)
		case sig := <-w.interrupts:
			w.interrupted(sig)
		}
		if errors.Is(err, client.ErrLost) {
			err = w.again(err)
		}
		if err != nil {
			return 0, err
		}
	}
}

// begin starts what is wanted, if nothing is under way; else it says what is waited for.
func (w *watchMode) begin() {
	switch {
	case w.cancel != nil || w.leaving:
	case w.wanted != nil:
		w.waits = false
		w.start(*w.wanted)
		w.wanted = nil
	case !w.waits:
		w.waits = true
		w.screen.Wait(w.waiting())
	}
}

func (w *watchMode) waiting() string {
	if w.keys == nil {
		return "waiting for a save"
	}
	return "waiting for a save · Enter: all again · f: the failed ones · q: leave"
}

func (w *watchMode) start(e errand) {
	w.screen.Clear()
	if e.reason != "" {
		w.screen.Heading(e.reason)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	server := w.server
	w.tasks.Go(func() {
		defer cancel()
		w.ended <- w.carryOut(ctx, server, e.params)
	})
}

// carryOut has a run carried out and reported.
func (w *watchMode) carryOut(ctx context.Context, server connected, params wire.RunParams) ending {
	out, err := w.command.reporters(w.app)
	if err != nil {
		return ending{err: err}
	}
	finished, err := server.Run(ctx, params, out.Handle)
	return ending{finished, errors.Join(err, out.Close())}
}

// supersede has something else run as soon as the run that is on has been cancelled. What that
// has judged stays judged.
func (w *watchMode) supersede(reason string, params wire.RunParams) {
	w.wanted = &errand{reason, params}
	if w.cancel != nil {
		w.cancel()
	}
}

// heard takes what came of waiting for a save, and waits for the next.
func (w *watchMode) heard(t told) error {
	w.listening()
	if t.err != nil {
		return t.err
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.listening = cancel
	w.listen(ctx)
	if w.leaving {
		return nil
	}
	if t.saved.Fault != "" {
		w.say(t.saved.Fault + "; the disk is looked at once a second instead")
	}
	for _, path := range t.saved.Restless {
		w.say(w.show(path) + " changes in each run: what happens to it in a run starts no other")
	}
	if len(t.saved.Changes) > 0 {
		w.supersede(w.words(t.saved.Changes), w.command.afterSave(w.app))
	}
	return nil
}

// say tells a person something, but not into the report of a run.
func (w *watchMode) say(text string) {
	if w.cancel != nil {
		w.app.stderr.WriteString("hotclub: " + text + "\n")
		return
	}
	w.screen.Say(text)
	w.waits = false
}

// finished takes the end of a run.
func (w *watchMode) finished(e ending) error {
	w.cancel()
	w.cancel = nil
	if refused, ok := errors.AsType[*client.Error](e.err); ok && w.complete {
		w.say(refused.Message) // what was asked for is gone; the next save may bring it back
		return nil
	}
	if e.err != nil {
		return e.err
	}
	w.losses = 0
	outcome := e.finished.Outcome
	if outcome == runner.Completed || outcome == runner.ErrorRun || !w.complete && outcome == runner.NothingSelected {
		w.complete = true
		if !w.leaving {
			w.status = statusOf(e.finished)
		}
	}
	return nil
}

// again goes on with another daemon where one was lost; who loses that as well gives up.
func (w *watchMode) again(lost error) error {
	if w.cancel != nil {
		w.cancel()
		w.tasks.Wait() // the run has lost the same daemon
		<-w.ended
		w.cancel = nil
	}
	if w.leaving {
		return nil
	}
	if w.losses++; w.losses > 1 {
		return lost
	}
	if err := w.part(); err != nil {
		return err
	}
	if err := w.meet(); err != nil {
		return err
	}
	w.wanted = &errand{"the daemon was lost; with another one, all again", w.command.params(w.app)}
	return nil
}

func (w *watchMode) key(key byte) {
	switch key {
	case '\r', '\n':
		w.supersede("all again", w.command.params(w.app))
	case 'f', 'F':
		params := w.command.params(w.app)
		params.Select.Failed = true
		w.supersede("the failed ones", params)
	case 'q', 'Q', 4: // 4 is Ctrl-D
		w.leave()
	}
}

// interrupted cancels the run that is on; what is not cancelled by the next interrupt is left.
func (w *watchMode) interrupted(sig os.Signal) {
	switch {
	case w.leaving:
		w.keys.restore()
		os.Exit(exitInterrupted)
	case w.cancel == nil || sig != os.Interrupt || w.wanted != nil:
		w.status = exitInterrupted
		w.leave()
	default:
		w.cancel()
	}
}

func (w *watchMode) leave() {
	w.leaving, w.wanted = true, nil
	if w.cancel != nil {
		w.cancel()
	}
}

// mostShown is how many changes a heading names.
const mostShown = 2

// words says what has been saved: "shop/models.py changed".
func (w *watchMode) words(changes []runner.Cause) string {
	var parts []string
	for i, change := range changes {
		if i == mostShown {
			return strings.Join(parts, ", ") + " and " + strconv.Itoa(len(changes)-i) + " more"
		}
		parts = append(parts, w.show(change.File)+" "+change.Rule)
	}
	return strings.Join(parts, ", ")
}

// show is a path as people know it.
func (w *watchMode) show(path string) string {
	if inside, err := filepath.Rel(w.root, path); err == nil && filepath.IsLocal(inside) {
		return inside
	}
	return path
}

// afterSave is what runs after a save: what it can have changed of the selection, what failed last
// first.
func (c *runCommand) afterSave(a *app) wire.RunParams {
	params := c.params(a)
	params.Select.Affected = runner.SinceLastRun
	params.BadFirst = true
	return params
}
