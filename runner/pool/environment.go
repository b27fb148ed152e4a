package pool

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// difference is what has to be done to one environment to make it another. Nothing that was read
// while booting is among it: such a client has a pool of its own.
type difference struct {
	set   map[string]string
	unset []string
}

func differ(from, to []string) difference {
	have, want := environment(from), environment(to)
	d := difference{set: make(map[string]string)}
	for name, value := range want {
		if old, ok := have[name]; !ok || old != value {
			d.set[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[name]; !ok {
			d.unset = append(d.unset, name)
		}
	}
	return d
}

// key is the same for the same difference.
func (d difference) key() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(d.set)) {
		fmt.Fprintf(&text, "%s=%s\x00", name, d.set[name])
	}
	if text.Len() == 0 && len(d.unset) == 0 {
		return ""
	}
	return digest([]byte(text.String() + "\x01" + strings.Join(d.unset, "\x00")))
}

// environment reads "NAME=value" entries.
func environment(env []string) map[string]string {
	values := make(map[string]string, len(env))
	for _, entry := range env {
		// A name may begin with "=" on Windows.
		if at := strings.Index(entry[min(1, len(entry)):], "="); at >= 0 {
			values[entry[:at+1]] = entry[at+2:]
		}
	}
	return values
}
