package wire

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotclub/runner"
)

const mirror = "../../editors/vscode/src/protocol"

// mirrored are the types that TypeScript has an interface of, by its name.
var mirrored = map[string]any{
	"Position": Position{}, "Range": Range{},
	"InitializationOptions": InitializationOptions{}, "ClientCapabilities": ClientCapabilities{},
	"ServerCapabilities": ServerCapabilities{}, "DaemonInfo": DaemonInfo{}, "Configuration": Configuration{},
	"FolderChoice": FolderChoice{}, "FolderConfiguration": FolderConfiguration{},
	"TestItem": TestItem{}, "Disabled": Disabled{}, "DiscoverParams": DiscoverParams{}, "DiscoverScope": DiscoverScope{},
	"Tests": Tests{}, "FileError": FileError{}, "TestsAtParams": TestsAtParams{}, "TestsAtAnswer": TestsAtAnswer{},
	"Test": runner.Test{}, "Verdict": runner.Verdict{}, "Subtest": runner.Subtest{}, "Message": runner.Message{},
	"Location": runner.Location{}, "Frame": runner.Frame{},
	"RunParams": RunParams{}, "Select": Select{}, "Nearest": Nearest{}, "Fresh": Fresh{}, "Overrides": runner.Overrides{},
	"RunAnswer": RunAnswer{}, "WorkerCount": runner.WorkerCount{}, "CancelRunParams": CancelRunParams{},
	"Notice": Notice{}, "RunStarted": RunStarted{}, "TestEvents": TestEvents{},
	"TestStarted": runner.TestStarted{}, "TestFinished": runner.TestFinished{}, "ClassErrored": runner.ClassErrored{},
	"RunFinished": RunFinished{}, "Timing": runner.Timing{}, "Slow": Slow{},
	"Comparison": runner.Comparison{}, "Difference": runner.Difference{},
	"DebugParams": DebugParams{}, "DebuggerReady": DebuggerReady{},
	"CoverageOptions": runner.Measure{}, "CoverageParams": CoverageParams{}, "CoverageAnswer": CoverageAnswer{},
	"CoveredFile": FileCoverage{}, "CoverageDetail": CoverageDetail{}, "Branch": Branch{},
	"ResultsParams": ResultsParams{}, "ResultsAnswer": ResultsAnswer{}, "Result": Result{},
	"OutputParams": OutputParams{}, "OutputAnswer": OutputAnswer{}, "ExplainParams": ExplainParams{},
	"IDsParams": IDsParams{}, "CommandAnswer": CommandAnswer{}, "TextAnswer": TextAnswer{},
	"WatchParams": WatchParams{}, "WatchAnswer": WatchAnswer{}, "SavesParams": SavesParams{}, "Saved": runner.Saved{},
	"StatusAnswer": StatusAnswer{}, "RunInfo": RunInfo{}, "ProjectStatus": runner.ProjectStatus{},
	"WorkerStatus": runner.WorkerStatus{}, "DatabaseStatus": runner.DatabaseStatus{}, "Cause": runner.Cause{},
	"PoolChange": runner.PoolChange{}, "DidChangeStatus": DidChangeStatus{}, "DidChangeWorkers": DidChangeWorkers{},
	"Invalidated": Invalidated{}, "RestartParams": RestartParams{}, "StopParams": StopParams{}, "RootsAnswer": RootsAnswer{},
	"DatabaseParams": DatabaseParams{}, "DatabaseAnswer": DatabaseAnswer{},
}

// ownWords are interfaces of no one Go type, or of only a part of it.
var ownWords = []string{"Requests", "Notifications", "ExplainAnswer"}

// tagged are the interfaces of events, which have one member more than the Go type.
var tagged = map[string]string{"TestStarted": EventStarted, "TestFinished": EventFinished, "ClassErrored": EventClassErrored}

// The TypeScript client has the same shapes as this package: every interface has the members of
// its Go type, those that may be absent are marked so, and the types of both go together.
func TestTypeScriptIsAMirror(t *testing.T) {
	script := readMirror(t)
	for _, name := range slices.Sorted(maps.Keys(script.interfaces)) {
		value, known := mirrored[name]
		switch {
		case slices.Contains(ownWords, name):
		case !known:
			t.Errorf("interface %s mirrors no Go type: add it to the table of this test", name)
		default:
			script.compare(t, name, reflect.TypeOf(value))
		}
	}
	for name := range mirrored {
		if script.interfaces[name] == nil {
			t.Errorf("%s has no interface %s", mirror, name)
		}
	}
}

// The words that Go has as constants are the members of TypeScript's unions.
func TestTypeScriptKnowsTheWords(t *testing.T) {
	script := readMirror(t)
	for _, name := range []string{"State", "Kind", "Phase", "Outcome", "PoolState"} {
		want := constants(t, "../../runner", func(c constant) bool { return c.typ == name })
		if got := script.unions[name]; !slices.Equal(slices.Sorted(slices.Values(got)), want) {
			t.Errorf("type %s: TypeScript has %q, Go %q", name, got, want)
		}
	}
}

// TypeScript knows every method, and no other.
func TestTypeScriptKnowsTheMethods(t *testing.T) {
	script := readMirror(t)
	want := constants(t, ".", func(c constant) bool { return strings.HasPrefix(c.name, "Method") && c.value != MethodClient })
	var got []string
	for _, name := range []string{"Requests", "Notifications"} {
		for member := range script.interfaces[name] {
			got = append(got, strings.Trim(member, `"`))
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("TypeScript has %q, Go %q", got, want)
	}
}

// script is what a file of TypeScript declares.
type script struct {
	interfaces map[string]map[string]member
	unions     map[string][]string // of strings
}

type member struct {
	typ      string
	optional bool
}

var (
	declaration = regexp.MustCompile(`(?m)^export interface (\w+)(?: extends (\w+))? \{\n((?:.*\n)*?)\}`)
	property    = regexp.MustCompile(`(?m)^  ([\w"/]+)(\?)?: (.*);$`)
	union       = regexp.MustCompile(`(?m)^export type (\w+) =([^;]*);`)
	literal     = regexp.MustCompile(`"(\w+)"`)
)

func readMirror(t *testing.T) script {
	t.Helper()
	var data []byte
	for _, part := range []string{"/handshake.ts", "/tests.ts", "/runs.ts", "/pool.ts", ".ts"} {
		text, err := os.ReadFile(mirror + part)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, text...)
	}
	s := script{make(map[string]map[string]member), make(map[string][]string)}
	for _, found := range declaration.FindAllStringSubmatch(string(data), -1) {
		members := maps.Clone(s.interfaces[found[2]])
		if members == nil {
			members = make(map[string]member)
		}
		for _, each := range property.FindAllStringSubmatch(found[3], -1) {
			members[each[1]] = member{typ: each[3], optional: each[2] != ""}
		}
		s.interfaces[found[1]] = members
	}
	for _, found := range union.FindAllStringSubmatch(string(data), -1) {
		for _, word := range literal.FindAllStringSubmatch(found[2], -1) {
			s.unions[found[1]] = append(s.unions[found[1]], word[1])
		}
	}
	if len(s.interfaces) < 20 || len(s.unions) < 5 {
		t.Fatalf("%s cannot be read: %d interfaces, %d unions", mirror, len(s.interfaces), len(s.unions))
	}
	return s
}

func (s script) compare(t *testing.T, name string, typ reflect.Type) {
	t.Helper()
	got, want := maps.Clone(s.interfaces[name]), fields(typ)
	if event := tagged[name]; event != "" {
		if got["event"].typ != strconv.Quote(event) {
			t.Errorf("%s.event is %s, not %q", name, got["event"].typ, event)
		}
		delete(got, "event")
	}
	for field, goField := range want {
		has, ok := got[field]
		if !ok {
			t.Errorf("%s.%s is missing: Go has it as %s", name, field, goField.typ)
			continue
		}
		delete(got, field)
		if has.optional != goField.optional && !asked(name) {
			t.Errorf("%s.%s: optional is %v in TypeScript, %v in Go", name, field, has.optional, goField.optional)
		}
		if !s.fits(has.typ, goField.typ) {
			t.Errorf("%s.%s is %s in TypeScript, %s in Go", name, field, has.typ, goField.typ)
		}
	}
	for field := range got {
		t.Errorf("%s.%s is not in Go", name, field)
	}
}

// asked reports whether a shape is the client's, which may leave out what Go has a default for.
func asked(name string) bool {
	return strings.HasSuffix(name, "Params") || name == "InitializationOptions" || name == "ClientCapabilities"
}

type field struct {
	typ      reflect.Type
	optional bool
}

// fields are the members of a struct in JSON, those of embedded structs included.
func fields(typ reflect.Type) map[string]field {
	all := make(map[string]field)
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			maps.Copy(all, fields(f.Type))
		case name != "-" && f.IsExported():
			all[name] = field{f.Type, strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")}
		}
	}
	return all
}

// fits reports whether a type of TypeScript is what a Go type is in JSON.
func (s script) fits(script string, typ reflect.Type) bool {
	if element, ok := strings.CutSuffix(script, "[]"); ok {
		return typ.Kind() == reflect.Slice && s.fits(strings.Trim(element, "()"), typ.Elem())
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return s.fits(script, typ.Elem())
	case reflect.Bool:
		return script == "boolean"
	case reflect.String:
		return script == "string" || s.unions[script] != nil || strings.HasPrefix(script, `"`)
	case reflect.Int, reflect.Int64, reflect.Float64:
		return script == "number" || typ == reflect.TypeFor[Parallel]() && script == `number | "auto"`
	case reflect.Map:
		return strings.Contains(script, "Record<")
	case reflect.Array:
		return script == "["+strings.TrimSuffix(strings.Repeat("number, ", typ.Len()), ", ")+"]"
	case reflect.Struct:
		value, known := mirrored[script]
		return typ == reflect.TypeFor[time.Time]() && script == "string" || known && reflect.TypeOf(value) == typ
	}
	return typ == reflect.TypeFor[json.RawMessage]() && script == "TestEvent"
}

type constant struct{ name, typ, value string }

// constants are the values of string constants that a package declares, sorted.
func constants(t *testing.T, dir string, wanted func(constant) bool) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), dir+"/"+entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
				text, _ := strconv.Unquote(value.Value)
				if wanted(constant{spec.Names[0].Name, fmt.Sprint(spec.Type), text}) {
					values = append(values, text)
				}
			}
			return true
		})
	}
	return slices.Sorted(slices.Values(values))
}
