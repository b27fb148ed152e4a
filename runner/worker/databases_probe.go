package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Configured is a database that a project's settings name.
type Configured struct {
	Alias   string            `json:"alias"`
	Backend string            `json:"backend"` // ENGINE
	Vendor  string            `json:"vendor"`  // connection.vendor; "" when the backend could not be loaded
	Server  map[string]string `json:"server"`  // as in [Schema]; has passwords
	Mirror  string            `json:"mirror"`  // the alias whose database tests use instead
	Why     string            `json:"why"`     // it can't be cloned whatever its server is able to do
	Error   string            `json:"error"`   // of loading the backend: its driver is missing
}

// ProbeDatabases starts an interpreter that imports the settings of a project, and nothing else of
// it: with env, in dir, by way of manage.py unless that is "". It connects to no database.
func ProbeDatabases(ctx context.Context, python string, env []string, dir, manage string) ([]Configured, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	home, err := os.MkdirTemp("", "hotclub-doctor-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(home)
	script, err := unpackAgent(home)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, python, filepath.Join(filepath.Dir(script), "doctor.py"), manage)
	command.Dir, command.Env = dir, env
	var output, errors bytes.Buffer
	command.Stdout, command.Stderr = &output, &errors
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("importing the settings: %w %s", err, strings.TrimSpace(errors.String()))
	}
	lines := bytes.Split(bytes.TrimSpace(output.Bytes()), []byte("\n"))
	var answer struct {
		Databases []Configured `json:"databases"`
		Error     string       `json:"error"`
	}
	if err := json.Unmarshal(lines[len(lines)-1], &answer); err != nil { // what it printed may have passwords
		return nil, fmt.Errorf("importing the settings: %s ended before it had named their databases", python)
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("importing the settings: %s", answer.Error)
	}
	return answer.Databases, nil
}
