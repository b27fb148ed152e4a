package affected

import (
	"regexp"
	"slices"
	"strings"

	"hotclub/runner/outline"
)

// Words with which a text imports by names that it makes up, or has tests loaded in its own way.
var inventive = []string{
	"import_module", "__import__", "load_tests", "exec", "eval", "import_string", "run_path", "run_module",
	"spec_from_file_location", "find_spec", "iter_modules", "walk_packages",
}

func (r *reading) dynamic() bool {
	return slices.ContainsFunc(r.tokens, func(t token) bool { return slices.Contains(inventive, t.text) })
}

// quiet are statements at the level of a module or a class that touch nothing but the module, as
// far as they do not consist of others.
var quiet = []string{
	"import", "from", "def", "class", "async", "@", "if", "elif", "else", "try", "except", "finally", "for", "while",
	"pass", "assert", "raise", "del", "match", "case", "break", "continue", "type",
}

// Bases of classes that register nowhere: not so models, which Django keeps a list of.
var quietBase = regexp.MustCompile(`(TestCase|Tests|Test|Mixin|Exception|Error|Enum|Form|object|dict|list|str|int|ABC)$`)

// Decorators that register nothing.
var quietDecorator = regexp.MustCompile(`^(override_settings|modify_settings|override_system_checks|isolate_apps|tag|skip\w*|expectedFailure|patch|expand|dataclass|contextmanager|wraps|lru_cache|cache|requires_\w+)$`)

// Names of what registers.
var loudName = regexp.MustCompile(`regist|receiver|connect|listen|subscribe`)

// loud reports whether an import of the text may change what others see: by a call, by assigning
// to what is not its own, by a class or a decorator that registers.
func (r *reading) loud() bool {
	for i := range r.defs {
		if !r.inFunction(i) && loudDefinition(&r.defs[i]) {
			return true
		}
	}
	if !r.paired {
		return true // the statements are not what they seem
	}
	start := 0
	for i, t := range r.tokens {
		begins := i == 0 || t.indent >= 0 && t.depth <= 0 || r.tokens[i-1].text == ";" || r.blockBegins(i-1)
		if !begins {
			continue
		}
		if r.loudStatement(r.tokens[start:i], start) {
			return true
		}
		start = i
	}
	return r.loudStatement(r.tokens[start:], start)
}

func (r *reading) blockBegins(i int) bool {
	return r.tokens[i].text == ":" && r.tokens[i].depth <= 0
}

func (r *reading) loudStatement(s []token, at int) bool {
	if len(s) == 0 || r.owners[at] != "" || s[0].isString() || s[0].text == "import" || s[0].text == "from" {
		return false
	}
	if slices.ContainsFunc(s, func(t token) bool { return t.isName() && loudName.MatchString(t.text) }) {
		return true
	}
	if slices.Contains(quiet, s[0].text) {
		return false
	}
	for i, t := range s {
		switch {
		case t.depth > 0:
		case (t.text == "=" || t.text == ":") && i > 0:
			return false // what stands before it are names of the module
		case !t.isName() && !strings.Contains(",+-*/%|&^", t.text):
			return true // a call, or an assignment to a part of something
		}
	}
	return false
}

func loudDefinition(d *outline.Def) bool {
	for _, decorator := range d.Decorators {
		name, _, _ := strings.Cut(decorator, "(")
		name = strings.TrimSpace(name[strings.LastIndexByte(name, '.')+1:])
		if d.Parent >= 0 && d.Kind != outline.Class {
			if loudName.MatchString(decorator) {
				return true
			}
		} else if !quietDecorator.MatchString(name) {
			return true
		}
	}
	if d.Kind != outline.Class || d.Bases == "" {
		return false
	}
	for base := range strings.SplitSeq(d.Bases, ",") {
		base, _, _ = strings.Cut(strings.TrimSpace(base), "[")
		if base != "" && !quietBase.MatchString(base) {
			return true
		}
	}
	return false
}
