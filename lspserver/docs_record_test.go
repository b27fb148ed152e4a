package lspserver_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
)

// tape keeps the bytes of a connection, for both ways.
type tape struct {
	io.ReadWriteCloser

	mu       sync.Mutex
	to, from bytes.Buffer
}

func (r *tape) Write(p []byte) (int, error) {
	r.mu.Lock()
	r.to.Write(p)
	r.mu.Unlock()
	return r.ReadWriteCloser.Write(p)
}

func (r *tape) Read(p []byte) (int, error) {
	n, err := r.ReadWriteCloser.Read(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.from.Write(p[:n])
	return n, err
}

// The ways of a message.
const toServer, toClient = 0, 1

// transcribed is what was said in a session.
type transcribed struct {
	messages map[string]string // as an example names it
	methods  map[string]bool
	features []string // that the server says it has
	commands []string // that it carries out
}

// read names the messages of a session that has ended.
func (r *tape) read(t *testing.T, instead *strings.Replacer) transcribed {
	t.Helper()
	said := transcribed{messages: map[string]string{}, methods: map[string]bool{}}
	asked := map[string]string{} // methods by the way of their requests and their ids
	ways := [][]lsptest.Message{spoken(t, &r.to), spoken(t, &r.from)}
	bodies := [][][]byte{unframed(t, &r.to), unframed(t, &r.from)}
	for way, messages := range ways {
		for _, m := range messages {
			if m.Method != "" && m.ID != nil {
				asked[fmt.Sprint(way, string(m.ID))] = m.Method
			}
		}
	}
	counts := map[string]int{}
	for way, messages := range ways {
		for i, m := range messages {
			name := kind(m, asked[fmt.Sprint(1-way, string(m.ID))])
			method, _, _ := strings.Cut(name, " ")
			said.methods[method] = true
			body := steady(instead.Replace(string(bodies[way][i])))
			if m.ID != nil && (way == toServer) == (m.Method == "") {
				body = serverID.ReplaceAllString(body, `$1${3}1$2$4`)
			}
			counts[name]++
			said.add(name, counts[name], laidOut(t, []byte(body)))
			if strings.HasSuffix(name, " request") {
				said.add(strings.Replace(name, " request", " frame", 1), counts[name], fmt.Sprintf("Content-Length: %d\n\n%s", len(body), body))
			}
			if name == "initialize response" {
				said.meet(t, m.Result)
			}
		}
	}
	return said
}

func (s *transcribed) add(name string, count int, text string) {
	if count > 1 {
		name += " " + strconv.Itoa(count)
	}
	s.messages[name] = text
}

// meet reads what the server says of itself.
func (s *transcribed) meet(t *testing.T, result []byte) {
	t.Helper()
	var answer struct {
		Capabilities struct {
			ExecuteCommandProvider struct{ Commands []string }
			Experimental           wire.Experimental[wire.ServerCapabilities]
		}
	}
	unmarshal(t, result, &answer)
	s.commands = answer.Capabilities.ExecuteCommandProvider.Commands
	s.features = answer.Capabilities.Experimental.Hotclub.Features
}

func kind(m lsptest.Message, asked string) string {
	switch {
	case m.Method != "" && m.ID != nil:
		return m.Method + " request"
	case m.Method != "":
		return m.Method + " notification"
	case m.Error != nil:
		return asked + " error"
	}
	return asked + " response"
}

func spoken(t *testing.T, stream *bytes.Buffer) (list []lsptest.Message) {
	t.Helper()
	for _, body := range unframed(t, stream) {
		var m lsptest.Message
		unmarshal(t, body, &m)
		list = append(list, m)
	}
	return list
}

func unframed(t *testing.T, stream *bytes.Buffer) (bodies [][]byte) {
	t.Helper()
	in := bufio.NewReader(bytes.NewReader(stream.Bytes()))
	for {
		header, err := textproto.NewReader(in).ReadMIMEHeader()
		if err != nil {
			return bodies // the end
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
}

// serverID is the id of the server's requests, first in our answers and last in its requests: how
// many lenses it had refreshed before is chance.
var serverID = regexp.MustCompile(`^(\{"id":)\d+(,)|(,"id":)\d+(\})$`)

// drawn is what differs from one session to the next, and what stands for it.
var drawn = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)`), "2026-11-25T14:00:00Z"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "2026-11-25 14:00:00"},
	{regexp.MustCompile(`\b[A-Z2-7]{26}\b`), "7JKQ2MZ5WTB4XN6ARVCEPGDY3H"},
	{regexp.MustCompile(`hotclub-[A-Z2-7]{12}\b`), "hotclub-FZZ2QQWHSSQV"},
	{regexp.MustCompile(`"goroutines":\d+`), `"goroutines":24`},
}

func steady(body string) string {
	for _, d := range drawn {
		body = d.pattern.ReplaceAllString(body, d.instead)
	}
	return body
}

// member is an element of an array, or a member of an object with its name.
type member struct {
	name  string
	value json.RawMessage
}

// parts takes an array or an object apart; other values have none.
func members(t *testing.T, data []byte) (kids []member, open, end string) {
	t.Helper()
	in := json.NewDecoder(bytes.NewReader(data))
	first, err := in.Token()
	if err != nil {
		t.Fatal(err)
	}
	delim, ok := first.(json.Delim)
	if !ok {
		return nil, "", ""
	}
	for in.More() {
		var kid member
		if delim == '{' {
			name, err := in.Token()
			if err != nil {
				t.Fatal(err)
			}
			kid.name = fmt.Sprintf("%q: ", name)
		}
		if err := in.Decode(&kid.value); err != nil {
			t.Fatal(err)
		}
		kids = append(kids, kid)
	}
	if delim == '{' {
		return kids, "{", "}"
	}
	return kids, "[", "]"
}

// flat is a value in one line.
func flat(t *testing.T, data []byte) string {
	t.Helper()
	kids, open, end := members(t, data)
	if open == "" {
		return string(data)
	}
	list := make([]string, len(kids))
	for i, kid := range kids {
		list[i] = kid.name + flat(t, kid.value)
	}
	return open + strings.Join(list, ", ") + end
}
