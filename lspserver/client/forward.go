package client

import (
	"encoding/json"
	"fmt"
	"io"

	"hotclub/lspserver/wire"
)

// Forward carries bytes between an editor and the daemon until the daemon hangs up, which
// it does when the editor says exit or goes away. Before anything else the daemon learns
// the directory and the environment that the editor gave this process.
func Forward(daemon io.ReadWriteCloser, in io.Reader, out io.Writer, who wire.ClientParams) error {
	if err := introduce(daemon, who); err != nil {
		return err
	}
	// Nothing interrupts a read of standard input, so this goroutine ends with the process
	// when the daemon goes first.
	go func() {
		io.Copy(daemon, in)
		hangUp(daemon)
	}()
	_, err := io.Copy(out, daemon)
	return err
}

func introduce(daemon io.Writer, who wire.ClientParams) error {
	body, err := json.Marshal(struct {
		Version string            `json:"jsonrpc"`
		Method  string            `json:"method"`
		Params  wire.ClientParams `json:"params"`
	}{"2.0", wire.MethodClient, who})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(daemon, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

// hangUp tells the daemon that the editor has gone, while its last words still come back.
func hangUp(daemon io.Closer) {
	if half, ok := daemon.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
		return
	}
	daemon.Close()
}
