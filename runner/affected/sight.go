package affected

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// sight is a file or directory as some process has seen it. It never changes.
type sight struct {
	worker.Read
	Sum    string   // SHA-256 of what was in it, in hexadecimal, where that is known
	Facts  *Facts   // of a Python file of the project's
	Names  []string // in a directory of the project's
	Unsure bool     // it changed before it could be looked at
}

// change is how a file differs from how it was seen.
type change struct {
	kind  changeKind
	names []string // of functions, or what is new in a directory
	rule  string   // for people: "changed", "is gone"
}

type changeKind uint8

const (
	same changeKind = iota
	bodies
	whole
	appeared // names in a directory
)

// eye looks at the project's files, at one moment. It reads each once.
type eye struct {
	root  string
	disk  *pool.Disk
	facts map[string]*Facts // by path; nil for a file that cannot be read
}

func newEye(root string) *eye {
	return &eye{root: root, disk: pool.Look(), facts: make(map[string]*Facts)}
}

// owns reports whether a file is the project's, as the worker decides it.
func (e *eye) owns(path string) bool {
	rel, err := filepath.Rel(e.root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return false
	}
	rel = "/" + filepath.ToSlash(rel)
	for _, place := range []string{"site-packages", "dist-packages", "/lib/python"} {
		if strings.Contains(rel, place) {
			return false
		}
	}
	return true
}

// see makes a sight of what a process has read: what was in the file, should it still be the same.
func (e *eye) see(read worker.Read) *sight {
	s := &sight{Read: read}
	isDir := read.Kind == worker.ReadNames || read.Kind == worker.ReadPackages
	if !e.owns(read.Path) || !isDir && read.Kind != worker.ReadFile {
		return s
	}
	if isDir {
		s.Names = names(read)
		s.Unsure = s.Names == nil || pool.Look().Stale([]worker.Read{read}) != nil
		return s
	}
	if read.Size > mostRead {
		return s // its time stamp has to do
	}
	text, err := os.ReadFile(read.Path)
	if err != nil || pool.Look().Stale([]worker.Read{read}) != nil {
		s.Unsure = true // it has been edited since; of what was in it nothing is left
		return s
	}
	if strings.HasSuffix(read.Path, ".py") {
		s.Facts = Read(text)
	} else {
		s.Sum = digest(text)
	}
	return s
}

// mostRead is the size, in bytes, from which on a file of the project's is data that is not read.
const mostRead = 16 << 20

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// seeInput makes a sight of a file of which only the digest is known, and what was in it, should it
// still be the same.
func (e *eye) seeInput(path, sum string) *sight {
	s := &sight{Read: worker.Read{Path: path, Kind: input, Digest: sum}, Sum: sum}
	if text, err := os.ReadFile(path); err == nil && strings.HasSuffix(path, ".py") && digest(text) == sum {
		s.Facts = Read(text)
	}
	return s
}

// digest is that of what is in a file or of the names in a directory now, "" where there is none.
func (e *eye) digest(path string) string {
	if isDirectory(path) {
		return digest([]byte(strings.Join(names(worker.Read{Path: path, Kind: worker.ReadNames}), "\x00")))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return digest(text)
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// names lists a directory as the process saw it; nil when that cannot be had.
func names(read worker.Read) []string {
	entries, err := os.ReadDir(read.Path)
	if err != nil {
		return nil
	}
	list := []string{}
	for _, entry := range entries {
		if pool.Counts([]byte(entry.Name()), read.Kind == worker.ReadPackages) {
			list = append(list, entry.Name())
		}
	}
	return list
}

// look compares a sight with the disk.
func (e *eye) look(s *sight) change {
	if s.Kind == input {
		return e.lookInto(s)
	}
	if s.Unsure {
		return change{kind: whole, rule: "was edited while tests ran"}
	}
	cause := e.disk.Stale([]worker.Read{s.Read})
	if cause == nil {
		return change{}
	}
	switch {
	case s.Kind == worker.ReadNames || s.Kind == worker.ReadPackages:
		now := names(s.Read)
		if s.Names == nil || now == nil {
			break
		}
		news := slices.DeleteFunc(now, func(name string) bool { return slices.Contains(s.Names, name) })
		return change{kind: appeared, names: news, rule: "has other names in it"}
	case s.Facts != nil:
		return compare(s.Facts, e.read(s.Path))
	case s.Sum != "":
		return e.lookInto(s)
	}
	return change{kind: whole, rule: cause.Rule}
}

// input is the kind of a sight that only a digest is known of.
const input = "input"

func (e *eye) lookInto(s *sight) change {
	if isDirectory(s.Path) {
		if e.digest(s.Path) == s.Sum {
			return change{}
		}
		return change{kind: whole, rule: "has other names in it"}
	}
	text, err := os.ReadFile(s.Path)
	switch {
	case err == nil && (digest(text) == s.Sum || s.Facts != nil && s.Facts.Same(Read(text))):
		return change{}
	case errors.Is(err, fs.ErrNotExist) && s.Sum == "":
		return change{}
	case errors.Is(err, fs.ErrNotExist):
		return change{kind: whole, rule: "is gone"}
	}
	return change{kind: whole, rule: "changed"}
}

// compare says how a Python text has changed; nil stands for a text that is not there.
func compare(old, now *Facts) change {
	switch {
	case now == nil:
		return change{kind: whole, rule: "is gone"}
	case old == nil:
		return change{kind: whole, rule: "is new"}
	}
	names, ok := old.Changed(now)
	switch {
	case !ok:
		return change{kind: whole, rule: "changed at module level"}
	case len(names) == 0:
		return change{}
	}
	return change{kind: bodies, names: names}
}

// read is what a Python file says now, or nil.
func (e *eye) read(path string) *Facts {
	if facts, known := e.facts[path]; known {
		return facts
	}
	var facts *Facts
	if text, err := os.ReadFile(path); err == nil && !bytes.ContainsRune(text, 0) {
		facts = Read(text)
	}
	e.facts[path] = facts
	return facts
}

// short names a file for people.
func (e *eye) short(path string) string {
	if rel, err := filepath.Rel(e.root, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}
