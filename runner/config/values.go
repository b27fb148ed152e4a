package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotclub/runner"
)

// The defaults of keys whose absence needs a number.
const (
	defaultTimeout     = 10 * time.Minute
	defaultIdle        = 30 * time.Minute
	defaultOutputLimit = 64 << 20
	defaultSpare       = 2
	mostWorkers        = 1024 // more is a slip of the finger
)

// values reads the keys that have a default.
func (r *reading) values() {
	p := r.project
	p.Parallel = r.parallel()
	p.Timeout = r.duration("timeout", defaultTimeout, "none")
	p.StartMethod = r.startMethod()
	p.SplitClasses = r.boolean("split-classes", false)
	p.OutputLimit = r.size("output-limit", defaultOutputLimit)
	p.SpareWorkers = r.count("spare-workers", defaultSpare)
	p.IdleTimeout = r.duration("idle-timeout", defaultIdle, "never")
	p.BaseLayer = r.boolean("base-layer", true)
	p.Watch = r.boolean("watch", true)
	p.AffectedDepth = r.choice("affected-depth", "auto", "functions", "files", "off")
	p.Flush = r.choice("flush", "images", "django")
	p.RunnerArgs = r.list("runner-args")
	p.Env = r.variables()
}

// wrong records a fault of form.
func (r *reading) wrong(e entry, form string) { r.fail(e.wrong(r.search, form)) }

// set notes a value that stands in a file.
func (r *reading) set(e entry, value string) { r.note(e.key, value, e.origin(r.search)) }

func (r *reading) parallel() int {
	e, ok := r.choices.entries["parallel"]
	if n, isInt := e.value.(int64); isInt && n >= 1 && n <= mostWorkers {
		r.set(e, strconv.FormatInt(n, 10))
		return int(n)
	}
	if ok && e.value != "auto" {
		r.wrong(e, fmt.Sprintf(`"auto" or a number from 1 to %d, without quotes`, mostWorkers))
		return 1
	}
	n, origin := r.search.auto()
	if ok {
		origin = e.origin(r.search) + ` ("auto")`
	}
	r.note("parallel", strconv.Itoa(n), origin)
	return n
}

// Auto is how many workers "auto" means to a client.
func Auto(client runner.Client) int {
	n, _ := newSearch(client, runner.Overrides{}).auto()
	return n
}

// auto is Django's get_max_test_processes.
func (s *search) auto() (n int, origin string) {
	if given, err := strconv.Atoi(strings.TrimSpace(s.env.get("DJANGO_TEST_PROCESSES"))); err == nil && given >= 1 {
		return min(given, mostWorkers), "DJANGO_TEST_PROCESSES of the client"
	}
	return s.cpus, "default: the number of CPUs"
}

func (r *reading) startMethod() string {
	asked, origin := "auto", "default on "+r.search.goos
	e, ok := r.choices.entries["start-method"]
	if ok {
		asked, _ = e.value.(string)
		origin = e.origin(r.search)
	}
	fault := e.wrongIn(r, `"auto", "fork" or "spawn"`)
	if flag := r.search.overrides.StartMethod; flag != "" {
		asked, origin = flag, r.search.origin("start-method")
		fault = &Error{What: fmt.Sprintf("the start method %q (%s) is not known", flag, origin), Remedy: "expected auto, fork or spawn", Usage: true, about: "start-method"}
	}
	switch {
	case asked == "fork" && r.search.goos == "windows":
		fault.What, fault.Remedy = "start method fork: Windows has no fork", "choose auto or spawn"
		r.fail(fault)
	case asked == "auto" && r.search.goos == "linux":
		asked = "fork"
	case asked == "auto":
		asked = "spawn"
	case asked != "fork" && asked != "spawn":
		r.fail(fault)
	}
	r.note("start-method", asked, origin)
	return asked
}

// wrongIn is wrong for a key that may be absent.
func (e entry) wrongIn(r *reading, form string) *Error {
	if e.table == nil {
		return nil
	}
	return e.wrong(r.search, form)
}

func (r *reading) boolean(key string, byDefault bool) bool {
	e, ok := r.choices.entries[key]
	value, isBool := e.value.(bool)
	switch {
	case !ok:
		r.note(key, strconv.FormatBool(byDefault), "default")
		return byDefault
	case !isBool:
		r.wrong(e, "true or false, without quotes")
		return byDefault
	}
	r.set(e, strconv.FormatBool(value))
	return value
}

// choice reads a key that has one of some words; the first is the default.
func (r *reading) choice(key string, words ...string) string {
	e, ok := r.choices.entries[key]
	value, _ := e.value.(string)
	switch {
	case !ok:
		r.note(key, words[0], "default")
		return words[0]
	case !slices.Contains(words, value):
		r.wrong(e, `one of "`+strings.Join(words, `", "`)+`"`)
		return words[0]
	}
	r.set(e, value)
	return value
}

func (r *reading) count(key string, byDefault int) int {
	e, ok := r.choices.entries[key]
	if !ok {
		r.note(key, strconv.Itoa(byDefault), "default")
		return byDefault
	}
	n, isInt := e.value.(int64)
	if !isInt || n < 0 || n > mostWorkers {
		r.wrong(e, fmt.Sprintf("a number from 0 to %d, without quotes", mostWorkers))
		return byDefault
	}
	r.set(e, strconv.FormatInt(n, 10))
	return int(n)
}

// list never returns an empty list, so that a project without options has none at all.
func (r *reading) list(key string) []string {
	e, ok := r.choices.entries[key]
	if !ok {
		r.note(key, "none", "default")
		return nil
	}
	items, isList := e.value.([]any)
	var words []string
	for _, item := range items {
		word, isText := item.(string)
		isList = isList && isText
		words = append(words, word)
	}
	if !isList {
		r.wrong(e, `a list of texts, such as ["--no-input"]`)
		return nil
	}
	r.set(e, orNone(strings.Join(words, " ")))
	return words
}

// variables reads the table env. Only the names are noted: a value may be a password.
func (r *reading) variables() map[string]string {
	e, ok := r.choices.entries["env"]
	if !ok {
		r.note("env", "none", "default")
		return nil
	}
	table, isTable := e.value.(map[string]any)
	if !isTable {
		r.wrong(e, `a table of texts, such as env = { API_URL = "http://localhost" }`)
		return nil
	}
	env := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if fault := e.variable(r.search, name, table[name]); fault != nil {
			r.fail(fault)
			continue
		}
		env[name] = table[name].(string)
	}
	r.set(e, orNone(strings.Join(slices.Sorted(maps.Keys(env)), ", ")))
	return env
}

// variable finds fault with one variable of the table env.
func (e entry) variable(s *search, name string, value any) *Error {
	text, isText := value.(string)
	what, remedy := "", ""
	switch {
	case name == "DJANGO_SETTINGS_MODULE":
		what, remedy = "env sets DJANGO_SETTINGS_MODULE", "use the key settings"
	case name == "" || strings.ContainsAny(name, "=\x00"):
		what, remedy = fmt.Sprintf("env: %q cannot be the name of a variable", name), "rename it"
	case !isText:
		what, remedy = fmt.Sprintf("env: %s has a wrong value", name), "expected a text in quotes"
	case strings.Contains(text, "\x00"):
		what, remedy = fmt.Sprintf("env: %s contains a NUL character", name), "remove it"
	default:
		return nil
	}
	fault := e.fault(s, what)
	fault.Remedy = remedy
	if line := e.table.line(e.key, name); line > 0 {
		fault.Line, fault.Where = line, s.where(fault.File, line)
	}
	return fault
}
