package mysqltest

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
)

// process is a running server. One goroutine started it and waits for it.
type process struct {
	command *exec.Cmd
	done    chan struct{}
	err     error // of Wait; to be read when done is closed
}

func start(path string, args []string) (*process, error) {
	p := &process{command: exec.Command(path, args...), done: make(chan struct{})}
	unprivileged(p.command)
	started := make(chan error)
	go func() {
		// The server dies with the thread that started it, so that it does not outlive a killed test.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.command.Start()
		started <- err
		if err == nil {
			p.err = p.command.Wait()
			close(p.done)
		}
	}()
	return p, <-started
}

func (p *process) signal(sig os.Signal) error { return p.command.Process.Signal(sig) }

// end signals the process and waits until it is gone.
func (p *process) end(sig os.Signal) error {
	if sig == os.Interrupt {
		sig = terminate
	}
	if err := p.signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.done
	return nil
}
