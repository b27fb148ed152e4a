package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"hotclub/dbclone"
)

// helperDir makes this test binary the other process of a test: one that works on the state
// directory named here.
const helperDir = "HOTCLUB_TEST_STATE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		if err := helper(dir); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// helper asks for a template and leases it twice. It says each step on a line of its output,
// and waits for a line of input in the middle of its build and before it ends.
func helper(dir string) error {
	ctx := context.Background()
	m, err := dbclone.Open(ctx, dir, dbclone.NewOwner("helper"), discard, nil, Engine{})
	if err != nil {
		return err
	}
	input := bufio.NewScanner(os.Stdin)
	fmt.Println("asking")
	templates, err := m.Templates(ctx, []dbclone.Schema{schema}, func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
		if err := os.WriteFile(places[0].Path, madeUp("built")[:page/2], 0o600); err != nil {
			return dbclone.Built{}, err
		}
		fmt.Println("building")
		input.Scan()
		return dbclone.Built{}, os.WriteFile(places[0].Path, madeUp("built"), 0o600)
	})
	if err != nil {
		return err
	}
	for _, worker := range []string{"w1", "w2"} {
		if _, err := m.Lease(ctx, templates[0], worker); err != nil {
			return err
		}
	}
	fmt.Println("leased", templates[0].Name())
	input.Scan()
	return m.Close(ctx)
}

var discard = slog.New(slog.DiscardHandler)

var schema = dbclone.Schema{Project: "p1", Alias: "default", Engine: "sqlite", Key: "k1"}

// process is a running helper.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	output *bufio.Scanner
	input  *os.File
}

func start(t *testing.T, dir string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = read
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read.Close()
	p := &process{t: t, cmd: cmd, output: bufio.NewScanner(out), input: write}
	t.Cleanup(p.kill)
	return p
}

// says waits for a step.
func (p *process) says(step string) string {
	p.t.Helper()
	if !p.output.Scan() || !strings.HasPrefix(p.output.Text(), step) {
		p.t.Fatalf("the other process said %q, want %q", p.output.Text(), step)
	}
	return strings.TrimPrefix(p.output.Text(), step+" ")
}

func (p *process) goOn() {
	p.t.Helper()
	if _, err := p.input.WriteString("\n"); err != nil {
		p.t.Fatal(err)
	}
}

// kill ends the process as kill -9 does and waits until it is gone.
func (p *process) kill() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.input.Close()
}

func open(t *testing.T, dir string) *dbclone.Manager {
	t.Helper()
	m, err := dbclone.Open(t.Context(), dir, dbclone.NewOwner("test"), discard, nil, Engine{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return m
}

// databases lists what is stored under a part of the state directory.
func databases(t *testing.T, dir, part string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, part, "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
