package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

// release is the version under which a binary is handed out; the linker sets it where one is packed
// (editors/vscode/scripts/package.mjs).
var release string

// build identifies this binary.
type build struct {
	ID       string `json:"build"` // differs for any two builds, released or not
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from a tree with changes
	Go       string `json:"go"`
}

// thisBuild reads what the linker left. Size and time of the file tell apart two builds of
// one changed source tree, which would otherwise share a daemon.
func thisBuild() (build, error) {
	b := build{Version: "unknown", Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Version = info.Main.Version
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	b.Version = cmp.Or(release, b.Version)
	self, err := os.Executable()
	if err != nil {
		return b, fmt.Errorf("cannot find this program's own file: %w", err)
	}
	info, err := os.Stat(self)
	if err != nil {
		return b, fmt.Errorf("this program's own file: %w", err)
	}
	sum := sha256.Sum256(fmt.Append(nil, b.Version, b.Revision, b.Modified, info.Size(), info.ModTime().UnixNano()))
	b.ID = hex.EncodeToString(sum[:6])
	return b, nil
}

// versionCommand is "hotclub version".
type versionCommand struct {
	JSON bool `name:"json" help:"As JSON."`
}

// Run prints the version.
func (c *versionCommand) Run(a *app) error {
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(a.build)
	}
	text := "hotclub " + a.build.Version
	if a.build.Revision != "" {
		text += " (" + a.build.Revision[:min(12, len(a.build.Revision))]
		if a.build.Modified {
			text += ", modified"
		}
		text += ")"
	}
	_, err := fmt.Fprintf(a.stdout, "%s, build %s, %s %s/%s\n", text, a.build.ID, a.build.Go, runtime.GOOS, runtime.GOARCH)
	return err
}
