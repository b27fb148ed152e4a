package watch

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fsnotify/fsnotify"
)

// The kernel's queue overflows while nobody takes its events; the watcher that is started then
// says that everything may have changed, and sees what comes after.
func TestOverflow(t *testing.T) {
	dir := t.TempDir()
	notify, err := fsnotify.NewWatcher()
	must(t, err)
	must(t, notify.Add(dir))
	for range 12_000 { // two events each; the queue holds 16,384 and fsnotify reads some thousands ahead
		must(t, os.Symlink("nowhere", filepath.Join(dir, "a")), os.Remove(filepath.Join(dir, "a")))
	}
	w := start(notify, usual, slog.New(slog.DiscardHandler))
	t.Cleanup(w.Close)
	w.Set([]string{dir})
	for !next(t, w).Everything {
	}
	o := &owner{t: t, w: w, dirs: []string{dir}, seen: onDisk([]string{dir})}
	write(t, filepath.Join(dir, "after"), "seen")
	o.converge()
}

// inNamespace runs the test once more as a process of a user namespace of its own, whose limits
// (user_namespaces(7), /proc/sys/user) disturb nobody else. It returns whether this is that process.
func inNamespace(t *testing.T, limit, value string) bool {
	t.Helper()
	const marker = "HOTCLUB_TEST_NAMESPACE"
	if os.Getenv(marker) != "" {
		users, err := os.ReadFile("/proc/self/uid_map")
		must(t, err)
		if fields := strings.Fields(string(users)); len(fields) != 3 || fields[2] != "1" {
			t.Fatalf("this is no user namespace of its own (%q): the limits of the system are left alone", users)
		}
		must(t, os.WriteFile("/proc/sys/user/"+limit, []byte(value), 0))
		return true
	}
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	command.Env = append(os.Environ(), marker+"=1")
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	output, err := command.CombinedOutput()
	if len(output) == 0 && err != nil {
		t.Skipf("no user namespaces here: %v", err)
	}
	if strings.Contains(string(output), "/proc/sys/user/"+limit) {
		t.Skipf("the limits of a user namespace cannot be set here: %s", output)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	return false
}

// The system allows three watches, taken by five directories: some are watched, and the fault
// names what to do. When fewer are wanted all is well again.
func TestNoMoreWatches(t *testing.T) {
	if !inNamespace(t, "max_inotify_watches", "3") {
		return
	}
	root := t.TempDir()
	var dirs []string
	for i := range 5 {
		dirs = append(dirs, filepath.Join(root, fmt.Sprint(i)))
		must(t, os.Mkdir(dirs[i], 0o700))
	}
	w := watching(t, usual, dirs...)
	for _, part := range []string{"refused to watch 2 of 5 directories", dirs[3], "no space left on device", "fs.inotify.max_user_watches"} {
		if !strings.Contains(w.Fault(), part) {
			t.Errorf("the fault %q does not say %q", w.Fault(), part)
		}
	}
	write(t, filepath.Join(dirs[2], "a"), "")
	if got := next(t, w).Paths; len(got) != 1 || got[0] != filepath.Join(dirs[2], "a") {
		t.Errorf("told of %v", got)
	}
	w.Set(dirs[2:])
	if w.Fault() != "" || w.Watched() != 3 {
		t.Errorf("three directories: %d watched, fault %q", w.Watched(), w.Fault())
	}
}

// The system gives no watcher at all.
func TestNoWatcher(t *testing.T) {
	if !inNamespace(t, "max_inotify_instances", "0") {
		return
	}
	w := New(slog.New(slog.DiscardHandler))
	w.Set([]string{t.TempDir()})
	if !strings.Contains(w.Fault(), "nothing is watched") || !strings.Contains(w.Fault(), "max_user_instances") {
		t.Errorf("the fault is %q", w.Fault())
	}
	w.Close()
}
