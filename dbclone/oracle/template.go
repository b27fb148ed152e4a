package oracle

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"hotclub/dbclone"
)

// seal takes the key away and looks whether there is a database that can be cloned.
func (s *server) seal(ctx context.Context, at dbclone.Spot) (dbclone.Sealed, error) {
	l, err := s.ours(ctx, at)
	if errors.Is(err, errUnlabelled) || err == nil && !l.there {
		return dbclone.Sealed{}, fmt.Errorf("%w: %s", dbclone.ErrNotBuilt, l.name)
	}
	if err == nil {
		err = s.setPassword(ctx, l.user, s.settings.sealedPassword(l.user))
	}
	if err == nil {
		err = s.alone(ctx, l.user)
	}
	if err != nil {
		return dbclone.Sealed{}, err
	}
	src, err := s.source(ctx, l.user, l.number)
	if err != nil {
		return dbclone.Sealed{}, err
	}
	if len(src.schema.tables) == 0 {
		return dbclone.Sealed{}, fmt.Errorf("%w: %s owns no tables", dbclone.ErrNotBuilt, l.user)
	}
	if err := src.schema.clonable(); err != nil {
		return dbclone.Sealed{}, s.fail("clone "+l.user, err, "run the project's tests without clones")
	}
	sealed := dbclone.Sealed{Size: src.size, Mark: fmt.Sprintf("user %d, %s", l.number, rand.Text()[:10])}
	return sealed, s.exec(ctx, sealLabel, sealed.Mark, sealed.Size, at.Name)
}

func (s *server) publish(ctx context.Context, from, to dbclone.Spot) error {
	if _, err := s.ours(ctx, from); err != nil {
		return err
	}
	result, err := s.main.ExecContext(ctx, publishLabel, to.Name, to.Label.String(), from.Name)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("%w: %s is not sealed", dbclone.ErrNotBuilt, from.Name)
	}
	return nil
}

// source is a user that clones are made of, and all that is known of it: nobody changes it.
type source struct {
	user   string
	login  login
	number int64 // of the user, who may have been made anew under the same name
	schema *schema
	plan   *plan
	size   int64
}

const askSize = `SELECT SUM(bytes) FROM user_segments`

// source reads a sealed user once.
func (s *server) source(ctx context.Context, user string, number int64) (*source, error) {
	s.mu.Lock()
	known := s.sources[user]
	s.mu.Unlock()
	if known != nil && known.number == number {
		return known, nil
	}
	src := &source{user: user, login: s.settings.asSealed(user), number: number}
	in, err := s.session(ctx, src.login)
	if err != nil {
		return nil, err
	}
	defer in.close()
	if src.schema, err = readSchema(ctx, in); err != nil {
		return nil, err
	}
	if src.plan, err = readPlan(ctx, in, src.schema); err != nil {
		return nil, err
	}
	var size sql.NullInt64
	if err := in.conn.QueryRowContext(ctx, askSize).Scan(&size); err != nil {
		return nil, err
	}
	src.size = size.Int64
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sources[user] = src
	return src, nil
}

// forget drops what is known of a spot, and returns the users of images of it.
func (s *server) forget(name string) (images []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clones[name]; c != nil {
		c.disconnect()
		delete(s.clones, name)
	}
	for key, user := range s.images {
		if key.template == name {
			images = append(images, user)
			delete(s.images, key)
			delete(s.sources, user)
		}
	}
	return images
}
