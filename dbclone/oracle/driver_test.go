//go:build oracle

package oracle

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"hotclub/dbclone"
)

// With the driver, a server that is not there is said so, and a context's end ends the wait.
func TestWithTheDriver(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	free := listener.Addr().String()
	ok(t, listener.Close())
	for name, dsn := range map[string]string{
		"easy connect": free + "/FREEPDB1",
		"descriptor":   "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=127.0.0.1)(PORT=" + strings.Split(free, ":")[1] + "))(CONNECT_DATA=(SERVICE_NAME=FREEPDB1)))",
	} {
		server := dbclone.Server{"user": "shop", "password": "ti/g@er:%", "dsn": dsn}
		_, err = New().Meet(t.Context(), server, dbclone.Owner{ID: "owner1"})
		var refused *dbclone.ServerError
		if !errors.As(err, &refused) || refused.Remedy == "" || strings.Contains(err.Error(), "ti/g") {
			t.Errorf("%s: %v", name, err)
		}
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	server := dbclone.Server{"user": "shop", "password": "x", "dsn": silent.Addr().String() + "/FREEPDB1"}
	if _, err := New().Meet(ctx, server, dbclone.Owner{ID: "owner1"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
