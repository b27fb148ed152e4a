package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"

	"hotclub/runner/config"
)

// logLimit is the size from which a log is put aside when a daemon starts.
const logLimit = 5 << 20

// openLog opens the daemon's log, daemon.log in the state directory, and puts a long one
// aside as daemon.log.1. Daemons of several builds may write to it at the same time.
func (a *app) openLog() (*slog.Logger, *os.File, error) {
	dir := config.StateDir(a.client("daemon"))
	if dir == "" {
		return nil, nil, errors.New("there is no place for the log; set HOME or XDG_STATE_HOME")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("cannot create the state directory: %w", err)
	}
	path := filepath.Join(dir, "daemon.log")
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		if err := os.Rename(path, path+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("cannot put the log aside: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot open the log: %w", err)
	}
	handler := slog.NewTextHandler(file, &slog.HandlerOptions{ReplaceAttr: redact})
	return slog.New(handler).With("pid", os.Getpid()), file, nil
}

// secrets are passwords as they turn up in the messages of database drivers: within a URL,
// or as a keyword's value.
var secrets = regexp.MustCompile(`(?i)(://[^\s/:@]*:)[^\s/@]+(@)|\b(password|passwd|secret|token)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;)}]+)`)

// redact is the last line of defence: nobody logs an environment or a password on purpose,
// but errors of others are logged, and what they quote is not ours.
func redact(_ []string, attr slog.Attr) slog.Attr {
	switch value := attr.Value.Any().(type) {
	case string:
		attr.Value = slog.StringValue(hide(value))
	case error:
		attr.Value = slog.StringValue(hide(value.Error()))
	case fmt.Stringer, slog.Level:
	default:
		if attr.Value.Kind() == slog.KindAny && value != nil {
			attr.Value = slog.StringValue(hide(fmt.Sprint(value)))
		}
	}
	return attr
}

func hide(text string) string { return secrets.ReplaceAllString(text, "$1$3$4***$2") }
