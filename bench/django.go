package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// patience is how long any one command may take.
const patience = 10 * time.Minute

// called is a command that has ended.
type called struct {
	took   time.Duration
	cpu    time.Duration // of the process and of children that it has waited for
	stdout []byte
	stderr []byte
}

// call runs a command to its end.
func call(ctx context.Context, dir string, env []string, name string, args ...string) (called, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...)
	command.Dir, command.Env = dir, env
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	begun := time.Now()
	err := command.Run()
	done := called{took: time.Since(begun), stdout: stdout.Bytes(), stderr: stderr.Bytes()}
	if err != nil {
		return done, fmt.Errorf("%s: %w\n%s%s", command, err, tail(done.stdout), tail(done.stderr))
	}
	done.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	return done, nil
}

// tail keeps what tells why a command failed.
func tail(output []byte) []byte { return output[max(0, len(output)-4000):] }

// ran is a manage.py test that has passed.
type ran struct {
	called
	tests int
}

// django runs manage.py test as people do without hotclub.
func (l *lab) django(ctx context.Context, root string, args ...string) (ran, error) {
	args = append([]string{"manage.py", "test", "--noinput"}, args...)
	done, err := call(ctx, root, l.environ(), l.python, args...)
	if err != nil {
		return ran{}, err
	}
	count := regexp.MustCompile(`(?m)^Ran (\d+) tests? in `).FindSubmatch(done.stderr)
	if count == nil {
		return ran{}, fmt.Errorf("manage.py test in %s doesn't say how many tests it ran\n%s", root, tail(done.stderr))
	}
	tests, err := strconv.Atoi(string(count[1]))
	return ran{done, tests}, err
}
