//go:build linux

package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hotclub/lspserver/wire"
)

// debugger is a client of the Debug Adapter Protocol, as far as editors go with one.
type debugger struct {
	t    *testing.T
	conn net.Conn

	mu     sync.Mutex
	change *sync.Cond
	seq    int
	heard  []dapMessage // in order
	ended  bool         // the other side has hung up
}

type dapMessage struct {
	Type      string          `json:"type"` // request, response or event
	Command   string          `json:"command"`
	Event     string          `json:"event"`
	RequestOf int             `json:"request_seq"`
	Success   bool            `json:"success"`
	Message   string          `json:"message"`
	Body      json.RawMessage `json:"body"`
}

func (m dapMessage) String() string {
	return fmt.Sprintf("%s %s%s %d %.200s", m.Type, m.Command, m.Event, m.RequestOf, m.Body)
}

// breakpoint is a line, from 1, of a file.
type breakpoint struct {
	file string
	line int
}

// attach connects to where a worker waits, sets breakpoints and lets the tests begin.
func attach(t *testing.T, ready wire.DebuggerReady, breakpoints ...breakpoint) *debugger {
	t.Helper()
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(ready.Host, strconv.Itoa(ready.Port)), patience)
	if err != nil {
		t.Fatal(err)
	}
	d := &debugger{t: t, conn: conn}
	d.change = sync.NewCond(&d.mu)
	go d.read()
	t.Cleanup(func() { conn.Close() })
	d.call("initialize", map[string]any{"clientID": "test", "adapterID": "hotclub", "linesStartAt1": true, "columnsStartAt1": true, "pathFormat": "path"})
	attached := d.send("attach", map[string]any{"justMyCode": true})
	d.waitEvent("initialized", 1)
	byFile := make(map[string][]map[string]int)
	for _, b := range breakpoints {
		byFile[b.file] = append(byFile[b.file], map[string]int{"line": b.line})
	}
	for file, lines := range byFile {
		d.call("setBreakpoints", map[string]any{"source": map[string]string{"path": file}, "breakpoints": lines})
	}
	d.call("configurationDone", nil)
	d.answer("attach", attached)
	return d
}

func (d *debugger) read() {
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ended = true
		d.change.Broadcast()
	}()
	reader := bufio.NewReader(d.conn)
	for {
		length := 0
		for {
			line, err := reader.ReadString('\n')
			if err != nil {
				return
			}
			if line = strings.TrimSpace(line); line == "" {
				break
			}
			if value, ok := strings.CutPrefix(line, "Content-Length:"); ok {
				length, _ = strconv.Atoi(strings.TrimSpace(value))
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(reader, body); err != nil {
			return
		}
		var m dapMessage
		if err := json.Unmarshal(body, &m); err != nil {
			d.t.Errorf("the debugger said %q: %v", body, err)
			return
		}
		d.mu.Lock()
		d.heard = append(d.heard, m)
		d.change.Broadcast()
		d.mu.Unlock()
	}
}

// send asks for something and returns the number of the request.
func (d *debugger) send(command string, arguments any) int {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seq++
	body, err := json.Marshal(map[string]any{"seq": d.seq, "type": "request", "command": command, "arguments": arguments})
	if err == nil {
		_, err = fmt.Fprintf(d.conn, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	if err != nil {
		d.t.Fatalf("%s: %v", command, err)
	}
	return d.seq
}

// wait returns the n-th message, from 1, that is wanted.
func (d *debugger) wait(what string, n int, wanted func(dapMessage) bool) dapMessage {
	d.t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		late = true
		d.change.Broadcast()
	})
	defer timer.Stop()
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		seen := 0
		for _, m := range d.heard {
			if wanted(m) {
				if seen++; seen == n {
					return m
				}
			}
		}
		if late || d.ended {
			d.t.Fatalf("no %s (%d) from the debugger (hung up: %v); there were at last %s", what, n, d.ended, d.heard[max(0, len(d.heard)-4):])
		}
		d.change.Wait()
	}
}

func (d *debugger) answer(command string, request int) json.RawMessage {
	d.t.Helper()
	m := d.wait("answer to "+command, 1, func(m dapMessage) bool { return m.Type == "response" && m.RequestOf == request })
	if !m.Success {
		d.t.Fatalf("%s: %s", command, m.Message)
	}
	return m.Body
}

func (d *debugger) call(command string, arguments any) json.RawMessage {
	d.t.Helper()
	return d.answer(command, d.send(command, arguments))
}

func (d *debugger) waitEvent(name string, n int) json.RawMessage {
	d.t.Helper()
	return d.wait(name, n, func(m dapMessage) bool { return m.Type == "event" && m.Event == name }).Body
}

// dapFrame is a level of a stack.
type dapFrame struct {
	ID     int
	Name   string
	Line   int
	Source struct{ Path string }
}

// halt is where the program stands still.
type halt struct {
	debugger *debugger
	thread   int
	Reason   string
	frames   []dapFrame
}

// waitStop waits until the program stops for the n-th time.
func (d *debugger) waitStop(n int) halt {
	d.t.Helper()
	var where struct {
		Reason   string
		ThreadID int
	}
	var stack struct{ StackFrames []dapFrame }
	decodeInto(d.t, d.waitEvent("stopped", n), &where)
	decodeInto(d.t, d.call("stackTrace", map[string]any{"threadId": where.ThreadID}), &stack)
	if len(stack.StackFrames) == 0 {
		d.t.Fatal("it stands nowhere")
	}
	return halt{d, where.ThreadID, where.Reason, stack.StackFrames}
}

// at is the place of the innermost frame: "test_cart.py:12 test_total".
func (s halt) at() string {
	top := s.frames[0]
	return fmt.Sprintf("%s:%d %s", filepath.Base(top.Source.Path), top.Line, top.Name)
}

// value evaluates an expression in the innermost frame.
func (s halt) value(expression string) string {
	s.debugger.t.Helper()
	var answer struct{ Result string }
	body := s.debugger.call("evaluate", map[string]any{"expression": expression, "frameId": s.frames[0].ID, "context": "watch"})
	decodeInto(s.debugger.t, body, &answer)
	return answer.Result
}

// goOn lets the program go on.
func (s halt) goOn() {
	s.debugger.t.Helper()
	s.debugger.call("continue", map[string]any{"threadId": s.thread})
}

// leave ends the session and lets the program go on.
func (d *debugger) leave() {
	d.t.Helper()
	d.call("disconnect", map[string]any{"terminateDebuggee": false})
	d.conn.Close()
}

// finish waits until the program has ended, and leaves.
func (d *debugger) finish() {
	d.t.Helper()
	d.waitEvent("terminated", 1)
	d.call("disconnect", nil)
	d.conn.Close()
}

func decodeInto(t *testing.T, data json.RawMessage, value any) {
	t.Helper()
	if err := json.Unmarshal(data, value); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}
