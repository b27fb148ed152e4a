package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// probing asks an interpreter for its version, and for Django's if it can be imported.
const probing = `
import json, sys
answer = {"python": ".".join(map(str, sys.version_info[:3])), "django": "", "error": ""}
try:
    import django
    answer["django"] = django.get_version()
except BaseException as error:
    answer["error"] = "%s: %s" % (type(error).__name__, error)
print(json.dumps(answer))
`

// debuggers asks an interpreter where it has the package debugpy.
const debuggers = `
import importlib.util
found = importlib.util.find_spec("debugpy")
print(found.origin if found and found.origin else "")
`

// Versions is what an interpreter says of itself.
type Versions struct {
	Python string `json:"python"`
	Django string `json:"django"` // "" when it cannot be imported
	Error  string `json:"error"`  // why not
}

// Probe starts an interpreter with env in dir to ask for its versions.
func Probe(ctx context.Context, python string, env []string, dir string) (Versions, error) {
	answer, err := ask(ctx, probing, python, env, dir)
	if err != nil {
		return Versions{}, err
	}
	var versions Versions
	if err := json.Unmarshal([]byte(answer), &versions); err != nil {
		return Versions{}, fmt.Errorf("%s printed %q where its version was expected", python, answer)
	}
	return versions, nil
}

// ProbeDebugger starts an interpreter with env in dir to ask where it has debugpy; "" for nowhere.
func ProbeDebugger(ctx context.Context, python string, env []string, dir string) (string, error) {
	return ask(ctx, debuggers, python, env, dir)
}

// ask has an interpreter run a script and returns the last line that it prints.
func ask(ctx context.Context, script, python string, env []string, dir string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, python, "-c", script)
	command.Dir, command.Env = dir, env
	var errors strings.Builder
	command.Stderr = &errors
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("running %s: %w %s", python, err, strings.TrimSpace(errors.String()))
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	return lines[len(lines)-1], nil
}
