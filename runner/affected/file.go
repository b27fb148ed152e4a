package affected

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"

	"hotclub/runner/history"
	"hotclub/runner/worker"
)

const version = 1

// file is the store on the disk: equal things stand in it once, and others name them by number.
type file struct {
	Version   int               `json:"version"`
	Names     []string          `json:"names"`
	Functions [][2]int          `json:"functions"` // path, name
	Sights    []seen            `json:"sights"`
	Groups    [][]int           `json:"groups"` // sights
	Pasts     [][10][]int       `json:"pasts"`
	Marks     []stroke          `json:"marks"`
	Processes []ran             `json:"processes"`
	Tests     map[string]tested `json:"tests"` // by label
}

type seen struct {
	Path   int      `json:"p"`
	Kind   string   `json:"k,omitempty"` // default: a file
	MTime  int64    `json:"t,omitempty"`
	Size   int64    `json:"s,omitempty"`
	Inode  uint64   `json:"n,omitempty"`
	Digest string   `json:"d,omitempty"`
	Sum    string   `json:"h,omitempty"`
	Facts  *Facts   `json:"f,omitempty"`
	Names  []string `json:"l,omitempty"`
	Unsure bool     `json:"u,omitempty"`
}

type stroke struct {
	Functions []int  `json:"f,omitempty"`
	Templates []int  `json:"t,omitempty"`
	Touched   []int  `json:"o,omitempty"`
	Modules   []int  `json:"m,omitempty"`
	Unknown   string `json:"u,omitempty"`
}

type ran struct {
	Groups []int `json:"g"`
	Past   int   `json:"p"`
	Own    int   `json:"o"`
	Inputs int   `json:"i"`
	Called bool  `json:"c,omitempty"`
}

type tested struct {
	Process   int    `json:"p"`
	Marks     []int  `json:"m,omitempty"`
	Databases bool   `json:"d,omitempty"`
	Unknown   string `json:"u,omitempty"`
}

// open reads the file, the first time. It needs the lock.
func (s *Store) open() {
	if s.opened {
		return
	}
	s.opened = true
	text, err := os.ReadFile(s.path)
	if err != nil {
		return
	}
	var f file
	if json.Unmarshal(text, &f) != nil || f.Version != version {
		return
	}
	// A file that contradicts itself is worth no more than none.
	defer func() {
		if recover() != nil {
			s.tables, s.tests = newTables(), make(map[string]*footprint)
		}
	}()
	s.decode(&f)
}

func (s *Store) decode(f *file) {
	t := s.tables
	for _, name := range f.Names {
		t.number(name)
	}
	for _, pair := range f.Functions {
		key := function{pair[0], pair[1]}
		t.called[key] = len(t.functions)
		t.functions = append(t.functions, key)
	}
	sights := make([]*sight, len(f.Sights))
	for i, each := range f.Sights {
		kind := each.Kind
		if kind == "" {
			kind = worker.ReadFile
		}
		read := worker.Read{Path: t.names[each.Path], Kind: kind, MTime: each.MTime, Size: each.Size, Inode: each.Inode, Digest: each.Digest}
		sights[i] = &sight{Read: read, Sum: each.Sum, Facts: each.Facts, Names: each.Names, Unsure: each.Unsure}
		t.sights[read] = sights[i]
	}
	groups := make([]*group, len(f.Groups))
	for i, list := range f.Groups {
		members := make(map[*sight]bool, len(list))
		for _, at := range list {
			members[sights[at]] = true
		}
		groups[i] = t.group(members)
	}
	marks := make([]*mark, len(f.Marks))
	for i, m := range f.Marks {
		marks[i] = t.sameMark(&mark{m.Functions, m.Templates, m.Touched, m.Modules, m.Unknown})
	}
	pasts := make([]*past, len(f.Pasts))
	for i, l := range f.Pasts {
		pasts[i] = &past{l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7], l[8], l[9]}
	}
	processes := make([]*process, len(f.Processes))
	for i, p := range f.Processes {
		processes[i] = &process{past: pasts[p.Past], own: pasts[p.Own], inputs: groups[p.Inputs], called: p.Called}
		for _, at := range p.Groups {
			processes[i].groups = append(processes[i].groups, groups[at])
		}
	}
	for label, test := range f.Tests {
		made := &footprint{databases: test.Databases, unknown: test.Unknown}
		if test.Process >= 0 {
			made.process = processes[test.Process]
		} else if made.unknown == "" {
			panic("a test without a process")
		}
		for _, at := range test.Marks {
			made.marks = append(made.marks, marks[at])
		}
		s.tests[label] = made
	}
}

// Save writes the store, and forgets what no test needs any more.
func (s *Store) Save() error {
	s.mu.Lock()
	if !s.opened && len(s.waiting) == 0 {
		s.mu.Unlock()
		return nil // nobody has asked and nothing has come
	}
	s.settle()
	text, err := json.Marshal(s.encode())
	s.mu.Unlock()
	if err == nil {
		err = history.Write(s.path, text)
	}
	if err != nil {
		return fmt.Errorf("keeping what tests depend on: %w", err)
	}
	return nil
}

// numbering gives the things that are reached numbers, in the order in which they are met.
type numbering[T comparable] struct {
	at  map[T]int
	all []T
}

func (n *numbering[T]) of(each T) int {
	at, known := n.at[each]
	if !known {
		if n.at == nil {
			n.at = make(map[T]int)
		}
		at = len(n.all)
		n.at[each] = at
		n.all = append(n.all, each)
	}
	return at
}

func (s *Store) encode() *file {
	t := s.tables
	f := &file{Version: version, Tests: make(map[string]tested, len(s.tests))}
	var processes numbering[*process]
	var groups numbering[*group]
	var sights numbering[*sight]
	var pasts numbering[*past]
	var marks numbering[*mark]
	for label, test := range s.tests {
		kept := tested{Process: -1, Databases: test.databases, Unknown: test.unknown}
		if test.process != nil {
			kept.Process = processes.of(test.process)
		}
		for _, m := range test.marks {
			kept.Marks = append(kept.Marks, marks.of(m))
		}
		f.Tests[label] = kept
	}
	for _, p := range processes.all {
		kept := ran{Past: pasts.of(p.past), Own: pasts.of(p.own), Inputs: groups.of(p.inputs), Called: p.called}
		for _, g := range p.groups {
			kept.Groups = append(kept.Groups, groups.of(g))
		}
		f.Processes = append(f.Processes, kept)
	}
	for _, g := range groups.all {
		list := make([]int, len(g.sights))
		for i, each := range g.sights {
			list[i] = sights.of(each)
		}
		f.Groups = append(f.Groups, list)
	}
	for _, each := range sights.all {
		kind := each.Kind
		if kind == worker.ReadFile {
			kind = ""
		}
		f.Sights = append(f.Sights, seen{
			Path: t.number(each.Path), Kind: kind, MTime: each.MTime, Size: each.Size, Inode: each.Inode, Digest: each.Digest,
			Sum: each.Sum, Facts: each.Facts, Names: each.Names, Unsure: each.Unsure,
		})
	}
	for _, p := range pasts.all {
		f.Pasts = append(f.Pasts, [10][]int{
			p.functions, p.templates, p.executed, p.late, p.opened, p.loaded, p.schema, p.listed, p.touched, p.missed,
		})
	}
	for _, m := range marks.all {
		f.Marks = append(f.Marks, stroke{m.functions, m.templates, m.touched, m.modules, m.unknown})
	}
	for _, each := range t.functions {
		f.Functions = append(f.Functions, [2]int{each.path, each.name})
	}
	f.Names = t.names
	s.forget(sights, groups, marks, pasts)
	return f
}

// forget leaves in memory what is on the disk.
func (s *Store) forget(sights numbering[*sight], groups numbering[*group], marks numbering[*mark], pasts numbering[*past]) {
	leave(s.tables.sights, sights)
	leave(s.tables.kinds, groups)
	leave(s.tables.marks, marks)
	leave(s.tables.pasts, pasts)
}

// leave keeps of a table what has a number.
func leave[K, V comparable](table map[K]V, numbered numbering[V]) {
	maps.DeleteFunc(table, func(_ K, each V) bool {
		_, kept := numbered.at[each]
		return !kept
	})
}
