package dbclone

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// past is a template that was last used some hours ago and served for some hours before.
type past struct {
	name        string
	ago, served time.Duration
	size        int64
	alias       string
}

func shelved(list []past, now time.Time) (kept []string) {
	slices.SortStableFunc(list, func(a, b past) int { return int(a.ago - b.ago) })
	var on []stored
	for _, p := range list {
		used := now.Add(-p.ago)
		r := record{Schema: Schema{Project: "p1", Alias: p.alias}, Created: used.Add(-p.served), LastUsed: used, Sealed: Sealed{Size: p.size}}
		on = append(on, stored{name: p.name, record: r, used: used})
	}
	gone := expired(on, now)
	for _, s := range on {
		if !slices.Contains(gone, s.name) {
			kept = append(kept, s.name)
		}
	}
	return kept
}

func TestRetention(t *testing.T) {
	var storm []past
	for i := range 40 { // of edits of a migration, in an hour
		storm = append(storm, past{fmt.Sprint("edit", i), time.Duration(i) * 90 * time.Second, time.Minute, 1 << 20, "default"})
	}
	branches := []past{
		{"main", 2 * time.Hour, day, 1 << 20, "default"},
		{"feature", 3 * time.Hour, 5 * time.Hour, 1 << 20, "default"},
		{"fix", 2 * day, 2 * time.Hour, 1 << 20, "default"},
		{"release", 10 * day, 3 * day, 1 << 20, "default"},
	}
	newest := []string{"edit0", "edit1", "edit2", "edit3", "edit4", "edit5"}
	for _, c := range []struct {
		name string
		list []past
		want []string
	}{
		{"four branches", branches, []string{"main", "feature", "fix", "release"}},
		{"a storm", storm, newest},
		{"a storm beside branches", slices.Concat(storm, branches), append(newest, "main", "feature", "fix", "release")},
		{"four branches in one hour", []past{
			{"a", 0, time.Minute, 1 << 20, "default"},
			{"b", time.Minute, time.Minute, 1 << 20, "default"},
			{"c", 2 * time.Minute, time.Minute, 1 << 20, "default"},
			{"d", 3 * time.Minute, time.Minute, 1 << 20, "default"},
		}, []string{"a", "b", "c", "d"}},
		{"too old", []past{{"old", 15 * day, day, 1, "default"}, {"new", 13 * day, day, 1, "default"}}, []string{"new"}},
		{"too large", []past{
			{"a", 0, day, 900 << 20, "default"},
			{"b", 1, day, 900 << 20, "default"},
			{"c", 2, day, 900 << 20, "default"},
			{"other", 3, day, 900 << 20, "logs"},
		}, []string{"a", "b", "other"}},
		{"large ones go before small ones", []past{
			{"a", 0, day, 100 << 20, "default"},
			{"b", 1, day, 100 << 20, "default"},
			{"c", 2, day, 900 << 20, "default"},
			{"d", 3, day, 100 << 20, "default"},
		}, []string{"a", "b", "d"}},
	} {
		if kept := shelved(c.list, time.Now()); !slices.Equal(kept, c.want) {
			t.Errorf("%s: kept %q, want %q", c.name, kept, c.want)
		}
	}
}
