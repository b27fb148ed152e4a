package dbclone

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrOutOfDate says that a template, or what it was built from, changed while it was refined.
var ErrOutOfDate = errors.New("dbclone: the inputs changed meanwhile")

// Refine finds out what coarse templates really depend on. It has them built once more, to places
// that are dropped at once, by a build that looks closely, and keeps what that says for as long as
// nothing has changed since they were made.
func (m *Manager) Refine(ctx context.Context, templates []*Template, build Build) error {
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	pinned, err := m.pinAll(templates)
	defer func() {
		for _, h := range pinned {
			m.unpin(h)
		}
	}()
	if err == nil {
		err = m.unchanged(ctx, pinned, templates)
	}
	if err != nil {
		return err
	}
	began := time.Now()
	built, err := m.rehearse(ctx, templates, build)
	if err != nil {
		return err
	}
	inputs, err := m.remember(ctx, built.Inputs, began)
	if err == nil {
		err = m.unchanged(ctx, pinned, templates)
	}
	if err != nil {
		return err
	}
	for _, k := range inputs {
		if k.Moved {
			return fmt.Errorf("%w: %s", ErrOutOfDate, k.Path)
		}
	}
	for _, h := range pinned {
		if err := m.learn(ctx, h, inputs, built.Coarse); err != nil {
			return err
		}
	}
	return nil
}

// Rehearse has templates built once more, from the beginning and to places that are dropped at
// once, for those who want to see what a build does.
func (m *Manager) Rehearse(ctx context.Context, templates []*Template, build Build) error {
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	_, err = m.rehearse(ctx, templates, build)
	return err
}

func (m *Manager) rehearse(ctx context.Context, templates []*Template, build Build) (Built, error) {
	b := &batch{manager: m, began: time.Now()}
	defer b.clear(ctx)
	for _, t := range templates {
		if _, err := b.prepare(ctx, t.schema); err != nil {
			return Built{}, err
		}
	}
	return b.run(ctx, build)
}

func (m *Manager) pinAll(templates []*Template) (pinned []*held, err error) {
	for _, t := range templates {
		h, err := m.pin(t.project, t.name)
		if err != nil {
			return pinned, err
		}
		pinned = append(pinned, h)
	}
	return pinned, nil
}

// unchanged makes sure that a build would make now what the templates hold.
func (m *Manager) unchanged(ctx context.Context, pinned []*held, templates []*Template) error {
	for i, h := range pinned {
		if fault := m.fault(ctx, h, templates[i].schema); fault != nil {
			return fmt.Errorf("%w: %w", ErrOutOfDate, fault)
		}
	}
	return nil
}

// learn replaces what is known of a template's inputs.
func (m *Manager) learn(ctx context.Context, h *held, inputs []known, coarse bool) error {
	m.mu.Lock()
	h.record.Inputs, h.record.Coarse = inputs, coarse
	r := h.record
	m.mu.Unlock()
	return writeRecord(ctx, h.spot.Dir, r)
}
