package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// ready is the word by which a daemon tells whoever started it that it listens.
const ready = "ready"

// startDaemon starts the daemon and waits until it listens. The daemon's standard output
// is a pipe on which it says so, or, when it cannot, what is wrong; it then lets go of it.
func startDaemon(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	cmd := exec.Command(self, "daemon")
	cmd.Args[0] = os.Args[0]
	cmd.Stdout, cmd.Stderr = w, w
	cmd.SysProcAttr = detached()
	err = cmd.Start()
	w.Close()
	if err != nil {
		return fmt.Errorf("cannot start the daemon: %w", err)
	}
	go cmd.Wait()                                        // no zombie, where this process lives on
	defer context.AfterFunc(ctx, func() { r.Close() })() // a daemon that hangs is not waited for
	return readiness(r)
}

// readiness reads the daemon's word.
func readiness(r io.Reader) error {
	var said strings.Builder
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if lines.Text() == ready {
			return nil
		}
		fmt.Fprintln(&said, lines.Text())
	}
	if said.Len() == 0 {
		return errors.New("the daemon did not start and said nothing; `hotclub daemon` starts it in this terminal, where it can be watched")
	}
	return errors.New("the daemon did not start: " + strings.TrimPrefix(strings.TrimSpace(said.String()), "hotclub: "))
}
