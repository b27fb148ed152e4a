package dbclone

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"
)

// Owner is one process that works on the state directory. What it owns is garbage once it is
// dead, which a lock tells and not the process id.
type Owner struct {
	ID      string    `json:"id"`  // of this life of the process; see NewOwner
	PID     int       `json:"pid"` // for people
	Build   string    `json:"build"`
	Started time.Time `json:"started"`
}

// NewOwner describes this process under a new id.
func NewOwner(build string) Owner {
	return Owner{
		ID:      strings.ToLower(rand.Text()[:10]),
		PID:     os.Getpid(),
		Build:   build,
		Started: time.Now().UTC(),
	}
}

// Ids become part of names on servers, where 30 bytes have to be enough.
var ownerID = regexp.MustCompile(`^[a-z0-9]{4,16}$`)

// register makes the owner known and alive. The janitor's lock keeps a sweep from meeting the
// lock file before it is locked.
func register(ctx context.Context, l layout, o Owner) (*fileLock, error) {
	if !ownerID.MatchString(o.ID) {
		return nil, fmt.Errorf("dbclone: owner id %q: want 4 to 16 lower-case letters and digits", o.ID)
	}
	janitor, err := lockFile(ctx, l.janitor(), exclusive)
	if err != nil {
		return nil, err
	}
	defer janitor.release()
	lock, err := tryLock(l.ownerLock(o.ID), exclusive)
	if err != nil {
		return nil, err
	}
	if lock == nil {
		return nil, fmt.Errorf("%w: %s", ErrOwnerTaken, o.ID)
	}
	if err := writeJSON(ctx, l.ownerFile(o.ID), o); err != nil {
		_ = lock.remove()
		return nil, err
	}
	return lock, nil
}

// readOwner knows at least the id: a process may die before it has written the rest.
func readOwner(l layout, id string) Owner {
	owner := Owner{}
	data, err := os.ReadFile(l.ownerFile(id))
	if err != nil || json.Unmarshal(data, &owner) != nil {
		owner = Owner{}
	}
	owner.ID = id
	return owner
}

// homeOf is the id of the state directory, by which databases on servers tell whose they are. Who
// copies the directory to another machine copies the id.
func homeOf(ctx context.Context, l layout) (string, error) {
	janitor, err := lockFile(ctx, l.janitor(), exclusive)
	if err != nil {
		return "", err
	}
	defer janitor.release()
	id, err := os.ReadFile(l.home())
	if errors.Is(err, fs.ErrNotExist) {
		id = []byte(strings.ToLower(rand.Text()[:16]))
		err = os.WriteFile(l.home(), id, 0o600)
	}
	return string(id), Storage("read the id of this directory from", l.home(), err)
}
