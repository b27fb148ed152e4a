package config

import (
	"strings"
	"testing"

	"hotclub/runner"
)

// A file that is made to be expensive must not hang or end the daemon.
func TestHostileFiles(t *testing.T) {
	skipOnWindows(t)
	for name, text := range map[string]string{
		"one long dotted key": strings.Repeat("a.", maxFile/2-4) + "a=1\n",
		"many keys":           manyKeys(maxFile / 40),
		"one long table name": "[" + strings.Repeat("a.", maxFile/2-4) + "a]\n",
		"nested arrays":       "a=" + strings.Repeat("[", maxFile-4),
		"nested tables":       "a=" + strings.Repeat("{a=", maxFile/4),
	} {
		t.Run(name, func(t *testing.T) {
			g := plant(t, "-- manage.py --\n")
			g.write("hotclub.toml", text, 0o644)
			if _, err := Load(g.client("."), runner.Overrides{}); err == nil {
				t.Error("no error")
			} else if len(err.Error()) > 500 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("k")
		for ; i > 0; i /= 26 {
			b.WriteByte(byte('a' + i%26))
		}
		b.WriteString("=1\n")
	}
	return b.String()
}
