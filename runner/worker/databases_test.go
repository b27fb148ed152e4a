package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clones answer what is asked about one database, and note it.
type clones struct {
	asked   []string
	waiting chan context.Context // where it is not nil, Restore tells of its context and waits for it
}

func (c *clones) Dirty(_ context.Context, alias string) (bool, error) {
	c.asked = append(c.asked, "dirty "+alias)
	return true, nil
}

func (c *clones) Accept(_ context.Context, alias string) error {
	c.asked = append(c.asked, "accept "+alias)
	return nil
}

func (c *clones) Identify(_ context.Context, alias string) (string, error) {
	c.asked = append(c.asked, "identify "+alias)
	return "rows", nil
}

func (c *clones) Restore(ctx context.Context, alias, image string) (Restored, error) {
	c.asked = append(c.asked, fmt.Sprintf("restore %s %q", alias, image))
	if c.waiting != nil {
		c.waiting <- ctx
		<-ctx.Done()
		return Restored{}, ctx.Err()
	}
	if image == "unknown" {
		return Restored{}, fmt.Errorf("looking for it: %w", ErrNoImage)
	}
	return Restored{Replaced: true, Why: "its schema changed", Tables: 3}, nil
}

func (c *clones) Capture(_ context.Context, alias, image string) error {
	c.asked = append(c.asked, fmt.Sprintf("capture %s %q", alias, image))
	return errors.New("the schema is another")
}

// process is the other end of a worker's connection.
type process struct {
	t     *testing.T
	conn  net.Conn
	lines *bufio.Scanner
}

// connected makes a worker whose process is the test.
func connected(t *testing.T) (*Worker, *process) {
	t.Helper()
	ours, theirs := net.Pipe()
	capture, err := newCapture(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	h := &Host{log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))}
	w := newWorker(h, "f1", 0, ours, capture)
	t.Cleanup(func() {
		theirs.Close()
		<-w.lost
		h.done.Wait()
		if err := capture.remove(); err != nil {
			t.Error(err)
		}
	})
	return w, &process{t, theirs, bufio.NewScanner(theirs)}
}

func (p *process) say(line string) {
	p.t.Helper()
	if err := p.conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		p.t.Fatal(err)
	}
	if _, err := fmt.Fprintln(p.conn, line); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) ask(line string) (answer string) {
	p.t.Helper()
	p.say(line)
	if !p.lines.Scan() {
		p.t.Fatalf("no answer to %s: %v", line, p.lines.Err())
	}
	return p.lines.Text()
}

func TestWorkerAsksAboutItsDatabases(t *testing.T) {
	w, p := connected(t)
	c := &clones{}
	w.Serve(c)
	for _, test := range []struct{ method, params, answer, asked string }{
		{"dirty", `{"alias":"default"}`, `"result":{"dirty":true}`, "dirty default"},
		{"accept", `{"alias":"other"}`, `"result":{}`, "accept other"},
		{"identify", `{"alias":"default"}`, `"result":{"name":"rows"}`, "identify default"},
		{"restore", `{"alias":"default","image":""}`, `"result":{"clean":false,"replaced":true,"why":"its schema changed","tables":3}`, `restore default ""`},
		{"restore", `{"alias":"default","image":"unknown"}`, `"result":{"missing":true}`, `restore default "unknown"`},
		{"capture", `{"alias":"default","image":"flushed"}`, `"message":"the schema is another"`, `capture default "flushed"`},
	} {
		answer := p.ask(fmt.Sprintf(`{"jsonrpc":"2.0","id":"w1","method":%q,"params":%s}`, test.method, test.params))
		if !strings.Contains(answer, test.answer) || !strings.Contains(answer, `"id":"w1"`) {
			t.Errorf("%s %s: got %s, want %s", test.method, test.params, answer, test.answer)
		}
		if last := c.asked[len(c.asked)-1]; last != test.asked {
			t.Errorf("%s %s: asked %s, want %s", test.method, test.params, last, test.asked)
		}
	}
}

func TestWorkerWithoutDatabases(t *testing.T) {
	_, p := connected(t)
	answer := p.ask(`{"jsonrpc":"2.0","id":"w1","method":"dirty","params":{"alias":"default"}}`)
	if want := "worker f1 has no databases on servers"; !strings.Contains(answer, want) {
		t.Errorf("got %s, want %s", answer, want)
	}
}

// A server that takes no more connections is said by a notification, so that any thread can.
func TestWorkerSaysThatAServerIsFull(t *testing.T) {
	w, p := connected(t)
	p.say(`{"jsonrpc":"2.0","method":"crowded","params":{}}`) // nobody listens yet, which is no harm
	p.ask(`{"jsonrpc":"2.0","id":"w1","method":"dirty","params":{"alias":"default"}}`)
	heard := make(chan struct{}, 1)
	w.Crowding(func() { heard <- struct{}{} })
	p.say(`{"jsonrpc":"2.0","method":"crowded","params":{}}`)
	select {
	case <-heard:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody hears of it")
	}
}

func TestRestoringHoldsUpNothingAndEndsWithTheWorker(t *testing.T) {
	w, p := connected(t)
	c := &clones{waiting: make(chan context.Context)}
	w.Serve(c)
	started := make(chan Event, 1)
	w.Listen(func(e Event) { started <- e })
	p.say(`{"jsonrpc":"2.0","id":"w1","method":"restore","params":{"alias":"default","image":""}}`)
	ctx := <-c.waiting
	p.say(`{"jsonrpc":"2.0","method":"started","params":{"test":4,"output":0}}`)
	if e := <-started; e != (Started{Test: 4}) {
		t.Errorf("heard %+v", e)
	}
	p.conn.Close()
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Error("the request goes on after the end of the worker")
	}
}

func TestServersAreNotPrinted(t *testing.T) {
	schema := Schema{Alias: "default", Server: Server{"host": "h", "password": "s3cret"}}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("made", "schema", schema, "server", schema.Server)
	for _, text := range []string{fmt.Sprint(schema), fmt.Sprintf("%+v", schema), log.String()} {
		if strings.Contains(text, "s3cret") || !strings.Contains(text, "host password") {
			t.Errorf("printed %s", text)
		}
	}
}
