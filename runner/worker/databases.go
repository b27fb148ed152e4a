package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	json "github.com/go-json-experiment/json"
	"go.lsp.dev/jsonrpc2"
)

// Databases does for a worker what it cannot do by itself with the databases on servers that it has
// attached, each named by its leading alias. It is called while the worker waits, and its context
// ends with the worker.
type Databases interface {
	// Dirty reports whether the database holds anything committed since it was last clean.
	Dirty(ctx context.Context, alias string) (bool, error)
	// Accept takes what it holds as clean, until it is restored.
	Accept(ctx context.Context, alias string) error
	// Identify names the rows that it holds: the same name for the same rows.
	Identify(ctx context.Context, alias string) (string, error)
	// Restore puts it back to an image, "" for what its template holds. It returns ErrNoImage when
	// there is none of that name.
	Restore(ctx context.Context, alias, image string) (Restored, error)
	// Capture keeps what it holds as an image.
	Capture(ctx context.Context, alias, image string) error
}

// ErrNoImage says that a database cannot be put back to an image that nobody has captured.
var ErrNoImage = errors.New("there is no image of this name")

// Restored says what it took to restore a database.
type Restored struct {
	Clean    bool   `json:"clean"`    // it was so already
	Replaced bool   `json:"replaced"` // it was made anew: connections to it are gone
	Why      string `json:"why"`      // it had to be made anew
	Tables   int    `json:"tables"`   // whose contents were put back
}

// Serve has databases answer what the worker asks about its own.
func (w *Worker) Serve(databases Databases) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.databases = databases
}

// asked is what a worker's request is about.
type asked struct {
	Alias string `json:"alias"`
	Image string `json:"image"`
}

// serve answers a request of the worker's.
func (w *Worker) serve(method string, params []byte) (any, error) {
	var about asked
	if err := json.Unmarshal(params, &about); err != nil {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, err.Error())
	}
	w.mu.Lock()
	databases := w.databases
	w.mu.Unlock()
	if databases == nil {
		return nil, jsonrpc2.NewError(refusalCode, fmt.Sprintf("worker %s has no databases on servers", w.Name))
	}
	begun := time.Now()
	answer, err := perform(w.life, databases, method, about)
	w.host.log.Debug("a worker asked about its database", "worker", w.Name, "method", method, "alias", about.Alias,
		"image", about.Image, "answer", answer, "err", err, "ms", float64(time.Since(begun).Microseconds())/1000)
	if err != nil {
		return nil, jsonrpc2.NewError(refusalCode, err.Error())
	}
	return answer, nil
}

func perform(ctx context.Context, databases Databases, method string, about asked) (any, error) {
	switch method {
	case "dirty":
		dirty, err := databases.Dirty(ctx, about.Alias)
		return map[string]bool{"dirty": dirty}, err
	case "accept":
		return struct{}{}, databases.Accept(ctx, about.Alias)
	case "identify":
		name, err := databases.Identify(ctx, about.Alias)
		return map[string]string{"name": name}, err
	case "restore":
		restored, err := databases.Restore(ctx, about.Alias, about.Image)
		if errors.Is(err, ErrNoImage) {
			return map[string]bool{"missing": true}, nil
		}
		return restored, err
	default:
		return struct{}{}, databases.Capture(ctx, about.Alias, about.Image)
	}
}
