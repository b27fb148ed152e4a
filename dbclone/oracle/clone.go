package oracle

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"hotclub/dbclone"
)

// clone is what is known of a clone while this process works with it.
type clone struct {
	at       dbclone.Spot
	in       *session  // its user's; kept, as a login costs more than most questions
	holds    *source   // what it held when it was made or last restored; nil: not known
	base     *baseline // how that looked
	accepted *baseline // how it looked when it was accepted; nil: not since
}

// disconnect ends the session, so that the user can be dropped.
func (c *clone) disconnect() {
	c.in.close()
	c.in = nil
}

func (s *server) clone(ctx context.Context, template, at dbclone.Spot) error {
	from, err := s.templateSource(ctx, template)
	if err != nil {
		return err
	}
	if l, err := s.ours(ctx, at); err == nil && l.there {
		return s.extend(ctx, from, at)
	}
	if err := s.create(ctx, at); err != nil {
		return err
	}
	c := &clone{at: at}
	err = s.fillClone(ctx, from, c)
	if err != nil {
		c.disconnect()
	}
	if err := s.undoing(ctx, at.Name, userOf(at), err); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clones[at.Name] = c
	return nil
}

// extend copies to the empty user that was prepared for a build, which goes on from there. If it
// can't be, the user is left as empty as it was.
func (s *server) extend(ctx context.Context, from *source, at dbclone.Spot) error {
	c := &clone{at: at}
	if err := s.connect(ctx, c); err != nil {
		return err
	}
	defer c.disconnect()
	var n int
	if err := c.in.conn.QueryRowContext(ctx, askEmpty).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%s: the user %s is there and owns something", userThere, userOf(at))
	}
	err := s.fillClone(ctx, from, c)
	if err == nil {
		return nil
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
	defer cancel()
	if again := s.connect(clean, c); again != nil {
		return errors.Join(err, again)
	}
	return errors.Join(err, wipe(clean, c.in))
}

const askEmpty = `SELECT COUNT(*) FROM user_objects`

// fillClone gives an empty clone what a source holds, and looks at it.
func (s *server) fillClone(ctx context.Context, from *source, c *clone) (err error) {
	if err := s.connect(ctx, c); err != nil {
		return err
	}
	if err := s.fill(ctx, from, c.in); err != nil {
		return err
	}
	if err := s.exec(ctx, sizeLabel, from.size, c.at.Name); err != nil {
		return err
	}
	c.holds, c.accepted = from, nil
	c.base, err = readBaseline(ctx, c.in, from.schema)
	return err
}

func (s *server) templateSource(ctx context.Context, template dbclone.Spot) (*source, error) {
	t, err := s.template(ctx, template)
	if err != nil {
		return nil, err
	}
	return s.source(ctx, t.user, t.number)
}

// connect opens the clone's session if there is none, or none any more.
func (s *server) connect(ctx context.Context, c *clone) error {
	if c.in != nil && c.in.conn.PingContext(ctx) == nil {
		return nil
	}
	c.disconnect()
	in, err := s.session(ctx, s.settings.as(userOf(c.at)))
	if err == nil {
		c.in = in
	}
	return err
}

// known is a clone to work with, connected. One that was made by nobody we know of has no baseline:
// then all of it is compared.
func (s *server) known(ctx context.Context, at dbclone.Spot) (*clone, error) {
	s.mu.Lock()
	c := s.clones[at.Name]
	if c == nil {
		c = &clone{at: at}
		s.clones[at.Name] = c
	}
	s.mu.Unlock()
	return c, s.connect(ctx, c)
}

// capture makes a template-like user of what a clone holds, the first time.
func (s *server) capture(ctx context.Context, template, at dbclone.Spot, image dbclone.Image) error {
	key := imageKey{template.Name, image}
	s.mu.Lock()
	_, taken := s.images[key]
	s.mu.Unlock()
	if taken {
		return nil
	}
	like, err := s.templateSource(ctx, template)
	if err != nil {
		return err
	}
	c, err := s.known(ctx, at)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.counter++
	user := strings.ToUpper(fmt.Sprintf("hci_%s_%d", s.owner.ID, s.counter))
	s.mu.Unlock()
	label := at.Label
	label.Used = today()
	if err := s.createLabelled(ctx, imageName(user), user, s.settings.sealedPassword(user), label, image); err != nil {
		return err
	}
	err = s.fillImage(ctx, c, user, like.schema)
	if err := s.undoing(ctx, imageName(user), user, err); err != nil {
		return err
	}
	s.mu.Lock()
	_, taken = s.images[key]
	if !taken {
		s.images[key] = user
	}
	s.mu.Unlock()
	if taken { // by another worker, meanwhile
		return s.dropImage(ctx, user)
	}
	return nil
}

// fillImage copies a clone: what it holds is a source for the moment.
func (s *server) fillImage(ctx context.Context, c *clone, user string, like *schema) error {
	from := &source{user: c.in.user, login: s.settings.as(c.in.user)}
	var err error
	if from.schema, err = readSchema(ctx, c.in); err != nil {
		return err
	}
	if from.schema.digest != like.digest {
		return errors.New("oracle: its schema is not the template's any more")
	}
	if from.plan, err = readPlan(ctx, c.in, from.schema); err != nil {
		return err
	}
	to, err := s.session(ctx, s.settings.asSealed(user))
	if err != nil {
		return err
	}
	defer to.close()
	return s.fill(ctx, from, to)
}

// imageSource is what a clone can be put back to.
func (s *server) imageSource(ctx context.Context, template dbclone.Spot, image dbclone.Image) (*source, error) {
	if image == dbclone.Pristine {
		return s.templateSource(ctx, template)
	}
	s.mu.Lock()
	user := s.images[imageKey{template.Name, image}]
	s.mu.Unlock()
	if user == "" {
		return nil, fmt.Errorf("%w: %s of %s", dbclone.ErrNoImage, image, template.Name)
	}
	return s.source(ctx, user, 0)
}

func imageName(user string) string { return strings.ToLower(user) }
