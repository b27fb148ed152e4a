package history

const (
	// outputsKept is how many bytes of what tests printed stay in memory, for all tests of a project.
	outputsKept = 8 << 20
	// outputKept is how many of those one test may have.
	outputKept = 256 << 10
)

// outputs keeps what tests printed when they last ran, as much of the latest as fits. The zero
// value is empty.
type outputs struct {
	known map[string]printed // by label
	queue []turn             // oldest first
	size  int                // bytes in known
	turns int
}

type printed struct {
	text string
	turn int // when it was kept
}

// turn is a place in the queue; it is void once its label has been kept again.
type turn struct {
	label string
	turn  int
}

func (o *outputs) of(label string) string { return o.known[label].text }

func (o *outputs) keep(label, text string) {
	o.drop(label)
	if text = middleOut(text, outputKept); text == "" {
		return
	}
	if o.known == nil {
		o.known = make(map[string]printed)
	}
	o.turns++
	o.known[label] = printed{text, o.turns}
	o.queue = append(o.queue, turn{label, o.turns})
	o.size += len(text)
	for o.size > outputsKept || len(o.queue) > 2*len(o.known)+16 {
		o.forgetOldest()
	}
}

func (o *outputs) forgetOldest() {
	oldest := o.queue[0]
	o.queue = o.queue[1:]
	if o.known[oldest.label].turn == oldest.turn {
		o.drop(oldest.label)
	}
}

func (o *outputs) drop(label string) {
	o.size -= len(o.known[label].text)
	delete(o.known, label)
}
