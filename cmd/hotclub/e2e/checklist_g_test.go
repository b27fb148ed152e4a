//go:build linux

package e2e

import "testing"

// Section G: what one test may know of another.
var isolationItems = []item{
	{"A60", likeDjango("Item60")},
	{"A61", passes("Item61")},
	{"A62", passes("Item62", "Item62Fixtures")},
	{"A63", rowsOfMigrationsStay},
	{"A64", passes("Item64")},
	{"A65", likeDjango("Item65", "Item65Features")},
	{"A66", passes("Item66")},
	{"A67", passes("Item67")},
	{"A68", startMethods},
}

// startMethods: the one that was asked for is used, and every verdict is the same by either,
// and Django's.
func startMethods(t *testing.T, s *stage) {
	told := s.tour(t)
	wantEqual(t, s.method, told.started(t).StartMethod)
	for _, difference := range compare(s.original.ran(t), told, nil) {
		t.Error(difference)
	}
}
