package worker

import (
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A process that is known to have died only long after its connection was lost has died all the same:
// nobody has stopped it.
func TestDeathThatIsToldLate(t *testing.T) {
	h := testHost(t)
	command := exec.Command("sleep", "1000")
	command.SysProcAttr = ownSession()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if ending(command.Process.Pid) {
		t.Error("it has just been started")
	}
	capture, err := newCapture(filepath.Join(h.dir, "late.out"))
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := net.Pipe()
	w := newWorker(h, "late", command.Process.Pid, ours, capture)
	w.wait = func() string {
		<-w.lost
		<-time.After(3 * lastBreath)
		_ = command.Wait() // the state says more than the error
		return describeExit(command.ProcessState)
	}
	h.adopt(w)
	killGroup(w.PID)
	for !ending(w.PID) {
		<-time.After(time.Millisecond)
	}
	theirs.Close()
	<-w.Done()
	if w.how != "was killed by signal 9 (killed)" {
		t.Errorf("it %s", w.how)
	}
	w.Discard()
}
