package dbclone

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
)

// nearest finds the template from which a schema's database can be made by the steps that it lacks:
// built from the same but for these, and from inputs that are as they were. It is pinned; nil when
// there is none.
func (m *Manager) nearest(ctx context.Context, s Schema) (from *held, missing []string) {
	if s.Base == "" {
		return nil, nil
	}
	list, err := m.stored(s.Project)
	if err != nil {
		return nil, nil
	}
	for _, each := range list {
		old := each.record.Schema
		if each.fault != nil || !s.extends(old) || from != nil && len(old.Steps) <= len(from.record.Schema.Steps) {
			continue
		}
		h, err := m.pin(s.Project, each.name)
		if err != nil {
			continue
		}
		if m.outdated(ctx, h, s) {
			m.unpin(h)
			continue
		}
		if from != nil {
			m.unpin(from)
		}
		from = h
	}
	if from == nil {
		return nil, nil
	}
	return from, s.beyond(from.record.Schema)
}

// extends reports whether a schema is an older one with more steps.
func (s Schema) extends(old Schema) bool {
	if s.Project != old.Project || s.Alias != old.Alias || s.Engine != old.Engine || s.Server != old.Server || s.Base != old.Base {
		return false
	}
	for path, digest := range old.Steps {
		if s.Steps[path] != digest {
			return false
		}
	}
	return len(s.Steps) > len(old.Steps)
}

// beyond names the steps that an older schema lacks.
func (s Schema) beyond(old Schema) (paths []string) {
	for path := range s.Steps {
		if _, has := old.Steps[path]; !has {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// outdated reports whether an older template does not hold any more what its steps make now. That
// there are more steps in their folders is no change.
func (m *Manager) outdated(ctx context.Context, h *held, s Schema) bool {
	if h.engine.Check(ctx, h.spot, h.record.Sealed) != nil {
		return true
	}
	grown := s.folders(h.record.Schema)
	m.mu.Lock()
	inputs := slices.Clone(h.record.Inputs)
	m.mu.Unlock()
	return slices.ContainsFunc(inputs, func(k known) bool {
		return !grown[k.Path] && k.differs(m.cut, s.Facts) != ""
	})
}

// folders are those in which there are more steps than an older schema has.
func (s Schema) folders(old Schema) map[string]bool {
	folders := make(map[string]bool)
	for _, path := range s.beyond(old) {
		folders[filepath.Dir(path)] = true
	}
	return folders
}

// inherit adds what the template depended on from which this one was made.
func (d *draft) inherit(inputs []known) []known {
	if d.from == nil {
		return inputs
	}
	grown := d.schema.folders(d.from.record.Schema)
	all := make(map[Input]known, len(inputs))
	for _, k := range d.from.record.Inputs {
		if !grown[k.Path] {
			all[k.Input] = k
		}
	}
	for _, k := range inputs {
		all[k.Input] = k
	}
	return slices.Collect(maps.Values(all))
}
