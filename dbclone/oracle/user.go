package oracle

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hotclub/dbclone"
)

// create makes the empty user of a spot.
func (s *server) create(ctx context.Context, at dbclone.Spot) error {
	return s.createLabelled(ctx, at.Name, userOf(at), s.settings.password(userOf(at)), at.Label, "")
}

// createLabelled makes a user, its label first. A user who is there already is not ours to drop.
func (s *server) createLabelled(ctx context.Context, name, user, password string, label dbclone.Label, image dbclone.Image) error {
	if err := s.addLabel(ctx, name, user, label, image); err != nil {
		return err
	}
	err := s.createUser(ctx, user, password)
	if is(err, userThere) {
		return errors.Join(err, s.exec(context.WithoutCancel(ctx), deleteLabel, name))
	}
	return s.undoing(ctx, name, user, err)
}

// cleaning is the time for removing what a call left that failed, whose own context may be over.
const cleaning = 30 * time.Second

// undoing removes the user that a failed or cancelled call has begun to make.
func (s *server) undoing(ctx context.Context, name, user string, err error) error {
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		return nil
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
	defer cancel()
	return errors.Join(err, s.remove(clean, name, user))
}

// createUser grants what Django grants (creation.py, _create_test_user): the last two rights only
// if the main user may.
func (s *server) createUser(ctx context.Context, user, password string) error {
	temporary := ""
	if s.place.temporary != "" {
		temporary = " TEMPORARY TABLESPACE " + quote(s.place.temporary)
	}
	err := s.exec(ctx, fmt.Sprintf("CREATE USER %s IDENTIFIED BY %s DEFAULT TABLESPACE %s%s QUOTA %s ON %s",
		quote(user), quote(password), quote(s.place.name), temporary, s.place.quota, quote(s.place.name)))
	if err == nil {
		err = s.exec(ctx, "GRANT CREATE SESSION, CREATE TABLE, CREATE SEQUENCE, CREATE PROCEDURE, CREATE TRIGGER TO "+quote(user))
	}
	if err != nil {
		return err
	}
	for _, kind := range []string{"VIEW", "MATERIALIZED VIEW"} {
		if err := s.exec(ctx, "GRANT CREATE "+kind+" TO "+quote(user)); err != nil && !is(err, noRight) {
			return err
		}
	}
	return nil
}

func (s *server) setPassword(ctx context.Context, user, password string) error {
	return s.exec(ctx, "ALTER USER "+quote(user)+" IDENTIFIED BY "+quote(password))
}

// drop removes what is at a spot: the user by the label, or, as this home has written the name down
// before it was made, the user of this very name.
func (s *server) drop(ctx context.Context, at dbclone.Spot) error {
	l, err := s.ours(ctx, at)
	if errors.Is(err, errUnlabelled) {
		l.user, err = userOf(at), s.unclaimed(ctx, userOf(at), at.Label.Home)
	}
	if err != nil {
		return err
	}
	for _, user := range s.forget(at.Name) {
		if err := s.dropImage(ctx, user); err != nil {
			return err
		}
	}
	return s.remove(ctx, at.Name, l.user)
}

// unclaimed refuses to drop a user that another home's label has, under whatever name.
func (s *server) unclaimed(ctx context.Context, user, home string) error {
	return each(ctx, s.main, selectLabels, nil, func(scan func(...any) error) error {
		var name, labelledUser, text string
		var size sql.NullInt64
		var image sql.NullString
		if err := scan(&name, &labelledUser, &text, &size, &image); err != nil {
			return err
		}
		if label, ok := dbclone.ParseLabel(text); labelledUser == user && (!ok || label.Home != home) {
			return fmt.Errorf("%w: %s is the user of %s", dbclone.ErrNotOurs, user, name)
		}
		return nil
	})
}

// remove drops a user and then the label.
func (s *server) remove(ctx context.Context, name, user string) error {
	if err := s.dropUser(ctx, user); err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.sources, user)
	s.mu.Unlock()
	return s.exec(ctx, deleteLabel, name)
}

func (s *server) dropImage(ctx context.Context, user string) error {
	return s.remove(ctx, imageName(user), user)
}

// dropUser lets nobody in any more and waits until those who are in have gone.
func (s *server) dropUser(ctx context.Context, user string) error {
	err := s.exec(ctx, "ALTER USER "+quote(user)+" ACCOUNT LOCK")
	if is(err, noUser) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.patiently(ctx, userConnected, func() error {
		err := s.exec(ctx, "DROP USER "+quote(user)+" CASCADE")
		switch {
		case is(err, noUser):
			return nil
		case is(err, userConnected) && s.can.endSessions:
			return errors.Join(err, s.endSessions(ctx, user))
		}
		return err
	})
}

const listSessions = `SELECT sid || ',' || serial# FROM v$session WHERE username = :1`

func (s *server) endSessions(ctx context.Context, user string) error {
	ids, err := column(ctx, s.main, listSessions, user)
	if err != nil {
		return err
	}
	for _, id := range ids {
		// A session that is gone by now is what we want: ORA-00030, ORA-00031.
		if err := s.exec(ctx, "ALTER SYSTEM DISCONNECT SESSION "+literal(id)+" IMMEDIATE"); err != nil && !is(err, "ORA-00030", "ORA-00031") {
			return err
		}
	}
	return nil
}

// errConnected has the number that Oracle has for it when a user is dropped.
var errConnected = errors.New(userConnected + ": somebody is still connected")

// alone waits until a user has no sessions. Without the right to see them it has to believe that.
func (s *server) alone(ctx context.Context, user string) error {
	if !s.can.seeSessions {
		return nil
	}
	return s.patiently(ctx, userConnected, func() error {
		var n int
		err := s.main.QueryRowContext(ctx, askSessions, user).Scan(&n)
		if err == nil && n > 0 {
			err = errConnected
		}
		return err
	})
}

// patiently tries again while the server says that somebody is in the way. It tells nobody when
// that ends, so it has to be asked.
func (s *server) patiently(ctx context.Context, while string, try func() error) error {
	deadline := time.Now().Add(s.engine.patience)
	again := time.NewTicker(s.engine.poll)
	defer again.Stop()
	for {
		err := try()
		if !is(err, while) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-again.C:
		}
	}
}
