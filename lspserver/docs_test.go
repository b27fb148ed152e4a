package lspserver_test

import (
	"bytes"
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

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/lsptest/metamodel"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// page is what authors of clients read. Its examples are blocks whose info string names a message
// of the session in docs_session_test.go:
//
//	```json hotclub/run request 2
//
// is the second request of that method, "notification", "response" and "error" name the other
// kinds, and "frame", in a block of text, is a request with its header. -update writes them anew.
const page = "../docs/editor-authors.md"

var (
	example = regexp.MustCompile("(?ms)^```((?:json|text) \\S+ [a-z]+(?: \\d+)?)\n(.*?)^```$")
	marker  = regexp.MustCompile("(?m)^```(?:json|text)")
	heading = regexp.MustCompile("(?m)^#+ (.*)$")
	quoted  = regexp.MustCompile("`([^`\n]+)`")
)

func TestDocumentForAuthorsOfClients(t *testing.T) {
	said := exampleSession(t)
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	shown := map[string]bool{}
	if marked, read := len(marker.FindAllString(text, -1)), len(example.FindAllString(text, -1)); marked != read {
		t.Errorf("%d blocks are marked as examples, %d can be read", marked, read)
	}
	text = example.ReplaceAllStringFunc(text, func(block string) string {
		info := example.FindStringSubmatch(block)[1]
		_, name, _ := strings.Cut(info, " ")
		message, ok := said.messages[name]
		if !ok {
			t.Errorf("an example of %q: the session has none", name)
			return block
		}
		method, _, _ := strings.Cut(name, " ")
		shown[method] = true
		return "```" + info + "\n" + message + "\n```"
	})
	if lsptest.Update() {
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(string(data), text); diff != "" {
		t.Errorf("the examples are not what is said (-update writes them anew): %s", diff)
	}
	complete(t, text, said, shown)
}

// complete looks for what the document leaves out, and for what it only promises.
func complete(t *testing.T, text string, said transcribed, shown map[string]bool) {
	t.Helper()
	described, absent := sections(text)
	for _, method := range methods(t) {
		switch {
		case absent[method] && said.methods[method]:
			t.Errorf("%s is there, and the document says that it is not", method)
		case !absent[method] && !described[method]:
			t.Errorf("%s has no section in the document", method)
		case !absent[method] && !shown[method]:
			t.Errorf("%s has no example in the document", method)
		}
	}
	for _, feature := range said.features {
		if method := metamodel.Own + feature; !described[method] && !strings.Contains(text, "`select."+feature+"`") {
			t.Errorf("the server has %s, which has no section in the document", method)
		}
	}
	for _, name := range memberNames() {
		if !regexp.MustCompile(`\b` + name + `\b\??:`).MatchString(text) {
			t.Errorf("the document does not describe the member %s", name)
		}
	}
	for _, command := range said.commands {
		if !strings.Contains(text, "`"+command+"`") {
			t.Errorf("the document does not name the command %s", command)
		}
	}
}

// sections are the methods that headings name, and those of the last section, which lists what is
// not there.
func sections(text string) (described, absent map[string]bool) {
	described, absent = map[string]bool{}, map[string]bool{}
	rest, missing, ok := strings.Cut(text, "\n## Not there yet\n")
	if ok {
		for _, name := range quoted.FindAllStringSubmatch(missing, -1) {
			absent[name[1]] = true
		}
	}
	for _, line := range heading.FindAllStringSubmatch(rest, -1) {
		for _, name := range quoted.FindAllStringSubmatch(line[1], -1) {
			described[name[1]] = true
		}
	}
	return described, absent
}

// memberNames are those of everything that travels.
func memberNames() []string {
	names := map[string]bool{}
	for _, shape := range []any{
		wire.InitializationOptions{},
		wire.ClientCapabilities{},
		wire.ServerCapabilities{},
		wire.RunParams{},
		wire.RunAnswer{},
		wire.CancelRunParams{},
		wire.DebugParams{},
		wire.DebuggerReady{},
		wire.DiscoverParams{},
		wire.Tests{},
		wire.TestsAtParams{},
		wire.TestsAtAnswer{},
		wire.ResultsParams{},
		wire.ResultsAnswer{},
		wire.OutputParams{},
		wire.OutputAnswer{},
		wire.IDsParams{},
		wire.TextAnswer{},
		wire.CommandAnswer{},
		wire.Configuration{},
		wire.WatchParams{},
		wire.WatchAnswer{},
		wire.SavesParams{},
		wire.CoverageParams{},
		wire.CoverageAnswer{},
		runner.Saved{},
		wire.StatusAnswer{},
		wire.StopParams{},
		wire.RestartParams{},
		wire.RootsAnswer{},
		wire.DatabaseParams{},
		wire.DatabaseAnswer{},
		wire.RunStarted{},
		wire.TestEvents{},
		wire.Notice{},
		wire.RunFinished{},
		wire.ExplainParams{},
		wire.ExplainAnswer{},
		wire.DidChangeStatus{},
		wire.DidChangeWorkers{},
		wire.Invalidated{},
		runner.TestStarted{},
		runner.TestFinished{},
		runner.ClassErrored{},
	} {
		collectMembers(reflect.TypeOf(shape), names)
	}
	return slices.Sorted(maps.Keys(names))
}

func collectMembers(shape reflect.Type, names map[string]bool) {
	switch shape.Kind() {
	case reflect.Pointer, reflect.Slice:
		collectMembers(shape.Elem(), names)
	case reflect.Struct:
		for i := range shape.NumField() {
			field := shape.Field(i)
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
				names[name] = true
			}
			if strings.HasPrefix(shape.PkgPath(), "hotclub/") {
				collectMembers(field.Type, names)
			}
		}
	}
}

// methods are the constants of wire/method.go.
func methods(t *testing.T) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "wire/method.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if name, err := strconv.Unquote(literal.Value); err == nil && strings.HasPrefix(name, metamodel.Own) {
				names = append(names, name)
			}
		}
		return true
	})
	return names
}

// laidOut breaks JSON into lines of a readable width, and leaves its values as they are.
func laidOut(t *testing.T, data []byte) string {
	t.Helper()
	var out bytes.Buffer
	layOut(t, &out, data, "", "")
	return out.String()
}

// pageWidth is how many columns a line of an example may have before its members get lines of
// their own.
const pageWidth = 118

func layOut(t *testing.T, out *bytes.Buffer, data []byte, indent, tail string) {
	t.Helper()
	kids, open, end := members(t, data)
	line := flat(t, data)
	if len(kids) == 0 || len(indent)+len([]rune(line+tail)) <= pageWidth {
		fmt.Fprint(out, line, tail)
		return
	}
	fmt.Fprintln(out, open)
	for i, kid := range kids {
		comma := ","
		if i == len(kids)-1 {
			comma = ""
		}
		fmt.Fprint(out, indent, "  ", kid.name)
		layOut(t, out, kid.value, indent+"  ", comma)
		fmt.Fprintln(out)
	}
	fmt.Fprint(out, indent, end, tail)
}
