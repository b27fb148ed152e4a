package lspserver

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"hotclub/runner"
	"hotclub/runner/project"
)

// errOutside is the answer for a file that no folder of the window has to do with.
var errOutside = errors.New("it belongs to no project of this workspace")

// workspace is what an editor looks at: folders, and the projects that were found in them. A
// client without folders, as an editor of a single file is, looks at whatever it opens.
type workspace struct {
	open      func(dir string) (*project.Project, error)
	subscribe func(*project.Project) (cancel func()) // to its tests
	met       func(*project.Project)                 // for the first time
	left      func(*project.Project)

	tasks *background // of the connection

	mu      sync.Mutex
	folders []folder
	narrow  bool // folders were named: what is in none of them is nobody's
	found   map[string]func() located
	members map[string]*member // by key
	closed  bool
}

// located is the answer for a directory.
type located struct {
	project *project.Project
	err     error
}

// member is a project of the workspace.
type member struct {
	*project.Project
	cancel func() // of the subscription to its tests
}

// has reports whether a project belongs to the workspace.
func (w *workspace) has(key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.members[key] != nil
}

// get is the project with a key, nil for one that does not belong to the workspace.
func (w *workspace) get(key string) *project.Project {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m := w.members[key]; m != nil {
		return m.Project
	}
	return nil
}

// list is every project, by root.
func (w *workspace) list() []*project.Project {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*project.Project
	for _, m := range w.members {
		all = append(all, m.Project)
	}
	slices.SortFunc(all, func(a, b *project.Project) int { return strings.Compare(a.Root, b.Root) })
	return all
}

// around finds the project that a file belongs to.
func (w *workspace) around(path string) (*project.Project, error) { return w.at(filepath.Dir(path)) }

// at finds the project around a directory. The disk is looked at once, and without the lock:
// events of runs wait for it.
func (w *workspace) at(dir string) (*project.Project, error) {
	w.mu.Lock()
	if w.found == nil {
		w.found = make(map[string]func() located)
	}
	look := w.found[dir]
	if look == nil {
		look = sync.OnceValue(func() located {
			p, err := w.open(dir)
			return located{p, err}
		})
		w.found[dir] = look
	}
	w.mu.Unlock()
	answer := look()
	if answer.err != nil {
		return nil, answer.err
	}
	if !w.join(answer.project) {
		return nil, errOutside
	}
	return answer.project, nil
}

// join makes a project one of the workspace, if the editor looks at it. Whoever sees it there can rely
// on hearing of every change of its tests from then on, also of one that another client caused.
func (w *workspace) join(p *project.Project) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || !w.covers(p) {
		return false
	}
	if w.members[p.Key] == nil {
		if w.members == nil {
			w.members = make(map[string]*member)
		}
		w.members[p.Key] = &member{Project: p, cancel: w.subscribe(p)}
		w.tasks.Go(func() { w.met(p) })
	}
	return true
}

// covers reports whether a project is one that the editor looks at. The caller holds mu.
func (w *workspace) covers(p *project.Project) bool {
	return !w.narrow || slices.ContainsFunc(w.folders, func(f folder) bool { return f.about(p.Root) })
}

// visit looks for the projects in the folders, and at some directories; anew after a
// configuration has changed. What was not found any more leaves.
func (w *workspace) visit(anew bool, dirs ...string) {
	w.mu.Lock()
	if anew {
		w.found = nil
	}
	for _, f := range w.folders {
		dirs = append(dirs, f.real)
	}
	w.mu.Unlock()
	found := make(map[*project.Project]bool)
	for _, dir := range dirs {
		if p, err := w.at(dir); err == nil { // a folder without a project may have one further down
			found[p] = true
		}
	}
	w.dismiss(func(m *member) bool { return !w.covers(m.Project) || anew && !found[m.Project] })
}

// dismiss lets go of some members.
func (w *workspace) dismiss(which func(*member) bool) {
	w.mu.Lock()
	var gone []*member
	maps.DeleteFunc(w.members, func(_ string, m *member) bool {
		leaves := which(m)
		if leaves {
			gone = append(gone, m)
		}
		return leaves
	})
	w.mu.Unlock()
	for _, m := range gone {
		m.cancel()
		w.left(m.Project)
	}
}

// close ends the subscriptions.
func (w *workspace) close() {
	w.mu.Lock()
	gone := w.members
	w.members, w.closed = nil, true
	w.mu.Unlock()
	for _, m := range gone {
		m.cancel()
	}
}

// inside reports whether a path is a directory or lies in it.
func inside(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// eachProject finds the projects that are meant: those of some items, else all.
func (c *connection) eachProject(ids []runner.TestID) []*project.Project {
	all := c.space.list()
	if len(ids) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(p *project.Project) bool {
		return !slices.ContainsFunc(ids, func(id runner.TestID) bool { return id.Project() == p.Key })
	})
}
