package oracle

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
)

// pulse is a session that holds what only a living owner can hold: a lock of DBMS_LOCK, or where
// that is not granted the lock on the owner's row. The server gives both back when the session ends.
type pulse struct {
	owner string
	conn  *sql.Conn
	row   *sql.Tx // holds the row, when that is the method
}

// A process of this method is tried by the same one, whatever the one who looks could use itself.
const (
	byLock = "lock"
	byRow  = "row"
)

// Statuses of DBMS_LOCK.REQUEST: 0 granted, 1 timed out, 4 held by this session already.
const (
	requestLock = `DECLARE
  status INTEGER;
BEGIN
  status := DBMS_LOCK.REQUEST(id => :1, lockmode => DBMS_LOCK.X_MODE, timeout => :2, release_on_commit => FALSE);
  IF status NOT IN (0, 4) THEN
    RAISE_APPLICATION_ERROR(-20054, 'the lock is taken, status ' || status);
  END IF;
END;`
	releaseLock = `DECLARE
  status INTEGER;
BEGIN
  status := DBMS_LOCK.RELEASE(id => :1);
END;`

	insertOwner  = `INSERT INTO "HOTCLUB_OWNERS" ("OWNER", "METHOD") VALUES (:1, :2)`
	deleteOwner  = `DELETE FROM "HOTCLUB_OWNERS" WHERE "OWNER" = :1`
	selectMethod = `SELECT "METHOD" FROM "HOTCLUB_OWNERS" WHERE "OWNER" = :1`
	holdOwner    = `SELECT "OWNER" FROM "HOTCLUB_OWNERS" WHERE "OWNER" = :1 FOR UPDATE WAIT 5`
	tryOwner     = `SELECT "OWNER" FROM "HOTCLUB_OWNERS" WHERE "OWNER" = :1 FOR UPDATE NOWAIT`
	askAlive     = `SELECT 1 FROM DUAL`
)

// takePulse makes an owner known as alive. Its row may be there from before the server restarted.
func takePulse(ctx context.Context, main *sql.DB, owner string) (*pulse, error) {
	conn, err := main.Conn(ctx)
	if err != nil {
		return nil, err
	}
	p := &pulse{owner: owner, conn: conn}
	method := byLock
	_, err = conn.ExecContext(ctx, requestLock, lockID(owner), 5)
	if is(err, notCompiled) {
		method, err = byRow, nil
	}
	if err == nil {
		err = p.announce(ctx, main, method)
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *pulse) announce(ctx context.Context, main *sql.DB, method string) error {
	_, err := main.ExecContext(ctx, insertOwner, p.owner, method)
	if err != nil && !is(err, uniqueViolated) {
		return err
	}
	if method == byLock {
		return nil
	}
	// Not the caller's context, with whose end the transaction would end too.
	if p.row, err = p.conn.BeginTx(context.WithoutCancel(ctx), nil); err != nil {
		return err
	}
	var name string
	return p.row.QueryRowContext(ctx, holdOwner, p.owner).Scan(&name)
}

// lockID is below 2^30, as DBMS_LOCK wants it. Should two owners meet in one, a dead one is taken for
// alive as long as the other lives.
func lockID(owner string) int64 {
	sum := sha256.Sum256([]byte("hotclub owner " + owner))
	return int64(binary.BigEndian.Uint32(sum[:]) & (1<<30 - 1))
}

// beats reports whether the session is still there, and with it the lock.
func (p *pulse) beats(ctx context.Context) bool {
	var one int
	ask := p.conn.QueryRowContext
	if p.row != nil {
		ask = p.row.QueryRowContext
	}
	return ask(ctx, askAlive).Scan(&one) == nil
}

// isAlive tries to take what an owner would hold, and gives it back at once.
func (p *pulse) isAlive(ctx context.Context, main *sql.DB, owner string) (bool, error) {
	if owner == p.owner {
		return true, nil
	}
	var method string
	err := main.QueryRowContext(ctx, selectMethod, owner).Scan(&method)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	conn, err := main.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	if method == byRow {
		return rowHeld(ctx, conn, owner)
	}
	_, err = conn.ExecContext(ctx, requestLock, lockID(owner), 0)
	if is(err, lockTaken) {
		return true, nil
	}
	if is(err, notCompiled) {
		return true, nil // it could take locks and we can't: better not to touch what it has
	}
	if err != nil {
		return false, fmt.Errorf("oracle: finding out whether %s is alive: %w", owner, err)
	}
	_, err = conn.ExecContext(ctx, releaseLock, lockID(owner))
	return false, err
}

func rowHeld(ctx context.Context, conn *sql.Conn, owner string) (bool, error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }()
	var name string
	err = tx.QueryRowContext(ctx, tryOwner, owner).Scan(&name)
	switch {
	case is(err, resourceBusy):
		return true, nil
	case errors.Is(err, sql.ErrNoRows):
		return false, nil // it left just now
	default:
		return false, err
	}
}

// resign takes the owner's row away, as it does not need one any more.
func (p *pulse) resign(ctx context.Context) {
	if p == nil {
		return
	}
	if p.row != nil {
		_ = p.row.Rollback()
		p.row = nil
	}
	_, _ = p.conn.ExecContext(ctx, deleteOwner, p.owner)
}

// stop ends the session's hold. DBMS_LOCK's would outlive a session that goes back to the pool.
func (p *pulse) stop() {
	if p == nil {
		return
	}
	if p.row != nil {
		_ = p.row.Rollback()
	}
	_ = p.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = p.conn.Close()
}
