package sshexec

import (
	"bytes"
	"sync"
)

const (
	// maxNoise is how much is kept of what is printed before a script begins.
	maxNoise = 8 << 10
	// maxDropped is how much is read and dropped beyond the limit before the script is taken
	// for one that does not end.
	maxDropped = 64 << 20
)

// A capture keeps what a script prints, up to a limit, and takes the rest without a word: a
// reader that stops or fails would leave the script blocked on the host for ever.
type capture struct {
	stream  string
	limit   int
	runaway func() // called once when maxDropped is exceeded

	mu      sync.Mutex
	started []byte // the line that ends the noise; nil after it came
	pending []byte // the end of the noise, which may hold the beginning of that line
	noise   []byte
	data    []byte
	cut     bool  // some of data is missing
	dropped int64 // of data and noise
	total   int64
}

func newCapture(stream string, limit int, m mark, runaway func()) *capture {
	return &capture{stream: stream, limit: limit, started: m.started(), runaway: runaway}
}

// Write never fails.
func (c *capture) Write(p []byte) (int, error) {
	n := len(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total += int64(n)
	if c.started != nil {
		p = c.skip(p)
	}
	room := c.limit - len(c.data)
	c.data = append(c.data, p[:min(room, len(p))]...)
	if len(p) > room {
		c.cut = true
		c.drop(len(p) - room)
	}
	return n, nil
}

// skip takes p as noise and returns what follows the line that ends it.
func (c *capture) skip(p []byte) []byte {
	c.pending = append(c.pending, p...)
	at := bytes.Index(c.pending, c.started)
	if at < 0 {
		c.hush(max(0, len(c.pending)-len(c.started)+1))
		return nil
	}
	rest := c.pending[at+len(c.started):]
	c.hush(at)
	c.started, c.pending = nil, nil
	return rest
}

// hush moves n bytes from pending to noise.
func (c *capture) hush(n int) {
	keep := min(n, maxNoise-len(c.noise))
	c.noise = append(c.noise, c.pending[:keep]...)
	c.pending = c.pending[n:]
	c.drop(n - keep)
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
	return append(bytes.Clone(c.noise), c.pending...), c.started == nil
}

// content returns what the script printed, and whether there was more.
func (c *capture) content() (data []byte, truncated bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.data[:len(c.data):len(c.data)], c.cut
}

// received counts all bytes so far.
func (c *capture) received() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total
}
