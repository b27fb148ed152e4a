package watch

import (
	"path/filepath"
	"slices"

	"github.com/fsnotify/fsnotify"
)

// places is what the watched directories are to the owner. It does not change once it is made.
type places struct {
	wanted []string           // in the owner's order, as the owner spells them
	at     map[string][]place // by the directory that is watched, links resolved
	above  map[string]bool    // the wanted directories and all that they lie in
}

// place is one role of a watched directory. The same directory may be reached by several names.
type place struct {
	path   string // as the owner spells it
	wanted bool   // its files count; else only whether wanted directories below it come and go
}

var emptyPlaces places

// told translates an event: the paths to tell the owner of, and those at which a directory that
// matters came, went or became another.
func (p *places) told(e fsnotify.Event) (paths, uprooted []string) {
	moved := e.Has(fsnotify.Create | fsnotify.Remove | fsnotify.Rename)
	see := func(path string, wanted bool) {
		if wanted {
			paths = append(paths, path)
		}
		if moved && p.above[path] {
			uprooted = append(uprooted, path)
			paths = append(paths, p.wantedBelow(path)...)
		}
	}
	for _, itself := range p.at[e.Name] {
		see(itself.path, itself.wanted)
	}
	if name := filepath.Base(e.Name); !Ignored(name) {
		for _, in := range p.at[filepath.Dir(e.Name)] {
			see(filepath.Join(in.path, name), in.wanted)
		}
	}
	return paths, uprooted
}

func (p *places) wantedBelow(path string) []string {
	var found []string
	for _, dir := range p.wanted {
		if below(dir, path) {
			found = append(found, dir)
		}
	}
	return found
}

// lookup finds where the wanted directories are now: first themselves, then what has to be
// watched to see them come and go. It returns the directories to watch, the most important
// first, and the wanted ones that do not exist.
func lookup(wanted []string) (p *places, watch, missing []string) {
	p = &places{wanted: wanted, at: map[string][]place{}, above: map[string]bool{}}
	isWanted := map[string]bool{}
	for _, dir := range wanted {
		isWanted[dir] = true
		for above := dir; !p.above[above]; above = filepath.Dir(above) {
			p.above[above] = true
		}
	}
	add := func(real string, role place) {
		if len(p.at[real]) == 0 {
			watch = append(watch, real)
		}
		if !slices.Contains(p.at[real], role) {
			p.at[real] = append(p.at[real], role)
		}
	}
	for _, dir := range wanted {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			add(real, place{dir, true})
		} else {
			missing = append(missing, dir)
		}
	}
	for _, dir := range missing {
		for above := filepath.Dir(dir); ; above = filepath.Dir(above) {
			if real, err := filepath.EvalSymlinks(above); err == nil {
				add(real, place{above, isWanted[above]})
				break
			}
			if above == filepath.Dir(above) {
				break
			}
		}
	}
	for _, dir := range wanted {
		for _, above := range between(dir, isWanted) {
			if real, err := filepath.EvalSymlinks(above); err == nil {
				add(real, place{above, false})
			}
		}
	}
	return p, watch, missing
}

// between lists what lies between a wanted directory and the next wanted one above it. Renaming
// one of these takes dir away without dir itself being told.
func between(dir string, isWanted map[string]bool) []string {
	var found []string
	for above := filepath.Dir(dir); above != filepath.Dir(above); above = filepath.Dir(above) {
		if isWanted[above] {
			return found
		}
		found = append(found, above)
	}
	return nil
}
