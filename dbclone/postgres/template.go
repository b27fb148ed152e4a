package postgres

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

// template is what this process knows of a template that it clones.
//
// Nobody may connect to the template itself, and while somebody does it can't be cloned. So its
// contents are read from the first clone that this process makes of it, which is the same to the
// order of the rows. That also serves a process that has found the template, not built it.
type template struct {
	reading chan struct{} // who has put something in may read the pristine image

	mu       sync.Mutex
	images   map[dbclone.Image]*image
	captured []dbclone.Image // oldest first
	pace     pace
}

// mostImages are captured of one template. The name of one can depend on what a test has written, so
// there may be ever more of them.
const mostImages = 32

func (s *server) template(name string) *template {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.templates[name]
	if t == nil {
		t = &template{reading: make(chan struct{}, 1), images: make(map[dbclone.Image]*image)}
		s.templates[name] = t
	}
	return t
}

// image returns one that is known, or nil.
func (t *template) image(name dbclone.Image) *image {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.images[name]
}

// keep forgets the image that was captured first where there are too many.
func (t *template) keep(name dbclone.Image, img *image) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.images[name] = img
	if name == dbclone.Pristine {
		return
	}
	if t.captured = append(t.captured, name); len(t.captured) > mostImages {
		delete(t.images, t.captured[0])
		t.captured = t.captured[1:]
	}
}

// pristine returns the contents of the template. The connection is to a clone that nobody has used.
func (t *template) pristine(ctx context.Context, conn *pgx.Conn) (*image, error) {
	if err := enter(ctx, t.reading); err != nil {
		return nil, err
	}
	defer func() { <-t.reading }()
	if img := t.image(dbclone.Pristine); img != nil {
		return img, nil
	}
	img, err := readImage(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("reading what the template holds: %w", err)
	}
	t.keep(dbclone.Pristine, img)
	return img, nil
}
