package outline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
)

// Parts is a complete text cut by when it runs: what runs as its module is imported, and what
// runs as its functions are called. Comments, blank lines and space at the end of a line belong
// to nothing; a comment that may declare the text's encoding belongs to the module.
type Parts struct {
	Module    string // digest, in hexadecimal, of everything but the bodies of functions
	Functions []Part // those that stand in no other function, in source order
}

// Part is a function. What is defined within it belongs to it; its decorators, its defaults,
// annotations and its docstring, which can all be read without a call, belong to the module.
type Part struct {
	Name               string // qualified as Python does it: "Class.method"
	FirstLine, EndLine int    // from 0, decorators included
	Digest             string // of its body
}

// logical is one logical line as the scanner met it.
type logical struct {
	start, end int // offsets; the line's end is not part of it
	colon      int // offset of the first colon outside brackets, or -1
	indent     int
	def        int // index of the definition that it begins, or -1
	inside     int // index of the outermost function around it, or -1
}

// Split cuts a text. Of one that Python would refuse it says something, always the same.
func Split(src []byte) Parts {
	s := &scanner{src: src, decoLine: -1, codeLine: -1, never: -1, keep: true}
	s.all()
	c := cutter{scanner: s, module: sha256.New(), bodies: make(map[int]hash.Hash), docstring: -1}
	for _, comment := range s.comments {
		text := src[comment.start:comment.end]
		if bytes.Count(src[:comment.start], []byte("\n")) > 1 {
			break
		}
		if bytes.Contains(text, []byte("coding")) {
			write(c.module, -1, text)
		}
	}
	for _, line := range s.lines {
		c.line(line)
	}
	parts := Parts{Module: hex.EncodeToString(c.module.Sum(nil))}
	for i, d := range s.defs {
		if body := c.bodies[i]; body != nil {
			digest := hex.EncodeToString(body.Sum(nil))
			parts.Functions = append(parts.Functions, Part{qualified(s.defs, i), d.FirstLine, d.EndLine, digest})
		}
	}
	return parts
}

// Digest is that of the module's level and of the bodies of some functions; false when one of
// them is not there. A name that is defined several times stands for all of these.
func (p Parts) Digest(names []string) (string, bool) {
	sum := sha256.New()
	write(sum, 0, []byte(p.Module))
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	for _, name := range names {
		found := false
		for _, function := range p.Functions {
			if function.Name == name {
				found = true
				write(sum, 0, []byte(name))
				write(sum, 0, []byte(function.Digest))
			}
		}
		if !found {
			return "", false
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), true
}

// cutter deals the lines of a text to its parts.
type cutter struct {
	*scanner
	module    hash.Hash
	bodies    map[int]hash.Hash // by the index of the function
	comment   int               // index of the next one
	docstring int               // index of the function whose first line has not come yet, or -1
}

func (c *cutter) line(l logical) {
	pending := c.docstring
	c.docstring = -1
	switch {
	case l.inside >= 0:
		text := c.code(l.start, l.end)
		write(c.bodies[l.inside], l.indent, text)
		if l.inside == pending && isString(text) {
			write(c.module, l.indent, text)
		}
	case l.def >= 0 && c.defs[l.def].Kind != Class:
		c.function(l)
	default:
		write(c.module, l.indent, c.code(l.start, l.end))
	}
}

// function cuts the line that a function begins with. Where it is not clear which colon ends
// its head, all of the line belongs to the module.
func (c *cutter) function(l logical) {
	body := sha256.New()
	c.bodies[l.def], c.docstring = body, l.def
	head := c.src[l.start:l.end]
	if l.colon >= 0 {
		head = c.src[l.start:l.colon]
	}
	if l.colon < 0 || bytes.Contains(head, []byte("lambda")) {
		write(c.module, l.indent, c.code(l.start, l.end))
		return
	}
	write(c.module, l.indent, c.code(l.start, l.colon+1))
	inline := c.code(l.colon+1, l.end)
	if len(inline) == 0 {
		return
	}
	c.docstring = -1
	write(body, l.indent, inline)
	if isString(inline) {
		write(c.module, l.indent, inline)
	}
}

// code is a stretch of the text without its comments. Stretches are asked for in order.
func (c *cutter) code(start, end int) []byte {
	var text []byte
	for ; c.comment < len(c.comments) && c.comments[c.comment].start < end; c.comment++ {
		comment := c.comments[c.comment]
		if comment.start < start {
			continue
		}
		text = append(text, bytes.TrimRight(c.src[start:comment.start], " \t")...)
		start = comment.end
	}
	return bytes.TrimSpace(append(text, c.src[start:end]...))
}

// write adds a line to a digest such that no two sequences of lines look alike.
func write(to hash.Hash, indent int, text []byte) {
	fmt.Fprintf(to, "%d %d ", indent, len(text))
	to.Write(text)
}

// isString reports whether a line may be a docstring.
func isString(text []byte) bool {
	text = bytes.TrimLeft(text, "( \t\r\n\\")
	text = bytes.TrimLeft(text[:min(len(text), 2)], "rRuU")
	return len(text) > 0 && (text[0] == '"' || text[0] == '\'')
}

// qualified is the name of a definition after those of the classes around it.
func qualified(defs []Def, i int) string {
	name := defs[i].Name
	for i = defs[i].Parent; i >= 0; i = defs[i].Parent {
		name = defs[i].Name + "." + name
	}
	return name
}

// note keeps a logical line for Split.
func (s *scanner) note(l logical) {
	if s.keep {
		s.lines = append(s.lines, l)
	}
}

// outermost is the index of the outermost function around the current line, or -1.
func (s *scanner) outermost() int {
	for _, i := range s.open {
		if s.defs[i].Kind != Class {
			return i
		}
	}
	return -1
}
