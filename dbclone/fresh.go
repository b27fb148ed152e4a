package dbclone

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// day is how exactly a label says when its template was used.
const day = 24 * time.Hour

// touchEvery spares the disk: when a template was last used need not be known better.
const touchEvery = time.Minute

// fault says why a template does not serve a schema now, or nil. One that is damaged or gone is
// dropped on the spot; a stale one may become fresh again.
func (m *Manager) fault(ctx context.Context, h *held, s Schema) error {
	m.mu.Lock()
	r := h.record
	inputs := slices.Clone(r.Inputs)
	m.mu.Unlock()
	if !r.Schema.same(s) {
		return errors.New("it is of another schema with the same digest")
	}
	if err := h.engine.Check(ctx, h.spot, r.Sealed); err != nil {
		if ctx.Err() == nil {
			m.abandon(ctx, h)
		}
		return err
	}
	for i := range inputs {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if change := inputs[i].differs(m.cut, s.Facts); change != "" {
			return fmt.Errorf("stale: %s", change)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	h.record.Inputs = inputs
	return nil
}

// abandon drops a broken template, unless others still use it: then a sweep will.
func (m *Manager) abandon(ctx context.Context, h *held) {
	m.demote(h)
	m.mu.Lock()
	mine := h.uses == 1 && m.held[h.project+"/"+h.name] == h
	if mine {
		// Our own lock would keep us from dropping it.
		delete(m.held, h.project+"/"+h.name)
		h.lock.release()
	}
	m.mu.Unlock()
	if !mine {
		return
	}
	if _, err := m.drop(ctx, h.project, h.name); err != nil {
		m.log.Warn("a damaged template could not be removed", "template", h.name, "error", err)
	}
}

// touch notes that a template is in use, and what was learned about its inputs; once a day also on
// its server, for other homes that wonder. It is no harm if that fails.
func (m *Manager) touch(ctx context.Context, h *held) {
	m.mu.Lock()
	now, last := m.now().UTC(), h.record.LastUsed
	due := now.Sub(last) >= touchEvery
	if due {
		h.record.LastUsed = now
	}
	r := h.record
	if engine, ok := h.engine.(ServerEngine); ok && now.Truncate(day).After(last.Truncate(day)) {
		m.background(func(ctx context.Context) { m.touchOn(ctx, engine, h.spot, r) })
	}
	m.mu.Unlock()
	if !due {
		return
	}
	if err := writeRecord(ctx, h.spot.Dir, r); err != nil {
		m.log.Debug("a template's use was not noted", "template", h.name, "error", err)
	}
}

func (m *Manager) touchOn(ctx context.Context, engine ServerEngine, at Spot, r record) {
	label := m.on(at, r.Schema, KindTemplate).Label
	label.Owner, label.Created = r.Builder.ID, r.Created.Truncate(time.Second)
	if err := engine.Touch(ctx, at, label); err != nil && ctx.Err() == nil {
		m.log.Debug("a template's use was not noted on its server", "database", at.Name, "error", err)
	}
}
