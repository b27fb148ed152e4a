package pool

import (
	"context"
	"sync"
)

// preparations makes sets of templates in the background, once for all who want them. They are
// made in the pool's own time, so that a run which gives up does not take the work away from the
// next; but what nobody waits for ends with its generation.
type preparations struct {
	mu      sync.Mutex
	known   map[string]*preparation
	retired bool
}

type preparation struct {
	landed    chan struct{}
	cancel    context.CancelFunc
	waiting   int
	templates map[string]Template
	err       error
}

// get returns templates by alias, made by prepare unless they are known and still serve.
func (p *preparations) get(ctx context.Context, g *Generation, key string, prepare func(context.Context) (map[string]Template, error)) (map[string]Template, error) {
	for {
		one, known := p.join(g, key, prepare)
		select {
		case <-one.landed:
			p.leave(key, one)
		case <-ctx.Done():
			p.leave(key, one)
			return nil, ctx.Err()
		}
		// What has just been made serves those who waited for it, whatever has changed meanwhile.
		if one.err != nil || !known || serve(ctx, one.templates) {
			return one.templates, one.err
		}
		p.drop(key, one)
	}
}

func serve(ctx context.Context, templates map[string]Template) bool {
	for _, template := range templates {
		if !template.Serves(ctx) {
			return false
		}
	}
	return true
}

// join begins to wait for a preparation; known tells that it had been made before.
func (p *preparations) join(g *Generation, key string, prepare func(context.Context) (map[string]Template, error)) (one *preparation, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one = p.known[key]
	if one == nil {
		ctx, cancel := context.WithCancel(g.pool.ctx)
		one = &preparation{landed: make(chan struct{}), cancel: cancel}
		if p.known == nil {
			p.known = make(map[string]*preparation)
		}
		p.known[key] = one
		g.pool.tasks.Go(func() { p.make(ctx, key, one, prepare) })
	}
	one.waiting++
	select {
	case <-one.landed:
		return one, true
	default:
		return one, false
	}
}

func (p *preparations) make(ctx context.Context, key string, one *preparation, prepare func(context.Context) (map[string]Template, error)) {
	defer one.cancel()
	one.templates, one.err = prepare(ctx)
	if one.err != nil {
		p.drop(key, one)
	}
	close(one.landed)
}

func (p *preparations) leave(key string, one *preparation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one.waiting--
	p.giveUp(key, one)
}

// giveUp ends what nobody waits for any more. The mutex is held.
func (p *preparations) giveUp(key string, one *preparation) {
	select {
	case <-one.landed:
		return
	default:
	}
	if p.retired && one.waiting == 0 {
		one.cancel()
		if p.known[key] == one {
			delete(p.known, key) // whoever comes now begins anew
		}
	}
}

// retire tells that the generation has been superseded.
func (p *preparations) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired = true
	for key, one := range p.known {
		p.giveUp(key, one)
	}
}

func (p *preparations) drop(key string, one *preparation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known[key] == one {
		delete(p.known, key)
	}
}
