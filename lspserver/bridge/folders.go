package bridge

import (
	"slices"

	"go.lsp.dev/protocol"
)

// folders is how the workspace folders differ from those of initialize.
type folders struct{ added, removed []folder }

type folder struct {
	URI  string `json:"uri"`
	Name string `json:"name"`
}

type foldersParams struct {
	Event struct {
		Added   []folder `json:"added"`
		Removed []folder `json:"removed"`
	} `json:"event"`
}

func (f *folders) told(m message) {
	var p foldersParams
	decode(m.params, &p)
	for _, gone := range p.Event.Removed {
		if !remove(&f.added, gone) {
			f.removed = append(f.removed, gone)
		}
	}
	for _, came := range p.Event.Added {
		if !remove(&f.removed, came) {
			f.added = append(f.added, came)
		}
	}
}

func remove(list *[]folder, f folder) bool {
	before := len(*list)
	*list = slices.DeleteFunc(*list, func(other folder) bool { return other.URI == f.URI })
	return len(*list) < before
}

// restore tells the difference.
func (f *folders) restore() []message {
	if len(f.added)+len(f.removed) == 0 {
		return nil
	}
	var p foldersParams
	p.Event.Added, p.Event.Removed = append([]folder{}, f.added...), append([]folder{}, f.removed...)
	return []message{notification(protocol.MethodWorkspaceDidChangeWorkspaceFolders, p)}
}
