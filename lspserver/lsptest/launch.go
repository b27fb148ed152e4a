package lsptest

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"testing"
	"time"
)

// Launch starts a language server that speaks over its standard input and output, such as
// `hotclub lsp`, for an Editor or a Peer to speak with. When they hang up it must end by
// itself with status 0; what it wrote to standard error is told when it does not.
func Launch(t testing.TB, cmd *exec.Cmd) io.ReadWriteCloser {
	t.Helper()
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr); err != nil {
		t.Fatal(err)
	}
	p := &process{Reader: out, in: in, cmd: cmd, t: t}
	if cmd.Stderr == nil {
		cmd.Stderr = &p.words
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.wait)
	return p
}

type process struct {
	io.Reader
	in    io.WriteCloser
	cmd   *exec.Cmd
	t     testing.TB
	words bytes.Buffer
	late  *time.Timer // kills a server that does not end
}

func (p *process) Write(data []byte) (int, error) { return p.in.Write(data) }

// Close closes standard input: the server ends, and with it its output.
func (p *process) Close() error {
	if p.late == nil {
		p.late = time.AfterFunc(patience, func() { p.cmd.Process.Kill() })
	}
	return p.in.Close()
}

// wait is called last, when nobody reads any more.
func (p *process) wait() {
	p.Close()
	defer p.late.Stop()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("%v: %v\n%s", p.cmd.Args, err, p.words.Bytes())
	}
}
