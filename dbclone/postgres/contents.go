package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Stand-ins until the branch with the real ones is merged: every clone is made anew.

type (
	image    struct{}
	baseline struct{}
	dirt     struct{}
)

var errReclone = errors.New("repair is not there yet")

func readImage(context.Context, *pgx.Conn) (*image, error)               { return &image{}, nil }
func takeBaseline(context.Context, *pgx.Conn, *image) (*baseline, error) { return &baseline{}, nil }
func findDirt(context.Context, *pgx.Conn, *image, *baseline) (*dirt, error) {
	return &dirt{}, nil
}
func (*dirt) clean() bool { return false }
func (*dirt) tables() int { return 0 }
func repair(context.Context, *pgx.Conn, *image, *image, *baseline, *dirt) (*baseline, error) {
	return nil, errReclone
}
