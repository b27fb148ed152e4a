package lspserver

import (
	"path/filepath"
	"slices"

	"go.lsp.dev/protocol"
)

// folder is one of a window. Projects know their files by the path without symbolic links, an
// editor by the one that it was opened with; the rest of the server speaks of real paths only.
type folder struct{ given, real string }

func newFolder(path string) folder {
	path = filepath.Clean(path)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return folder{path, real}
	}
	return folder{path, path} // one that is not there yet may come
}

// about reports whether a project at root concerns this folder: it lies in it or around it.
func (f folder) about(root string) bool { return inside(root, f.real) || inside(f.real, root) }

// moved is a path in one directory as that in another; ok is false for one outside.
func moved(path, from, to string) (string, bool) {
	rel, err := filepath.Rel(from, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.Join(to, rel), true
}

// realPath is an editor's path without the symbolic links that its folders are reached by.
func (w *workspace) realPath(path string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.folders {
		if real, ok := moved(path, f.given, f.real); ok {
			return real
		}
	}
	return path
}

// givenPath is a path as the editor spells it.
func (w *workspace) givenPath(path string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.folders {
		if given, ok := moved(path, f.real, f.given); ok {
			return given
		}
	}
	return path
}

// name adds and removes folders. What is in them is looked at by visit.
func (w *workspace) name(added, removed []string) {
	var more []folder
	for _, path := range added {
		more = append(more, newFolder(path)) // looks at the disk
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.folders = slices.DeleteFunc(w.folders, func(f folder) bool { return slices.Contains(removed, f.given) })
	w.folders = append(w.folders, more...)
	w.narrow = w.narrow || len(more) > 0
}

func folderPaths(folders []protocol.WorkspaceFolder) []string {
	var list []string
	for _, f := range folders {
		if path := f.URI.FsPath(); f.URI.Scheme() == "file" && path != "" {
			list = append(list, filepath.Clean(path))
		}
	}
	return list
}
