package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

// Advisory locks of one class say which owners are alive: the server gives a lock back when the
// session ends, however that comes about. They are shared, so that an owner which has lost its
// connection need not wait until the server has noticed that too.
//
// Locks belong to the database that they are taken in, but everybody sees them all. The locks of the
// other class keep the making and the dropping of one database apart; those are taken in the
// maintenance database, which is the same for all processes of a home.
const (
	ownersClass = 0x68636f77 // "hcow"
	namesClass  = 0x68636e61 // "hcna"
)

// lockKey makes of a text what an advisory lock goes by.
func lockKey(text string) int32 {
	sum := sha256.Sum256([]byte(text))
	return int32(binary.BigEndian.Uint32(sum[:]))
}

// proclaim makes it known for as long as a session lasts that an owner is alive.
func proclaim(ctx context.Context, conn *pgx.Conn, owner dbclone.Owner) error {
	_, err := conn.Exec(ctx, "SELECT pg_advisory_lock_shared($1, $2)", int32(ownersClass), lockKey(owner.ID))
	return err
}

// theLiving returns the keys of all owners that are alive.
func theLiving(ctx context.Context, conn *pgx.Conn) (map[int32]bool, error) {
	rows, err := conn.Query(ctx, `
		SELECT objid FROM pg_locks
		WHERE locktype = 'advisory' AND classid = $1 AND objsubid = 2 AND granted`, uint32(ownersClass))
	if err != nil {
		return nil, err
	}
	living := make(map[int32]bool)
	var key uint32
	_, err = pgx.ForEachRow(rows, []any{&key}, func() error {
		living[int32(key)] = true
		return nil
	})
	return living, err
}

// alone does something with a database that nobody else of this home makes or drops meanwhile, a
// process included that died while the server was still at it.
func alone(ctx context.Context, conn *pgx.Conn, name string, do func() error) error {
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1, $2)", int32(namesClass), lockKey(name)); err != nil {
		return err
	}
	defer func() {
		if conn.IsClosed() {
			return // and so is the lock
		}
		ctx, cancel := unwatched(ctx)
		defer cancel()
		_, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock($1, $2)", int32(namesClass), lockKey(name))
	}()
	return do()
}

func uint32Text(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
