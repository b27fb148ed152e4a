package socket

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("HOTCLUB_TEST_LISTEN"); dir != "" {
		listenForEver(dir)
	}
	goleak.VerifyTestMain(m)
}

// listenForEver is the body of a daemon that the tests kill.
func listenForEver(dir string) {
	p, err := Find("b", env(dir))
	if err == nil {
		_, err = p.Listen(context.Background(), slog.New(slog.DiscardHandler))
	}
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString("listening\n")
	select {}
}

func env(dir string) func(string) string {
	return func(name string) string {
		if name == "HOTCLUB_RUNTIME_DIR" {
			return dir
		}
		return ""
	}
}

var quiet = slog.New(slog.DiscardHandler)

// place is a fresh one with a short path, as sockets need.
func place(t *testing.T) Place {
	t.Helper()
	dir, err := os.MkdirTemp("", "hc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p, err := Find("b", env(filepath.Join(dir, "run")))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func listen(t *testing.T, p Place) *Listener {
	t.Helper()
	l, err := p.Listen(t.Context(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Close()
		l.Release()
	})
	return l
}

func TestFind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths are others")
	}
	base := t.TempDir()
	tmp := filepath.Join(base, "tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tmp)
	long := filepath.Join(base, strings.Repeat("long", 30))
	for _, c := range []struct {
		name string
		env  map[string]string
		want string // up to a star
	}{
		{"own", map[string]string{"HOTCLUB_RUNTIME_DIR": base + "/own", "XDG_RUNTIME_DIR": base}, base + "/own/b.sock"},
		{"xdg", map[string]string{"XDG_RUNTIME_DIR": base}, base + "/hotclub/b.sock"},
		{"relative xdg", map[string]string{"XDG_RUNTIME_DIR": "x"}, tmp + "/hotclub-*"},
		{"neither", nil, tmp + "/hotclub-*"},
		{"too long", map[string]string{"HOTCLUB_RUNTIME_DIR": long}, tmp + "/hotclub-*"},
	} {
		p, err := Find("b", func(name string) string { return c.env[name] })
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if prefix, starred := strings.CutSuffix(c.want, "*"); !strings.HasPrefix(p.Path(), prefix) || !starred && p.Path() != c.want {
			t.Errorf("%s: got %s, want %s", c.name, p.Path(), c.want)
		}
		if info, err := os.Stat(filepath.Dir(p.Path())); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", c.name, info.Mode(), err)
		}
	}
	t.Setenv("TMPDIR", long)
	if _, err := Find("b", env(long)); err == nil || !strings.Contains(err.Error(), "set HOTCLUB_RUNTIME_DIR to a shorter directory") {
		t.Errorf("got %v", err)
	}
}

func TestFindRefuses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing")
	}
	base := t.TempDir()
	open, file, link := filepath.Join(base, "open"), filepath.Join(base, "file"), filepath.Join(base, "link")
	if err := errors.Join(os.Mkdir(open, 0o755), os.WriteFile(file, nil, 0o600), os.Symlink(base, link)); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		open: "is open to other users (mode 0755); run: chmod 700 " + open,
		file: "is not a directory", link: "is not a directory",
	} {
		if _, err := Find("b", env(dir)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", dir, err, want)
		}
	}
	if os.Getuid() == 0 {
		foreign := filepath.Join(base, "foreign")
		if err := errors.Join(os.Mkdir(foreign, 0o700), os.Chown(foreign, 65534, 65534)); err != nil {
			t.Fatal(err)
		}
		if _, err := Find("b", env(foreign)); err == nil || !strings.Contains(err.Error(), "belongs to user 65534") {
			t.Errorf("got %v", err)
		}
	}
	// A directory of ours that was opened by mistake is closed again.
	ours := filepath.Join(base, "hotclub")
	if err := os.Mkdir(ours, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Find("b", func(name string) string { return map[string]string{"XDG_RUNTIME_DIR": base}[name] }); err != nil {
		t.Error(err)
	}
	if info, _ := os.Stat(ours); info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestDialAndAccept(t *testing.T) {
	p := place(t)
	if _, err := p.Dial(t.Context()); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("got %v", err)
	}
	l := listen(t, p)
	client, err := p.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
}

func TestTwoDaemons(t *testing.T) {
	p := place(t)
	const racers = 8
	won := make(chan *Listener, racers)
	var group sync.WaitGroup
	for range racers {
		group.Go(func() {
			l, err := p.Listen(t.Context(), quiet)
			if err == nil {
				won <- l
			} else if !errors.Is(err, ErrRunning) {
				t.Error(err)
			}
		})
	}
	// The losers wait until the winner listens, and find out so.
	group.Wait()
	if len(won) != 1 {
		t.Fatalf("%d daemons", len(won))
	}
	l := <-won
	l.Close()
	l.Release()
}

// The next daemon waits for the end of one that has stopped listening.
func TestListenWaitsForTheEnd(t *testing.T) {
	p := place(t)
	first := listen(t, p)
	first.Close()
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Listen(short, quiet); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Ended(t.Context()) }()
	first.Release()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	listen(t, p)
}

// A killed daemon leaves its socket and its lock file; neither is in the way.
func TestStaleSocket(t *testing.T) {
	p := place(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HOTCLUB_TEST_LISTEN="+p.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 100)
	n, _ := out.Read(said)
	if string(said[:n]) != "listening\n" {
		t.Fatalf("got %s", said[:n])
	}
	if _, err := p.Listen(t.Context(), quiet); !errors.Is(err, ErrRunning) {
		t.Errorf("beside a living daemon: %v", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if _, err := os.Lstat(p.Path()); err != nil && runtime.GOOS != "windows" {
		t.Errorf("the test is worth nothing: %v", err)
	}
	listen(t, p)
}

func TestForeignPeerIsTurnedAway(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("the system does not tell")
	}
	p := place(t)
	var log bytes.Buffer
	l, err := p.Listen(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	l.uid = os.Getuid() + 1 // as if we were somebody else
	accepted := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		accepted <- err
	}()
	client, err := p.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if n, err := client.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("got %d bytes, %v", n, err)
	}
	l.Close()
	if err := <-accepted; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(log.String(), "turned away") {
		t.Errorf("log: %s", log.String())
	}
}

func TestStarting(t *testing.T) {
	p := place(t)
	release, err := p.Starting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() {
		release, err := p.Starting(t.Context())
		if err == nil {
			release()
		}
		second <- err
	}()
	release()
	if err := <-second; err != nil {
		t.Error(err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	release, err = p.Starting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := p.Starting(done); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
