package lspserver

import (
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// batchSize is how many bytes of events travel together at most, unless one alone is
// larger: a message should not take a slow client long to read.
const batchSize = 256 << 10

// story turns the events of one run into notifications. Test events that follow each
// other closely travel together; the first after a quiet time and the last verdict go out at
// once, and anything else takes along what waits.
type story struct {
	push     push
	next     func(runner.Event) // hears every event that was told; nil: nobody does
	log      *slog.Logger
	origin   string
	interval time.Duration // how long an event may wait; not positive: not at all
	output   bool

	// Read by others while mu is held by an emit that waits for a slow client.
	total, done, failed atomic.Int64

	mu     sync.Mutex
	ledger *ledger
	begun  time.Time
	batch  []json.RawMessage
	size   int // bytes in batch
	seq    int
	sent   time.Time   // of the last batch
	timer  *time.Timer // set while a batch waits
}

// emit tells one event. The engine calls it in order.
func (s *story) emit(e runner.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(e)
}

func (s *story) tell(e runner.Event) {
	if !s.ledger.admit(e) {
		s.log.Error("event out of order", "run", s.ledger.run, "event", e)
		return
	}
	s.total.Store(int64(len(s.ledger.order)))
	s.done.Store(int64(s.ledger.done()))
	s.failed.Store(int64(s.ledger.failed()))
	switch e := e.(type) {
	case runner.Notice:
		s.notify(wire.MethodNotice, wire.Notice{RunID: s.ledger.run, Notice: e})
	case runner.RunStarted:
		e.Run = s.ledger.run // another client's run may have another id here
		s.notify(wire.MethodRunStarted, wire.RunStarted{RunStarted: e, Origin: s.origin})
	case runner.RunFinished:
		e.Run = s.ledger.run
		s.notify(wire.MethodRunFinished, wire.RunFinished{RunFinished: e, Slowest: s.ledger.slow})
	case runner.DebuggerReady:
		s.notify(wire.MethodDebuggerReady, wire.DebuggerReady{RunID: s.ledger.run, DebuggerReady: e})
	case runner.TestFinished:
		if !s.output {
			e.Output = ""
		}
		s.add(e)
		if s.done.Load() == s.total.Load() {
			s.flush() // nothing is left that could travel with the last verdict
		}
	case runner.ClassErrored:
		if !s.output {
			e.Output = ""
		}
		s.add(e)
	default:
		s.add(e)
	}
	if s.next != nil {
		s.next(e)
	}
}

// notify sends what is no test event, after the test events before it.
func (s *story) notify(method string, params any) {
	s.flush()
	data, err := json.Marshal(params)
	if err != nil {
		s.log.Error("cannot be encoded", "method", method, "err", err)
		return
	}
	s.push(method, data)
}

// add puts a test event into the batch and sees to it that the batch leaves in time.
func (s *story) add(e runner.Event) {
	data, err := wire.EncodeTestEvent(e)
	if err != nil {
		s.log.Error("cannot be encoded", "run", s.ledger.run, "err", err)
		return
	}
	if s.size+len(data) > batchSize {
		s.flush()
	}
	s.batch = append(s.batch, data)
	s.size += len(data)
	quiet := time.Since(s.sent)
	switch {
	case s.interval <= 0, quiet >= s.interval:
		s.flush()
	case s.timer == nil:
		s.timer = time.AfterFunc(s.interval-quiet, s.timeUp)
	}
}

func (s *story) timeUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flush()
}

// flush sends the batch. The lock is held while the outbox is full: the events that come
// meanwhile must wait as well.
func (s *story) flush() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if len(s.batch) == 0 {
		return
	}
	s.seq++
	data, err := json.Marshal(wire.TestEvents{RunID: s.ledger.run, Seq: s.seq, Events: s.batch})
	if err != nil {
		s.log.Error("cannot be encoded", "run", s.ledger.run, "err", err)
	} else {
		s.push(wire.MethodTestEvents, data)
	}
	s.batch, s.size, s.sent = nil, 0, time.Now()
}

// complete ends a story that the engine did not: every test gets its terminal state.
func (s *story) complete(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ledger.finished {
		return
	}
	s.log.Error("the engine left a run unfinished", "run", s.ledger.run, "reason", reason)
	for _, e := range s.ledger.open(runner.NotRun, reason) {
		s.tell(e)
	}
	s.tell(runner.RunFinished{
		Run: s.ledger.run, Outcome: runner.ErrorRun, Counts: s.ledger.counts, Failed: s.ledger.failed() > 0,
		DurationMs: float64(time.Since(s.begun)) / float64(time.Millisecond), Error: reason,
	})
}

// info describes the run as it stands.
func (s *story) info() wire.RunInfo {
	return wire.RunInfo{
		RunID: s.ledger.run, Client: s.origin,
		Total: int(s.total.Load()), Done: int(s.done.Load()), Failed: int(s.failed.Load()),
	}
}
