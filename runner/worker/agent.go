package worker

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed python/hotclub_worker/*.py
var agentFiles embed.FS

const agentRoot = "python/hotclub_worker"

// unpackAgent writes the Python side below dir and returns the script to start. The folder
// is named after its contents, so that two builds never share one; a folder that is there
// is complete, because it got its name last.
func unpackAgent(dir string) (string, error) {
	entries, err := fs.ReadDir(agentFiles, agentRoot)
	if err != nil {
		return "", err
	}
	contents := make(map[string][]byte, len(entries))
	sum := sha256.New()
	for _, entry := range entries {
		data, err := fs.ReadFile(agentFiles, agentRoot+"/"+entry.Name())
		if err != nil {
			return "", err
		}
		contents[entry.Name()] = data
		fmt.Fprintf(sum, "%s %d\n%s", entry.Name(), len(data), data)
	}
	home := filepath.Join(dir, "agent-"+hex.EncodeToString(sum.Sum(nil))[:12])
	script := filepath.Join(home, "hotclub_worker", "__main__.py")
	if _, err := os.Stat(script); err == nil {
		return script, nil
	}
	return script, publish(dir, home, contents)
}

func publish(dir, home string, contents map[string][]byte) error {
	draft, err := os.MkdirTemp(dir, "agent-draft-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft)
	folder := filepath.Join(draft, "hotclub_worker")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for name, data := range contents {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			return err
		}
	}
	err = os.Rename(draft, home)
	if _, there := os.Stat(filepath.Join(home, "hotclub_worker", "__main__.py")); there == nil {
		return nil // another server of this build was quicker
	}
	return err
}
