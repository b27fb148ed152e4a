//go:build !oracle

package oracle

import (
	"errors"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// Without the build tag the engine says how to get a hotclub with it.
func TestWithoutTheDriver(t *testing.T) {
	_, err := New().Meet(t.Context(), shop, dbclone.Owner{ID: "owner1"})
	var refused *dbclone.ServerError
	if !errors.As(err, &refused) || !strings.Contains(refused.Remedy, "-tags oracle") {
		t.Error(err)
	}
}
