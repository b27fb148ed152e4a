package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"hotclub/lspserver/wire"
)

// coldBoot asks manage.py test for no test at all: it starts the project, makes the system checks
// and ends. What hotclub adds to a start of its own (a database, the collection) would only make
// the measure longer.
const coldBoot = "nothing"

// editCode is what an edit of a view or of a model's method costs in a project whose third-party
// imports dominate, beside the project's own cold boot.
func editCode(ctx context.Context, l *lab) (findings, error) {
	var f findings
	root, with, err := l.heavy(ctx)
	if err != nil {
		return f, err
	}
	for _, how := range []struct {
		method string
		most   float64 // of the cold boot
	}{{"fork", 0.4}, {"spawn", 1.1}} {
		if e := f.editedCode(ctx, with, root, how.method, how.most); e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", how.method, e))
		}
	}
	return f, err
}

func (f *findings) editedCode(ctx context.Context, l *lab, root, method string, most float64) (err error) {
	c, all, err := l.warmed(ctx, root, method)
	if err != nil {
		return err
	}
	defer c.end()
	view, viewErr := codeManuscript(filepath.Join(root, "store0", "views.py"), `"edition": `, idOf(all, "store0.tests.test_store.StoreTests.test_view"))
	model, modelErr := codeManuscript(filepath.Join(root, "store0", "models.py"), `edition {`, idOf(all, "store0.tests.test_store.StoreTests.test_model"))
	if err := errors.Join(viewErr, modelErr); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, view.close(), model.close()) }()
	e, err := c.openIn(ctx, view, model)
	if err != nil {
		return err
	}
	defer e.end(ctx)
	code := &edits{club: c, editor: e, turn: []*manuscript{view, model}}
	for _, each := range []struct {
		what    string
		measure func(context.Context) (float64, error)
		barred  bool
	}{
		{"a view or a model's method is edited and a test run at once: beyond its body, " + method, code.atOnce, true},
		{"the workers are thrown away and a test run at once: beyond its body, " + method, code.restarted, false},
		{"a view or a model's method is edited: until a worker is ready, " + method, code.ready, true},
	} {
		ours, theirs, err := code.besideColdBoot(ctx, each.measure)
		if err != nil {
			return fmt.Errorf("%s: %w", each.what, err)
		}
		r := row{what: each.what, unit: "ms", ours: ours, theirs: theirs}
		if each.barred {
			r.bar = atMostOf(most, ours, theirs)
		}
		f.rows = append(f.rows, r)
	}
	f.note("edited code, %s: theirs is `manage.py test %s`, which starts the project, checks it and has nothing to run; %s", method, coldBoot, stretches(code.stories))
	return f.bootOf(ctx, c)
}

// bootOf notes where the time of a boot goes.
func (f *findings) bootOf(ctx context.Context, c *club) error {
	now, err := c.status(ctx)
	for _, project := range now.Projects {
		f.note("edited code, %s: the last boot: %s; %d files read", c.method, phases(project.Boot), project.FilesRead)
	}
	return err
}

// edits measures what follows an edit, of one file after the other.
type edits struct {
	*club
	editor  *editor
	turn    []*manuscript
	count   int
	stories []story // of the runs at once
}

func (d *edits) next() *manuscript {
	d.count++
	return d.turn[d.count%len(d.turn)]
}

func (d *edits) besideColdBoot(ctx context.Context, measure func(context.Context) (float64, error)) (ours, theirs samples, err error) {
	return alternate(d.lab.rounds(12), func() (time.Duration, error) {
		if err := d.calm(ctx); err != nil {
			return 0, err
		}
		took, err := measure(ctx)
		return time.Duration(took * float64(time.Millisecond)), err
	}, func() (time.Duration, error) {
		if err := d.calm(ctx); err != nil { // what a measurement has set off is not to slow this
			return 0, err
		}
		done, err := d.lab.django(ctx, d.root, coldBoot)
		return done.took, err
	})
}

// atOnce is from a save to the verdict of a test that is run at once.
func (d *edits) atOnce(ctx context.Context) (float64, error) {
	v, err := d.editor.editAndRun(ctx, d.next(), 0)
	d.stories = append(d.stories, story{finished: line{Timings: v.way}})
	return v.over, err
}

// restarted is the same with all workers thrown away instead of an edit.
func (d *edits) restarted(ctx context.Context) (float64, error) {
	begun := time.Now()
	if _, err := d.editor.call(ctx, wire.MethodRestart, wire.RestartParams{Dir: d.root}, nil); err != nil {
		return 0, err
	}
	asked := ms(time.Since(begun))
	d.count++
	m := d.turn[0]
	v, err := d.editor.runOne(ctx, wire.RunParams{RunID: runID("restart", d.count)}, m.test)
	if err == nil {
		err = m.judge(v.Verdict)
	}
	return asked + v.over, err
}

// ready is from a save until a worker of the new generation waits for a run, by the daemon's clock.
func (d *edits) ready(ctx context.Context) (float64, error) {
	before, err := d.status(ctx)
	if err != nil {
		return 0, err
	}
	m := d.next()
	begun := time.Now()
	if err := d.editor.save(m); err != nil {
		return 0, err
	}
	for time.Since(begun) < 30*time.Second {
		if err := pause(ctx, 50*time.Millisecond); err != nil { // between two questions
			return 0, err
		}
		now, err := d.status(ctx)
		if err != nil {
			return 0, err
		}
		if since, ok := now.readySince(before.generations()); ok {
			return ms(since.Sub(begun)), d.stillRight(ctx, m)
		}
	}
	return 0, errors.New("nothing is ready half a minute after the save: nobody boots before a run asks for it")
}

// stillRight sees that what is ready runs the text that was saved.
func (d *edits) stillRight(ctx context.Context, m *manuscript) error {
	v, err := d.editor.runOne(ctx, wire.RunParams{RunID: runID("ready", d.count)}, m.test)
	if err != nil {
		return err
	}
	return m.judge(v.Verdict)
}
