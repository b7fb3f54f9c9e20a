package sshexec

import (
	"bytes"
	"strconv"
	"sync"
)

const (
	// maxNoise is how much is kept of what is printed before a script begins.
	maxNoise = 8 << 10
	// maxDropped is how much is read and dropped beyond the limit before the script is taken
	// for one that does not end.
	maxDropped = 64 << 20
)

// A capture keeps what a script prints between its two marks, up to a limit, and takes the
// rest without a word: a reader that stops or fails would leave the script blocked on the
// host for ever.
type capture struct {
	stream  string
	limit   int
	begins  []byte
	ends    []byte
	runaway func()        // called once, when maxDropped is exceeded
	begun   chan struct{} // closed when the script's beginning is seen
	whole   chan struct{} // closed when its end is seen

	mu      sync.Mutex
	state   captureState
	passes  milestone
	pending []byte // not yet sorted: it may hold the beginning of a mark
	noise   []byte
	data    []byte
	status  int
	cut     bool  // some of data is missing
	dropped int64 // of data and noise
	total   int64
}

type captureState uint8

const (
	beforeRun captureState = iota
	inRun
	inStatus
	afterRun
)

func newCapture(stream string, limit int, m mark, runaway func()) *capture {
	return &capture{
		stream: stream, limit: limit, begins: m.begins(), ends: m.ends(),
		runaway: runaway, begun: make(chan struct{}), whole: make(chan struct{}),
	}
}

// Write never fails.
func (c *capture) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total += int64(len(p))
	c.pending = append(c.pending, p...)
	for c.step() {
	}
	return len(p), nil
}

// step sorts what is pending up to the next mark and says whether there was one.
func (c *capture) step() bool {
	switch c.state {
	case beforeRun:
		if !c.upTo(c.begins, &c.noise, maxNoise) {
			return false
		}
		close(c.begun)
		return true
	case inRun:
		ended := c.upTo(c.ends, &c.data, c.limit)
		behind := c.pending
		if ended {
			behind = nil // it is not the script's
		}
		if !c.cut {
			c.passes.look(c.data, behind)
		}
		return ended
	case inStatus:
		line, rest, found := bytes.Cut(c.pending, []byte("\n"))
		if found {
			c.finish(line)
			c.pending = rest
			return true
		}
		if len(line) <= len("255") {
			return false
		}
	}
	c.drop(len(c.pending))
	c.pending = nil
	return false
}

// finish takes the exit status. What no shell prints there is a failure.
func (c *capture) finish(line []byte) {
	status, err := strconv.Atoi(string(line))
	if err != nil || status < 0 || status > 255 {
		status = 255
	}
	c.status, c.state = status, afterRun
	close(c.whole)
}

// upTo moves what stands before the mark to the place where it is kept.
func (c *capture) upTo(mark []byte, to *[]byte, limit int) bool {
	at := bytes.Index(c.pending, mark)
	found := at >= 0
	n := max(0, len(c.pending)-len(mark)+1)
	if found {
		n = at
	}
	keep := min(n, limit-len(*to))
	*to = append(*to, c.pending[:keep]...)
	if keep < n {
		c.cut = c.cut || c.state == inRun
		c.drop(n - keep)
	}
	c.pending = c.pending[n:]
	if found {
		c.pending = c.pending[len(mark):]
		c.state++
	}
	return found
}

func (c *capture) drop(n int) {
	before := c.dropped
	c.dropped += int64(n)
	if before <= maxDropped && c.dropped > maxDropped {
		c.runaway()
	}
}

// seen returns what came before the script began, and whether it began.
func (c *capture) seen() (noise []byte, began bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	noise = bytes.Clone(c.noise)
	if c.state == beforeRun {
		noise = append(noise, c.pending...)
	}
	return noise, c.state > beforeRun
}

// content returns what the script printed so far, and whether it is cut at the limit.
func (c *capture) content() (data []byte, cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	data = c.data[:len(c.data):len(c.data)]
	if c.state == inRun && !c.cut {
		room := min(len(c.pending), c.limit-len(data))
		data = append(data, c.pending[:room]...)
	}
	return data, c.cut
}

// ended returns the exit status of the script, and whether its end was seen.
func (c *capture) ended() (status int, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status, c.state == afterRun
}

// tellNobody ends the telling of a milestone.
func (c *capture) tellNobody() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passes = milestone{}
}

// received counts all bytes so far.
func (c *capture) received() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total
}
