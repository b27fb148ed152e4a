package lsptest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.lsp.dev/uri"

	"hotclub/lspserver/lsptest/metamodel"
)

// line is one message of the transcript.
type line struct {
	way   metamodel.Direction
	frame metamodel.Frame
}

// Transcript writes down all that was said so far, one message a line, in the order in
// which this side said and heard it. What differs from one time to the next is replaced.
// Only the messages of methods that begin with one of those named are kept, their answers
// included; none: all.
func (e *Editor) Transcript(methods ...string) []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out bytes.Buffer
	for _, l := range e.transcript {
		if len(methods) == 0 || slices.ContainsFunc(methods, func(m string) bool { return strings.HasPrefix(l.frame.Method, m) }) {
			out.WriteString(l.String())
		}
	}
	return e.normalise(out.Bytes())
}

// GoldenTranscript compares the transcript with testdata/name; -update writes it anew.
func (e *Editor) GoldenTranscript(name string, methods ...string) {
	e.t.Helper()
	Golden(e.t, name, e.Transcript(methods...))
}

func (l line) String() string {
	arrow := "→"
	if l.way == metamodel.ToClient {
		arrow = "←"
	}
	var payload bytes.Buffer
	if json.Compact(&payload, l.frame.Payload) != nil {
		payload.Reset()
	}
	what := l.frame.Method
	switch l.frame.Kind {
	case metamodel.Response:
		what = "(answer to " + what + ")"
	case metamodel.Error:
		what = "(error of " + what + ")"
	}
	return strings.TrimRight(fmt.Sprintf("%s %s %s", arrow, what, payload.Bytes()), " ") + "\n"
}

// volatile is what differs from one time to the next, by the member that holds it.
var volatile = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`"(pid|processId)":\d+`), `"$1":0`},
	{regexp.MustCompile(`"(durationMs|ms|memoryMb)":[\d.eE+-]+`), `"$1":0`},
	{regexp.MustCompile(`"(at|since|generation|build|version|socket|log)":"[^"]*"`), `"$1":"…"`},
	{regexp.MustCompile(`\b\d+(\.\d+)? (ms|s|min)\b`), `0 ms`}, // in titles
}

// made matches ids that somebody drew: they are numbered as they come.
var made = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16,64}\b`)

func (e *Editor) normalise(text []byte) []byte {
	for i, dir := range e.options.Folders {
		name := fmt.Sprintf("/folder%d", i+1)
		text = bytes.ReplaceAll(text, []byte(uri.File(dir)), []byte("file://"+name))
		text = bytes.ReplaceAll(text, []byte(dir), []byte(name))
	}
	temporary := regexp.MustCompile(regexp.QuoteMeta(strings.TrimRight(os.TempDir(), `/\`)) + `/[^/"]+(/\d{3}\b)?`)
	text = temporary.ReplaceAll(text, []byte("/tmp"))
	for _, v := range volatile {
		text = v.pattern.ReplaceAll(text, []byte(v.instead))
	}
	numbers := make(map[string]string)
	return made.ReplaceAllFunc(text, func(id []byte) []byte {
		if numbers[string(id)] == "" {
			numbers[string(id)] = fmt.Sprintf("id-%d", len(numbers)+1)
		}
		return []byte(numbers[string(id)])
	})
}
