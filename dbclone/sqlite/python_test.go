package sqlite

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"sync"
	"testing"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
)

// program does to real databases what Django would, each step in a child process. Where the
// child does not close, it ends as a killed test process ends.
const program = `
import json, os, sqlite3, sys

def step(what, path, text):
    db = sqlite3.connect(path, isolation_level=None)
    if what == "write":
        db.execute("CREATE TABLE club (words TEXT)")
        db.execute("INSERT INTO club VALUES (?)", (text,))
        db.close()
    elif what == "tear":
        db.execute("PRAGMA cache_size=5")
        db.execute("CREATE TABLE club (words TEXT)")
        db.execute("BEGIN")
        db.executemany("INSERT INTO club VALUES (?)", [("x" * 5000,)] * 100)
    elif what == "dirty":
        if text != "changed":
            db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE IF NOT EXISTS more AS SELECT * FROM club")
        db.execute("DELETE FROM club")
        db.execute("INSERT INTO club VALUES (?)", (text,))
    elif what == "wal":
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE club (words TEXT)")
        if text == "closed":
            db.close()
    elif what == "read":
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (row,) = db.execute("SELECT words FROM club").fetchall()
        return row[0]

for line in sys.stdin:
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            answer = {"text": step(*json.loads(line))}
        except BaseException as error:
            answer = {"error": repr(error)}
        os.write(write, json.dumps(answer).encode())
        os._exit(0)
    os.close(write)
    with open(read) as file:
        print(file.read(), flush=True)
    os.waitpid(pid, 0)
`

// python runs the program.
type python struct {
	mu     sync.Mutex
	input  io.Writer
	output *bufio.Scanner
}

func startPython(t *testing.T) *python {
	t.Helper()
	if out, err := exec.Command("python3", "-c", "import os, sqlite3; os.fork").CombinedOutput(); err != nil {
		t.Skipf("needs python3 with sqlite3 and fork: %v %s", err, out)
	}
	cmd := exec.Command("python3", "-c", program)
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &python{input: input, output: bufio.NewScanner(output)}
}

func (p *python) step(t testing.TB, what, location, text string) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var answer struct{ Text, Error string }
	err := json.NewEncoder(p.input).Encode([]string{what, location, text})
	if err == nil && p.output.Scan() {
		err = json.Unmarshal(p.output.Bytes(), &answer)
	}
	if err != nil || answer.Error != "" {
		t.Fatalf("python %s %s: %v %s", what, location, err, answer.Error)
	}
	return answer.Text
}

// Case 44: what is dirtied is left in WAL mode, with its -wal and -shm, by a process that was killed.
func TestEngineWithPython(t *testing.T) {
	p := startPython(t)
	h := bytesHarness()
	h.Write = func(t testing.TB, location, text string) { p.step(t, "write", location, text) }
	h.Tear = func(t testing.TB, location string) { p.step(t, "tear", location, "") }
	h.Read = func(t testing.TB, location string) string { return p.step(t, "read", location, "") }
	h.Dirty = func(t testing.TB, location, text string) { p.step(t, "dirty", location, text) }
	clonetest.Run(t, h)
}

// Case 44: a database in WAL mode is whole without its -wal file once that has been checkpointed, which
// closing the last connection does.
func TestSealInWALMode(t *testing.T) {
	p := startPython(t)
	for how, whole := range map[string]bool{"closed": true, "open": false} {
		at := dbclone.Spot{Dir: t.TempDir()}
		p.step(t, "wal", Engine{}.Locate(at), how)
		_, err := Engine{}.Seal(t.Context(), at)
		if (err == nil) != whole {
			t.Errorf("sealing one that was left %s: %v", how, err)
		}
	}
}
