package dbclone

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// batch is one build: templates that are made together, in folders of this owner's.
type batch struct {
	manager *Manager
	began   time.Time
	drafts  []*draft
}

// draft is a template on its way.
type draft struct {
	schema    Schema
	name      string
	engine    Engine
	at        Spot // while it is unfinished
	final     Spot
	record    record
	from      *held    // an older template that it began as a copy of, pinned; nil for none
	missing   []string // steps that this lacks
	published bool
}

// build makes the templates for some schemas and returns them pinned. The caller has their
// locks. If it fails, those that are whole already stay and are returned too.
func (m *Manager) build(ctx context.Context, schemas []Schema, build Build) (built []*held, err error) {
	b := &batch{manager: m, began: time.Now()}
	defer b.clear(ctx) // in a panic of build, too
	for _, s := range schemas {
		d, err := b.prepare(ctx, s)
		if err != nil {
			return nil, err
		}
		b.begin(ctx, d)
	}
	done, err := b.run(ctx, build)
	if err != nil {
		return nil, err
	}
	if err := b.seal(ctx, done); err != nil {
		return nil, err
	}
	for _, d := range b.drafts {
		h, err := b.publish(ctx, d)
		if err != nil {
			return built, err
		}
		built = append(built, h)
	}
	m.log.Info("templates were built", "schemas", b.String(), "took", time.Since(b.began))
	m.prune(ctx, schemas)
	return built, nil
}

func (b *batch) run(ctx context.Context, build Build) (Built, error) {
	built, err := build(ctx, b.places())
	if ctx.Err() != nil {
		// What the build says then is a consequence, or luck.
		err = context.Cause(ctx)
	}
	if err != nil {
		return Built{}, fmt.Errorf("dbclone: building %s: %w", b, err)
	}
	return built, nil
}

func (b *batch) String() string {
	names := make([]string, len(b.drafts))
	for i, d := range b.drafts {
		names[i] = d.schema.Display
		if names[i] == "" {
			names[i] = d.schema.Alias
		}
	}
	return strings.Join(names, ", ")
}

// prepare makes room for one template. The record is there before the database, so that
// whoever finds this folder with its owner dead knows what to drop.
func (b *batch) prepare(ctx context.Context, s Schema) (*draft, error) {
	m := b.manager
	engine, err := m.engine(s)
	if err != nil {
		return nil, err
	}
	name := newTemplate(s)
	d := &draft{
		schema: s, name: name, engine: engine,
		at:    m.on(m.layout.unfinished(m.owner.ID, m.next(), s, name), s, KindUnfinished),
		final: m.on(m.layout.template(s.Project, name), s, KindTemplate),
	}
	d.record = record{
		Format: format, Schema: s, Builder: m.owner,
		Created: b.began.UTC(), LastUsed: b.began.UTC(), BuiltAs: d.at.Name,
	}
	b.drafts = append(b.drafts, d)
	if err := os.MkdirAll(d.at.Dir, 0o700); err != nil {
		return d, Storage("create the directory", d.at.Dir, err)
	}
	if err := writeRecord(ctx, d.at.Dir, d.record); err != nil {
		return d, err
	}
	return d, engine.Prepare(ctx, d.at)
}

// begin makes a draft a copy of the nearest older template, where there is one. Without it the
// build takes longer, that is all.
func (b *batch) begin(ctx context.Context, d *draft) {
	m := b.manager
	d.from, d.missing = m.nearest(ctx, d.schema)
	if d.from == nil {
		return
	}
	err := d.engine.Clone(ctx, d.from.spot, d.at)
	if err == nil {
		m.log.Info("a template begins as a copy of an older one", "template", d.name, "older", d.from.name, "missing", len(d.missing))
		return
	}
	m.log.Warn("an older template could not be begun with", "older", d.from.name, "error", err)
	d.leave(m)
}

// leave lets go of the older template.
func (d *draft) leave(m *Manager) {
	if d.from != nil {
		m.unpin(d.from)
		d.from, d.missing = nil, nil
	}
}

func (b *batch) places() []Place {
	places := make([]Place, len(b.drafts))
	for i, d := range b.drafts {
		places[i] = Place{Schema: d.schema, Path: d.engine.Locate(d.at), Missing: d.missing}
		if d.from != nil {
			places[i].Note = d.from.record.Note
		}
		if d.schema.Server != "" {
			places[i].Label = d.at.Label.String()
		}
	}
	return places
}

// seal finishes all drafts before the first is published: one failed database most often
// means that the build did not do what it said.
func (b *batch) seal(ctx context.Context, built Built) error {
	remembered, err := b.manager.remember(ctx, built.Inputs, b.began)
	if err != nil {
		return err
	}
	for _, k := range remembered {
		if k.Moved {
			b.manager.log.Warn("an input changed while templates were built; they serve this once", "input", k.Path)
		}
	}
	for _, d := range b.drafts {
		if built.Afresh {
			d.leave(b.manager)
		}
		if d.record.Sealed, err = d.engine.Seal(ctx, d.at); err != nil {
			return err
		}
		d.record.Note = built.Note
		d.record.Inputs, d.record.Coarse = d.inherit(remembered), built.Coarse || d.from != nil && d.from.record.Coarse
		if err := d.finish(ctx); err != nil {
			return err
		}
	}
	return nil
}

// finish completes the folder of a sealed database.
func (d *draft) finish(ctx context.Context) error {
	if err := d.tidy(); err != nil {
		return err
	}
	d.record.Created = time.Now().UTC()
	d.record.LastUsed = d.record.Created
	return writeRecord(ctx, d.at.Dir, d.record)
}

// tidy removes what a build left beside the database.
func (d *draft) tidy() error {
	entries, err := os.ReadDir(d.at.Dir)
	if err != nil {
		return Storage("list", d.at.Dir, err)
	}
	database := filepath.Base(d.engine.Locate(d.at))
	for _, entry := range entries {
		switch entry.Name() {
		case database, templateFile:
			continue
		}
		path := filepath.Join(d.at.Dir, entry.Name())
		if err := os.RemoveAll(path); err != nil {
			return Storage("remove", path, err)
		}
	}
	return nil
}

// publish makes a draft a template. It is held before anybody can see it.
func (b *batch) publish(ctx context.Context, d *draft) (*held, error) {
	m, project := b.manager, d.schema.Project
	if err := os.MkdirAll(m.layout.project(project), 0o700); err != nil {
		return nil, Storage("create the directory", m.layout.project(project), err)
	}
	// A sweep that sees the lock's file before it is locked takes it for a leftover.
	lock, err := lockFile(ctx, m.layout.hold(project, d.name), shared)
	if err != nil {
		return nil, err
	}
	err = d.engine.Publish(ctx, d.at, d.final)
	if err == nil {
		err = Storage("publish the template", d.at.Dir, rename(ctx, d.at.Dir, d.final.Dir))
	}
	if err != nil {
		_ = lock.remove()
		return nil, err
	}
	d.published = true
	h, err := m.take(project, d.name, lock)
	if err != nil {
		lock.release()
	}
	return h, err
}

// clear removes what was not published.
func (b *batch) clear(ctx context.Context) {
	ctx, cancel := unwatched(ctx)
	defer cancel()
	for _, d := range b.drafts {
		d.leave(b.manager)
		if d.published {
			continue
		}
		err := errors.Join(d.engine.Drop(ctx, d.at), d.engine.Drop(ctx, d.final))
		if err == nil { // else the record there has to stay, for a sweep to try again
			err = os.RemoveAll(d.at.Dir)
		}
		if err != nil {
			b.manager.log.Warn("an unfinished template could not be removed", "dir", d.at.Dir, "error", err)
		}
	}
}
