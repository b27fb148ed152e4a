package config

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document is a TOML file that remembers where its keys stand.
type document struct {
	path    string
	text    []byte
	tree    map[string]any
	offsets map[string]int // of keys, by their joined path
}

// parse reads text; the decoder checks and types it, the parser tells the positions.
func (s *search) parse(path string, text []byte) (*document, *Error) {
	d := &document{path: path, text: text, offsets: map[string]int{}}
	if err := toml.Unmarshal(text, &d.tree); err != nil {
		fault := &Error{What: "not valid TOML: " + strings.TrimPrefix(err.Error(), "toml: "), Remedy: "correct the file", Usage: true, File: path, about: "configuration", cause: err}
		if at, ok := errors.AsType[*toml.DecodeError](err); ok {
			fault.Line, _ = at.Position()
		}
		fault.Where = s.where(path, fault.Line)
		return nil, fault
	}
	d.locate()
	return d, nil
}

// locate notes the first place at which each key and each table is named.
func (d *document) locate() {
	var p unstable.Parser
	p.Reset(d.text)
	var prefix []string
	for p.NextExpression() {
		node := p.Expression()
		switch node.Kind {
		case unstable.Table, unstable.ArrayTable:
			prefix = d.note(&p, nil, node.Key())
		case unstable.KeyValue:
			d.pair(&p, prefix, node)
		}
	}
}

// pair notes a key and, where its value is an inline table, the keys in that.
func (d *document) pair(p *unstable.Parser, prefix []string, node *unstable.Node) {
	path := d.note(p, prefix, node.Key())
	value := node.Value()
	if value.Kind != unstable.InlineTable || len(path) > maxDepth {
		return
	}
	for it := value.Children(); it.Next(); {
		d.pair(p, path, it.Node())
	}
}

// maxDepth is deeper than any key that hotclub knows: tool.hotclub.env.NAME.
const maxDepth = 4

func (d *document) note(p *unstable.Parser, prefix []string, key unstable.Iterator) []string {
	path := append([]string(nil), prefix...)
	for key.Next() {
		node := key.Node()
		path = append(path, string(node.Data))
		if len(path) > maxDepth {
			continue
		}
		if _, seen := d.offsets[joined(path)]; !seen {
			d.offsets[joined(path)] = int(node.Raw.Offset)
		}
	}
	return path
}

func joined(path []string) string { return strings.Join(path, "\x00") }

// line is the 1-based line of the key with this path, 0 when it is not in the file.
func (d *document) line(path ...string) int {
	offset, ok := d.offsets[joined(path)]
	if !ok {
		return 0
	}
	return 1 + bytes.Count(d.text[:offset], []byte("\n"))
}

// table is one table of a document, such as [tool.hotclub].
type table struct {
	doc     *document
	path    []string // empty for the top of the file
	entries map[string]any
}

// label says in messages which table is meant.
func (t *table) label() string {
	if len(t.path) == 0 {
		return filepath.Base(t.doc.path)
	}
	return "[" + strings.Join(t.path, ".") + "]"
}

func (t *table) line(keys ...string) int {
	return t.doc.line(append(append([]string(nil), t.path...), keys...)...)
}

// offset orders the keys of a table; it is 0 for a key that has no place of its own.
func (t *table) offset(key string) int {
	return t.doc.offsets[joined(append(append([]string(nil), t.path...), key))]
}

// table returns the table at path, nil when there is none; ok is false when something
// else stands there.
func (d *document) table(path ...string) (t *table, ok bool) {
	entries := d.tree
	for _, name := range path {
		value, present := entries[name]
		if !present {
			return nil, true
		}
		if entries, ok = value.(map[string]any); !ok {
			return nil, false
		}
	}
	return &table{doc: d, path: path, entries: entries}, true
}
