package affected

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"hotclub/runner/outline"
)

// Facts are what a Python text says that decides whom a change of it can reach. Comments, blank
// lines and the numbers of lines are no part of it.
type Facts struct {
	Module    uint64            `json:"m"`           // digest of all that is executed by an import
	Functions map[string]uint64 `json:"f,omitempty"` // digests of the bodies of outermost functions, by qualified name
	Mentions  []string          `json:"i,omitempty"` // modules that it may import, by import statements and strings; dots lead relative ones
	Dynamic   bool              `json:"d,omitempty"` // it may import modules by names that it makes up
	Loud      bool              `json:"l,omitempty"` // its import may change what other modules see
}

// Read finds the facts of a text.
func Read(src []byte) *Facts {
	r := reading{defs: outline.Scan(src)}
	r.tokens, r.paired = tokens(src)
	r.bodies()
	f := &Facts{Functions: make(map[string]uint64)}
	f.digest(&r)
	f.mention(r.tokens)
	f.Loud = r.loud()
	f.Dynamic = r.dynamic()
	return f
}

func (f *Facts) body(name string) (digest uint64, shown bool) {
	if f == nil {
		return 0, false
	}
	digest, shown = f.Functions[name]
	return digest, shown
}

// Same reports whether two texts do the same, as far as can be told.
func (f *Facts) Same(other *Facts) bool {
	return f.Module == other.Module && maps.Equal(f.Functions, other.Functions)
}

// Changed lists the functions whose bodies differ, sorted; ok is false when more than that does.
func (f *Facts) Changed(other *Facts) (names []string, ok bool) {
	if f.Module != other.Module {
		return nil, false
	}
	// The names of functions are text of the module, so both have the same.
	for name, digest := range f.Functions {
		if other.Functions[name] != digest {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, true
}

// reading is a text on its way to facts.
type reading struct {
	tokens []token
	defs   []outline.Def
	paired bool     // all brackets are
	owners []string // for each token the outermost function in whose body it is, "" for the module
}

// bodies finds out what each token is part of. The head of a function, its decorators, defaults
// and annotations, is executed by the import.
func (r *reading) bodies() {
	r.owners = make([]string, len(r.tokens))
	at := 0
	for i, def := range r.defs {
		if def.Kind == outline.Class || r.inFunction(i) {
			continue
		}
		name := r.qualified(i)
		for at < len(r.tokens) && r.tokens[at].line < def.Line {
			at++
		}
		body := r.bodyOf(at)
		for ; body < len(r.tokens) && r.tokens[body].line <= def.EndLine; body++ {
			r.owners[body] = name
		}
	}
}

// bodyOf is the place behind the colon that ends the head of a function.
func (r *reading) bodyOf(at int) int {
	for i := at; i < len(r.tokens); i++ {
		if r.tokens[i].text == ":" && r.tokens[i].depth <= r.tokens[at].depth {
			return i + 1
		}
	}
	return len(r.tokens)
}

func (r *reading) inFunction(i int) bool {
	for up := r.defs[i].Parent; up >= 0; up = r.defs[up].Parent {
		if r.defs[up].Kind != outline.Class {
			return true
		}
	}
	return false
}

func (r *reading) qualified(i int) string {
	name := r.defs[i].Name
	for up := r.defs[i].Parent; up >= 0; up = r.defs[up].Parent {
		name = r.defs[up].Name + "." + name
	}
	return name
}

func (f *Facts) digest(r *reading) {
	module := fnv.New64a()
	functions := make(map[string][]byte)
	for i, t := range r.tokens {
		text := t.text + "\x00"
		if t.indent >= 0 {
			text = "\n" + strings.Repeat(" ", t.indent) + text
		}
		if owner := r.owners[i]; owner != "" {
			functions[owner] = append(functions[owner], text...)
		} else {
			module.Write([]byte(text))
		}
	}
	for name, text := range functions {
		sum := fnv.New64a()
		sum.Write(text)
		f.Functions[name] = sum.Sum64()
	}
	f.Module = module.Sum64()
}

// mention collects the names that may be those of modules.
func (f *Facts) mention(all []token) {
	found := make(map[string]bool)
	starts := true
	for i, t := range all {
		starts = starts || t.indent >= 0 && t.depth <= 0
		switch {
		case starts && t.text == "import":
			imported(found, "", statement(all[i+1:]))
		case starts && t.text == "from":
			from(found, statement(all[i+1:]))
		case t.isString():
			if name := strings.Trim(t.text, `"'`); dotted(name) {
				found[name] = true
			}
		}
		starts = t.text == ":" || t.text == ";"
	}
	f.Mentions = slices.Sorted(maps.Keys(found))
}

// statement is the rest of a simple statement.
func statement(rest []token) []token {
	for i, t := range rest {
		if t.text == ";" || t.indent >= 0 && t.depth <= 0 {
			return rest[:i]
		}
	}
	return rest
}

// imported notes the names of a list, below a package.
func imported(found map[string]bool, below string, list []token) {
	name, skip := "", false
	end := func() {
		if name != "" {
			found[below+name] = true
		}
		name, skip = "", false
	}
	for _, t := range list {
		switch {
		case t.text == ",":
			end()
		case t.text == "as":
			skip = true
		case !skip && (t.isName() || t.text == "."):
			name += t.text
		}
	}
	end()
}

func from(found map[string]bool, rest []token) {
	module := ""
	for i, t := range rest {
		if t.text == "import" {
			found[module] = true
			if !strings.HasSuffix(module, ".") {
				module += "."
			}
			imported(found, module, rest[i+1:])
			return
		}
		module += t.text
	}
}

// dotted reports whether a text may be the name of a module.
func dotted(text string) bool {
	for part := range strings.SplitSeq(text, ".") {
		if part == "" || !nameStart(part[0]) {
			return false
		}
		for i := range len(part) {
			if !nameByte(part[i]) {
				return false
			}
		}
	}
	return true
}
