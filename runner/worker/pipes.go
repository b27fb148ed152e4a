package worker

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// duplex is the pair of pipes that a spawned worker speaks over.
type duplex struct {
	in  *os.File
	out *os.File
}

func (d duplex) Read(p []byte) (int, error)  { return d.in.Read(p) }
func (d duplex) Write(p []byte) (int, error) { return d.out.Write(p) }
func (d duplex) Close() error                { return errors.Join(d.in.Close(), d.out.Close()) }

// ends are the child's sides of the pipes, to be closed once it runs.
type ends [2]*os.File

func (e ends) Close() {
	for _, file := range e {
		file.Close()
	}
}

func pipes(command *exec.Cmd) (duplex, ends, error) {
	childIn, out, err := os.Pipe()
	if err != nil {
		return duplex{}, ends{}, fmt.Errorf("making a pipe: %w", err)
	}
	in, childOut, err := os.Pipe()
	if err != nil {
		return duplex{}, ends{}, errors.Join(fmt.Errorf("making a pipe: %w", err), childIn.Close(), out.Close())
	}
	command.Stdin, command.Stdout = childIn, childOut
	return duplex{in: in, out: out}, ends{childIn, childOut}, nil
}
